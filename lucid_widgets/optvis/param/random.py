"""Random images with the spectrum of natural images, different in each step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lucid_widgets.optvis import seeding
from lucid_widgets.optvis.param.color import to_valid_rgb
from lucid_widgets.optvis.param.fourier import image_of_spectrum, spectrum_shape
from lucid_widgets.optvis.param.shapes import DEFAULT_SD


def rand_fft_image(shape: Sequence[int], sd: float | None = None, decay_power: float = 1) -> Any:
    """Random noise, different in each step, whose amplitude falls with frequency.

    Args:
        shape: `[batch, height, width, channels]`, as integers.
        sd: Standard deviation of the Gaussian coefficients. Default: 0.01.
        decay_power: The amplitude of a frequency is proportional to `1 / frequency ** decay_power`. Default: 1, as in
            natural images.

    Returns:
        A float32 tensor of that shape, unconstrained. Nothing in it is trainable.

    Source: Lucid's `param.random.rand_fft_image`.
    """
    coefficients = seeding.normal_images(shape[0], spectrum_shape(shape), DEFAULT_SD if sd is None else sd)
    return image_of_spectrum(coefficients[:, 0], coefficients[:, 1], shape, decay_power)


def image_sample(
    shape: Sequence[int], decorrelate: bool = True, sd: float | None = None, decay_power: float = 1
) -> Any:
    """A random image in valid colors, different in each step. Use it as the background of a transparent image.

    Args:
        shape: `[batch, height, width, 3]`, as integers.
        decorrelate: Whether its colors are correlated as those of natural images. Default: True.
        sd: Standard deviation of the Gaussian coefficients. Default: 0.01. A larger value gives more contrast.
        decay_power: As for `rand_fft_image`. Default: 1.

    Returns:
        A float32 tensor of that shape in [0, 1]. Nothing in it is trainable.

    Source: Lucid's `param.image_sample`.
    """
    return to_valid_rgb(rand_fft_image(shape, sd, decay_power), decorrelate=decorrelate)


__all__ = ["image_sample", "rand_fft_image"]
