"""Saving, loading and describing models: Lucid's metadata, manifests, and equal numbers after loading."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from modelzoo.tiny_nets import (
    HEAD,
    LEFT,
    LEFT_BIAS,
    RIGHT,
    VALUE_RANGE,
    evaluate,
    graph_def,
    images,
    placeholder,
    two_towers,
    write,
)

from lucid_widgets.errors import ArgumentError, LucidError, ModelError, UnknownNameError
from lucid_widgets.modelzoo.vision_base import Model
from lucid_widgets.modelzoo.vision_models import GraphDefModel, as_model, from_graphdef, from_keras

v1 = tf.compat.v1

METADATA = {"input_name": "image", "image_shape": [8, 8, 3], "image_value_range": [0, 4]}


def as_lucid_saved_it(metadata: Any = METADATA, node_name: str = "lucid_metadata_json") -> Any:
    """The two towers with the constant that Lucid's `Model.save` adds."""

    def build() -> None:
        tf.graph_util.import_graph_def(two_towers(), name="")
        tf.constant(json.dumps(metadata), name=node_name)

    return graph_def(build)


def check_towers(model: Model) -> None:
    left, both, logits = evaluate(model, ["left", "both", "logits"], images())
    np.testing.assert_allclose(left[0, 0, 0], [0, 3])
    np.testing.assert_allclose(both[0, 0, 0], [0, 3, 7])
    np.testing.assert_allclose(logits, [[3, 7, 10, 0]])


# What Lucid wrote.


def test_loads_file_saved_by_lucid(tmp_path: Path) -> None:
    file = write(as_lucid_saved_it(), tmp_path / "lucid.pb")
    for model in (Model.load(file), Model.load(str(file)), Model.load_from_graphdef(file), as_model(file)):
        check_towers(model)
        assert (model.name, model.input_name, model.image_shape) == ("lucid", "image", (8, 8, 3))
        assert model.image_value_range == (0, 4)
        assert model.layers.names == from_graphdef(file, image_shape=(8, 8, 3)).layers.names


def test_value_range_may_have_one_value_per_channel(tmp_path: Path) -> None:
    metadata = {**METADATA, "image_value_range": [[0, 0, 0], [4, 4, 4]]}
    check_towers(Model.load(write(as_lucid_saved_it(metadata), tmp_path / "lucid.pb")))


def test_load_from_metadata(towers_file: Path) -> None:
    check_towers(Model.load_from_metadata(towers_file, METADATA))
    with pytest.raises(ModelError, match=r"^The metadata in '.*towers\.pb' lacks image_shape\. Expected input_name, "):
        Model.load_from_metadata(towers_file, {"input_name": "image", "image_value_range": (0, 4)})
    with pytest.raises(ModelError, match=r"image_shape=8\. Expected \(height, width, channels\), with None"):
        Model.load_from_metadata(towers_file, {**METADATA, "image_shape": 8})
    with pytest.raises(ModelError, match=r"image_value_range='wide'\. Expected a pair"):
        Model.load_from_metadata(towers_file, {**METADATA, "image_value_range": "wide"})


def test_rejects_files_without_metadata(towers_file: Path, tmp_path: Path) -> None:
    with pytest.raises(
        ModelError, match=r"towers\.pb' has no metadata: it was not .* State its input range: models\.from_"
    ):
        Model.load(towers_file)
    with pytest.raises(ModelError, match=r"^Model\.load cannot read 'net\.onnx'\. Expected a graph with metadata"):
        Model.load("net.onnx")
    with pytest.raises(ModelError, match=r"^There is no file 'none\.pb'\."):
        Model.load("none.pb")
    with pytest.raises(ModelError, match=r"^The metadata in '.*net\.pb' is a list\. Expected a dictionary\.$"):
        Model.load(write(as_lucid_saved_it([1]), tmp_path / "net.pb"))

    def broken() -> None:
        placeholder()
        tf.constant("{", name="lucid_metadata_json")

    with pytest.raises(ModelError, match=r"^The metadata in '.*net\.pb' is not JSON: "):
        Model.load(write(graph_def(broken), tmp_path / "net.pb"))


# What is saved here.


def test_graph_round_trip(towers_file: Path, tmp_path: Path) -> None:
    model = from_graphdef(towers_file, image_value_range=VALUE_RANGE, image_shape=(8, 8, 3), labels=list("abcd"))
    model.save(tmp_path / "saved.pb")
    loaded = Model.load(tmp_path / "saved.pb")
    check_towers(loaded)
    assert list(loaded.layers) == list(model.layers)
    assert (loaded.labels, loaded.is_BGR, loaded.name) == (["a", "b", "c", "d"], False, "towers")
    loaded.save(tmp_path / "again.pb", image_value_range=(0, 8))
    again = Model.load(tmp_path / "again.pb")
    assert again.image_value_range == (0, 8)
    assert [node.name for node in again.graph_def.node].count("lucid_metadata_json") == 1  # type: ignore[attr-defined]


def test_saves_part_of_a_graph_with_renamed_input(towers: GraphDefModel, tmp_path: Path) -> None:
    towers.save(tmp_path / "left.pb", input_name="photograph", output_names="left", image_shape=(None, None, 3))
    loaded = Model.load(tmp_path / "left.pb")
    assert loaded.layers.names == ("left_conv", "left_pre_relu", "left")
    assert (loaded.input_name, loaded.image_shape) == ("photograph", (None, None, 3))
    np.testing.assert_allclose(evaluate(loaded, ["left"], images())[0][0, 0, 0], [0, 3])
    with pytest.raises(UnknownNameError, match=r"^towers has no layer named 'lefd'"):
        towers.save(tmp_path / "left.pb", output_names=["lefd"])


def keras_towers() -> Any:
    keras.utils.clear_session()
    image = keras.Input((8, 8, 3), name="image")
    left = keras.layers.Conv2D(2, 1, name="left", activation="relu")
    right = keras.layers.Conv2D(1, 1, name="right", use_bias=False)
    both = keras.layers.Concatenate(name="both")([left(image), keras.layers.ReLU(name="relu")(right(image))])
    head = keras.layers.Dense(4, name="logits", use_bias=False)
    pooled = keras.layers.Flatten(name="flat")(keras.layers.AveragePooling2D(8, name="pool")(both))
    model = keras.Model(image, head(pooled), name="towers")
    left.set_weights([LEFT[None, None], LEFT_BIAS])
    right.set_weights([RIGHT[None, None]])
    head.set_weights([HEAD])
    return model


def test_keras_model_is_saved_as_graph_with_the_same_layers(tmp_path: Path) -> None:
    model = from_keras(keras_towers(), image_value_range=VALUE_RANGE, is_BGR=True)
    model.save(tmp_path / "keras.pb")
    loaded = Model.load(tmp_path / "keras.pb")
    assert loaded.layers.names == model.layers.names
    assert [layer.kind for layer in loaded.layers] == [layer.kind for layer in model.layers]
    assert [layer.channels for layer in loaded.layers] == [layer.channels for layer in model.layers]
    assert (loaded.is_BGR, loaded.image_shape, loaded.input_name) == (True, (8, 8, 3), "image")
    names = list(model.layers.names)
    for name, before, after in zip(names, *(evaluate(m, names, images()) for m in (model, loaded)), strict=True):
        np.testing.assert_allclose(after, before, rtol=1e-6, err_msg=name)


def test_saved_keras_model_takes_any_size(tmp_path: Path) -> None:
    model = from_keras(keras_towers(), image_value_range=VALUE_RANGE)
    model.save(tmp_path / "both.pb", output_names=["both"])
    (both,) = evaluate(Model.load(tmp_path / "both.pb"), ["both"], images(57))
    np.testing.assert_allclose(both, np.broadcast_to(np.float32([0, 3, 7]), (1, 57, 57, 3)))


def test_saves_graph_of_a_session(tmp_path: Path) -> None:
    with tf.Graph().as_default(), v1.Session() as session:
        weights = v1.get_variable("weights", initializer=LEFT[None, None], use_resource=False)
        conv = tf.nn.conv2d(placeholder(), weights, 1, "SAME")
        tf.nn.relu(tf.nn.bias_add(conv, tf.constant(LEFT_BIAS)), name="left")
        settings = {"input_name": "image:0", "image_shape": [8, 8, 3], "image_value_range": np.float32([0, 4])}
        with pytest.raises(ModelError, match=r"^The variables of the session have no values\. Restore the trained"):
            Model.save(tmp_path / "session.pb", output_names=["left"], **settings)
        session.run(v1.global_variables_initializer())
        Model.save(tmp_path / "session.pb", output_names=["left"], **settings)
        with pytest.raises(UnknownNameError, match=r"^The graph has no node named 'lefd'\. Did you mean 'left'"):
            Model.save(tmp_path / "session.pb", output_names=["lefd"], **settings)
        with pytest.raises(
            ArgumentError, match=r"^Model\.save needs output_names for the graph of a session\. Model\.s"
        ):
            Model.save(tmp_path / "session.pb", **settings)
    (left,) = evaluate(Model.load(tmp_path / "session.pb"), ["left"], images())
    np.testing.assert_allclose(left[0, 0, 0], [0, 3])


def test_rejects_other_suffix_and_missing_session(towers: GraphDefModel, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"net\.h5' does not end in \"\.pb\"\."):
        towers.save(tmp_path / "net.h5")
    with pytest.raises(
        ModelError, match=r"there is none\. Save a model instead: as_model\(keras_model\)\.save\(path\)"
    ):
        Model.save("net.pb", "image", ["left"], (8, 8, 3), (0, 4))


# Manifests.


def manifest(folder: Path, **changed: Any) -> Path:
    write(two_towers(), folder / "graph.pb")
    (folder / "labels.txt").write_text("a\nb\nc\nd\n")
    content = {"type": "frozen", "model_path": "./graph.pb", **METADATA, **changed}
    (folder / "manifest.json").write_text(json.dumps({k: v for k, v in content.items() if v is not None}))
    return folder / "manifest.json"


def test_loads_manifest(tmp_path: Path) -> None:
    model = Model.load(manifest(tmp_path, labels_path="labels.txt", layers=["left", "both"], name="two towers"))
    check_towers(model)
    assert (model.name, model.labels) == ("two towers", ["a", "b", "c", "d"])
    assert [(layer.name, layer.kind, layer.channels) for layer in model.layers] == [
        ("left", "relu", 2),
        ("both", "concat", 3),
    ]


def test_manifest_with_lucids_list_of_layers(tmp_path: Path) -> None:
    layers = [{"name": "left", "depth": 2, "tags": ["conv"]}]
    (layer,) = Model.load_from_manifest(manifest(tmp_path, layers=layers)).layers
    assert (layer.name, layer.kind, layer.channels) == ("left", "conv", 2)
    assert "logits" in Model.load_from_manifest(manifest(tmp_path)).layers
    check_towers(as_model(tmp_path / "manifest.json"))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"model_path": None}, r"^The metadata in '.*manifest\.json' lacks model_path\. Expected the path of a frozen"),
        ({"image_shape": None}, r"^The metadata in '.*manifest\.json' lacks image_shape\."),
        ({"type": "tflite"}, r"^The manifest '.*manifest\.json' is of type 'tflite'\. Only 'frozen' is supported\.$"),
        ({"model_path": "none.pb"}, r"^There is no file '.*none\.pb'\."),
    ],
)
def test_rejects_incomplete_manifests(tmp_path: Path, changed: Any, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        Model.load(manifest(tmp_path, **changed))


def test_rejects_manifest_that_is_not_json(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(ModelError, match=r"manifest\.json' is not JSON: .*Expected JSON\.$"):
        Model.load(tmp_path / "manifest.json")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"model_path": 3}, "model_path=3. Expected the path of a frozen graph"),
        ({"image_shape": [{}, 16, 3]}, "image_shape=[{}, 16, 3]. Expected (height, width, channels)"),
        ({"image_shape": [8, 8]}, "image_shape=[8, 8]. Expected (height, width, channels)"),
        ({"image_value_range": [[0, [1]], 2]}, "Expected a pair (low, high)"),
        ({"image_value_range": [0, "white"]}, "Expected a pair (low, high)"),
        ({"image_value_range": 255}, "Expected a pair (low, high)"),
        ({"input_name": ["image"]}, "Expected the name of a node"),
        ({"is_BGR": "no"}, "is_BGR='no'. Expected true or false"),
        ({"labels": 3}, "labels=3. Expected a list of names"),
        ({"labels": [1, 2]}, "labels=[1, 2]. Expected a list of names"),
        ({"layers": True}, "layers=True. Expected a list of names"),
        ({"layers": [{}]}, "layers=[{}]. Expected a list of names"),
        ({"layers": [[0]]}, "layers=[[0]]. Expected a list of names"),
        ({"layers": [{"name": "left", "depth": "2"}]}, "Expected a list of names"),
        ({"labels_path": "/etc/passwd"}, "names '/etc/passwd', a file outside its folder"),
        ({"labels": "../labels.txt"}, "names '../labels.txt', a file outside its folder"),
        ({"model_path": "../graph.pb"}, "names '../graph.pb', a file outside its folder"),
        ({"labels_path": 3}, "labels_path=3. Expected the path of a text file"),
        ({"name": 3}, "name=3. Expected a text"),
        ({"type": ["frozen"]}, "type=['frozen']. Expected a text"),
        ({"labels_path": "a\0b"}, "which is not a path"),
    ],
    ids=str,
)
def test_rejects_manifests_with_wrong_entries(tmp_path: Path, changed: Any, message: str) -> None:
    (tmp_path / "labels.txt").write_text("outside")
    (tmp_path / "inner").mkdir()
    with pytest.raises(LucidError) as caught:
        Model.load(manifest(tmp_path / "inner", **changed))
    assert message in str(caught.value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 300) | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "depth", "tags"]), inner),
    max_leaves=5,
)


@given(key=st.sampled_from([*METADATA, "labels", "labels_path", "layers", "name", "type", "is_BGR"]), value=json_values)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_entry_is_valid_or_a_clear_error(key: str, value: Any, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            model = Model.load(manifest(tmp_path, **{key: value}))
            assert model.layers.names
        except LucidError:
            pass


def test_layers_that_the_graph_does_not_have_are_left_out(tmp_path: Path) -> None:
    layers = [{"name": "left"}, {"name": "left9", "depth": 4, "tags": ["conv"]}]
    model = Model.load(manifest(tmp_path, layers=layers))
    with pytest.warns(UserWarning, match=r"lists 'left9', which its graph does not have. Such layers are left out"):
        assert model.layers.names == ("left",)
    with pytest.raises(UnknownNameError, match=r"no layer named 'left9'. Did you mean 'left'"):
        model.get_layer("left9")


def test_metadata_in_a_graph_names_no_files(tmp_path: Path) -> None:
    graph = as_lucid_saved_it({**METADATA, "labels": "/etc/passwd"})
    with pytest.raises(ModelError, match=r"names a file of labels. Expected the labels themselves"):
        Model.load(write(graph, tmp_path / "net.pb"))


# What to pass.


def test_suggests_arguments_that_the_graph_shows(capsys: pytest.CaptureFixture[str]) -> None:
    found = Model.suggest_save_args(two_towers())
    assert found == {
        "input_name": "image",
        "image_shape": None,
        "output_names": ["probabilities"],
        "image_value_range": None,
    }
    printed = capsys.readouterr().out
    assert "input_name = 'image': it is the only placeholder" in printed
    assert "    output_names=['probabilities'],\n" in printed
    assert "    image_shape=...,  # such as [224, 224, 3]\n" in printed


def test_suggests_input_after_division_by_255() -> None:
    def build() -> None:
        image = placeholder("bytes", tf.uint8, (None, 8, 8, 3))
        tf.divide(tf.cast(image, tf.float32), 255.0, name="scaled")

    with tf.Graph().as_default() as graph:
        build()
        found = Model.suggest_save_args()
    assert (found["input_name"], found["image_value_range"], found["image_shape"]) == ("scaled", (0, 1), [8, 8, 3])
    assert found == Model.suggest_save_args(graph.as_graph_def())


def test_suggests_nothing_for_empty_graph() -> None:
    assert set(Model.suggest_save_args(graph_def(lambda: tf.constant(1.0))).values()) == {None}
