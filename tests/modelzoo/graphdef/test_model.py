"""Frozen graphs as models: the numbers, where layers can be built, and which nodes are built."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from modelzoo.tiny_nets import (
    HEAD,
    VALUE_RANGE,
    conv,
    evaluate,
    graph_def,
    images,
    placeholder,
    two_towers,
    v1,
    write,
)

from lucid_widgets.errors import ArgumentError, ModelError, UnknownNameError
from lucid_widgets.modelzoo.files.weights import find_weights
from lucid_widgets.modelzoo.graphdef.edits import add_pre_relu_concats
from lucid_widgets.modelzoo.vision_models import GraphDefModel, InceptionV1, from_graphdef

# Numbers.


def test_layers_match_hand_computed_values(towers: GraphDefModel) -> None:
    names = ["left_conv", "left_pre_relu", "left", "both", "logits"]
    found = evaluate(towers, names, images())
    expected = [[5, 2], [-1, 3], [0, 3], [0, 3, 7], [3, 7, 10, 0]]
    for name, value, numbers in zip(names, found, expected, strict=True):
        np.testing.assert_allclose(value.reshape(-1, len(numbers))[0], numbers, err_msg=name)


@pytest.mark.parametrize("size", [96, 57])
def test_layers_below_the_reshape_take_any_size(towers: GraphDefModel, size: int) -> None:
    (both,) = evaluate(towers, ["both"], images(size, batch=2))
    assert both.shape == (2, size, size, 3)
    np.testing.assert_allclose(both, np.broadcast_to(np.float32([0, 3, 7]), both.shape))


def test_channels_are_reversed_before_scaling_with_bounds_in_bgr_order(towers_file: Path) -> None:
    model = from_graphdef(towers_file, image_value_range=((0, 0, 1), (4, 4, 9)), is_BGR=True)
    # The pixel 1/4, 1/2, 1 reversed is 1, 1/2, 1/4; scaled 4, 2 and 1 + 8/4 = 3.
    (image, left) = evaluate(model, ["image", "left_conv"], images())
    np.testing.assert_allclose(image[0, 0, 0], [4, 2, 3])
    np.testing.assert_allclose(left[0, 0, 0], [7, 1])


def test_default_value_range_and_single_image(towers_file: Path) -> None:
    (image,) = evaluate(from_graphdef(towers_file), ["image"], images()[0])
    assert image.shape == (1, 8, 8, 3)
    np.testing.assert_allclose(image[0, 0, 0], [-0.5, 0, 1])


def test_T_returns_the_given_image_and_a_list_of_labels(towers_file: Path) -> None:
    model = from_graphdef(towers_file, labels=["cup", "cat"])
    with tf.Graph().as_default():
        image = tf.constant(images())
        T = model.import_graph(image)
        assert T("input") is image
        assert T("labels") == ["cup", "cat"]


def test_missing_labels_say_how_to_pass_them(towers: GraphDefModel) -> None:
    with tf.Graph().as_default():
        T = towers.import_graph(tf.constant(images()))
        with pytest.raises(ModelError, match=r"towers has no labels\. Pass labels="):
            T("labels")


def test_wordnet_ids_are_removed_from_labels(towers_file: Path, tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_text("n02099601 golden retriever\ncat\n\n")
    assert from_graphdef(towers_file, labels=tmp_path / "labels.txt").labels == ["golden retriever", "cat"]


# Lazy import.


def imported_ops(graph: tf.Graph) -> list[str]:
    return [op.name.removeprefix("import/") for op in graph.get_operations() if op.name.startswith("import/")]


def test_imports_each_requested_node_once(towers: GraphDefModel) -> None:
    def build() -> None:
        graph = v1.get_default_graph()
        T = towers.import_graph(tf.constant(images()))
        assert imported_ops(graph) == []
        first = T("left")
        assert set(imported_ops(graph)) == {"left_conv_w", "left_conv", "Const", "left_pre_relu", "left"}
        count = len(graph.get_operations())
        assert T("left") is first
        assert T("left:0") is first
        assert T("left_pre_relu") is first.op.inputs[0]
        assert len(graph.get_operations()) == count
        both = T("both")
        assert both.op.inputs[0] is first
        new = len(graph.get_operations()) - count
        assert new == len(["right_pre_relu_w", "right_pre_relu", "right", "axis", "both"])
        assert not {"pool", "logits"} & set(imported_ops(graph))

    tf.function(build, autograph=False).get_concrete_function()


def test_rejects_unknown_layer_before_importing_anything(towers: GraphDefModel) -> None:
    with tf.Graph().as_default() as graph:
        T = towers.import_graph(tf.constant(images()))
        count = len(graph.get_operations())
        for name in ["lefd", "left:1", "left:x", "left:", ""]:
            with pytest.raises(UnknownNameError, match=f"^towers has no layer named '{name}'"):
                T(name)
        with pytest.raises(UnknownNameError, match=r"Did you mean 'left'"):
            T("lefd")
        assert len(graph.get_operations()) == count


def test_second_import_gets_a_separate_scope(towers: GraphDefModel) -> None:
    with tf.Graph().as_default():
        names = [towers.import_graph(tf.constant(images()))("left").name for _ in range(2)]
    assert names == ["import/left:0", "import_1/left:0"]


def test_further_outputs_have_names(load: Any) -> None:
    model = load(graph_def(lambda: tf.split(placeholder(), 3, axis=-1, name="parts")), image_value_range=VALUE_RANGE)
    second, third = evaluate(model, ["parts:1", "parts:2"], images())
    assert (second[0, 0, 0, 0], third[0, 0, 0, 0]) == (2, 4)
    assert model.get_layer("parts:1").channels == 1


# Where it can be built.


def test_imports_inside_a_while_loop(towers: GraphDefModel) -> None:
    @tf.function(autograph=False)
    def run(image: Any) -> Any:
        def body(step: Any, image: Any) -> tuple[Any, Any]:
            T = towers.import_graph(image)
            (gradient,) = tf.gradients(tf.reduce_sum(T("right")), image)
            return step + 1, tf.ensure_shape(image + gradient, image.shape)

        return tf.while_loop(lambda step, _: step < 3, body, (0, image))[1]

    # `right` sums the channels, scaled by 4.
    np.testing.assert_allclose(run(tf.constant(images())), images() + 12)


def test_T_works_in_a_loop_and_branch_of_its_graph(towers: GraphDefModel) -> None:
    @tf.function(autograph=False)
    def run(image: Any) -> Any:
        T = towers.import_graph(image)

        def body(step: Any, total: Any) -> tuple[Any, Any]:
            return step + 1, total + tf.cond(step > 0, lambda: T("both")[0, 0, 0], lambda: T("left_conv")[0, 0, 0, :1])

        return tf.while_loop(lambda step, _: step < 3, body, (0, tf.zeros([3])))[1], T("both")

    total, both = run(tf.constant(images()))
    np.testing.assert_allclose(total, np.float32([5, 5, 5]) + 2 * both[0, 0, 0])


def test_works_in_a_plain_graph_and_session(towers: GraphDefModel) -> None:
    with tf.Graph().as_default(), v1.Session() as session:
        T = towers.import_graph(images())
        np.testing.assert_allclose(session.run(T("logits")), [[3, 7, 10, 0]])


def test_gradient_override_reaches_imported_relus(towers: GraphDefModel) -> None:
    @tf.RegisterGradient("TowersReluTimesTen")
    def times_ten(_: Any, gradient: Any) -> Any:
        return 10.0 * gradient

    @tf.function(autograph=False)
    def run(image: Any) -> Any:
        graph = v1.get_default_graph()
        with graph.gradient_override_map({"Relu": "TowersReluTimesTen"}):
            T = towers.import_graph(image)
            dead = T("left")[..., 0]
        return tf.gradients(dead, image)[0]

    # The unit is dead (-1), so its true gradient is 0; overridden it is 10 times the weights times the scale of 4.
    np.testing.assert_allclose(run(tf.constant(images()))[0, 0, 0], 10 * 4 * np.float32([1, 0, 1]))


def test_import_outside_a_graph_says_where_to_call_it(towers: GraphDefModel) -> None:
    with pytest.raises(ArgumentError, match=r"import_graph was called outside a graph\. Call it in .*tf\.function"):
        towers.import_graph(images())


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros((1, 8, 8, 4), np.float32), r"given images of shape \(1, 8, 8, 4\)\. .*\(batch, height, width, 3\)"),
        (np.zeros((8, 8), np.float32), r"given images of shape \(8, 8\)"),
        (np.zeros((1, 8, 8, 3), np.uint8), r"given images of type uint8\. Expected floating point values in \[0, 1\]"),
    ],
)
def test_rejects_what_is_not_images(towers: GraphDefModel, image: np.ndarray, message: str) -> None:
    with tf.Graph().as_default(), pytest.raises(ArgumentError, match=message):
        towers.import_graph(image)


def test_input_map_replaces_tensors(towers: GraphDefModel) -> None:
    @tf.function(autograph=False)
    def run(image: Any) -> Any:
        return towers.import_graph(image, input_map={"right": tf.fill([1, 8, 8, 1], 70.0)})("both")

    np.testing.assert_allclose(run(tf.constant(images()))[0, 0, 0], [0, 3, 70])
    with (
        tf.Graph().as_default(),
        pytest.raises(UnknownNameError, match=r"no layer named 'rihgt'\. Did you mean 'right'"),
    ):
        towers.import_graph(images(), input_map={"rihgt": 1.0})


def test_devices_and_recorded_shapes_are_ignored(load: Any) -> None:
    def build() -> None:
        image = placeholder(shape=(1, 8, 8, 3))
        with tf.device("/job:train/device:GPU:7"):
            one = conv(image, HEAD[:, :2], "one")
            with v1.colocate_with(one):
                tf.nn.relu(one, name="two")

    definition = graph_def(build)
    for node in definition.node:
        if node.name == "one":
            shape = tf.TensorShape([1, 8, 8, 2]).as_proto()
            node.attr["_output_shapes"].list.shape.append(shape)
    model = load(definition, image_value_range=VALUE_RANGE)
    assert model.image_shape == (8, 8, 3)
    (two,) = evaluate(model, ["two"], images(11))
    assert two.shape == (1, 11, 11, 2)
    np.testing.assert_allclose(two[0, 0, 0], [2, 4])


# Sizes that a layer refuses.


def test_too_small_image_names_layer_and_size(towers: GraphDefModel) -> None:
    message = (
        r"^towers cannot compute layer 'logits' for images of 5 x 5 pixels: 'pool' below it failed "
        r"\(Negative dimension size caused by subtracting 8 from 5\)\. "
        r"The model expects 8 x 8 pixels; layers below 'pool' take any size\.$"
    )
    with pytest.raises(ModelError, match=message):
        evaluate(towers, ["logits"], images(5))


def test_rejects_reshape_that_splits_an_image(towers: GraphDefModel) -> None:
    message = (
        r"'logits' for images of 16 x 16 pixels: a reshape below it makes 8 rows of 2 images\. "
        r"The model expects 8 x 8 pixels"
    )
    with pytest.raises(ModelError, match=message):
        evaluate(towers, ["logits"], images(16, batch=2))


# Layers.


def test_layers_have_kinds_channels_and_shares(towers: GraphDefModel) -> None:
    assert [(layer.name, layer.kind, layer.channels) for layer in towers.layers] == [
        ("left_conv", "conv", 2),
        ("left_pre_relu", "pre_relu", 2),
        ("left", "relu", 2),
        ("right_pre_relu", "pre_relu", 1),
        ("right", "relu", 1),
        ("both", "concat", 3),
        ("pool", "pool", 3),
        ("logits", "dense", 4),
        ("probabilities", "softmax", 4),
    ]
    left, right, head = 8 * 8 * 3 * 2, 8 * 8 * 3 * 1, 3 * 4
    total = left + right + head
    shares = {layer.name: layer.share for layer in towers.layers}
    assert shares["left"] == pytest.approx(left / total)
    assert shares["right"] == pytest.approx(right / total)
    assert shares["pool"] == pytest.approx((left + right) / total)
    assert shares["logits"] == 1


def test_get_layer_describes_unlisted_tensors(towers: GraphDefModel) -> None:
    flat = towers.get_layer("flat")
    assert (flat.kind, flat.channels) == ("other", 3)
    assert towers.get_layer("left_conv_w").share == 0
    assert towers.get_layer("input").channels == 3
    with pytest.raises(UnknownNameError, match=r"towers has no layer named 'boht'. Did you mean 'both'"):
        towers.get_layer("boht")


def test_lists_layers_if_the_stated_size_does_not_fit(towers_file: Path) -> None:
    # The placeholder has no size, and the head would accept 224 pixels, but it fails for 4 x 4.
    model = from_graphdef(towers_file, image_shape=(4, 4, 3))
    assert model.layers.names[-1] == "probabilities"
    assert model.layers["left"].share == pytest.approx(6 / (6 + 3 + 12))


def test_residual_sums_and_separate_normalization_have_kinds(load: Any) -> None:
    def build() -> None:
        image = placeholder()
        a = conv(image, np.eye(3, dtype=np.float32), "a")
        scaled = tf.multiply(a, tf.constant(2.0), name="scale")
        normal = tf.add(scaled, tf.constant([1.0, 1.0, 1.0]), name="normal")
        tf.add(normal, image, name="sum")

    kinds = {layer.name: layer.kind for layer in load(graph_def(build)).layers}
    assert kinds == {"a": "conv", "normal": "norm", "sum": "add"}


def test_unknown_operation_affects_only_layers_above_it(load: Any) -> None:
    definition = two_towers()
    added = definition.node.add()
    added.name, added.op = "strange", "StrangeOp"
    added.input.append("both")
    model = load(definition, image_value_range=VALUE_RANGE)
    assert model.layers["both"].channels == 3
    (left,) = evaluate(model, ["left"], images())
    assert left[0, 0, 0].tolist() == [0, 3]
    with pytest.raises(ModelError, match=r"net cannot compute layer 'strange'.*StrangeOp"):
        evaluate(model, ["strange"], images())


# Lucid's classes.


@pytest.mark.parametrize("concat", ["Concat", "ConcatV2"])
def test_inception_adds_pre_relu_concats(tmp_path: Path, concat: str) -> None:
    definition = two_towers(concat)
    for node in definition.node:
        node.name = node.name.replace("both", "mixed4a").replace("image", "input")
        node.input[:] = [edge.replace("both", "mixed4a").replace("image", "input") for edge in node.input]
    model = InceptionV1(write(definition, tmp_path / "net.pb"))
    assert model.layers.names == ("mixed4a",)
    assert model.browsable_layers.names == ("mixed4a_pre_relu", "mixed4a")
    assert [layer.kind for layer in model.browsable_layers] == ["pre_relu", "concat"]
    # -117 + 255 * pixel: -53.25, 10.5, 138
    pre, post = (value[0, 0, 0] for value in evaluate(model, ["mixed4a_pre_relu", "mixed4a"], images()))
    np.testing.assert_allclose(pre, [-53.25 + 138 - 6, 138 - 10.5 + 1, -53.25 + 10.5 + 138])
    np.testing.assert_allclose(post, np.maximum(pre, 0))


def test_concat_of_other_operations_gets_no_pre_relu() -> None:
    def build() -> None:
        image = placeholder()
        tf.concat([image, image], -1, name="mixed4a")

    definition = graph_def(build)
    assert add_pre_relu_concats(definition) == definition


def test_class_in_lucids_style(towers_file: Path) -> None:
    class Towers(GraphDefModel):
        model_path = str(towers_file)
        image_value_range = VALUE_RANGE
        image_shape = (8, 8, 3)
        input_name = "image"

    model = Towers()
    model.load_graphdef()
    assert model.name == "Towers"
    np.testing.assert_allclose(evaluate(model, ["left"], images())[0][0, 0, 0], [0, 3])
    assert repr(model) == "<Towers 'Towers', RGB in (0, 4)>"


def test_inception_is_found_in_the_model_folder(
    tmp_path: Path, towers_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LUCID_WIDGETS_MODEL_DIR", raising=False)
    find = partial(find_weights, "Net", ("net.pb", "other.pb"))
    with pytest.raises(
        ModelError,
        match=r"^The weights of Net were not found\. "
        r'Pass Net\(path="\.\.\./net\.pb"\), or '
        r"put net\.pb or other\.pb into '.*' or the folder that the environment variable "
        r"LUCID_WIDGETS_MODEL_DIR names\.$",
    ):
        find()
    monkeypatch.setenv("LUCID_WIDGETS_MODEL_DIR", str(tmp_path))
    with pytest.raises(ModelError, match=r"The folder .* does not contain them\."):
        find()
    definition = graph_def(lambda: tf.nn.relu(placeholder("input"), name="conv2d0"))
    write(definition, tmp_path / "tensorflow_inception_graph.pb")
    assert InceptionV1().layers.names == ("conv2d0",)
