"""SavedModels of TensorFlow 1 and 2: the numbers, the names of layers, and the errors for other folders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from modelzoo.tiny_nets import LEFT, LEFT_BIAS, VALUE_RANGE, conv, evaluate, images, placeholder, two_towers

from lucid_widgets.errors import ModelError, UnknownNameError
from lucid_widgets.modelzoo.vision_models import SavedModel, as_model, from_saved_model
from lucid_widgets.optvis.objectives import channel

pytestmark = pytest.mark.slow

v1 = tf.compat.v1


class Module(tf.Module):
    """`left` of tiny_nets, with weights in a variable, and a second function."""

    def __init__(self) -> None:
        super().__init__()
        self.weights = tf.Variable(LEFT[None, None])

    @tf.function(input_signature=[tf.TensorSpec((None, None, None, 3), tf.float32, name="image")])
    def left(self, image):  # type: ignore[no-untyped-def]  # tf.function takes only annotations that it knows
        before = tf.nn.bias_add(tf.nn.conv2d(image, self.weights, 1, "SAME", name="conv"), LEFT_BIAS, name="before")
        return tf.nn.relu(before, name="left")

    @tf.function(input_signature=[tf.TensorSpec((None, 8, 8, 3), tf.float32, name="image")])
    def doubled(self, image):  # type: ignore[no-untyped-def]
        return tf.nn.relu(2 * self.left(image), name="doubled")


@pytest.fixture(scope="module")
def module_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saved") / "module"
    module = Module()
    tf.saved_model.save(module, str(folder), signatures={"left": module.left, "doubled": module.doubled})
    return folder


@pytest.fixture(scope="module")
def keras_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    keras.utils.clear_session()
    image = keras.Input((None, None, 3), name="image")
    inner_image = keras.Input((None, None, 3))
    left = keras.layers.Conv2D(2, 1, name="conv", activation="relu")
    inner = keras.Model(inner_image, left(inner_image), name="inner")
    mean = keras.layers.GlobalAveragePooling2D(name="mean")(inner(image))
    model = keras.Model(image, keras.layers.Softmax(name="prob")(mean), name="net")
    left.set_weights([LEFT[None, None], LEFT_BIAS])
    folder = tmp_path_factory.mktemp("saved") / "net"
    model.export(str(folder), verbose=False)
    return folder


def first_pixel(model: Any, name: str, size: int = 8) -> Any:
    return evaluate(model, [name], images(size))[0].reshape(-1, 2)[0]


def test_keras_export(keras_folder: Path) -> None:
    model = from_saved_model(keras_folder, image_value_range=VALUE_RANGE)
    kinds = [(layer.name, layer.kind, layer.channels) for layer in model.layers]
    assert ("inner_1/conv_1/Relu", "relu", 2) in kinds
    assert ("prob_1/Softmax", "softmax", 2) in kinds
    assert (model.name, model.input_name, model.image_shape) == ("net", "image", (None, None, 3))
    np.testing.assert_allclose(first_pixel(model, "inner_1/conv_1/Relu"), [0, 3])
    np.testing.assert_allclose(first_pixel(model, "inner_1/conv_1/Relu", size=57), [0, 3])
    np.testing.assert_allclose(first_pixel(model, "prob_1/Softmax"), np.exp([0, 3]) / np.exp([0, 3]).sum(), rtol=1e-6)


def test_names_may_keep_the_prefixes_of_inlined_functions(keras_folder: Path) -> None:
    model = from_saved_model(keras_folder, image_value_range=VALUE_RANGE)
    name = next(layer.name for layer in model.layers if layer.kind == "conv")
    for prefix in ("StatefulPartitionedCall/", "PartitionedCall/", "StatefulPartitionedCall/functional_1/"):
        assert model.get_layer(f"{prefix}{name}").channels == model.get_layer(name).channels
        same, other = evaluate(model, [f"{prefix}{name}", name], images(1, 8))
        np.testing.assert_array_equal(same, other)
        channel(f"{prefix}{name}", 0).validate(model)
    folder = next(layer.name for layer in model.layers if "/" in layer.name).partition("/")[0]
    with pytest.raises(UnknownNameError):
        model.get_layer(f"PartitionedCall/{folder}/{name}")


def test_as_model_accepts_the_folder(keras_folder: Path) -> None:
    model = as_model(str(keras_folder))
    assert isinstance(model, SavedModel)
    assert model.image_value_range == (-1, 1)


def test_each_signature_is_a_separate_model(module_folder: Path) -> None:
    left = from_saved_model(module_folder, image_value_range=VALUE_RANGE, signature="left")
    np.testing.assert_allclose(first_pixel(left, "before"), [-1, 3])
    np.testing.assert_allclose(first_pixel(left, "left"), [0, 3])
    assert left.layers["before"].kind == "pre_relu"
    doubled = from_saved_model(module_folder, image_value_range=VALUE_RANGE, signature="doubled")
    np.testing.assert_allclose(first_pixel(doubled, "doubled"), [0, 6])
    assert doubled.image_shape == (8, 8, 3)


def test_rejects_unknown_or_ambiguous_signature(module_folder: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"has no signature named 'lefd'\. Did you mean 'left'"):
        from_saved_model(module_folder, signature="lefd")
    with pytest.raises(ModelError, match=r"has several signatures\. Pass signature='doubled' or 'left'\.$"):
        from_saved_model(module_folder)


@pytest.mark.parametrize("frozen", [True, False])
def test_saved_model_of_tensorflow_1(tmp_path: Path, frozen: bool) -> None:
    folder = tmp_path / "old"
    with tf.Graph().as_default(), v1.Session() as session:
        if frozen:
            tf.graph_util.import_graph_def(two_towers(), name="")
        else:
            image = placeholder()
            weights = v1.get_variable("weights", initializer=LEFT[None, None], use_resource=False)
            tf.nn.bias_add(tf.nn.conv2d(image, weights, 1, "SAME"), tf.constant(LEFT_BIAS), name="left_pre_relu")
            conv(image, LEFT, "left")
        session.run(v1.global_variables_initializer())
        graph = tf.compat.v1.get_default_graph()
        builder = v1.saved_model.Builder(str(folder))
        signature = v1.saved_model.predict_signature_def(
            {"image": graph.get_tensor_by_name("image:0")}, {"out": graph.get_tensor_by_name("left_pre_relu:0")}
        )
        builder.add_meta_graph_and_variables(session, ["serve"], {"serving_default": signature})
        builder.save()
    model = from_saved_model(folder, image_value_range=VALUE_RANGE)
    np.testing.assert_allclose(first_pixel(model, "left_pre_relu"), [-1, 3])
    assert "left_pre_relu" in model.layers


def test_rejects_folders_without_a_usable_saved_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"' is a folder without saved_model\.pb\. Expected a SavedModel"):
        from_saved_model(tmp_path)
    with pytest.raises(ModelError, match=r"none' is not a folder\. Expected"):
        from_saved_model(tmp_path / "none")
    (tmp_path / "saved_model.pb").write_bytes(b"broken")
    with pytest.raises(ModelError, match=r"^TensorFlow cannot load '"):
        from_saved_model(tmp_path)
    nothing = tmp_path / "nothing"
    tf.saved_model.save(tf.Module(), str(nothing))
    with pytest.raises(ModelError, match=r"has no signatures\. Save the model with"):
        from_saved_model(nothing)
