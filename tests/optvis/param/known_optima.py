"""Networks of filters whose best image is known, and measurements of how near an image comes to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from lucid_widgets import iter_vis, models, objectives
from lucid_widgets.optvis.param.maco import image_of_phases, natural_spectrum
from lucid_widgets.optvis.param.unit_balls import unit_ball_L2

KERNEL = 16
ORIENTATIONS = np.arange(8) * 22.5
"""Degrees from horizontal stripes' normal, counterclockwise, of the direction in which the stripes alternate."""
FREQUENCIES = (1 / 12, 1 / 8, 1 / 5)
"""Cycles per pixel."""

Array = Any
MakeImage = Callable[..., Any]


# Closed form.


def smooth_kernel(seed: int = 0) -> Array:
    """A filter `[KERNEL, KERNEL]` with mean 0, energy 1 and mostly low frequencies."""
    noise = np.random.default_rng(seed).normal(size=(KERNEL, KERNEL))
    spectrum = np.fft.rfft2(noise) * natural_spectrum(KERNEL, KERNEL) ** 0.5
    kernel = np.fft.irfft2(spectrum, (KERNEL, KERNEL))
    kernel -= kernel.mean()
    return kernel / np.linalg.norm(kernel)


def linear_network(kernel: Array) -> Any:
    """A network of one linear filter over gray, exactly as large as its input."""
    image = keras.Input((KERNEL, KERNEL, 3))
    response = keras.layers.Conv2D(1, KERNEL, use_bias=False, name="response")
    made = keras.Model(image, response(image))
    response.set_weights([np.repeat(kernel[:, :, None, None], 3, 2).astype(np.float32) / 3])
    return models.from_keras(made, image_value_range=(0, 1), name="Linear")


def of_phases(amplitudes: Array) -> Any:
    """Gray images with these amplitudes around the middle gray: `[1, KERNEL, KERNEL, 3]`."""
    phases = tf.Variable(tf.random.stateless_normal((1, 1, *amplitudes.shape), (0, 0)), name="phases")
    image = image_of_phases(phases, amplitudes)[:, 0, :, :, None]
    return 0.5 + tf.repeat(image, 3, -1)


def correlation(first: Array, second: Array) -> float:
    """Normalized cross-correlation."""
    a, b = (np.asarray(each, np.float64).ravel() - np.mean(each) for each in (first, second))
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


def last_image(model: Any, objective: Any, *, make: Callable[[], Any], **settings: Any) -> Array:
    """Gray values `[height, width]` of the last image of a run."""
    *_, frame = iter_vis(model, objective, param_f=make, every=settings["steps"], **settings)
    return frame.images[0].mean(-1)


def closed_form_ball(steps: int = 128, seed: int = 0) -> float:
    """Correlation of pixels in a ball with the filter that they maximize."""
    kernel = smooth_kernel(seed)
    gentle = keras.optimizers.Adam(0.05)
    made = last_image(
        linear_network(kernel),
        "response:0",
        make=lambda: unit_ball_L2((1, KERNEL, KERNEL, 3)),
        transforms=[],
        steps=steps,
        optimizer=gentle,
    )
    return correlation(made, kernel)


def closed_form_phases(steps: int = 256, seed: int = 0) -> float:
    """Correlation of an image with given amplitudes with the one that has the phases of the filter."""
    kernel = smooth_kernel(seed)
    amplitudes = natural_spectrum(KERNEL, KERNEL)
    amplitudes[0, 0] = 0  # the middle gray
    wanted = np.fft.irfft2(amplitudes * np.exp(1j * np.angle(np.fft.rfft2(kernel))), kernel.shape)
    found = last_image(
        linear_network(kernel),
        "response:0",
        make=partial(of_phases, amplitudes),
        transforms=[],
        steps=steps,
        optimizer=keras.optimizers.Nadam(0.1),
    )
    return correlation(found, wanted)


# Gabor bank.


def gabor(frequency: float, degrees: float, phase: float) -> Array:
    """A Gabor filter `[KERNEL, KERNEL]` with mean 0 and energy 1."""
    rows, columns = np.mgrid[:KERNEL, :KERNEL] - (KERNEL - 1) / 2
    angle = np.deg2rad(degrees)
    along = columns * np.cos(angle) - rows * np.sin(angle)
    envelope = np.exp(-(rows**2 + columns**2) / (2 * (KERNEL / 5) ** 2))
    made = envelope * np.cos(2 * np.pi * frequency * along + phase)
    made -= envelope * made.sum() / envelope.sum()
    return made / np.linalg.norm(made)


def gabor_network() -> Any:
    """Layer "energy" has one channel for each frequency and orientation: the sum of two squares, one per phase."""
    bank = [gabor(f, degrees, phase) for f in FREQUENCIES for degrees in ORIENTATIONS for phase in (0, np.pi / 2)]
    image = keras.Input((None, None, 3))
    filters = keras.layers.Conv2D(len(bank), KERNEL, use_bias=False, name="filters")
    energy = keras.layers.Conv2D(len(bank) // 2, 1, use_bias=False, name="energy")
    responses = filters(image)
    made = keras.Model(image, energy(keras.layers.Multiply(name="squares")([responses, responses])))
    weights = np.stack(bank, -1)[:, :, None, :].astype(np.float32) / 3
    filters.set_weights([np.repeat(weights, 3, 2)])
    pairs = np.repeat(np.eye(len(bank) // 2, dtype=np.float32), 2, 0)
    energy.set_weights([pairs[None, None]])
    return models.from_keras(made, image_value_range=(0, 1), name="Gabor")


def stripes_of(gray: Array) -> tuple[float, float]:
    """Frequency in cycles per pixel, and orientation in degrees (0 to 180), of the stripes in an image.

    Both are means over the energy of the spectrum within an octave around its strongest frequency. Differences between
    pixels would be biased by the sharp edges of saturated stripes.
    """
    height, width = gray.shape
    window = np.outer(np.hanning(height), np.hanning(width))
    energy = np.abs(np.fft.fft2((gray - gray.mean()) * window, (4 * height, 4 * width))) ** 2
    down, right = np.fft.fftfreq(4 * height)[:, None], np.fft.fftfreq(4 * width)[None]
    octaves = np.log2(np.maximum(np.hypot(down, right), 1e-9))
    energy = np.where(np.abs(octaves - octaves.ravel()[energy.argmax()]) < 0.5, energy, 0)
    twice = 2 * np.arctan2(-down, right)  # opposite frequencies have the same orientation
    angle = np.arctan2((energy * np.sin(twice)).sum(), (energy * np.cos(twice)).sum()) / 2
    return float(2 ** ((octaves * energy).sum() / energy.sum())), float(np.rad2deg(angle) % 180)


def gabor_optimum(unit: int) -> tuple[float, float]:
    """Frequency and orientation of the stripes that excite a unit of `gabor_network` most.

    A filter so small, with mean 0, prefers a higher frequency than that of its wave.
    """
    frequency, degrees = FREQUENCIES[unit // len(ORIENTATIONS)], ORIENTATIONS[unit % len(ORIENTATIONS)]
    size = 64 * KERNEL
    pair = [gabor(frequency, degrees, phase) for phase in (0, np.pi / 2)]
    energy = np.sum([np.abs(np.fft.rfft2(each, (size, size))) ** 2 for each in pair], 0)
    row, column = np.unravel_index(energy.argmax(), energy.shape)
    down, right = np.fft.fftfreq(size)[row], column / size
    return float(np.hypot(down, right)), float(np.rad2deg(np.arctan2(-down, right)) % 180)


def gabor_errors(gray: Array, unit: int) -> tuple[float, float]:
    """How far an image is from the optimum of a unit of `gabor_network`: degrees, and octaves."""
    (frequency, degrees), (found, angle) = gabor_optimum(unit), stripes_of(gray)
    off = abs(angle - degrees)
    return min(off, 180 - off), abs(float(np.log2(found / frequency)))


def gabor_images(
    units: Sequence[int], make: Callable[[int], Any], size: int, steps: int, **settings: Any
) -> list[Array]:
    """The image of each unit, without transforms. `settings` are other arguments of `iter_vis`."""
    render = partial(last_image, gabor_network(), make=lambda: make(size), transforms=[], steps=steps, **settings)
    return [render(objectives.channel("energy", unit), seed=unit) for unit in units]
