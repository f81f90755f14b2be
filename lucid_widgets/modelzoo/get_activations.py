"""A layer's activations for many images, however they are nested, reduced where several belong together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from lucid_widgets.errors import ArgumentError, unknown_name, whole_number
from lucid_widgets.modelzoo.adapt import as_model
from lucid_widgets.modelzoo.vision_base import Layer, Model

__all__ = ["get_activations", "get_activations_iter"]

Array = npt.NDArray[Any]
Index = tuple[int, ...]

# What has been reduced so far, and the n-th value: a mean that grows needs no sums, which overflow in half precision.
_REDUCERS: dict[str, Callable[[Array, Array, int], Array]] = {
    "mean": lambda so_far, value, n: so_far + (value - so_far) / n,
    "rms": lambda so_far, value, n: np.sqrt(so_far**2 + (value**2 - so_far**2) / n),
    "max": lambda so_far, value, n: np.maximum(so_far, value),
}


def get_activations(
    model: Any,
    layer: str | Layer,
    examples: Iterable[Any],
    batch_size: int = 64,
    dtype: npt.DTypeLike | None = None,
    ind_shape: Sequence[int] | None = None,
    center_only: bool = False,
) -> Array:
    """A layer's activations for an n-dimensional array of images.

    Args:
        model: A `Model`, or anything that `as_model` takes.
        layer: The layer, or its name.
        examples: Images in [0, 1] as an array `[..., height, width, channels]`, or as lists and generators, nested as
            deep as you like, of images `[height, width, channels]`. A generator is only read as it is needed.
        batch_size: How many images are computed at once.
        dtype: Type of the numbers that are kept; float32 by default. `"float16"` halves the memory.
        ind_shape: The shape of what the images are nested in, so that memory is taken once. An array has one.
        center_only: Whether to keep only the position in the middle of each image.

    Returns:
        `[..., layer_height, layer_width, layer_channels]`, or `[..., layer_channels]` with `center_only` and for layers
        without positions. Where the nesting is not a full box, the rest is zero.

    Raises:
        ArgumentError: There are no images, or something among the examples is none.
        UnknownNameError: There is no such layer.

    Example:
        >>> get_activations(model, "mixed4a", photographs, center_only=True).shape
        (1000, 508)

    Source: Lucid's `get_activations`, which failed for arrays without `center_only`, and never ended for lists.
    """
    if ind_shape is None and isinstance(examples, np.ndarray):
        ind_shape = examples.shape[:-3]
    return get_activations_iter(
        model,
        layer,
        _numbered(examples),
        batch_size=batch_size,
        dtype=dtype,
        ind_shape=ind_shape,
        center_only=center_only,
    )


def get_activations_iter(
    model: Any,
    layer: str | Layer,
    generator: Iterable[tuple[Index | int, Any]],
    reducer: str = "mean",
    batch_size: int = 64,
    dtype: npt.DTypeLike | None = None,
    ind_shape: Sequence[int] | None = None,
    center_only: bool = False,
) -> Array:
    """A layer's activations for images that come with an index; those with the same index are reduced to one.

    Args:
        model: A `Model`, or anything that `as_model` takes.
        layer: The layer, or its name.
        generator: Pairs of an index (a number or a tuple of them) and an image `[height, width, channels]` in [0, 1].
        reducer: `"mean"`, `"rms"` (the root of the mean square) or `"max"`.
        batch_size: How many images are computed at once.
        dtype: Type of the numbers that are kept; float32 by default.
        ind_shape: The shape that the indices span, so that memory is taken once.
        center_only: Whether to keep only the position in the middle of each image.

    Returns:
        `[*ind_shape, ...]`, as from `get_activations`; zero at indices for which there was no image.

    Raises:
        ArgumentError: There are no images, or an index is outside `ind_shape`.
        UnknownNameError: There is no such layer or reducer.

    Example:
        >>> get_activations_iter(model, "mixed4a", ((label, image) for image, label in data), reducer="max")

    Source: Lucid's `get_activations_iter`, in which later images replaced earlier ones, and `"rms"` left out the first.
    """
    if reducer not in _REDUCERS:
        raise unknown_name("reducer", str(reducer), "get_activations_iter", list(_REDUCERS))
    batch_size = whole_number("batch_size", batch_size, 1)
    visible = as_model(model)
    compute = _computed(visible, layer.name if isinstance(layer, Layer) else layer, center_only)
    kept: dict[Index, Array] = {}
    box: Array | None = None
    counts: dict[Index, int] = {}
    for indices, images in _batches(generator, batch_size):
        activations = compute(images)
        if ind_shape is not None and box is None:
            box = np.zeros((*ind_shape, *activations.shape[1:]), dtype or activations.dtype)
        for index, value in zip(indices, activations, strict=True):
            counts[index] = counts.get(index, 0) + 1
            if box is not None and not _within(index, ind_shape or ()):
                raise ArgumentError(f"An image has the index {index}.", f"Expected one within ind_shape={ind_shape}.")
            before = box[index] if box is not None else kept.get(index)
            if counts[index] == 1:
                # Root mean square is no sign keeper, also of a single value.
                new = np.abs(value) if reducer == "rms" else value
            else:
                new = _REDUCERS[reducer](np.asarray(before, value.dtype), value, counts[index])
            if box is not None:
                box[index] = new
            else:
                kept[index] = np.asarray(new, dtype or value.dtype)
    if not counts:
        raise ArgumentError("There are no images to compute activations of.", "Pass at least one.")
    return box if box is not None else _boxed(kept)


def _computed(model: Model, layer: str, center_only: bool) -> Callable[[Array], Array]:
    """A function from a batch of images to the layer's activations, compiled once for each size of images."""
    model.get_layer(layer)

    def activations(images: tf.Tensor) -> tf.Tensor:
        value = model.import_graph(images)(layer)
        if center_only and value.shape.rank == 4:
            size = tf.shape(value)
            return value[:, size[1] // 2, size[2] // 2]
        return value

    compiled: dict[tuple[int, ...], Callable[[Any], Any]] = {}

    def compute(images: Array) -> Array:
        size = images.shape[1:]
        if size not in compiled:
            # Batches vary in length, the last one does.
            specification = tf.TensorSpec((None, *size), tf.float32)
            compiled[size] = tf.function(activations, autograph=False).get_concrete_function(specification)
        return np.asarray(compiled[size](tf.constant(images, tf.float32)))

    return compute


def _numbered(examples: Any, index: Index = ()) -> Iterator[tuple[Index, Array]]:
    """Every image in nested iterables, with its place."""
    if isinstance(examples, tf.Tensor):
        examples = examples.numpy()
    if isinstance(examples, np.ndarray) and examples.ndim <= 3:
        yield index, examples
        return
    if isinstance(examples, str) or not isinstance(examples, Iterable):
        raise ArgumentError(
            f"There is a {type(examples).__name__} among the examples.", "Expected arrays [height, width, channels]."
        )
    for number, inner in enumerate(examples):
        yield from _numbered(inner, (*index, number))


def _batches(generator: Iterable[tuple[Index | int, Any]], batch_size: int) -> Iterator[tuple[list[Index], Array]]:
    """Indices and images of one size, at most so many at once."""
    indices: list[Index] = []
    images: list[Array] = []
    for index, example in generator:
        image = np.asarray(example)
        if image.ndim != 3:
            raise ArgumentError(f"An image has the shape {image.shape}.", "Expected (height, width, channels).")
        if images and (len(images) == batch_size or image.shape != images[0].shape):
            yield indices, np.stack(images)
            indices, images = [], []
        indices.append(tuple(index) if isinstance(index, Iterable) else (int(index),))
        images.append(image)
    if images:
        yield indices, np.stack(images)


def _within(index: Index, shape: Sequence[int]) -> bool:
    return len(index) == len(shape) and all(0 <= i < size for i, size in zip(index, shape, strict=True))


def _boxed(kept: dict[Index, Array]) -> Array:
    values = list(kept.values())
    depths = {len(index) for index in kept}
    if len(depths) > 1 or any(value.shape != values[0].shape for value in values):
        raise ArgumentError(
            "The activations do not fit into one array.", "Nest all images as deep, and make them of one size."
        )
    sizes = tuple(max(numbers) + 1 for numbers in zip(*kept, strict=True))
    box = np.zeros((*sizes, *values[0].shape), values[0].dtype)
    for index, value in kept.items():
        box[index] = value
    return box
