"""`position_grid`: where in the image the positions of a layer are, and what each of them sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.frames import FloatArray
from lucid_widgets.modelzoo.base.token_grid import TokenGrid
from lucid_widgets.modelzoo.survey.receptive_field import ReceptiveFields, Window
from lucid_widgets.optvis.engine.tracing import Traced


@dataclass(frozen=True)
class PositionGrid:
    """The positions of a layer, in pixels of an image.

    Attributes:
        rows: Number of rows.
        columns: Number of columns.
        height: Height of the image.
        width: Width of the image.
        start: Center of the first position, from the top and from the left.
        stride: Distance between the centers of neighboring rows, and of neighboring columns.
        field: Height and width of the receptive field of a position; None if a position sees the whole image, or if
            the receptive field is unknown.
    """

    rows: int
    columns: int
    height: int
    width: int
    start: tuple[float, float]
    stride: tuple[float, float]
    field: tuple[int, int] | None


def position_grid(model: Any, shape: tuple[int, ...], layer: str, rows: int, columns: int) -> PositionGrid:
    """Return where the positions of a layer are in an image.

    Strides and padding are followed through the network. If an operation on the way is unknown, the positions divide
    the image evenly.

    Args:
        model: A `Model`.
        shape: `(height, width, channels)` of the image.
        layer: Name of the layer.
        rows: Number of rows of its activations.
        columns: Number of their columns.
    """
    height, width = shape[:2]
    window = _window(model, shape, layer)
    if window is None or not _plausible(window, (height, width), (rows, columns)):
        stride = height / rows, width / columns
        return PositionGrid(rows, columns, height, width, (stride[0] / 2, stride[1] / 2), stride, None)
    return PositionGrid(rows, columns, height, width, window.start, window.stride, window.size)


def as_grid(values: FloatArray, tokens: TokenGrid | None = None) -> FloatArray | None:
    """Return activations as `[rows, columns, channels]`; None if the layer has no positions.

    Of tokens of a transformer, `[tokens, channels]`, the patches of the image become rows and columns.

    Args:
        values: The activations of one image.
        tokens: The model's `token_grid`; default: unknown, so all tokens, or all but the first, must form a square.
    """
    if values.ndim == 3:
        return values
    if values.ndim != 2:
        return None
    if tokens is not None:
        folded = tokens.fold(values[np.newaxis])
        return None if folded is None else folded[0]
    for extra in (0, 1):
        side = round(float(np.sqrt(len(values) - extra)))
        if side > 1 and side * side == len(values) - extra:
            return values[extra:].reshape(side, side, -1)
    return None


def _window(model: Any, shape: tuple[int, ...], layer: str) -> Window | None:
    if layer == "input":
        return Window()
    kept = model.kept.setdefault("position windows", {})
    key = (model.revision, shape, layer)
    if key not in kept:

        def build(image: tf.Tensor) -> None:
            tensor = model.import_graph(image)(layer)
            kept[key] = ReceptiveFields(image.graph, image).window(tensor)

        Traced(build, lambda _: None).prepare(tf.TensorSpec((1, *shape), tf.float32))
    found: Window | None = kept[key]
    return found


def _plausible(window: Window, sizes: tuple[int, int], counts: tuple[int, int]) -> bool:
    """Whether all positions have their centers in the image: some layers, such as resizing ones, are not followed."""
    ends = (
        start + (count - 1) * stride for start, count, stride in zip(window.start, counts, window.stride, strict=True)
    )
    return min(window.start) >= 0 and all(end <= size for end, size in zip(ends, sizes, strict=True))


__all__ = ["PositionGrid", "as_grid", "position_grid"]
