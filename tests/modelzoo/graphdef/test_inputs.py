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
from lucid_widgets.modelzoo.vision_models import as_model, from_saved_model


def with_dropout() -> None:
    image = placeholder("input", shape=(None, 8, 8, 3))
    keep = v1.placeholder(tf.float32, [], name="keep_prob")
    features = conv(image, LEFT, "conv")
    dropped = tf.multiply(features, keep, name="dropped")
    pooled = tf.reduce_mean(dropped, [1, 2], name="pooled")
    tf.matmul(pooled, tf.constant([[1.0, 0.0, 2.0], [0.0, 1.0, 1.0]]), name="MatMul_5")


class TestOtherPlaceholders:
    def test_a_layer_behind_one_says_which_value_it_needs(self, load: Any) -> None:
        model = load(graph_def(with_dropout))
        assert model.input_name == "input"  # the only placeholder of images
        assert model.layers.names == ("conv",)
        message = r"^'MatMul_5' needs a value for 'keep_prob' \(float32\)\. Pass constants=\{'keep_prob': 1\.0\}"
        with pytest.raises(ModelError, match=message):
            model.get_layer("MatMul_5")
        with pytest.raises(ModelError, match=message):
            evaluate(model, ["MatMul_5"], images())

    def test_constants_give_the_value(self, load: Any) -> None:
        model = load(graph_def(with_dropout), image_value_range=(0, 4), constants={"keep_prob": 0.5})
        assert model.layers.names == ("conv", "pooled", "MatMul_5")
        # The network sees 1, 2, 4: conv is 5, 2, half of it 2.5, 1.
        (logits,) = evaluate(model, ["MatMul_5"], images())
        np.testing.assert_allclose(logits, [[2.5, 1, 6]])

    @pytest.mark.parametrize(
        ("constants", "kind", "message"),
        [
            ({"keep": 1.0}, UnknownNameError, r"no placeholder named 'keep'\. Did you mean 'keep_prob'\?"),
            ({"keep_prob": "x"}, ArgumentError, r"constants\['keep_prob'\] is 'x'\. Expected float32\."),
            ({"keep_prob": [1.0]}, ArgumentError, r"constants\['keep_prob'\] has the shape \(1,\)\. Expected \(\)\."),
        ],
    )
    def test_wrong_constants_are_named(self, load: Any, constants: Any, kind: type[Exception], message: str) -> None:
        with pytest.raises(kind, match=message):
            load(graph_def(with_dropout), constants=constants)


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

    def test_jpeg_bytes(self, load: Any) -> None:
        def build() -> None:
            data = placeholder("jpeg", tf.string, ())
            pixels = tf.io.decode_jpeg(data, channels=3)
            conv(tf.cast(pixels, tf.float32, name="floats")[None], LEFT, "conv")

        model = load(graph_def(build))
        assert (model.input_name, model.image_value_range) == ("floats", (0, 255))

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
