"""What code written for Lucid relies on, beyond names and arguments. Each test states Lucid's value."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from modelzoo.tiny_nets import PIXEL, VALUE_RANGE, images, two_towers, write
from optvis.tiny_network import Tiny, pixels

from lucid_widgets.errors import ArgumentError, ModelError
from lucid_widgets.misc.io import load, save
from lucid_widgets.misc.tfutil import create_session
from lucid_widgets.modelzoo import vision_models as models
from lucid_widgets.modelzoo.get_activations import get_activations
from lucid_widgets.modelzoo.vision_base import Layer, Model
from lucid_widgets.optvis import objectives, render
from lucid_widgets.optvis.overrides import gradient_override_map, redirected_relu_grad

v1 = tf.compat.v1
START = np.full((1, 4, 4, 3), 0.5, np.float32)


class Towers(Model):
    """A class as Lucid's users write it. The fixture `towers` sets its file."""

    image_shape = (8, 8, 3)
    image_value_range = VALUE_RANGE
    input_name = "image"


@pytest.fixture
def towers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> type[Towers]:
    monkeypatch.setattr(Towers, "model_path", str(write(two_towers(), tmp_path / "towers.pb")))
    return Towers


class TestSessions:
    def test_import_graph_makes_all_layers_reachable_by_name(self, towers: type[Model]) -> None:
        with tf.Graph().as_default() as graph, v1.Session() as session:
            towers().import_graph(tf.constant(images()))
            both = session.run(graph.get_tensor_by_name("import/both:0"))
            np.testing.assert_allclose(both[0, 0, 0], [0, 3, 7])
            logits = session.run("import/logits:0")
            np.testing.assert_allclose(logits, [[3, 7, 10, 0]])
        with tf.Graph().as_default() as graph:  # the dense layer needs another size
            towers().import_graph(tf.zeros((1, 12, 8, 3)), scope="other")
            assert graph.get_tensor_by_name("other/both:0").shape == (1, 12, 8, 3)

    @pytest.mark.parametrize("inside", [False, True])
    def test_render_vis_and_activations_work_within_a_graph(self, towers: type[Model], inside: bool) -> None:
        def made() -> list[Any]:
            image = partial(pixels, START)()
            once = render.render_vis(
                Tiny(), "conv:1", image, transforms=[], thresholds=(2,), verbose=False, use_fixed_seed=True
            )
            return [once[0], get_activations(towers(), "both", images())]

        with tf.Graph().as_default() if inside else tf.device(None):
            found = made()
        np.testing.assert_allclose(found[0], made()[0], atol=1e-6)
        np.testing.assert_allclose(found[1][0, 0, 0], [0, 3, 7])

    @pytest.mark.slow
    def test_they_work_without_eager_execution(self) -> None:
        script = (
            "import numpy as np, tensorflow as tf\n"
            "tf.compat.v1.disable_v2_behavior()\n"
            "from lucid_widgets import models, render_vis\n"
            "model = models.EmojiNet()\n"
            "image = render_vis(model, 'conv2d0:1', thresholds=(1,), image_size=32, verbose=False)[0]\n"
            "assert image.shape == (1, 32, 32, 3) and image.std() > 0\n"
            "assert model.get_activations('conv2d0', np.zeros((2, 32, 32, 3))).shape[0] == 2\n"
            "assert not tf.executing_eagerly() and not isinstance(tf.TensorShape([1])[0], int)\n"
        )
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=250)
        assert done.returncode == 0, done.stderr

    def test_keras_models_work_in_a_session(self) -> None:
        network = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(2, 1, name="first", use_bias=False)])
        network.layers[0].kernel.assign(np.float32([[[[1, 0], [0, 1], [2, 0]]]]))
        model = models.from_keras(network, image_value_range=(0, 1))
        with tf.Graph().as_default() as graph, v1.Session() as session:
            T = model.import_graph(tf.constant(images()))
            for tensor in (T("first"), graph.get_tensor_by_name("import/first:0")):
                np.testing.assert_allclose(session.run(tensor)[0, 0, 0], [PIXEL[0] + 2 * PIXEL[2], PIXEL[1]])

    def test_create_session_is_interactive(self) -> None:
        session = create_session()
        try:
            assert not tf.executing_eagerly()
            assert (2 * tf.constant(21)).eval() == 42
        finally:
            session.close()
        assert tf.executing_eagerly()

    @pytest.mark.slow
    def test_optimizers_of_tensorflow_1_are_taken(self) -> None:
        def reached(optimizer: Any) -> Any:
            return render.render_vis(
                Tiny(), "conv:1", pixels(START), optimizer, transforms=[], thresholds=(3,), verbose=False
            )[0]

        np.testing.assert_allclose(reached(v1.train.AdamOptimizer(0.05)), reached(None), atol=1e-6)
        # Gradient descent: conv:1 is the mean over 16 pixels of 2 * green - 1 + 0.5, so its gradient is 2 / 16.
        plain = reached(v1.train.GradientDescentOptimizer(0.1))
        np.testing.assert_allclose(plain[..., 1] - START[..., 1], 3 * 0.1 * 2 / 16, atol=1e-6)
        with_momentum = reached(lambda: v1.train.MomentumOptimizer(0.1, 0.5))
        np.testing.assert_allclose(with_momentum[..., 1] - 0.5, (1 + 1.5 + 1.75) * 0.1 * 2 / 16, atol=1e-6)

    def test_redirection_ends_by_the_global_step(self) -> None:
        with tf.Graph().as_default(), v1.Session() as session:
            step = v1.train.get_or_create_global_step()
            x = tf.constant([[-1.0, -2.0]])
            with gradient_override_map({"Relu": redirected_relu_grad}):
                y = tf.nn.relu(x)
            gradient = tf.gradients(-tf.reduce_sum(y), x)[0]
            for now, expected in [(0, [[-1, -1]]), (15, [[-1, -1]]), (17, [[0, 0]])]:
                session.run(step.initializer)
                session.run(step.assign(now))
                assert session.run(gradient).tolist() == expected, now


class TestModels:
    def test_layers_and_tags_of_inception(self, models_dir: Path) -> None:
        assert models.InceptionV1.layers[7].name == "mixed4c"
        assert models.InceptionV1.layers["mixed4d"].tags == {"conv"}
        assert models.InceptionV1.layers["nn0"].tags == {"dense"}
        assert models.AlexNet.layers["Conv2D_7"].tags == {"conv", "pre_relu"}
        assert models.AlexNet.layers["Relu"].tags == {"dense"}
        assert models.PnasnetLarge_slim.layers["conv0/Conv2D"].tags == {"conv"}
        assert (len(models.InceptionV1.layers), models.InceptionV1.layers[-1].depth) == (19, 1008)
        model = models.InceptionV1(models_dir / "inception_v1_bvlc.pb")
        assert model.layers[7].name == "mixed4c"
        assert model.get_layer("mixed4d").tags == {"conv"}
        assert [layer.name for layer in model.layers if "dense" in layer.tags] == ["softmax2"]
        assert model.layers["mixed4a_pre_relu"].tags == {"conv", "pre_relu"}
        assert "mixed4a_pre_relu" in model.browsable_layers
        assert (model.layers[7].model_name, model.layers[7].model_class) == ("InceptionV1", models.InceptionV1)

    def test_classes_know_their_layers_and_addresses_without_files(self) -> None:
        kind = models.InceptionV4_slim
        assert kind.model_path == "gs://modelzoo/vision/slim_models/InceptionV4.pb"
        assert kind.labels_path == "gs://modelzoo/labels/ImageNet_standard_with_dummy.txt"
        assert kind.synsets_path == "gs://modelzoo/labels/ImageNet_standard_with_dummy_synsets.txt"
        assert (len(kind.layers), kind.layers[-1].tags, kind.layers[0].tags) == (23, {"dense"}, {"conv"})
        assert models.VGG16_caffe.layers["fc6/fc6"].tags == {"dense"}
        assert models.AlexNet_caffe_Places365.labels_path == "gs://modelzoo/labels/Places365.txt"
        assert models.AlexNet_caffe_Places365.synsets_path is None
        assert models.InceptionV1.labels_path == "gs://modelzoo/labels/ImageNet_alternate.txt"
        # Lucid had the list with a background class here, which shifts all synsets by one.
        assert models.ResnetV1_50_slim.synsets_path == "gs://modelzoo/labels/ImageNet_standard_synsets.txt"

    def test_a_constructor_loads_nothing(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("LUCID_WIDGETS_MODEL_DIR", str(tmp_path))
        model = models.InceptionV4_slim()
        assert (model.name, model.image_value_range) == ("InceptionV4_slim", (-1, 1))
        with pytest.raises(ModelError, match="weights of InceptionV4_slim were not found"):
            _ = model.labels
        with pytest.raises(ModelError, match="weights of InceptionV4_slim were not found"):
            model.get_layer("InceptionV4/Logits/Predictions")

    def test_a_subclass_uses_its_own_file(self, tmp_path: Path) -> None:
        definition = two_towers()
        for node in definition.node:
            node.name = "input" if node.name == "image" else node.name
            node.input[:] = ["input" if edge == "image" else edge for edge in node.input]

        class Mine(models.InceptionV1):
            model_path = str(write(definition, tmp_path / "mine.pb"))

        class Other(models.InceptionV3_slim):
            model_path = Mine.model_path

        assert Mine().get_layer("both").channels == Other().get_layer("both").channels == 3

    def test_models_can_be_copied_pickled_and_compared(self, towers: type[Model]) -> None:
        model = towers()
        model.labels = ["a", "b", "c", "d"]
        _ = model.layers, model.get_activations("both", images())
        assert ["dummy", *model.labels] == ["dummy"] + model.labels  # noqa: RUF005 (as in Lucid's notebooks)
        assert (str(model), model == towers(), hash(model) == hash(towers())) == ("Towers", True, True)
        assert model != Tiny()
        assert json.loads(json.dumps({"model": model.to_json(), "layer": model.layers[0].to_json()}))
        for again in (copy.deepcopy(model), pickle.loads(pickle.dumps(model)), copy.copy(model)):
            assert (again == model, again.labels, again.layers) == (True, model.labels, model.layers)
            np.testing.assert_allclose(again.get_activations("both", images())[0, 0, 0], [0, 3, 7])
        assert len(pickle.dumps(model)) < 5000

    @pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras, when it saves
    def test_keras_models_can_be_copied(self) -> None:
        network = keras.Sequential([keras.Input((4, 4, 3)), keras.layers.Conv2D(2, 1, name="first")])
        model = models.from_keras(network, image_value_range=(0, 1))
        before = model.get_activations("first", np.ones((1, 4, 4, 3), np.float32))
        again = copy.deepcopy(model)
        np.testing.assert_allclose(again.get_activations("first", np.ones((1, 4, 4, 3), np.float32)), before)
        assert again != model
        assert {"first"} <= {node.name for node in model.graph_def.node}

    def test_edits_of_the_graph_count(self, towers: type[Model]) -> None:
        model = towers()
        before = model.get_activations("right", images())
        weights = next(node for node in model.graph_def.node if node.name == "right_pre_relu_w")
        value = tf.make_ndarray(weights.attr["value"].tensor)
        weights.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(2 * value))
        np.testing.assert_allclose(model.get_activations("right", images()), 2 * before)
        assert model != towers()
        np.testing.assert_allclose(pickle.loads(pickle.dumps(model)).get_activations("right", images()), 2 * before)

    def test_loads_from_an_address(self, tmp_path: Path, towers: type[Model], server: str) -> None:
        towers().save(tmp_path / "saved.pb")
        loaded = Model.load(f"{server}/saved.pb")
        np.testing.assert_allclose(loaded.get_activations("both", images())[0, 0, 0], [0, 3, 7])

    def test_layers_have_lucids_attributes(self) -> None:
        layer = Layer("mixed", "concat", 8, 0.5, (7, 5, 8))
        assert (layer.height, layer.width, layer.to_json(), layer.model_name) == (7, 5, "mixed", None)
        assert Layer("tokens", "add", 8, 0.5, (7, 8)).tags == {"add"}
        assert Layer("fc", "relu", 8, 0.5, (8,)).tags == {"dense"}


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server of the files in `tmp_path`."""
    monkeypatch.setenv("LUCID_WIDGETS_CACHE", str(tmp_path / "cache"))

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None: ...

    running = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    running.server_close()


class TestObjectives:
    def test_know_the_step(self) -> None:
        def later(T: Any) -> Any:
            assert T("global_step").dtype == tf.int64
            return tf.cast(T("global_step"), tf.float32) + 0 * tf.reduce_mean(T("conv"))

        frames = list(render.iter_vis(Tiny(), later, pixels(START), steps=3, every=1, transforms=[]))
        assert [frame.objective for frame in frames] == [None, 0, 1, 2]

    def test_say_how_to_ask_for_the_step(self) -> None:
        def old(T: Any) -> Any:
            return tf.reduce_mean(T("conv")) * tf.cast(v1.train.get_or_create_global_step(), tf.float32)

        with pytest.raises(ArgumentError, match=r'T\("global_step"\)'):
            render.render_vis(Tiny(), old, pixels(START), transforms=[], thresholds=(1,), verbose=False)

    def test_any_name_of_a_class_is_accepted(self) -> None:
        model = Tiny()
        model.labels = ["kit fox, Vulpes macrotis", "red fox, Vulpes vulpes", "crane", "crane, machine"]
        objective = objectives.class_logit("dense", "kit fox")
        objective.validate(model)
        assert objectives.units.with_class_indices(objective, model).arguments["label"] == 0  # type: ignore[attr-defined]
        objectives.class_logit("dense", "crane").validate(model)  # the whole label comes first
        model.labels[2] = "crane, bird"
        with pytest.raises(ArgumentError, match="'crane' is a name of 2 classes"):
            objectives.class_logit("dense", "crane").validate(model)


def test_arrays_in_a_list_are_named_by_number(tmp_path: Path) -> None:
    arrays = [np.arange(3), np.ones((2, 2))]
    save(arrays, tmp_path / "list.npz")
    assert load(tmp_path / "list.npz")["arr_1"].tolist() == [[1, 1], [1, 1]]
    ragged = np.empty(2, object)
    ragged[:] = arrays
    save(ragged, tmp_path / "ragged.npz")
    assert load(tmp_path / "ragged.npz").keys() == {"arr_0", "arr_1"}
    with pytest.raises(ArgumentError, match=r"save a list of them as \.npz"):
        save(ragged, tmp_path / "ragged.npy")
