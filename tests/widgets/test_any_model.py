"""What the widgets offer first runs, for the kinds of networks that people bring: the table of the guide."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers as L

from lucid_widgets import FeatureGrid, LucidWidget

pytestmark = pytest.mark.slow

MODELS = Path(os.environ.get("LUCID_WIDGETS_MODEL_DIR", Path(__file__).parents[2].parent / "shared" / "models"))


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
}


def prepared(make: Callable[[], Any]) -> Any:
    return sequential(32, 32, 3, begin=(make(),), end=dense())


# A network, and the shape of the first image.
TINY: dict[str, tuple[Callable[[], Any], tuple[int, ...]]] = {
    "MNIST": (lambda: sequential(28, 28, 1, end=dense()), (28, 28, 1)),
    "spectrogram": (lambda: sequential(20, 50, 1, end=dense()), (20, 50, 1)),
    "two channels": (lambda: sequential(32, 32, 2, end=dense()), (32, 32, 2)),
    "seven bands": (lambda: sequential(None, None, 7), (128, 128, 7)),
    "U-Net": (unet, (32, 32, 3)),
    "CRNN": (crnn, (16, 40, 1)),
    "Siamese tower": (siamese_tower, (24, 24, 3)),
    "vision transformer": (transformer, (16, 16, 3)),
    **{name: (partial(prepared, make), (32, 32, 3)) for name, make in PREPROCESSING.items()},
}

APPLICATIONS = ("MobileNetV2", "EfficientNetB0", "InceptionV3")
FILES = {
    "squeezenet_v1_1.keras": (128, 128, 3),
    "efficientnet_lite0.keras": (128, 128, 3),
    "cifar10_resnet56.keras": (128, 128, 3),
    "dinov2_small_focus.keras": (224, 224, 3),
    "inception_v1_bvlc.pb": (128, 128, 3),
}


def first_image(model: Any, **options: Any) -> Any:
    """Click on Run in a new widget, and return its image."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a guessed input range
        widget = LucidWidget(model, steps=2, **options)
        widget.run()
        assert widget.wait(300) == "done"
        image = widget.image
        assert image is not None
        assert np.isfinite(image).all()
        widget.close()
    return image


@pytest.mark.parametrize(("make", "shape"), TINY.values(), ids=TINY)
def test_first_image_of_small_networks(make: Callable[[], Any], shape: tuple[int, ...]) -> None:
    network = make()
    assert first_image(network).shape[1:] == shape
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        grid = FeatureGrid(network, channels=[0], steps=1, cache=False)
        assert grid.wait(300) == "done"
        assert np.isfinite(grid.images).all()
        grid.close()


@pytest.mark.parametrize("name", APPLICATIONS)
def test_first_image_of_architectures(name: str) -> None:
    assert first_image(getattr(keras.applications, name)(weights=None)).shape[3] == 3


@pytest.mark.parametrize(("file", "shape"), FILES.items(), ids=FILES)
def test_first_image_of_trained_networks(file: str, shape: tuple[int, ...]) -> None:
    if not (MODELS / file).is_file():
        pytest.skip(f"{MODELS / file} is absent")
    assert first_image(str(MODELS / file)).shape[1:] == shape
