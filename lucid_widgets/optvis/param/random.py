"""Images that are random anew at each step, with the spectrum of natural ones: something to see through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lucid_widgets.optvis import seeding
from lucid_widgets.optvis.param.color import to_valid_rgb
from lucid_widgets.optvis.param.spatial import image_of_spectrum, spectrum_shape

_DEFAULT_SD = 0.01


def rand_fft_image(shape: Sequence[int], sd: float | None = None, decay_power: float = 1) -> Any:
    """Noise with a spectrum of 1 / frequency ** decay_power, drawn anew at each step.

    Args:
        shape: `[batch, height, width, channels]`.
        sd: Standard deviation of the Gaussian coefficients; 0.01 unless given.
        decay_power: 1 as in natural images.

    Returns:
        A float32 tensor of that shape, unconstrained.

    Source: Lucid's `param.random.rand_fft_image`.
    """
    coefficients = seeding.normal_images(shape[0], spectrum_shape(shape), _DEFAULT_SD if sd is None else sd)
    return image_of_spectrum(coefficients[:, 0], coefficients[:, 1], shape, decay_power)


def image_sample(
    shape: Sequence[int], decorrelate: bool = True, sd: float | None = None, decay_power: float = 1
) -> Any:
    """As `rand_fft_image`, in valid colours.

    Args:
        shape: `[batch, height, width, 3]`.
        decorrelate: Whether the colours are those of natural images.
        sd: Standard deviation of the Gaussian coefficients; 0.01 unless given.
        decay_power: 1 as in natural images.

    Returns:
        A float32 tensor of that shape in [0, 1].

    Source: Lucid's `param.image_sample`.
    """
    return to_valid_rgb(rand_fft_image(shape, sd, decay_power), decorrelate=decorrelate)
