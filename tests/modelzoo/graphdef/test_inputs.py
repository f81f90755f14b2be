"""Inputs of graphs: bytes, other placeholders, and errors that name a way that works."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from modelzoo.tiny_nets import LEFT, conv, evaluate, graph_def, images, placeholder, v1

from lucid_widgets.errors import ArgumentError, ModelError, UnknownNameError
from lucid_widgets.modelzoo.base.image_input import upright
from lucid_widgets.modelzoo.graphdef.constants import certain_constants
from lucid_widgets.modelzoo.vision_models import as_model, from_saved_model


def with_scale() -> None:
    image = placeholder("input", shape=(None, 8, 8, 3))
    scale = v1.placeholder(tf.float32, [], name="scale")
    features = conv(image, LEFT, "conv")
    dropped = tf.multiply(features, scale, name="dropped")
    pooled = tf.reduce_mean(dropped, [1, 2], name="pooled")
    tf.matmul(pooled, tf.constant([[1.0, 0.0, 2.0], [0.0, 1.0, 1.0]]), name="MatMul_5")


class TestOtherPlaceholders:
    def test_a_layer_behind_one_says_which_value_it_needs(self, load: Any) -> None:
        model = load(graph_def(with_scale))
        assert model.input_name == "input"  # the only placeholder of images
        assert model.layers.names == ("conv",)
        message = r"^'MatMul_5' needs a value for 'scale' \(float32\)\. Pass constants=\{'scale': 1\.0\}"
        with pytest.raises(ModelError, match=message):
            model.get_layer("MatMul_5")
        with pytest.raises(ModelError, match=message):
            evaluate(model, ["MatMul_5"], images())

    def test_constants_give_the_value(self, load: Any) -> None:
        model = load(graph_def(with_scale), image_value_range=(0, 4), constants={"scale": 0.5})
        assert model.layers.names == ("conv", "pooled", "MatMul_5")
        # The network sees 1, 2, 4: conv is 5, 2, half of it 2.5, 1.
        (logits,) = evaluate(model, ["MatMul_5"], images())
        np.testing.assert_allclose(logits, [[2.5, 1, 6]])

    @pytest.mark.parametrize(
        ("constants", "kind", "message"),
        [
            ({"scal": 1.0}, UnknownNameError, r"no placeholder named 'scal'\. Did you mean 'scale'\?"),
            ({"scale": "x"}, ArgumentError, r"constants\['scale'\] is 'x'\. Expected float32\."),
            ({"scale": [1.0]}, ArgumentError, r"constants\['scale'\] has the shape \(1,\)\. Expected \(\)\."),
        ],
    )
    def test_wrong_constants_are_named(self, load: Any, constants: Any, kind: type[Exception], message: str) -> None:
        with pytest.raises(kind, match=message):
            load(graph_def(with_scale), constants=constants)


class TestSwitchesOfTraining:
    def test_dropout_and_training_are_off(self, load: Any) -> None:
        def build() -> None:
            keep = v1.placeholder(tf.float32, [], name="dropout/keep_prob_1")
            training = v1.placeholder_with_default(True, [], name="is_training")
            kept = tf.multiply(conv(placeholder("input"), LEFT, "conv"), keep, name="kept")
            tf.nn.relu(tf.where(training, tf.zeros_like(kept), kept), name="out")

        model = load(graph_def(build), image_value_range=(0, 4))
        assert model.constants == {"dropout/keep_prob_1": 1.0, "is_training": False}
        (values,) = evaluate(model, ["out"], images())
        np.testing.assert_allclose(values[0, 0, 0], [5, 2])

    @pytest.mark.parametrize(
        ("name", "dtype", "value"),
        [
            ("keep_prob", tf.float32, 1.0),
            ("dropout_keep_probability", tf.float16, 1.0),
            ("net/drop_rate", tf.float32, 0.0),
            ("phase_train", tf.bool, False),
            ("keras_learning_phase", tf.int32, 0),
            ("train_mode_3", tf.bool, False),
            ("keep_prob_of_rain", tf.float32, None),
            ("phase", tf.float32, None),
            ("training_images", tf.float32, None),
        ],
    )
    def test_only_certain_names_get_a_value(self, name: str, dtype: Any, value: Any) -> None:
        graph = graph_def(lambda: v1.placeholder(dtype, [], name=name))
        assert certain_constants(graph, "input") == ({} if value is None else {name: value})

    def test_a_value_that_is_passed_wins(self, load: Any) -> None:
        def build() -> None:
            tf.multiply(placeholder("input"), v1.placeholder(tf.float32, [], name="keep_prob"), name="kept")

        assert load(graph_def(build), constants={"keep_prob": 0.5}).constants == {"keep_prob": 0.5}


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((3, 8, 6), (8, 6, 3)),
        ((3, None, None), (None, None, 3)),
        ((1, 28, 28), (28, 28, 1)),
        ((8, 6, 3), (8, 6, 3)),
        ((4, 4, 512), (4, 4, 512)),
        ((None, None, 7), (None, None, 7)),
    ],
)
def test_channels_first_is_recognized(shape: Any, expected: Any) -> None:
    assert upright(shape) == expected


def test_channels_first_inputs_are_transposed(load: Any) -> None:
    def build() -> None:
        image = placeholder(shape=(None, 3, 8, 6))
        conv(tf.transpose(image, (0, 2, 3, 1)), LEFT, "conv")

    model = load(graph_def(build), image_value_range=(0, 4))
    assert model.image_shape == (8, 6, 3)
    assert model.layers["conv"].shape == (8, 6, 2)
    pixels = np.broadcast_to(np.float32([0.25, 0.5, 1]), (1, 8, 6, 3)).copy()
    (values,) = evaluate(model, ["conv"], pixels)
    np.testing.assert_allclose(values[0, 0, 0], [5, 2])


def cast_bytes() -> None:
    image = placeholder("bytes", tf.uint8, (None, 8, 8, 3))
    conv(tf.divide(tf.cast(image, tf.float32, name="Cast"), 51.0, name="scaled"), LEFT, "conv")


class TestBytes:
    @pytest.mark.parametrize("input_name", [None, "bytes", "bytes:0", "Cast"])
    def test_the_image_enters_where_bytes_become_floats(self, load: Any, input_name: str | None) -> None:
        model = load(graph_def(cast_bytes), input_name=input_name)
        assert (model.input_name, model.image_value_range) == ("Cast", (0, 255))
        if input_name != "Cast":
            assert model.image_shape == (8, 8, 3)
        # The image 0.2, 0.4, 0.8 is 51, 102, 204 in bytes, and 1, 2, 4 after scaling.
        (values,) = evaluate(model, ["conv"], images(pixel=(0.2, 0.4, 0.8)))
        np.testing.assert_allclose(values[0, 0, 0], [5, 2], rtol=1e-6)

    def test_a_range_that_is_passed_is_kept(self, load: Any) -> None:
        assert load(graph_def(cast_bytes), image_value_range=(-1, 1)).image_value_range == (-1, 1)

    def test_saved_models_that_take_bytes(self, tmp_path: Path) -> None:
        class Net(tf.Module):
            @tf.function(input_signature=[tf.TensorSpec((None, 8, 8, 3), tf.uint8, name="v")])
            def serve(self, v: Any) -> Any:
                image = tf.image.convert_image_dtype(v, tf.float32)
                return {"out": tf.nn.conv2d(image, LEFT[None, None], 1, "SAME", name="conv")}

        net = Net()
        tf.saved_model.save(net, str(tmp_path / "net"), signatures=net.serve)
        model = as_model(tmp_path / "net")
        assert model.image_value_range == (0, 255)
        assert "conv" in [layer.kind for layer in model.layers]
        (name,) = [layer.name for layer in model.layers if layer.kind == "conv"]
        (values,) = evaluate(model, [name], images())  # the network sees the pixel itself: 0.25, 0.5, 1
        np.testing.assert_allclose(values[0, 0, 0], [1.25, 0.5], rtol=1e-6)
        with pytest.raises(UnknownNameError, match="Did you mean 'v'"):
            from_saved_model(tmp_path / "net", input_name="vv")

    @pytest.mark.parametrize(
        ("dtype", "value_range"),
        [(tf.int8, (-128, 127)), (tf.uint16, (0, 65535)), (tf.int32, (0, 255)), (tf.int64, (0, 255))],
    )
    def test_other_whole_numbers(self, load: Any, dtype: Any, value_range: Any) -> None:
        def build() -> None:
            v1.placeholder(tf.int32, [], name="batch_size")
            conv(tf.cast(placeholder("image", dtype, (None, 8, 8, 3)), tf.float32, name="Cast"), LEFT, "conv")

        model = load(graph_def(build))
        assert (model.input_name, model.image_value_range, model.image_shape) == ("Cast", value_range, (8, 8, 3))

    @pytest.mark.parametrize("dtype", [tf.float16, tf.bfloat16, tf.float64])
    def test_other_floats(self, load: Any, dtype: Any) -> None:
        def build() -> None:
            conv(placeholder("image", dtype, (None, 8, 8, 3)), LEFT.astype(dtype.as_numpy_dtype), "conv")

        model = load(graph_def(build), image_value_range=(0, 4))
        assert model.layers["conv"].shape == (8, 8, 2)
        (values,) = evaluate(model, ["conv"], images())
        assert values.dtype == np.float32
        np.testing.assert_allclose(values[0, 0, 0], [5, 2], rtol=1e-2)

    def test_a_single_image_without_batch_axis(self, load: Any) -> None:
        def build() -> None:
            conv(tf.expand_dims(placeholder("image", shape=(8, 8, 3)), 0, name="batch"), LEFT, "conv")

        model = load(graph_def(build), image_value_range=(0, 4))
        assert (model.input_name, model.image_shape) == ("batch", (8, 8, 3))
        (values,) = evaluate(model, ["conv"], images())
        np.testing.assert_allclose(values[0, 0, 0], [5, 2])


def decoded(data: Any) -> Any:
    return tf.image.resize(tf.io.decode_jpeg(data, channels=3), (8, 8))


class TestFiles:
    """Graphs that take JPEG or PNG files: the values of black and white are computed from such files."""

    def test_a_single_jpeg(self, load: Any) -> None:
        def build() -> None:
            pixels = tf.io.decode_jpeg(placeholder("jpeg", tf.string, ()), channels=3)
            conv(tf.expand_dims(tf.cast(pixels, tf.float32) / 51, 0, name="batch"), LEFT, "conv")

        model = load(graph_def(build))
        assert (model.input_name, model.image_value_range, model.input_range) == ("batch", (0, 5), "measured")
        (values,) = evaluate(model, ["conv"], images(pixel=(0.2, 0.4, 0.8)))
        np.testing.assert_allclose(values[0, 0, 0], [5, 2], rtol=1e-6)

    @pytest.mark.parametrize("loops_of_v2", [True, False])
    def test_files_decoded_in_a_loop(self, load: Any, loops_of_v2: bool) -> None:
        def one(data: Any) -> Any:
            return decoded(data) - tf.constant([120.0, 110.0, 100.0])

        def build() -> None:
            conv(tf.map_fn(one, placeholder("jpeg", tf.string, (None,)), fn_output_signature=tf.float32), LEFT, "conv")

        if not loops_of_v2:
            v1.disable_control_flow_v2()
        try:
            model = load(graph_def(build))
        finally:
            v1.enable_control_flow_v2()
        assert model.image_value_range == ((-120, -110, -100), (135, 145, 155))
        assert model.input_range == "measured"
        assert model.layers.names == ("conv",)
        assert np.isfinite(evaluate(model, ["conv"], images())[0]).all()

    def test_a_saved_model_that_takes_base64(self, tmp_path: Path) -> None:
        class Net(tf.Module):
            @tf.function(input_signature=[tf.TensorSpec((None,), tf.string, name="b64")])
            def serve(self, b64: Any) -> Any:
                image = tf.map_fn(lambda v: decoded(tf.io.decode_base64(v)) / 255, b64, fn_output_signature=tf.float32)
                return {"out": tf.nn.conv2d(image, LEFT[None, None], 1, "SAME", name="conv")}

        net = Net()
        tf.saved_model.save(net, str(tmp_path / "net"), signatures=net.serve)
        model = as_model(tmp_path / "net")
        assert (model.image_value_range, model.input_range) == ((0, 1), "measured")
        assert model.layers.names == ("conv",)


class TestBytesWithoutCertainty:
    def test_floats_near_bytes_are_named_where_nothing_is_certain(self, load: Any) -> None:
        def build() -> None:
            image = placeholder("bytes", tf.uint8, (None, 8, 8, 3))
            conv(tf.cast(image, tf.float32, name="one"), LEFT, "conv")
            tf.cast(image, tf.float32, name="two")

        message = r"'bytes' takes uint8 values\. .* Pass input_name='one' or 'two', float nodes after it, and image_val"
        with pytest.raises(ModelError, match=message):
            load(graph_def(build))

    def test_an_input_that_no_layer_uses_is_refused(self, load: Any) -> None:
        with pytest.raises(ModelError, match=r"^No layer of net uses 'conv'\. Pass input_name="):
            load(graph_def(cast_bytes), input_name="conv")
