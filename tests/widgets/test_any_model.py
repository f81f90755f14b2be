"""What the widgets offer first runs, for the kinds of networks that people bring: the table of the guide."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers as L
from needs import missing, models_folder

from lucid_widgets import FeatureGrid, LucidWidget
from lucid_widgets.errors import ModelError
from lucid_widgets.modelzoo.vision_models import as_model
from lucid_widgets.optvis.render import render_vis

v1 = tf.compat.v1

pytestmark = pytest.mark.slow

MODELS = models_folder()


def sequential(*shape: int | None, begin: tuple[Any, ...] = (), end: tuple[Any, ...] = ()) -> Any:
    return keras.Sequential([keras.Input(shape), *begin, L.Conv2D(4, 3, activation="relu", name="conv"), *end])


def dense() -> tuple[Any, ...]:
    return L.Flatten(), L.Dense(5, activation="softmax", name="preds")


def unet() -> Any:
    image = keras.Input((32, 32, 3))
    down = L.Conv2D(4, 3, padding="same", activation="relu", name="down")(image)
    low = L.Conv2D(8, 3, padding="same", activation="relu", name="low")(L.MaxPool2D()(down))
    both = L.Concatenate(name="skip")([L.UpSampling2D()(low), down])
    return keras.Model(image, L.Conv2D(2, 1, activation="sigmoid", name="mask")(both))


def crnn() -> Any:
    image = keras.Input((16, 40, 1))
    x = L.Conv2D(4, 3, padding="same", name="conv")(image)
    x = L.Reshape((40, 64), name="columns")(L.Permute((2, 1, 3))(x))
    return keras.Model(image, L.Dense(7, activation="softmax", name="letters")(L.LSTM(6, return_sequences=True)(x)))


def siamese_tower() -> Any:
    return keras.Sequential([keras.Input((24, 24, 3)), L.Conv2D(4, 3, name="conv"), L.GlobalAveragePooling2D()])


def transformer() -> Any:
    image = keras.Input((16, 16, 3))
    tokens = L.Reshape((16, 6), name="tokens")(L.Conv2D(6, 4, strides=4, name="patches")(image))
    block = L.Add(name="block")([tokens, L.MultiHeadAttention(2, 3)(tokens, tokens)])
    return keras.Model(image, L.Dense(3, name="logits")(L.GlobalAveragePooling1D()(block)))


PREPROCESSING: dict[str, Callable[[], Any]] = {
    "Rescaling": lambda: L.Rescaling(1 / 255),
    "Normalization": lambda: L.Normalization(mean=[120.0, 115.0, 100.0], variance=[3000.0] * 3),
    "Resizing": lambda: L.Resizing(24, 24),
    "CenterCrop": lambda: L.CenterCrop(24, 24),
    "RandomFlip": lambda: L.RandomFlip(),
    "RandomRotation": lambda: L.RandomRotation(0.1),
    "RandomContrast": lambda: L.RandomContrast(0.1),
    "AutoContrast": lambda: L.AutoContrast(),
    "Solarization": lambda: L.Solarization(),
    "Equalization": lambda: L.Equalization(),
    "Pipeline": lambda: L.Pipeline([L.Rescaling(1 / 255), L.RandomFlip()]),
}

# All other random layers, which do nothing when a network is used.
RANDOM: tuple[Callable[[], Any], ...] = (
    *(lambda: L.RandomBrightness(0.2), lambda: L.RandomTranslation(0.1, 0.1), lambda: L.RandomZoom(0.1)),
    *(lambda: L.RandomColorDegeneration(0.5), lambda: L.RandomColorJitter(), lambda: L.RandomErasing()),
    *(lambda: L.RandomGaussianBlur(), lambda: L.RandomGrayscale(), lambda: L.RandomElasticTransform()),
    *(lambda: L.RandomHue(0.2), lambda: L.RandomInvert(), lambda: L.RandomPerspective()),
    *(lambda: L.RandomPosterization(4), lambda: L.RandomSaturation(0.5), lambda: L.RandomSharpness(0.5)),
    *(lambda: L.RandomShear(0.1, 0.1), lambda: L.RandAugment(), lambda: L.AugMix(), lambda: L.CutMix()),
    *(lambda: L.MixUp(), lambda: L.GaussianNoise(0.1), lambda: L.RandomCrop(24, 24)),
)


def prepared(make: Callable[[], Any]) -> Any:
    return sequential(32, 32, 3, begin=(make(),), end=dense())


def channels_first_input() -> Any:
    return keras.Sequential([keras.Input((3, 24, 24)), L.Permute((2, 3, 1)), L.Conv2D(4, 3, name="conv"), *dense()])


def quantized() -> Any:
    network = sequential(24, 24, 3, end=dense())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras names the layers that stay in float
        network.quantize("int8")
    return network


def without_channels() -> Any:
    layers = L.Rescaling(1 / 255), L.Reshape((28, 28, 1)), L.Conv2D(4, 3, name="conv")
    return keras.Sequential([keras.Input((28, 28)), *layers, *dense()])


# A network, and the shape of the first image.
TINY: dict[str, tuple[Callable[[], Any], tuple[int, ...]]] = {
    "MNIST": (lambda: sequential(28, 28, 1, end=dense()), (28, 28, 1)),
    "MNIST without channels": (without_channels, (28, 28, 1)),
    "spectrogram": (lambda: sequential(20, 50, 1, end=dense()), (20, 50, 1)),
    "two channels": (lambda: sequential(32, 32, 2, end=dense()), (32, 32, 2)),
    "seven bands": (lambda: sequential(None, None, 7), (128, 128, 7)),
    "U-Net": (unet, (32, 32, 3)),
    "CRNN": (crnn, (16, 40, 1)),
    "Siamese tower": (siamese_tower, (24, 24, 3)),
    "vision transformer": (transformer, (16, 16, 3)),
    "channels first at the input": (channels_first_input, (24, 24, 3)),
    "quantized by Keras": (quantized, (24, 24, 3)),
    **{name: (partial(prepared, make), (32, 32, 3)) for name, make in PREPROCESSING.items()},
    "random layers": (
        lambda: sequential(32, 32, 3, begin=tuple(make() for make in RANDOM), end=dense()),
        (32, 32, 3),
    ),
}


def signature(
    function: Callable[[Any], Any], *shape: int | None, dtype: tf.DType = tf.float32
) -> Callable[[Path], Path]:
    """Return a function that writes a SavedModel whose only signature is `function`."""

    class Net(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec((None, *shape), dtype, name="image")])
        def serve(self, image: Any) -> Any:
            return {"out": convolved(function(image))}

    def write(folder: Path) -> Path:
        net = Net()
        tf.saved_model.save(net, str(folder / "net"), signatures=net.serve)
        return folder / "net"

    return write


def frozen(build: Callable[[], Any]) -> Callable[[Path], Path]:
    """Return a function that writes what `build` makes in an empty graph as a frozen graph."""

    def write(folder: Path) -> Path:
        with tf.Graph().as_default() as graph:
            build()
        (folder / "net.pb").write_bytes(graph.as_graph_def().SerializeToString())
        return folder / "net.pb"

    return write


def convolved(image: Any, data_format: str = "NHWC") -> Any:
    kernel = np.random.default_rng(0).standard_normal((3, 3, 3, 4)).astype(np.float32)
    return tf.nn.relu(tf.nn.conv2d(image, kernel, 1, "SAME", data_format, name="conv"), name="relu")


def exported(folder: Path) -> Path:
    sequential(20, 28, 3, begin=(L.Rescaling(1 / 255),), end=dense()).export(str(folder / "net"), verbose=False)
    return folder / "net"


def saved_by_lucid(folder: Path) -> Path:
    as_model(sequential(24, 24, 3, begin=(L.Rescaling(1 / 255),), end=dense())).save(folder / "net.pb")
    return folder / "net.pb"


def with_dropout() -> Any:
    image, keep = (
        v1.placeholder(tf.float32, (None, 24, 24, 3), name="input"),
        v1.placeholder(tf.float32, (), "keep_prob"),
    )
    return tf.nn.relu(convolved(image) / keep, name="kept")


def quantization_aware() -> Any:
    image = v1.placeholder(tf.float32, (None, 24, 24, 3), name="input")
    return tf.nn.relu(
        tf.quantization.fake_quant_with_min_max_args(convolved(image), 0, 6, name="quantized"), name="last"
    )


def channels_first_graph() -> Any:
    image = v1.placeholder(tf.float32, (None, 3, 24, 24), name="input")
    return convolved(tf.transpose(image, (0, 2, 3, 1)))


def decoded(files: Any) -> Any:
    return tf.map_fn(
        lambda file: tf.image.resize(tf.io.decode_jpeg(file, channels=3), (24, 24)) / 255,
        files,
        fn_output_signature=tf.float32,
    )


# A function that writes a network into a folder, the shape of the first image, and black and white.
WRITTEN: dict[str, tuple[Callable[[Path], Path], tuple[int, ...], tuple[float, float]]] = {
    "SavedModel, exported by Keras": (exported, (20, 28, 3), (0, 255)),
    "SavedModel of bytes": (
        signature(lambda image: tf.cast(image, tf.float32) / 255, 24, 24, 3, dtype=tf.uint8),
        (24, 24, 3),
        (0, 255),
    ),
    "SavedModel of JPEG files": (signature(decoded, dtype=tf.string), (24, 24, 3), (0, 1)),
    "SavedModel in half precision": (
        signature(lambda image: tf.cast(image, tf.float32) / 127.5 - 1, None, None, 3, dtype=tf.float16),
        (128, 128, 3),
        (0, 255),
    ),
    "frozen graph, saved by Lucid": (saved_by_lucid, (24, 24, 3), (0, 255)),
    "frozen graph with dropout": (frozen(with_dropout), (24, 24, 3), (-1, 1)),
    "frozen graph of quantization-aware training": (frozen(quantization_aware), (24, 24, 3), (-1, 1)),
    "frozen graph with channels first at the input": (frozen(channels_first_graph), (24, 24, 3), (-1, 1)),
}

NOISE = 0.005
"""Standard deviation that an image has only after steps that changed it."""

FILES = {
    "squeezenet_v1_1.keras": (128, 128, 3),
    "efficientnet_lite0.keras": (128, 128, 3),
    "cifar10_resnet56.keras": (128, 128, 3),
    "dinov2_small_focus.keras": (224, 224, 3),
    "inception_v1_bvlc.pb": (128, 128, 3),
}


def first_image(model: Any) -> Any:
    """Click on Run in a new widget, and return its image."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a guessed input range
        widget = LucidWidget(model, steps=2, show_classes=False)
        widget.run()
        assert widget.wait(300) == "done"
        image = widget.image
        assert image is not None
        assert np.isfinite(image).all()
        widget.close()
    return image


@pytest.mark.parametrize(("make", "shape"), TINY.values(), ids=TINY)
def test_first_image_of_small_networks(make: Callable[[], Any], shape: tuple[int, ...]) -> None:
    image = first_image(make())
    assert image.shape[1:] == shape
    assert image.std() > NOISE


# Networks whose images differ in shape, or whose layers differ in rank.
@pytest.mark.parametrize("name", ["spectrogram", "two channels", "seven bands", "CRNN", "vision transformer"])
def test_first_images_of_grids(name: str) -> None:
    network = TINY[name][0]()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        grid = FeatureGrid(network, channels=[0], steps=1, cache=False)
        assert grid.wait(300) == "done"
        assert np.isfinite(grid.images).all()
        grid.close()


@pytest.mark.parametrize(("write", "shape", "value_range"), WRITTEN.values(), ids=WRITTEN)
def test_first_image_of_files(write: Any, shape: tuple[int, ...], value_range: Any, tmp_path: Path) -> None:
    path = write(tmp_path)
    image = first_image(path)
    assert (image.shape[1:], as_model(path).image_value_range) == (shape, value_range)
    assert image.std() > NOISE


def test_input_range_of_images_without_channels() -> None:
    model = as_model(without_channels())
    assert (model.image_value_range, model.input_range, model.image_shape) == ((0, 255), "measured", (28, 28, 1))


def quantized_graph() -> Any:
    image = v1.placeholder(tf.float32, (None, 24, 24, 3), name="input")
    return convolved(tf.quantization.dequantize(*tf.quantization.quantize(image, -1.0, 1.0, tf.quint8), name="back"))


def test_networks_without_gradients_say_what_to_pass(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = as_model(frozen(quantized_graph)(tmp_path))
    with pytest.raises(
        ModelError, match=r"^channel\(\"conv\", 0\) has no gradient: net computes it with 'Dequantize', .* pass"
    ):
        render_vis(model, "conv:0", thresholds=(1,), verbose=False)
    (tmp_path / "net.tflite").write_bytes(b"x")
    with pytest.raises(ModelError, match=r"is a TensorFlow Lite model, which has no gradients\. Pass the model that"):
        LucidWidget(tmp_path / "net.tflite")


def test_networks_with_channels_first_say_how_to_build_them(tmp_path: Path) -> None:
    network = keras.Sequential([keras.Input((3, 24, 24)), L.Conv2D(4, 3, data_format="channels_first", name="conv")])
    with pytest.raises(ModelError, match=r"layer 'conv' is channels_first\. Build it after keras\.config"):
        LucidWidget(network)
    path = frozen(lambda: convolved(v1.placeholder(tf.float32, (None, 3, 24, 24)), "NCHW"))(tmp_path)
    with pytest.raises(ModelError, match=r"'conv' is NCHW\. Build the network with channels last \(NHWC\)"):
        LucidWidget(path)


@pytest.mark.parametrize(("file", "shape"), FILES.items(), ids=FILES)
def test_first_image_of_trained_networks(file: str, shape: tuple[int, ...]) -> None:
    if not (MODELS / file).is_file():
        missing(f"{file} is not in {MODELS} (set LUCID_WIDGETS_MODEL_DIR)")
    assert first_image(str(MODELS / file)).shape[1:] == shape
