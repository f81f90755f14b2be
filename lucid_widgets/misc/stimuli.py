"""Synthetic stimuli: images of shapes that are defined by implicit functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.misc._optional import needed

__all__ = ["rmin", "rounded_corner", "sample_binary_image"]


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
    """Decorate an implicit function: replace it by an antialiased image of its shape.

    Args:
        size: Width and height of the image in pixels.
        alias_factor: Number of random samples per pixel. They are the same at each call.
        color_a: Color outside the shape, where the function is positive.
        color_b: Color inside the shape, where the function is negative.
        boundary_line: Draw only the boundary, in `color_b` on `color_a`.
        boundary_width: Width of the boundary, in units of the function.
        blur_beyond_radius: Distance from the center in pixels beyond which the image is blurred, increasingly with
            distance. default: no blur.
        fade_beyond_radius: Distance from the center in pixels beyond which the image fades. default: no fading.
        fade_over_distance: Number of pixels over which it fades completely.
        fade_color: Color into which it fades.
        **kwds: Ignored, so that settings can be shared with other functions.

    Returns:
        A decorator for a function `(X, Y) -> E` of arrays of coordinates in pixels from the center; Y points up.
        It returns the image, `[size, size, 3]`.

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
    """Return the minimum of two numbers, smoothed where they are similar: its level sets are corners of radius `r`.

    Source: Lucid's `stimuli.rmin`.
    """
    x, y = np.asarray(X, np.float64), np.asarray(Y, np.float64)
    return np.where((x < r) & (y < r), r - np.hypot(r - x, r - y), np.minimum(x, y))


def rounded_corner(orientation: float, r: float, angular_width: float = 90, size: int = 224, **kwds: Any) -> Floats:
    """Return an image of a rounded corner.

    Args:
        orientation: Direction in which the corner points, in degrees counterclockwise from the right.
        r: Radius of the rounding in pixels.
        angular_width: Angle between the sides in degrees, between 0 and 180.
        size: Width and height of the image in pixels.
        **kwds: Passed to `sample_binary_image`.

    Returns:
        `[size, size, 3]`.

    Raises:
        ArgumentError: If `angular_width` is not between 0 and 180.

    Source: Lucid's `stimuli.rounded_corner`.
    """
    if not 0 < angular_width < 180:
        raise ArgumentError(f"angular_width is {angular_width!r}.", "Expected a number of degrees between 0 and 180.")
    # Normals of the two sides. Inside the corner, the coordinates along both are positive.
    sides = np.radians([orientation + 90 + angular_width / 2, orientation - 90 - angular_width / 2])

    @sample_binary_image(size, **kwds)
    def corner(X: Floats, Y: Floats) -> Floats:
        first, second = (X * np.cos(side) + Y * np.sin(side) for side in sides)
        return -rmin(first, second, r)

    return corner


def _blurred(image: Floats, distance: Floats) -> Floats:
    """Blur each pixel by a tenth of its distance, interpolating between a few blurred versions of the whole image."""
    blur = needed("scipy.ndimage", "blur_beyond_radius").gaussian_filter
    wanted = np.clip(distance / 10, 0, None)
    strengths = np.linspace(0, max(float(wanted.max()), 1e-6), 6)
    levels = [image, *(blur(image, (sigma, sigma, 0)) for sigma in strengths[1:])]
    place = np.clip(wanted / strengths[1], 0, len(levels) - 1)[..., None]
    result = np.zeros_like(image)
    for index, level in enumerate(levels):
        result += level * np.clip(1 - np.abs(place - index), 0, 1)
    return result
