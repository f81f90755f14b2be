"""Synthetic stimuli: images of shapes that are defined by implicit functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lucid_widgets.errors import ArgumentError, whole_number

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
        color_a: Color outside the shape, where the function is at least 0.
        color_b: Color inside the shape, where the function is negative.
        boundary_line: Draw only the boundary, in `color_b` on `color_a`.
        boundary_width: Distance from the boundary in pixels up to which the line reaches.
        blur_beyond_radius: Distance from the center in pixels beyond which the image is blurred, increasingly with
            distance. default: no blur.
        fade_beyond_radius: Distance from the center in pixels beyond which the image fades. default: no fading.
        fade_over_distance: Number of pixels over which it fades completely.
        fade_color: Color into which it fades.
        **kwds: Ignored, so that settings can be shared with other functions.

    Returns:
        A decorator for a function `(X, Y) -> E` of arrays of coordinates in pixels. Both are 0 at the pixel
        `size // 2`; Y points down, as rows do. It returns the image, `[size, size, 3]`.

    Example:
        >>> @sample_binary_image(64)
        ... def disk(X, Y):
        ...     return X**2 + Y**2 - 20**2
        >>> disk.shape
        (64, 64, 3)

    Source: Lucid's `misc.stimuli`, whose samples differed at each call.
    """
    side, samples = whole_number("size", size, 1), whole_number("alias_factor", alias_factor, 1)
    rows, columns = np.mgrid[:side, :side] - float(side // 2)
    radius = np.hypot(columns, rows)
    # Samples that spread with the distance blur the image.
    spread = 1 if blur_beyond_radius is None else 1 + np.maximum(0, radius - blur_beyond_radius)
    around = np.pi * np.arange(16) / 8
    moves = np.random.default_rng(0).uniform(-0.5, 0.5, (samples, 2))

    def draw(function: Callable[[Floats, Floats], Any]) -> Floats:
        def outside(across: float, down: float) -> Floats:
            energy = function(columns + spread * across, rows + spread * down)
            return np.broadcast_to(np.asarray(energy) >= 0, (side, side)).astype(np.float64)

        def away(across: float, down: float) -> Floats:
            circle = boundary_width * np.stack([np.cos(around), np.sin(around)], -1)
            # All points of a circle are on the same side, unless the boundary crosses it.
            share = np.mean([outside(across + x, down + y) for x, y in circle], 0)
            return (np.abs(2 * share - 1) >= 0.99).astype(np.float64)

        share = np.mean([(away if boundary_line else outside)(*move) for move in moves], 0)[..., None]
        image = np.asarray(color_a) * share + np.asarray(color_b) * (1 - share)
        if fade_beyond_radius is not None:
            fade = np.clip((radius - fade_beyond_radius) / fade_over_distance, 0, 1)[..., None]
            image = image * (1 - fade) + np.asarray(fade_color) * fade
        return image

    return draw


def rmin(X: npt.ArrayLike, Y: npt.ArrayLike, r: float) -> Floats:
    """Return the minimum of two numbers, smaller where they differ by at most `r`, so that its level sets are round.

    Where they are equal, it is lower by `r * (1 - 1 / sqrt(2))`.

    Source: Lucid's `stimuli.rmin`; Olah, "Manipulation of Implicit Functions (With an Eye on CAD)", 2011.
    """
    x, y = np.asarray(X, np.float64), np.asarray(Y, np.float64)
    difference = x - y
    angle = np.arcsin(np.clip(difference / max(r, 1e-6) / np.sqrt(2), -1, 1))
    return np.where(np.abs(difference) <= r, y + r * np.sin(np.pi / 4 + angle) - r, np.minimum(x, y))


def rounded_corner(orientation: float, r: float, angular_width: float = 90, size: int = 224, **kwds: Any) -> Floats:
    """Return an image of a rounded corner, in `color_a` on `color_b`.

    Args:
        orientation: Direction in which the corner opens, in degrees clockwise from the right.
        r: Radius of the rounding in pixels. The rounded tip stays at the center of the image.
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
    sides = np.radians([orientation + 90 - angular_width / 2, orientation + 270 + angular_width / 2])
    moved = r * (1 - 1 / np.sqrt(2))

    @sample_binary_image(size, **kwds)
    def corner(X: Floats, Y: Floats) -> Floats:
        first, second = (X * np.cos(side) + Y * np.sin(side) + moved for side in sides)
        return rmin(first, second, r)

    return corner
