"""Keras models: the numbers, the names of layers, and which layers are run."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from modelzoo.tiny_nets import HEAD, LEFT, LEFT_BIAS, RIGHT, VALUE_RANGE, evaluate, images

from lucid_widgets.errors import ModelError, UnknownNameError
from lucid_widgets.modelzoo.vision_models import KerasModel, from_keras

pytestmark = pytest.mark.slow

v1 = tf.compat.v1


def fixed(layer: Any, *weights: np.ndarray) -> Any:
    """A layer that gets these weights when it is built. Kernels of 1 x 1 convolutions are matrices."""
    values = [
        weight[None, None] if weight.ndim == 2 and "Conv" in type(layer).__name__ else weight for weight in weights
    ]
    build = layer.build

    def build_with_weights(shape: Any) -> None:
        build(shape)
        layer.set_weights(values)

    layer.build = build_with_weights
    return layer


def conv(kernel: np.ndarray, bias: np.ndarray | None = None, **settings: Any) -> Any:
    layer = layers.Conv2D(kernel.shape[1], 1, use_bias=bias is not None, **settings)
    return fixed(layer, kernel, *([] if bias is None else [bias]))


def towers_model(size: int | None = 8) -> Any:
    """The network of tiny_nets, with one ReLU as an operation and one as an activation."""
    image = keras.Input((size, size, 3), name="image")
    left = conv(LEFT, LEFT_BIAS, name="left_conv")(image)
    left = keras.ops.relu(left)
    right = conv(RIGHT, activation="relu", name="right")(image)
    both = layers.Concatenate(name="both")([left, right])
    if size is None:
        return keras.Model(image, both, name="towers")
    pooled = layers.AveragePooling2D(4, name="pool")(both)
    flat = layers.Flatten(name="flat")(pooled)
    head = np.tile(HEAD / 4, (4, 1)).astype(np.float32)
    logits = fixed(layers.Dense(4, use_bias=False, name="logits"), head)(flat)
    return keras.Model(image, layers.Softmax(name="probabilities")(logits), name="towers")


@pytest.fixture(autouse=True)
def _restart_layer_numbering() -> None:
    keras.utils.clear_session()


@pytest.fixture
def towers() -> KerasModel:
    return from_keras(towers_model(), image_value_range=VALUE_RANGE)


# Numbers.


def test_layers_match_hand_computed_values(towers: KerasModel) -> None:
    names = ["left_conv", "relu", "right", "both", "logits"]
    expected = [[-1, 3], [0, 3], [7], [0, 3, 7], [3, 7, 10, 0]]
    for name, value, numbers in zip(names, evaluate(towers, names, images()), expected, strict=True):
        np.testing.assert_allclose(value.reshape(-1, len(numbers))[0], numbers, err_msg=name)


@pytest.mark.parametrize("size", [96, 57])
@pytest.mark.parametrize("built", [8, None])
def test_layers_below_the_reshape_take_any_size(size: int, built: int | None) -> None:
    model = from_keras(towers_model(built), image_value_range=VALUE_RANGE)
    (both,) = evaluate(model, ["both"], images(size, batch=2))
    assert both.shape == (2, size, size, 3)
    np.testing.assert_allclose(both, np.broadcast_to(np.float32([0, 3, 7]), both.shape))


def test_size_that_a_dense_layer_rejects_names_layer_and_size(towers: KerasModel) -> None:
    message = (
        r"^towers cannot compute layer 'probabilities' for images of 57 x 57 pixels: 'logits' below it failed "
        r"\(.*expected axis -1 of input shape to have value 12, but received input with shape \(1, 588\)\)\. "
        r"The model expects 8 x 8 pixels; layers below 'logits' take any size\.$"
    )
    with pytest.raises(ModelError, match=message):
        evaluate(towers, ["probabilities"], images(57))


def test_weights_are_shared_with_the_keras_model(towers: KerasModel) -> None:
    keras_model = towers.keras_model

    @tf.function(autograph=False)
    def run(image: Any) -> Any:
        return towers.import_graph(image)("right")

    before = run(tf.constant(images()))
    keras_model.get_layer("right").set_weights([2 * RIGHT[None, None]])
    np.testing.assert_allclose(run(tf.constant(images())), 2 * before)


# Which layers are run, and how.


def op_types(model: KerasModel, *names: str) -> list[str]:
    @tf.function(autograph=False)
    def run(image: Any) -> list[Any]:
        T = model.import_graph(image)
        return [T(name) for name in names]

    graph = run.get_concrete_function(tf.TensorSpec((1, 8, 8, 3))).graph
    return [op.type for op in graph.get_operations()]


def test_runs_each_requested_layer_once(towers: KerasModel) -> None:
    left = op_types(towers, "relu")
    assert (left.count("Conv2D"), left.count("Relu"), left.count("ConcatV2")) == (1, 1, 0)
    both = op_types(towers, "relu", "both", "left_conv", "both", "relu:0")
    assert (both.count("Conv2D"), both.count("Relu"), both.count("ConcatV2")) == (2, 2, 1)
    assert both.count("MatMul") == 0


def test_rejects_unknown_layer_before_running_anything(towers: KerasModel) -> None:
    @tf.function(autograph=False)
    def run(image: Any) -> Any:
        graph = v1.get_default_graph()
        T = towers.import_graph(image)
        count = len(graph.get_operations())
        with pytest.raises(UnknownNameError, match=r"^towers has no layer named 'bothh'\. Did you mean 'both'"):
            T("bothh")
        with pytest.raises(UnknownNameError, match=r"^towers has no layer named 'both:1'"):
            T("both:1")
        assert len(graph.get_operations()) == count
        return image

    run(tf.constant(images()))


@pytest.mark.parametrize(("name", "weights"), [("relu", [1, 0, 1]), ("right", [1, 1, 1])])
def test_gradient_override_reaches_keras_relus(towers: KerasModel, name: str, weights: list[float]) -> None:
    @tf.RegisterGradient(f"Keras{name}TimesTen")
    def times_ten(_: Any, gradient: Any) -> Any:
        return 10.0 * gradient

    @tf.function(autograph=False)
    def run(image: Any) -> Any:
        with v1.get_default_graph().gradient_override_map({"Relu": f"Keras{name}TimesTen"}):
            unit = towers.import_graph(image)(name)[..., 0]
        return tf.gradients(unit, image)[0]

    np.testing.assert_allclose(run(tf.constant(images()))[0, 0, 0], 10 * 4 * np.float32(weights))


def test_imports_inside_a_while_loop(towers: KerasModel) -> None:
    @tf.function(autograph=False)
    def run(image: Any) -> Any:
        def body(step: Any, image: Any) -> tuple[Any, Any]:
            T = towers.import_graph(image)
            (gradient,) = tf.gradients(tf.reduce_sum(T("right")), image)
            return step + 1, tf.ensure_shape(image + gradient, image.shape)

        return tf.while_loop(lambda step, _: step < 3, body, (0, image))[1]

    np.testing.assert_allclose(run(tf.constant(images())), images() + 12)


def test_rejects_plain_graph(towers: KerasModel) -> None:
    with (
        tf.Graph().as_default(),
        pytest.raises(ModelError, match=r"a plain tf\.Graph cannot read\. Call .*tf\.function"),
    ):
        towers.import_graph(images())


def test_dropout_and_batch_norm_run_in_inference_mode() -> None:
    image = keras.Input((None, None, 3))
    x = layers.Dropout(0.5, name="drop")(image, training=True)
    moments = [np.float32(values) for values in ([1, 1, 2], [0, 0, 1], [0, 1, 2], [4, 1, 1])]
    normal = fixed(layers.BatchNormalization(epsilon=0.0, name="normal"), *moments)(x, training=True)
    model = from_keras(keras.Model(image, normal), image_value_range=VALUE_RANGE)
    drop, normal = evaluate(model, ["drop", "normal"], images(16))
    np.testing.assert_allclose(drop, np.broadcast_to(np.float32([1, 2, 4]), drop.shape))
    # (x - mean) / sqrt(variance) * gamma + beta
    np.testing.assert_allclose(normal[0, 0, 0], [0.5, 1, 5])


def test_mixed_precision_layers_are_returned_as_float32() -> None:
    image = keras.Input((None, None, 3))
    half = conv(RIGHT, dtype="mixed_float16", name="half")(image)
    model = from_keras(keras.Model(image, half), image_value_range=VALUE_RANGE)
    (value,) = evaluate(model, ["half"], images())
    assert (value.dtype, value[0, 0, 0, 0]) == (np.float32, 7)


# Addresses.


def test_sequential_model() -> None:
    model = keras.Sequential([keras.Input((8, 8, 3)), conv(LEFT, LEFT_BIAS, name="left"), layers.ReLU(name="relu")])
    adapter = from_keras(model, image_value_range=VALUE_RANGE)
    assert adapter.layers.names == ("left", "relu")
    (relu,) = evaluate(adapter, ["relu"], images(5))
    np.testing.assert_allclose(relu[0, 0, 0], [0, 3])


def nested_model() -> Any:
    inner_image = keras.Input((8, 8, 3), name="inner_image")
    inner = keras.Model(
        inner_image, layers.ReLU(name="relu")(conv(LEFT, LEFT_BIAS, name="left")(inner_image)), name="inner"
    )
    sequence = keras.Sequential([conv(np.float32([[1], [10]]), name="mix")], name="sequence")
    image = keras.Input((8, 8, 3), name="image")
    return keras.Model(image, layers.ReLU(name="top")(sequence(inner(image))), name="outer")


def test_layers_of_nested_models_have_paths() -> None:
    model = from_keras(nested_model(), image_value_range=VALUE_RANGE)
    assert model.layers.names == ("inner/left", "inner/relu", "sequence/mix", "top")
    names = ["inner/left", "left", "inner/relu", "inner", "sequence/mix", "mix", "sequence", "top"]
    values = evaluate(model, names, images(11))
    expected = [[-1, 3], [-1, 3], [0, 3], [0, 3], [30], [30], [30], [30]]
    for name, value, numbers in zip(names, values, expected, strict=True):
        np.testing.assert_allclose(value[0, -1, -1], numbers, err_msg=name)
    assert model.get_layer("left").channels == 2
    assert op_types(model, "left").count("Conv2D") == 1


def test_ambiguous_inner_name_needs_its_path() -> None:
    def branch(name: str) -> Any:
        image = keras.Input((8, 8, 3))
        return keras.Model(image, conv(RIGHT, name="conv")(image), name=name)

    image = keras.Input((8, 8, 3))
    model = from_keras(keras.Model(image, layers.Add(name="sum")([branch("a")(image), branch("b")(image)])))
    with pytest.raises(UnknownNameError, match=r"no layer named 'conv'\. Did you mean '[ab]/conv' or '[ab]/conv'"):
        model.get_layer("conv")
    assert model.get_layer("b/conv").channels == 1


def test_shared_layer_has_a_name_for_each_use() -> None:
    image = keras.Input((8, 8, 3))
    twice = conv(np.float32(2 * np.eye(3)), name="twice")
    first = twice(image)
    model = from_keras(keras.Model(image, twice(layers.ReLU(name="relu")(first))), image_value_range=VALUE_RANGE)
    assert model.layers.names == ("twice", "relu", "twice@2")
    once, again = evaluate(model, ["twice", "twice@2"], images())
    np.testing.assert_allclose(once[0, 0, 0], [2, 4, 8])
    np.testing.assert_allclose(again[0, 0, 0], [4, 8, 16])


def test_shared_nested_model_has_a_name_for_each_use() -> None:
    inner_image = keras.Input((8, 8, 3))
    inner = keras.Model(inner_image, conv(np.float32(2 * np.eye(3)), name="twice")(inner_image), name="inner")
    image = keras.Input((8, 8, 3))
    model = from_keras(keras.Model(image, inner(inner(image))), image_value_range=VALUE_RANGE)
    assert model.layers.names == ("inner/twice", "inner@2/twice")
    np.testing.assert_allclose(evaluate(model, ["inner@2/twice"], images())[0][0, 0, 0], [4, 8, 16])


def test_further_outputs_of_a_layer_have_names() -> None:
    @keras.saving.register_keras_serializable("tests")
    class Halves(layers.Layer):
        def call(self, x: Any) -> tuple[Any, Any]:
            return x[..., :1], x[..., 1:]

    image = keras.Input((8, 8, 3))
    first, rest = Halves(name="halves")(image)
    model = from_keras(keras.Model(image, [first, rest]), image_value_range=VALUE_RANGE)
    assert [(layer.name, layer.channels) for layer in model.layers] == [("halves", 1), ("halves:1", 2)]
    one, two, zero = evaluate(model, ["halves", "halves:1", "halves:0"], images())
    np.testing.assert_allclose(two[0, 0, 0], [2, 4])
    np.testing.assert_allclose(one, zero)


def test_model_cut_from_another_has_only_its_own_layers() -> None:
    whole = towers_model()
    model = from_keras(keras.Model(whole.input, whole.get_layer("both").output), image_value_range=VALUE_RANGE)
    assert model.layers.names == ("left_conv", "relu", "right", "both")


def test_input_map_replaces_a_layer(towers: KerasModel) -> None:
    @tf.function(autograph=False)
    def run(image: Any) -> Any:
        return towers.import_graph(image, input_map={"right": tf.fill([1, 8, 8, 1], 70.0)})("both")

    np.testing.assert_allclose(run(tf.constant(images()))[0, 0, 0], [0, 3, 70])


# What is said about a model.


def test_layers_have_kinds_channels_and_shares(towers: KerasModel) -> None:
    assert [(layer.name, layer.kind, layer.channels) for layer in towers.layers] == [
        ("left_conv", "conv", 2),
        ("relu", "relu", 2),
        ("right", "conv", 1),
        ("both", "concat", 3),
        ("pool", "pool", 3),
        ("flat", "reshape", 12),
        ("logits", "dense", 4),
        ("probabilities", "softmax", 4),
    ]
    left, right, head = 8 * 8 * 3 * 2, 8 * 8 * 3 * 1, 12 * 4
    total = left + right + head
    shares = {layer.name: layer.share for layer in towers.layers}
    assert shares["relu"] == pytest.approx(left / total)
    assert shares["both"] == pytest.approx((left + right) / total)
    assert shares["logits"] == 1


def test_shares_count_depthwise_and_strided_convolutions() -> None:
    image = keras.Input((8, 8, 3))
    x = layers.DepthwiseConv2D(3, padding="same", depth_multiplier=2, name="depthwise")(image)
    model = from_keras(keras.Model(image, layers.Conv2D(5, 3, strides=2, padding="same", name="strided")(x)))
    depthwise, strided = 8 * 8 * 6 * 9, 4 * 4 * 5 * 9 * 6
    assert model.layers["depthwise"].share == pytest.approx(depthwise / (depthwise + strided))


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (lambda: layers.Rescaling(1 / 255), (0, 255)),
        (lambda: layers.Normalization(mean=[127.5] * 3, variance=[127.5**2] * 3), (0, 255)),
        (lambda: layers.ReLU(), (-1, 1)),
    ],
)
def test_scaling_layer_determines_the_value_range(layer: Any, expected: tuple[float, float]) -> None:
    image = keras.Input((8, 8, 3))
    assert from_keras(keras.Model(image, layers.ReLU()(layer()(image)))).image_value_range == expected


def image_and(other: Any) -> Any:
    image = keras.Input((8, 8, 3), name="image")
    return keras.Model([image, other], layers.Flatten()(image))


def one_input(shape: tuple[int, ...], dtype: str = "float32", layer: Any = None) -> Any:
    image = keras.Input(shape, dtype=dtype, name="image")
    return keras.Model(image, (layer or layers.Flatten())(image), name="net")


def only_an_input() -> Any:
    image = keras.Input((8, 8, 3))
    return keras.Model(image, image, name="net")


def test_a_layer_whose_name_ends_in_a_port_is_found() -> None:
    image = keras.Input((8, 8, 3))
    model = from_keras(keras.Model(image, layers.ReLU(name="layer:0")(image)))
    assert model.layers.names == ("layer:0",)
    assert model.get_layer("layer:0").kind == "relu"
    (values,) = evaluate(model, ["layer:0"], images())
    np.testing.assert_allclose(values[0, 0, 0], [0, 0, 1])


def test_padding_the_channels_does_not_make_a_model_channels_first() -> None:
    image = keras.Input((8, 8, 3))
    padded = layers.ZeroPadding2D(((0, 0), (1, 2)), data_format="channels_first", name="pad")(image)
    model = from_keras(keras.Model(image, layers.ReLU(name="relu")(padded)))
    (values,) = evaluate(model, ["relu"], images(pixel=(0.75, 0.5, 1)))
    np.testing.assert_allclose(values[0, 0, 0], [0, 0.5, 0, 1, 0, 0])


def test_the_reason_of_a_layers_own_error_is_shown() -> None:
    class Tokens(layers.Layer):
        def call(self, image: Any) -> Any:
            if image.shape[1] == 9:
                raise ValueError("Nine rows are too many.")
            return image

    image = keras.Input((8, 8, 3))
    model = from_keras(keras.Model(image, layers.ReLU(name="relu")(Tokens(name="tokens")(image))))
    with pytest.raises(ModelError, match=r"'tokens' below it failed \(Nine rows are too many\)\."):
        evaluate(model, ["relu"], images(9))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: image_and(keras.Input((2,), name="size")),
            r"has 2 inputs: 'image' and 'size'\. Expected a single input",
        ),
        (
            lambda: one_input((8, 8, 3), "int32"),
            r"^The Keras model 'net' takes int32 images\. Expected floating",
        ),
        (lambda: one_input((8, 8, 3), "uint8"), r"^The Keras model 'net' takes uint8 images\."),
        (lambda: one_input((8,)), r"takes an input of shape \(None, 8\)\. Expected images, \(batch, height, width"),
        (lambda: keras.Sequential(name="empty"), r"^The Keras model 'empty' has no layers\.$"),
        (only_an_input, r"^The Keras model 'net' has no layers\.$"),
        (
            lambda: keras.Sequential([layers.ReLU()], name="raw"),
            r"^The Sequential model 'raw' is not built.* call model\.build\(\(None, height, width, 3\)\)\.$",
        ),
        (
            lambda: one_input((3, 8, 8), layer=layers.MaxPooling2D(data_format="channels_first", name="pool")),
            r"has channels first: layer 'pool' is channels_first\. Only channels_last",
        ),
        (lambda: {"not": "a model"}, r"^Expected a Keras 3 model, received a dict \(builtins\)\.$"),
    ],
)
def test_rejects_models_that_cannot_be_used(make: Any, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        from_keras(make())
