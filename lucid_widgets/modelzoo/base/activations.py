"""A layer's activations for many images, computed in batches, with images that share an index reduced to one value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from lucid_widgets.errors import ArgumentError, unknown_name, whole_number
from lucid_widgets.modelzoo.base.model_base import ModelBase
from lucid_widgets.modelzoo.base.private_names import outside_graphs
from lucid_widgets.modelzoo.survey.layer import Layer

__all__ = ["Index", "compiled_by_size", "nested_activations", "reduced_activations"]

Array = npt.NDArray[Any]
Index = tuple[int, ...]

# From the value reduced so far, the n-th value, and n. Updating a mean needs no sums, which overflow in float16.
_REDUCERS: dict[str, Callable[[Array, Array, int], Array]] = {
    "mean": lambda so_far, value, n: so_far + (value - so_far) / n,
    "rms": lambda so_far, value, n: np.sqrt(so_far**2 + (value**2 - so_far**2) / n),
    "max": lambda so_far, value, n: np.maximum(so_far, value),
}


def nested_activations(
    model: ModelBase,
    layer: str | Layer,
    examples: Iterable[Any],
    batch_size: int = 64,
    dtype: npt.DTypeLike | None = None,
    ind_shape: Sequence[int] | None = None,
    center_only: bool = False,
) -> Array:
    """Implementation of `get_activations` for a model."""
    if ind_shape is None and isinstance(examples, np.ndarray):
        ind_shape = examples.shape[:-3]
    return reduced_activations(model, layer, _indexed(examples), "mean", batch_size, dtype, ind_shape, center_only)


@outside_graphs()
def reduced_activations(
    model: ModelBase,
    layer: str | Layer,
    generator: Iterable[tuple[Index | int, Any]],
    reducer: str = "mean",
    batch_size: int = 64,
    dtype: npt.DTypeLike | None = None,
    ind_shape: Sequence[int] | None = None,
    center_only: bool = False,
) -> Array:
    """Implementation of `get_activations_iter` for a model. Works within a graph of TensorFlow 1, too."""
    if reducer not in _REDUCERS:
        raise unknown_name("reducer", str(reducer), "get_activations_iter", list(_REDUCERS))
    batch_size = whole_number("batch_size", batch_size, 1)
    compute = _compiled(model, layer.name if isinstance(layer, Layer) else layer, center_only)
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
                # The root mean square of a single value has no sign either.
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


def _compiled(model: ModelBase, layer: str, center_only: bool) -> Callable[[Array], Array]:
    """Return a function from a batch of images to the layer's activations; see `compiled_by_size`."""
    model.get_layer(layer)

    def activations(images: tf.Tensor) -> tf.Tensor:
        value = model.import_graph(images)(layer)
        if center_only and value.shape.rank == 4:
            size = tf.shape(value)
            return value[:, size[1] // 2, size[2] // 2]
        if center_only and value.shape.rank == 3:
            return value[:, tf.shape(value)[1] // 2]
        return value

    return compiled_by_size(activations)


def compiled_by_size(function: Callable[[tf.Tensor], tf.Tensor]) -> Callable[[Array], Array]:
    """Return a function of a batch of images as a function of arrays that is compiled once per image size."""
    compiled: dict[tuple[int, ...], Callable[[Any], Any]] = {}

    def compute(images: Array) -> Array:
        size = images.shape[1:]
        if size not in compiled:
            # The batch size stays open because the last batch may be smaller.
            specification = tf.TensorSpec((None, *size), tf.float32)
            compiled[size] = tf.function(function, autograph=False).get_concrete_function(specification)
        return np.asarray(compiled[size](tf.constant(images, tf.float32)))

    return compute


def _indexed(examples: Any, index: Index = ()) -> Iterator[tuple[Index, Array]]:
    """Yield every image in nested iterables with its index."""
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
        yield from _indexed(inner, (*index, number))


def _batches(generator: Iterable[tuple[Index | int, Any]], batch_size: int) -> Iterator[tuple[list[Index], Array]]:
    """Yield indices and images, at most `batch_size` at a time, and only images of one size together."""
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
    """Put values into one array by their indices, with zeros where an index is missing."""
    values = list(kept.values())
    depths = {len(index) for index in kept}
    if len(depths) > 1 or any(value.shape != values[0].shape for value in values):
        raise ArgumentError(
            "The activations do not fit into one array.", "Nest all images to the same depth, and give them one size."
        )
    sizes = tuple(max(numbers) + 1 for numbers in zip(*kept, strict=True))
    box = np.zeros((*sizes, *values[0].shape), values[0].dtype)
    for index, value in kept.items():
        box[index] = value
    return box
