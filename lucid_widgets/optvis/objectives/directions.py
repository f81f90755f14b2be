"""Objectives on directions in the space of a layer's channels, rather than on one channel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.modelzoo.vision_base import T
from lucid_widgets.optvis.objectives.arguments import array, shape_of, whole
from lucid_widgets.optvis.objectives.views import image_of
from lucid_widgets.optvis.objectives.wrapping import wrap_objective

_LEAST_COSINE = 0.1
_EPSILON = 1e-4


def _dot_cossim(x: Any, y: Any, cossim_pow: float = 0) -> Any:
    """The mean over positions of `x . y`, times a power of the cosine between them."""
    product = tf.reduce_sum(x * y, -1)
    if not cossim_pow:
        return tf.reduce_mean(product)
    cosine = product / (_EPSILON + _length(x)) / (_EPSILON + _length(y))
    return tf.reduce_mean(product * tf.maximum(_LEAST_COSINE, cosine) ** cossim_pow)


def _length(t: Any) -> Any:
    # The root has no gradient at zero, and a ReLU layer is exactly zero in places.
    return tf.sqrt(tf.maximum(tf.reduce_sum(t**2, -1), 1e-12))


def _check_vector(layer_argument: str, ranks: tuple[int, ...]) -> Callable[[Mapping[str, Any], Any, int | None], None]:
    """A check that `vec` has as many numbers as the layer has channels."""

    def check(arguments: Mapping[str, Any], model: Any, batch: int | None) -> None:
        name, shape = arguments[layer_argument], shape_of(arguments["vec"]) or ()
        if len(shape) not in ranks:
            expected = "[channels]" if 1 in ranks else "[height, width, channels]"
            raise ArgumentError(f"The direction's shape is {shape}.", f"Expected {expected}.")
        channels = None if name == "input" else model.get_layer(name).channels
        if channels is not None and shape[-1] != channels:
            raise ArgumentError(
                f"The direction has {shape[-1]} numbers, and layer {name!r} has {channels} channels.",
                "Expected one number for each channel.",
            )

    return check


_NUMBERS = {"vec": array, "batch": whole}


@wrap_objective(require_format="NHWC", numbers=_NUMBERS, layer="layer", check=_check_vector("layer", (1,)))
def direction(layer: str, vec: Any, cossim_pow: float = 0, batch: int | None = None) -> Callable[[T], Any]:
    """A direction: the mean over positions of the product of a layer's activations with a vector.

    Args:
        layer: A layer.
        vec: `[channels]`, an array, list or tensor.
        cossim_pow: Also asks that activations point that way: the product is weighted with the cosine between both, at
            least 0.1, to this power.
        batch: Looks at this image of the batch only; at the mean over all of them unless given.

    Raises:
        ArgumentError: `vec` does not have a number for each channel.

    Example:
        >>> render_vis(model, objectives.direction("mixed4c", np.random.normal(size=320)))

    Source: Lucid's `objectives.direction`, at its last release. (Releases to 0.3.8 had `batch` before `cossim_pow`.)
    """
    return lambda T: _dot_cossim(image_of(T, batch)(layer), vec, cossim_pow)


direction_cossim = direction
"""The older name of `direction`."""


@wrap_objective(
    require_format="NHWC",
    numbers={**_NUMBERS, "x": whole, "y": whole},
    layer="layer_name",
    check=_check_vector("layer_name", (1,)),
)
def direction_neuron(
    layer_name: str,
    vec: Any,
    x: int | None = None,
    y: int | None = None,
    cossim_pow: float = 0,
    batch: int | None = None,
) -> Callable[[T], Any]:
    """A direction at one position, by default the one in the middle.

    Args:
        layer_name: A layer.
        vec: `[channels]`, an array, list or tensor.
        x: Row of the position; the middle one unless given.
        y: Column of the position; the middle one unless given.
        cossim_pow: As for `direction`.
        batch: Looks at this image of the batch only; at the mean over all of them unless given.

    Raises:
        ArgumentError: `vec` does not have a number for each channel.

    Source: Lucid's `objectives.direction_neuron`.
    """

    def inner(T: T) -> Any:
        layer = image_of(T, batch)(layer_name)
        shape = tf.shape(layer)
        row = shape[1] // 2 if x is None else x
        column = shape[2] // 2 if y is None else y
        return _dot_cossim(layer[:, row : row + 1, column : column + 1], vec, cossim_pow)

    return inner


@wrap_objective(require_format="NHWC", numbers=_NUMBERS, layer="layer", check=_check_vector("layer", (3, 4)))
def tensor_direction(layer: str, vec: Any, cossim_pow: float = 0, batch: int | None = None) -> Callable[[T], Any]:
    """A pattern of directions: the product of a layer's activations with those of a patch, in the middle of the layer.

    Args:
        layer: A layer.
        vec: `[height, width, channels]` or `[1, height, width, channels]`, no larger than the layer.
        cossim_pow: As for `direction`.
        batch: Looks at this image of the batch only; at the mean over all of them unless given.

    Raises:
        ArgumentError: `vec` has another number of channels, or is larger than the layer.

    Source: Lucid's `objectives.tensor_direction`. (It cut the layer wrongly where `vec` was larger.)
    """

    def inner(T: T) -> Any:
        layer_acts = image_of(T, batch)(layer)
        height, width = vec.shape[-3:-1]
        known = layer_acts.shape[1:3]
        if any(size is not None and size < needed for size, needed in zip(known, (height, width), strict=True)):
            raise ArgumentError(
                f"The pattern, {height} x {width}, is larger than layer {layer!r}, {known[0]} x {known[1]}.",
                "Expected a smaller pattern, or a larger image.",
            )
        shape = tf.shape(layer_acts)
        top, left = (shape[1] - height) // 2, (shape[2] - width) // 2
        return _dot_cossim(layer_acts[:, top : top + height, left : left + width], vec, cossim_pow)

    return inner


__all__ = ["direction", "direction_cossim", "direction_neuron", "tensor_direction"]
