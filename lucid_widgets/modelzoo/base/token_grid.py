"""`TokenGrid`: which of a transformer's tokens are patches of the image, and where the patches are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from lucid_widgets.modelzoo.base.network import T

__all__ = [
    "TokenGrid",
    "as_given",
    "extra_names",
    "grid_of",
    "same_transforms",
    "token_grid_of",
    "with_same_transforms",
]

_MOST_EXTRA = 5  # a class token and four registers, as in DINOv2


@dataclass(frozen=True)
class TokenGrid:
    """The tokens of a transformer, `[batch, tokens, channels]`: first the extra ones, then the patches row by row.

    A layer that holds the patches alone, without the extra tokens, fits too.

    Attributes:
        rows: Number of rows of patches.
        columns: Number of columns of patches.
        extra: Names of the tokens before the patches. A model's adapter calls them "class", "register0", "register1",
            ...; default: none.

    Example:
        >>> model.token_grid = models.TokenGrid(16, 16, extra=("class",))
    """

    rows: int
    columns: int
    extra: tuple[str, ...] = ()

    def first_patch(self, tokens: int | None) -> int | None:
        """Return the index of the first patch in a layer with this number of tokens; None if the layer does not fit."""
        before = -1 if tokens is None else tokens - self.rows * self.columns
        return before if before in (0, len(self.extra)) else None

    def fold(self, values: Any) -> Any:
        """Return the patches as a grid, without the extra tokens.

        Args:
            values: Tensor or array `[batch, tokens, channels]`.

        Returns:
            `[batch, rows, columns, channels]`, or None if the number of tokens does not fit.
        """
        first = self.first_patch(values.shape[1])
        if first is None:
            return None
        shape = [-1, self.rows, self.columns, values.shape[2]]
        patches = values[:, first:]
        return tf.reshape(patches, shape) if tf.is_tensor(values) else patches.reshape(shape)


def extra_names(count: int) -> tuple[str, ...]:
    """Return the names of this many tokens before the patches: a class token and registers."""
    return ("class", *(f"register{index}" for index in range(count - 1)))[:count]


def grid_of(image: Sequence[int | None], shape: Sequence[int | None]) -> TokenGrid | None:
    """Return the grid that a layer makes of an image or a feature map, if it divides it into tokens.

    Args:
        image: `(height, width, channels)` of what the layer is given.
        shape: `(tokens, channels)` of what it returns.

    Returns:
        The grid, or None if the numbers do not tell.
    """
    (height, width, channels), (tokens, depth) = image, shape
    if height is None or width is None or tokens is None or tokens < 4:
        return None
    if tokens == height * width and depth == channels:
        return TokenGrid(height, width)
    for count in range(_MOST_EXTRA + 1):
        side = round((tokens - count) ** 0.5)
        if side > 1 and side * side == tokens - count and height == width and height % side == 0:
            return TokenGrid(side, side, extra_names(count))
    return None


def token_grid_of(layers: T) -> TokenGrid | None:
    """Return the grid of the model that a layer function belongs to; None if it is unknown."""
    return getattr(layers, "token_grid", None)


def same_transforms(layers: T) -> Callable[[Any], T] | None:
    """Return the function from images to their layers, with the random transforms that the images of `layers` have.

    The function takes `[batch, height, width, channels]`, the shape of the optimized images, and returns a layer
    function for all of them. It is None if no optimization is running.
    """
    return getattr(layers, "same_transforms", None)


def with_same_transforms(layers: T, function: Callable[[Any], T]) -> T:
    """Return `layers` after setting the function that `same_transforms` returns."""
    layers.same_transforms = function  # type: ignore[attr-defined]
    return layers


def as_given(layers: T, changed: T) -> T:
    """Return `changed`, a layer function made from `layers`, after noting what it has in common with `layers`.

    These are its tokens, and the layers of other images under the same transforms (see `same_transforms`).
    """
    changed.token_grid = token_grid_of(layers)  # type: ignore[attr-defined]
    changed.same_transforms = same_transforms(layers)  # type: ignore[attr-defined]
    return changed
