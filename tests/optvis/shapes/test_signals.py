"""Signals in place of images, and channels that are held."""

from __future__ import annotations

import pickle
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers as L

from lucid_widgets import ActivationIndex, FeatureGrid, LucidWidget, export, iter_vis, objectives, param, transform
from lucid_widgets.errors import ArgumentError, ModelError, OutOfRangeError
from lucid_widgets.misc.io.collapse_channels import visible_channels
from lucid_widgets.misc.io.line_plots import HEIGHT, line_plots
from lucid_widgets.modelzoo.vision_models import KerasModel, from_keras
from lucid_widgets.optvis.render import render_vis

PERIOD = 16


def matched(length: int | None = 256) -> KerasModel:
    """A network whose units respond to a wave of a period of 16 samples: one in each of two channels."""
    wave = np.sin(2 * np.pi * np.arange(2 * PERIOD) / PERIOD)
    conv = L.Conv1D(2, 2 * PERIOD, activation="relu", name="waves")
    model = keras.Sequential(
        [keras.Input((length, 2)), conv, L.GlobalAveragePooling1D(name="mean"), L.Dense(3, name="logits")], name="ecg"
    )
    kernel = np.zeros((2 * PERIOD, 2, 2), np.float32)
    kernel[:, 0, 0] = kernel[:, 1, 1] = wave
    conv.set_weights([kernel, np.zeros(2, np.float32)])
    return from_keras(model, image_value_range=(-1, 1), labels=["a", "b", "c"])


def test_a_signal_is_an_image_of_height_1() -> None:
    model = matched()
    assert model.image_shape == (1, 256, 2)
    assert matched(None).image_shape == (1, None, 2)
    assert model.layers["waves"].shape == (225, 2)
    image = keras.Input((28, 28))
    of_image = keras.Model(image, L.Conv2D(2, 3, name="conv")(L.Reshape((28, 28, 1))(image)))
    assert from_keras(of_image, image_value_range=(0, 1)).image_shape == (28, 28, 1)
    rows = keras.Sequential([keras.Input((28, 12)), L.LSTM(4, name="lstm")])
    assert from_keras(rows, image_value_range=(0, 1)).image_shape == (28, 12, 1)
    assert from_keras(rows, image_value_range=(0, 1), signal=True).image_shape == (1, 28, 12)
    assert from_keras(model.keras_model, image_value_range=(0, 1), signal=False).image_shape == (256, 2, 1)
    with pytest.raises(ArgumentError, match=r"Expected a network for signals, \(length, channels\)"):
        from_keras(of_image.__class__(*conv_pair()), image_value_range=(0, 1), signal=True)


def conv_pair() -> tuple[Any, Any]:
    image = keras.Input((8, 8, 3))
    return image, L.Conv2D(2, 3)(image)


def spectrum(signal: np.ndarray) -> np.ndarray:
    return np.abs(np.fft.rfft(signal - signal.mean()))


def test_the_signal_of_a_unit_is_the_wave_that_excites_it() -> None:
    (signals,) = render_vis(matched(), "waves:1", thresholds=(96,), verbose=False, use_fixed_seed=True)
    assert signals.shape == (1, 1, 256, 2)
    other, own = signals[0, 0].T
    assert abs(int(spectrum(own).argmax()) - 256 // PERIOD) <= 1
    assert own.std() > 5 * other.std()


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras, when it saves
def test_any_length_neurons_and_copies() -> None:
    model = matched(None)
    images = render_vis(model, objectives.neuron("waves", 0, 10, 0), image_size=64, thresholds=(4,), verbose=False)
    assert images[0].shape == (1, 1, 64, 2)
    again = pickle.loads(pickle.dumps(model))
    assert again.image_shape == model.image_shape
    assert again.layers.names == model.layers.names


def test_default_transforms_move_signals_along_their_length_only() -> None:
    ramp = tf.tile(tf.reshape(tf.linspace(0.0, 1.0, 101), (1, 1, 101, 1)), (64, 1, 1, 1))
    moved = transform.compose(transform.default_transforms)(ramp).numpy()
    assert moved.shape == ramp.shape
    # The center shows a place at most 6 samples away, stretched by at most a tenth.
    center = moved[:, 0, 50, 0] * 100
    assert np.abs(center - 50).max() <= 7
    assert center.std() > 2
    slopes = (moved[:, 0, 60, 0] - moved[:, 0, 40, 0]) * 100 / 20
    assert 1 / 1.11 <= slopes.min() <= slopes.max() <= 1 / 0.89
    assert slopes.std() > 0.02


def test_line_plots() -> None:
    signals = np.zeros((2, 1, 320, 1), np.float32)
    signals[1] = 0.75
    drawn = line_plots(signals)
    assert drawn.shape == (2, HEIGHT, 320, 3)
    rows = [int(each[:, 160].sum(-1).argmin()) for each in drawn]
    assert abs(rows[0] - (HEIGHT - 5)) <= 1
    assert abs(rows[1] - 0.25 * (HEIGHT - 9) - 4) <= 1
    many = visible_channels(np.random.default_rng(0).random((1, 100, 5), np.float32))
    assert many.shape == (HEIGHT, 400, 3)
    np.testing.assert_array_equal(visible_channels(signals[:0]).shape, (0, HEIGHT, 320, 3))
    assert visible_channels(np.zeros((1, 1, 3))).shape == (1, 1, 3)


def test_widget_and_export_show_lines(tmp_path: Any) -> None:
    model = matched()
    w = LucidWidget(model, "waves:0", steps=2)
    try:
        w.run()
        w.wait()
        assert w.image is not None
        assert w.image.shape == (1, 1, 256, 2)
        assert "256" not in w.code  # the network says the length
    finally:
        w.close()
    grid = FeatureGrid(model, "waves", steps=2)
    assert grid.wait(60) == "done"
    assert grid.images.shape == (2, 256, 256, 3)
    assert len(np.unique(grid.images[0, 128, :, 0])) > 1  # a plot in the middle, on black
    frames = list(iter_vis(model, "waves:0", steps=2, every=1))
    export.save_animation(frames, tmp_path / "signal.gif")
    assert (tmp_path / "signal.gif").stat().st_size > 500


def test_photographs_are_no_signals() -> None:
    with pytest.raises(ModelError, match="An index needs a network for RGB or gray images"):
        ActivationIndex.build(matched(), np.zeros((2, 8, 8, 3), np.uint8), ["waves"])


def test_held_channels_keep_their_values() -> None:
    image = keras.Input((8, 8, 4))
    model = from_keras(keras.Model(image, L.Conv2D(2, 3, name="conv")(image)), image_value_range=(0, 1))
    elevation = np.linspace(0, 1, 64, dtype=np.float32).reshape(8, 8)

    def held() -> Any:
        return param.hold_channels(param.image(8, channels=4, batch=2), {1: 0.25, 3: elevation})

    start, end = render_vis(model, "conv:0", held, thresholds=(0, 4), transforms=[], verbose=False)
    for images in (start, end):
        assert images.shape == (2, 8, 8, 4)
        assert (images[..., 1] == 0.25).all()
        np.testing.assert_array_equal(images[1, ..., 3], elevation)
    assert (start[..., [0, 2]] != end[..., [0, 2]]).mean() > 0.9
    given = tf.zeros((1, 4, 4, 2))
    with pytest.raises(OutOfRangeError, match="from 0 to 1"):
        param.hold_channels(given, {2: 0.5})
    with pytest.raises(ArgumentError, match=r"Expected a number, or an array of shape \(4, 4\)"):
        param.hold_channels(given, {0: np.zeros((3, 4))})
    with pytest.raises(ArgumentError, match="from 0 to 255"):
        param.hold_channels(given, {0: 255 * np.eye(4)})
