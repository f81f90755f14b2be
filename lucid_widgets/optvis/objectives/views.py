"""Views of `T`: one image of the batch, or every layer as `[batch, height, width, channels]`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from lucid_widgets.errors import ModelError, out_of_range
from lucid_widgets.modelzoo.base.network import WITHOUT_BATCH
from lucid_widgets.modelzoo.base.token_grid import as_given, token_grid_of
from lucid_widgets.modelzoo.vision_base import T
from lucid_widgets.optvis.objectives.arguments import plain, whole


def handle_batch(batch: Any = None) -> Callable[[Callable[[T], Any]], Callable[[T], Any]]:
    """Decorate a function of `T` so that it sees a single image of the batch.

    Inside the function, `T(layer)` is `[1, ...]`. `T("labels")` stays the list of class names, and `T("global_step")`
    the number of the step.

    Args:
        batch: Index of the image. Default: None, which leaves the function as it is.

    Returns:
        A decorator for functions of `T`.

    Raises:
        ArgumentError: If `batch` is not a whole number.
        OutOfRangeError: If the batch has no such image (raised when the objective is evaluated).

    Example:
        >>> @objectives.wrap_objective()
        ... def strongest(layer, batch=None):
        ...     @objectives.handle_batch(batch)
        ...     def inner(T):
        ...         return tf.reduce_max(T(layer))
        ...     return inner

    Source: Lucid's `objectives.handle_batch`, which ignored NumPy integers and returned NaN past the last image.
    """
    index = batch if batch is None or tf.is_tensor(batch) else whole("batch of handle_batch()", plain(batch))

    def decorate(function: Callable[[T], Any]) -> Callable[[T], Any]:
        @functools.wraps(function)
        def inner(T: T) -> Any:
            return function(image_of(T, index))

        return inner

    return decorate


def image_of(T: T, batch: Any | None = None) -> T:
    """Return `T` for one image of the batch, whose tensors are `[1, ...]`; `T` itself if `batch` is None."""
    if batch is None:
        return T

    def inner(name: str) -> Any:
        t = T(name)
        if name in WITHOUT_BATCH:
            return t
        count = t.shape[0]
        if isinstance(batch, int) and count is not None and batch >= count:
            raise out_of_range("Batch index", batch, 0, count - 1, owner=f"a batch of {count}")
        return t[batch : batch + 1]

    return as_given(T, inner)


def middle_slices(T: T) -> T:
    """Return `T` whose layers of volumes, `[batch, depth, height, width, channels]`, are the slice in the middle."""

    def inner(name: str) -> Any:
        t = T(name)
        return t if name in WITHOUT_BATCH or t.shape.rank != 5 else t[:, tf.shape(t)[1] // 2]

    return as_given(T, inner)


def as_nhwc(T: T) -> T:
    """Return `T` with four-dimensional layers.

    `[batch, channels]` becomes `[batch, 1, 1, channels]`. Of `[batch, tokens, channels]`, the patches of the image
    become `[batch, rows, columns, channels]`, without class and register tokens; if the model's `token_grid` does not
    fit, all tokens become `[batch, tokens, 1, channels]`. If there are more axes in between, they count as one.
    """
    grid = token_grid_of(T)

    def inner(name: str) -> Any:
        t = T(name)
        if name in WITHOUT_BATCH or t.shape.rank == 4:
            return t
        if t.shape.rank == 2:
            return tf.reshape(t, [-1, 1, 1, t.shape[1]])
        if t.shape.rank is None or t.shape.rank < 2:
            raise ModelError(f"{name!r} has the shape {t.shape}.", "Expected [batch, ..., channels].")
        folded = grid.fold(t) if grid is not None and t.shape.rank == 3 else None
        return tf.reshape(t, [tf.shape(t)[0], -1, 1, t.shape[-1]]) if folded is None else folded

    return as_given(T, inner)


__all__ = ["as_nhwc", "handle_batch", "image_of", "middle_slices"]
