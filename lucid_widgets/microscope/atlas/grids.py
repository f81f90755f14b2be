"""Cells of a grid over a layout: their mean activations, whitened directions, attributions and real images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lucid_widgets.errors import ArgumentError
from lucid_widgets.frames import FloatArray

EXAMPLES = 6
"""Most activations of a cell whose real images are kept."""

RIDGE = 0.01
"""Share of the mean square of a channel that is added to all squares before they are inverted. Without it, channels
that are hardly ever active would decide all directions."""


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of a grid that have enough activations, row by row.

    Attributes:
        places: Row and column of each cell, int32 `[cells, 2]`. Row 0 is at the top.
        counts: Number of activations, int32 `[cells]`.
        means: Mean activation, float32 `[cells, channels]`.
        directions: What is visualized: the whitened mean, with length 1, float32 `[cells, channels]`.
        attributions: Mean attribution to each class, float32 `[cells, classes]`.
        examples: Numbers of the activations that are most similar to the mean, each of another image, int32
            `[cells, EXAMPLES]`; -1 where there are fewer.
    """

    places: npt.NDArray[np.int32]
    counts: npt.NDArray[np.int32]
    means: FloatArray
    directions: FloatArray
    attributions: FloatArray
    examples: npt.NDArray[np.int32]

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return the arrays to store."""
        return dict(vars(self))


def cells_of(
    layout: npt.ArrayLike,
    activations: FloatArray,
    attributions: FloatArray,
    images: npt.NDArray[Any],
    size: int,
    *,
    fewest: int,
    whitening: FloatArray | None,
) -> Cells:
    """Return the cells of a grid.

    Args:
        layout: Positions, `[n, 2]` in [0, 1]: across from the left, and down from the top.
        activations: `[n, channels]`.
        attributions: `[n, classes]`.
        images: The image of each activation, `[n]`.
        size: Number of cells along each side.
        fewest: Cells with fewer activations are left out.
        whitening: A matrix `[channels, channels]` by which means are multiplied; None for none.

    Raises:
        ArgumentError: No cell has enough activations.
    """
    across, down = np.clip(np.floor(np.asarray(layout) * size).astype(int), 0, size - 1).T
    number = down * size + across
    order = np.argsort(number, kind="stable")
    occupied, starts, counts = np.unique(number[order], return_index=True, return_counts=True)
    enough = counts >= fewest
    if not enough.any():
        raise ArgumentError(
            f"No cell of the grid {size} × {size} has {fewest} activations.",
            "Pass more images, a larger per_image, smaller grids or a lower fewest.",
        )
    members = [order[start : start + count] for start, count in zip(starts[enough], counts[enough], strict=True)]
    means = np.stack([activations[inside].mean(0) for inside in members])
    directions = means if whitening is None else means @ whitening
    length = np.linalg.norm(directions, axis=1, keepdims=True)
    return Cells(
        np.stack(np.divmod(occupied[enough], size), 1).astype(np.int32),
        counts[enough].astype(np.int32),
        means.astype(np.float32),
        (directions / np.maximum(length, 1e-12)).astype(np.float32),
        np.stack([attributions[inside].mean(0) for inside in members]).astype(np.float32),
        np.stack(
            [_typical(inside, activations, images, mean) for inside, mean in zip(members, means, strict=True)]
        ).astype(np.int32),
    )


def whitening_of(activations: FloatArray) -> FloatArray:
    """Return the inverse of the mean products of every two channels, float64 `[channels, channels]`.

    As in Lucid, means are not subtracted. See `RIDGE` for what is added.

    Args:
        activations: `[n, channels]`.
    """
    values = activations.astype(np.float64)
    products = values.T @ values / len(values)
    ridge = RIDGE * np.trace(products) / len(products)
    return np.asarray(np.linalg.inv(products + max(ridge, 1e-12) * np.eye(len(products))))


def _typical(
    inside: npt.NDArray[Any], activations: FloatArray, images: npt.NDArray[Any], mean: FloatArray
) -> npt.NDArray[Any]:
    """The activations of a cell with the largest cosine to its mean, at most one per image."""
    values = activations[inside]
    cosine = values @ mean / np.maximum(np.linalg.norm(values, axis=1), 1e-12)
    order = inside[np.argsort(-cosine, kind="stable")]
    _, first = np.unique(images[order], return_index=True)
    chosen = order[np.sort(first)][:EXAMPLES]
    return np.concatenate([chosen, np.full(EXAMPLES - len(chosen), -1)])


__all__ = ["EXAMPLES", "RIDGE", "Cells", "cells_of", "whitening_of"]
