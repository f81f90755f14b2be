"""Synthetic stimuli, drawn from implicit functions: what is inside, what is outside, and the line between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.misc._optional import needed

Floats = npt.NDArray[np.float64]


def sample_binary_image(
    size: int,
    alias_factor: int = 10,
    color_a: Sequence[float] = (1, 1, 1),
    color_b: Sequence[float] = (0, 0, 0),
    boundary_line: bool = False,
    boundary_width: float = 1,
    blur_beyond_radius: float | None = None,
    fade_beyond_radius: float | None = None,
    fade_over_distance: float = 10,
    fade_color: Sequence[float] = (0.5, 0.5, 0.5),
    **kwds: Any,
) -> Callable[[Callable[[Floats, Floats], Any]], Floats]:
    """Draws the function that it decorates, with smooth edges.

    Args:
        size: Width and height in pixels.
        alias_factor: Places that are looked at in each pixel, drawn at random (the same at every call).
        color_a: Where the function is positive: outside.
        color_b: Where it is negative: inside.
        boundary_line: Draws only the line between, in `color_b` on `color_a`.
        boundary_width: Its width, in the function's own units.
        blur_beyond_radius: Pixels from the middle beyond which it is blurred, the more the farther.
        fade_beyond_radius: Pixels from the middle beyond which it fades.
        fade_over_distance: Within how many pixels it has faded altogether.
        fade_color: Into which colour.
        **kwds: Ignored, so that settings can be shared with other functions.

    Returns:
        A decorator for a function `(X, Y) -> E`, of arrays of places in pixels from the middle, Y upwards. In its place
        stands the image, `[size, size, 3]`.

    Example:
        >>> @sample_binary_image(64)
        ... def disk(X, Y):
        ...     return X**2 + Y**2 - 20**2
        >>> disk.shape
        (64, 64, 3)

    Source: Lucid's `misc.stimuli`.
    """
    side, samples = whole_number("size", size, 1), whole_number("alias_factor", alias_factor, 1)
    middle = (side - 1) / 2
    rows, columns = np.mgrid[:side, :side]
    across, up = columns - middle, middle - rows
    radius = np.hypot(across, up)

    def draw(function: Callable[[Floats, Floats], Any]) -> Floats:
        inside = np.zeros((side, side))
        for moved in np.random.default_rng(0).uniform(-0.5, 0.5, (samples, 2, side, side)):
            value = np.broadcast_to(function(across + moved[0], up + moved[1]), (side, side))
            inside += np.abs(value) < boundary_width / 2 if boundary_line else value < 0
        share = (inside / samples)[..., None]
        image = np.asarray(color_a) * (1 - share) + np.asarray(color_b) * share
        if blur_beyond_radius is not None:
            image = _blurred(image, radius - blur_beyond_radius)
        if fade_beyond_radius is not None:
            fade = np.clip((radius - fade_beyond_radius) / fade_over_distance, 0, 1)[..., None]
            image = image * (1 - fade) + np.asarray(fade_color) * fade
        return image

    return draw


def rmin(X: npt.ArrayLike, Y: npt.ArrayLike, r: float) -> Floats:
    """The lesser of two numbers, rounded where they meet: its levels are corners with a radius of `r`.

    Source: Lucid's `stimuli.rmin`.
    """
    x, y = np.asarray(X, np.float64), np.asarray(Y, np.float64)
    return np.where((x < r) & (y < r), r - np.hypot(r - x, r - y), np.minimum(x, y))


def rounded_corner(orientation: float, r: float, angular_width: float = 90, size: int = 224, **kwds: Any) -> Floats:
    """Draws a corner.

    Args:
        orientation: Where it points, in degrees, counter-clockwise from the right.
        r: The radius of its rounding in pixels.
        angular_width: The angle between its sides in degrees, between 0 and 180.
        size: Width and height of the image in pixels.
        **kwds: For `sample_binary_image`.

    Returns:
        `[size, size, 3]`.

    Raises:
        ArgumentError: `angular_width` is not between 0 and 180.

    Source: Lucid's `stimuli.rounded_corner`.
    """
    if not 0 < angular_width < 180:
        raise ArgumentError(f"rounded_corner received angular_width={angular_width!r}.", "Expected 0 to 180 degrees.")
    # Across the one side and across the other; where both are positive is the corner's inside.
    sides = np.radians([orientation + 90 + angular_width / 2, orientation - 90 - angular_width / 2])

    @sample_binary_image(size, **kwds)
    def corner(X: Floats, Y: Floats) -> Floats:
        first, second = (X * np.cos(side) + Y * np.sin(side) for side in sides)
        return -rmin(first, second, r)

    return corner


def _blurred(image: Floats, distance: Floats) -> Floats:
    """Blurred by a tenth of the distance, between a few strengths that are computed for the whole image."""
    blur = needed("scipy.ndimage", "blur_beyond_radius").gaussian_filter
    wanted = np.clip(distance / 10, 0, None)
    strengths = np.linspace(0, max(float(wanted.max()), 1e-6), 6)
    levels = [image, *(blur(image, (sigma, sigma, 0)) for sigma in strengths[1:])]
    place = np.clip(wanted / strengths[1], 0, len(levels) - 1)[..., None]
    result = np.zeros_like(image)
    for index, level in enumerate(levels):
        result += level * np.clip(1 - np.abs(place - index), 0, 1)
    return result


__all__ = ["rmin", "rounded_corner", "sample_binary_image"]
