"""A layer's activations for many images, which may be nested in arrays, lists or generators."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy.typing as npt

from lucid_widgets.modelzoo.adapt import as_model
from lucid_widgets.modelzoo.base.activations import Index, nested_activations, reduced_activations
from lucid_widgets.modelzoo.vision_base import Layer

__all__ = ["get_activations", "get_activations_iter"]


def get_activations(
    model: Any,
    layer: str | Layer,
    examples: Iterable[Any],
    batch_size: int = 64,
    dtype: npt.DTypeLike | None = None,
    ind_shape: Sequence[int] | None = None,
    center_only: bool = False,
) -> npt.NDArray[Any]:
    """Activations of a layer for an n-dimensional array of images.

    Args:
        model: A `Model`, or anything that `as_model` accepts.
        layer: The layer, or its name.
        examples: Images in [0, 1]: an array `[..., height, width, channels]`, or images `[height, width, channels]` in
            lists and generators, nested to any depth. A generator is read only as far as the next batch needs.
        batch_size: Number of images per call of the network.
        dtype: Type of the result; default: float32. `"float16"` halves the memory.
        ind_shape: Shape of the nesting, `[...]` above. With it, memory is allocated once; default: the
            shape of an array; for lists and generators, memory grows as needed.
        center_only: Whether to keep only the center position of each image.

    Returns:
        `[..., layer_height, layer_width, layer_channels]`; or `[..., layer_channels]` with `center_only` and for layers
        without positions. Where lists of different lengths leave gaps, the result is zero.

    Raises:
        ArgumentError: If there are no images, or an example is not an image.
        UnknownNameError: If the model has no such layer.

    Example:
        >>> get_activations(model, "mixed4a", photographs, center_only=True).shape
        (1000, 256)

    Source: Lucid's `get_activations`, which failed for arrays without `center_only`, and never ended for lists.
    """
    return nested_activations(as_model(model), layer, examples, batch_size, dtype, ind_shape, center_only)


def get_activations_iter(
    model: Any,
    layer: str | Layer,
    generator: Iterable[tuple[Index | int, Any]],
    reducer: str = "mean",
    batch_size: int = 64,
    dtype: npt.DTypeLike | None = None,
    ind_shape: Sequence[int] | None = None,
    center_only: bool = False,
) -> npt.NDArray[Any]:
    """Activations of a layer for images that come with an index. Images with the same index are reduced to one value.

    Args:
        model: A `Model`, or anything that `as_model` accepts.
        layer: The layer, or its name.
        generator: Pairs of an index (an int or a tuple of ints) and an image `[height, width, channels]` in [0, 1].
        reducer: `"mean"`, `"rms"` (the root of the mean square) or `"max"`.
        batch_size: Number of images per call of the network.
        dtype: Type of the result; default: float32.
        ind_shape: Shape that the indices span. With it, memory is allocated once.
        center_only: Whether to keep only the center position of each image.

    Returns:
        `[*ind_shape, ...]`, as from `get_activations`. Indices without an image are zero.

    Raises:
        ArgumentError: If there are no images, or an index lies outside `ind_shape`.
        UnknownNameError: If there is no such layer or reducer.

    Example:
        >>> get_activations_iter(model, "mixed4a", ((label, image) for image, label in data), reducer="max")

    Source: Lucid's `get_activations_iter`, in which later images replaced earlier ones, and `"rms"` ignored the first.
    """
    return reduced_activations(as_model(model), layer, generator, reducer, batch_size, dtype, ind_shape, center_only)
