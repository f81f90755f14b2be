"""Files that cannot be used as graphs, each with its error."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from modelzoo.tiny_nets import conv, evaluate, graph_def, images, placeholder, v1

from lucid_widgets.errors import ArgumentError, ModelError, UnknownNameError
from lucid_widgets.modelzoo.vision_models import from_graphdef


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", r"'.*net\.pb' is empty\. Expected a frozen TensorFlow graph \(\.pb\)\."),
        (b"this is no graph", r"'.*net\.pb' is not a TensorFlow graph\. Expected a frozen GraphDef in binary form"),
        (b"\x22\x02\x08\x01", r"is not a TensorFlow graph\."),  # a GraphDef with a version and no nodes
    ],
)
def test_rejects_file_that_is_not_a_graph(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "net.pb").write_bytes(data)
    with pytest.raises(ModelError, match=message):
        from_graphdef(tmp_path / "net.pb")


def test_file_of_a_saved_model_is_recognized(tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").write_bytes(b"\x08\x01")
    with pytest.raises(ModelError, match=r"is not a TensorFlow graph\. It is part of a SavedModel"):
        from_graphdef(tmp_path / "saved_model.pb")


def test_rejects_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"^There is no file '.*none\.pb'\. Expected a frozen TensorFlow graph"):
        from_graphdef(tmp_path / "none.pb")
    with pytest.raises(ModelError, match=r"^'.*' is a folder\. Expected a frozen TensorFlow graph"):
        from_graphdef(tmp_path)


def two_inputs() -> None:
    tf.add(placeholder("a"), placeholder("b"), name="sum")


def keras_style_inputs() -> None:
    tf.nn.relu(placeholder("image"), name="relu")
    v1.placeholder(tf.bool, [], name="is_training")
    v1.placeholder_with_default(1.0, [], name="keep")


def channels_first() -> None:
    image = placeholder(shape=(None, 3, None, None))
    tf.nn.conv2d(image, np.ones((1, 1, 3, 2), np.float32), 1, "SAME", data_format="NCHW", name="conv")


def not_frozen() -> None:
    weights = v1.get_variable("weights", (1, 1, 3, 2), use_resource=False)
    tf.nn.conv2d(placeholder(), weights, 1, "SAME", name="conv")


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (
            lambda: tf.constant(1.0),
            r"^net has no placeholder for an image\. Pass input_name=\.\.\., the name of the node that takes the ima",
        ),
        (
            two_inputs,
            r"^net has 2 float placeholders: 'a' and 'b'\. Pass input_name=\.\.\., the name of the one that takes",
        ),
        (
            lambda: placeholder("bytes", tf.uint8),
            r"^net has no float input for images: 'bytes' takes uint8 values, and nothing outside of loops makes fl",
        ),
        (channels_first, r"'.*' has channels first: 'conv' is NCHW\. Build the network with channels last"),
        (not_frozen, r"'.*' is not frozen: 'weights' is a variable.* Convert the variables to constants"),
    ],
)
def test_rejects_graphs_that_cannot_be_used(load: Any, build: Callable[[], Any], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        load(graph_def(build))


def test_input_name_selects_the_input(load: Any) -> None:
    assert load(graph_def(two_inputs), input_name="b:0").input_name == "b"
    with pytest.raises(UnknownNameError, match=r"^net has no input named 'c'\. Expected 'a' or 'b'\.$"):
        load(graph_def(two_inputs), input_name="c")


def test_training_switches_are_not_mistaken_for_the_image(load: Any) -> None:
    assert load(graph_def(keras_style_inputs)).input_name == "image"


def test_placeholder_without_value_is_named(load: Any) -> None:
    def build() -> None:
        rate = v1.placeholder(tf.float32, [], name="rate")
        tf.multiply(placeholder(), rate, name="scaled")

    model = load(graph_def(build), input_name="image", image_value_range=(0, 1))
    message = r"'scaled' needs a value for 'rate' \(float32\)\. Pass constants=.*, or input_map=\{'rate': "
    with pytest.raises(ModelError, match=message):
        evaluate(model, ["scaled"], images())

    @tf.function(autograph=False)
    def run(image: Any) -> Any:
        return model.import_graph(image, input_map={"rate": 8.0})("scaled")

    assert run(tf.constant(images()))[0, 0, 0].numpy().tolist() == [2, 4, 8]


def test_missing_node_is_named(load: Any) -> None:
    definition = graph_def(lambda: conv(placeholder(), np.eye(3, dtype=np.float32), "conv"))
    index = next(i for i, node in enumerate(definition.node) if node.name == "conv_w")
    del definition.node[index]
    with pytest.raises(
        ModelError, match=r"^net is incomplete: 'conv' needs the node 'conv_w', which is not in the file"
    ):
        evaluate(load(definition), ["conv"], images())


@pytest.mark.parametrize("value_range", [1, (0,), (0, 1, 2), (0, float("nan")), ("a", "b")])
def test_rejects_malformed_value_range(load: Any, value_range: Any) -> None:
    with pytest.raises(ArgumentError, match=r"^image_value_range is .*\. Expected a pair \(low, high\)"):
        load(graph_def(keras_style_inputs), image_value_range=value_range)
