"""Every private name of TensorFlow may be missing: rendering is then slower, with one warning and equal images."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from lucid_widgets.errors import SpeedWarning
from lucid_widgets.frames import Frame
from lucid_widgets.modelzoo.vision_models import from_keras
from lucid_widgets.optvis.render import iter_vis
from lucid_widgets.optvis.speed import devices, hoisting, private_names
from lucid_widgets.optvis.speed.plan import MOST_EARLY_STEPS, PLAIN_VARIABLE
from lucid_widgets.optvis.speed.private_names import NAMES

pytestmark = pytest.mark.slow

STEPS = MOST_EARLY_STEPS + 2
"""Two more than the early steps, so that both stages run."""


def network() -> Any:
    """A network with a small and a large convolution, a pool, and an activation with a custom gradient."""
    keras.utils.set_random_seed(0)
    image = keras.Input((16, 16, 3))
    x = keras.layers.Conv2D(8, 3, padding="same", activation="silu")(image)
    x = keras.layers.MaxPool2D(3, 2, padding="same")(x)
    x = keras.layers.Conv2D(8, 3, padding="same", name="top")(x)
    return from_keras(keras.Model(image, x))


def last_frame(**settings: Any) -> Frame:
    *_, frame = iter_vis(network(), "top:1", image_size=16, steps=STEPS, seed=4, **settings)
    return frame


@pytest.fixture(autouse=True)
def all_tricks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Warn again about missing names, and use every trick on small networks too."""
    monkeypatch.setattr(private_names, "_warned", set())
    monkeypatch.setattr(hoisting, "LARGE", 300)  # only the second convolution is larger


@pytest.fixture(scope="module")
def full() -> Frame:
    """The frame with all private names."""
    with pytest.MonkeyPatch.context() as patched:
        patched.delenv(PLAIN_VARIABLE, raising=False)
        patched.setattr(hoisting, "LARGE", 300)
        return last_frame()


def without(key: str) -> private_names.PrivateName:
    def missing() -> Any:
        raise AttributeError(key)

    return replace(NAMES[key], look_up=missing)


@pytest.mark.parametrize("key", NAMES)
def test_every_name_exists_in_the_tested_tensorflow(key: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert private_names.find(key) is not None


@pytest.mark.parametrize("key", [key for key in NAMES if key != "capture"])
def test_without_a_name_images_are_equal_and_there_is_one_warning(
    key: str, full: Frame, monkeypatch: pytest.MonkeyPatch
) -> None:
    if key == "noinline":
        monkeypatch.setattr(devices, "uses_onednn", lambda: True)
    monkeypatch.setitem(NAMES, key, without(key))
    with pytest.warns(SpeedWarning) as caught:
        slower = last_frame()
    assert [str(each.message) for each in caught if each.category is SpeedWarning] == [
        f"TensorFlow {tf.__version__} has no {NAMES[key].name}, so {NAMES[key].off} is off. "
        "Images stay the same up to rounding."
    ]
    np.testing.assert_allclose(slower.images, full.images, atol=1e-3)
    assert slower.objective == pytest.approx(full.objective, rel=1e-3)


def test_without_capture_the_network_is_computed_in_float32(full: Frame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(NAMES, "capture", without("capture"))
    with pytest.warns(SpeedWarning, match=r"has no FuncGraph\.capture, so bfloat16 is off"):
        low = last_frame(precision="bfloat16")
    np.testing.assert_allclose(low.images, full.images, atol=1e-3)


def test_a_missing_name_that_no_trick_needs_is_not_mentioned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(NAMES, "capture", without("capture"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        last_frame()


def test_the_plain_plan_needs_no_private_name(full: Frame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PLAIN_VARIABLE, "1")
    for key in NAMES:
        monkeypatch.setitem(NAMES, key, without(key))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plain = last_frame()
    np.testing.assert_allclose(plain.images, full.images, atol=1e-3)
