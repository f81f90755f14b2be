"""Objectives of directions in the channel space of a layer, in place of a single channel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.modelzoo.vision_base import T
from lucid_widgets.optvis.objectives.arguments import array, shape_of, whole
from lucid_widgets.optvis.objectives.units import ROW_AND_COLUMN, activation_at
from lucid_widgets.optvis.objectives.views import image_of
from lucid_widgets.optvis.objectives.wrapping import wrap_objective

_MIN_COSINE = 0.1
_EPSILON = 1e-4


def _dot(x: Any, y: Any) -> Any:
    """Return the dot product over channels, the last axis."""
    return tf.reduce_sum(x * y, -1)


def _dot_cossim(x: Any, y: Any, cossim_pow: float = 0) -> Any:
    """Return the mean over positions of the dot product of `x` and `y`, times a power of their cosine similarity."""
    product = _dot(x, y)
    if not cossim_pow:
        return tf.reduce_mean(product)
    cosine = product / (_EPSILON + _length(x)) / (_EPSILON + _length(y))
    return tf.reduce_mean(product * tf.maximum(_MIN_COSINE, cosine) ** cossim_pow)


def _length(t: Any) -> Any:
    # The square root has no gradient at zero, and the output of a ReLU is exactly zero in places.
    return tf.sqrt(tf.maximum(tf.reduce_sum(t**2, -1), 1e-12))


def _check_vector(layer_argument: str, ranks: tuple[int, ...]) -> Callable[[Mapping[str, Any], Any, int | None], None]:
    """Return a check that `vec` has one of the ranks, and one number for each channel of the layer."""

    def check(arguments: Mapping[str, Any], model: Any, batch: int | None) -> None:
        name, shape = arguments[layer_argument], shape_of(arguments["vec"]) or ()
        if len(shape) not in ranks:
            expected = "[channels]" if 1 in ranks else "[height, width, channels]"
            raise ArgumentError(f"vec has the shape {shape}.", f"Expected {expected}.")
        channels = None if name == "input" else model.get_layer(name).channels
        if channels is not None and shape[-1] != channels:
            raise ArgumentError(
                f"vec has {shape[-1]} numbers for each position, but layer {name!r} has {channels} channels.",
                "Expected one number for each channel.",
            )

    return check


_NUMBERS = {"vec": array, "batch": whole}


@wrap_objective(require_format="NHWC", numbers=_NUMBERS, layer="layer", check=_check_vector("layer", (1,)))
def direction(layer: str, vec: Any, cossim_pow: float = 0, batch: int | None = None) -> Callable[[T], Any]:
    """Activation along a direction: the dot product of a layer's activations with a vector, averaged over positions.

    Args:
        layer: Name of a layer.
        vec: The direction, `[channels]`: a list, an array or a tensor. Its length scales the objective.
        cossim_pow: Power of the cosine similarity between activations and direction, by which the dot product is
            multiplied; at least 0. A higher power prefers activations that point in this direction alone. Cosines below
            0.1 count as 0.1. Default: 0, the dot product alone.
        batch: Index of the image to look at. Default: the mean over all images.

    Returns:
        An objective: the product, averaged over positions and images.

    Raises:
        ArgumentError: If `vec` does not have one number for each channel of the layer.

    Example:
        >>> render_vis(model, objectives.direction("mixed4c", np.random.normal(size=320)))

    Source: Lucid's `objectives.direction`. The order of arguments is that of the last release; up to 0.3.8, `batch`
    came before `cossim_pow`.
    """
    return lambda T: _dot_cossim(image_of(T, batch)(layer), vec, cossim_pow)


direction_cossim = direction
"""Lucid's older name of `direction`."""


@wrap_objective(
    require_format="NHWC",
    numbers={**_NUMBERS, "x": whole, "y": whole},
    layer="layer_name",
    aliases=ROW_AND_COLUMN,
    check=_check_vector("layer_name", (1,)),
)
def direction_neuron(
    layer_name: str,
    vec: Any,
    x: int | None = None,
    y: int | None = None,
    cossim_pow: float = 0,
    batch: int | None = None,
    *,
    row: int | None = None,
    column: int | None = None,
) -> Callable[[T], Any]:
    """Activation along a direction at one position, by default in the center of the layer.

    Args:
        layer_name: Name of a layer.
        vec: The direction, `[channels]`: a list, an array or a tensor.
        x: Row of the position, counted from the top. Default: the center. The name is Lucid's, in which x is the
            vertical axis. `row` is another name for it.
        y: Column of the position, counted from the left. Default: the center. `column` is another name for it.
        cossim_pow: Power of the cosine similarity, as for `direction`. Default: 0.
        batch: Index of the image to look at. Default: the mean over all images.
        row: Another name for `x`.
        column: Another name for `y`.

    Returns:
        An objective: the dot product at that position, averaged over images.

    Raises:
        ArgumentError: If `vec` does not have one number for each channel of the layer, or if `x` and `row`, or `y` and
            `column`, are both given.

    Example:
        >>> render_vis(model, objectives.direction_neuron("mixed4c", np.random.normal(size=320), row=3, column=3))

    Source: Lucid's `objectives.direction_neuron`. `row` and `column` are new.
    """

    def inner(T: T) -> Any:
        return _dot_cossim(activation_at(image_of(T, batch)(layer_name), x, y), vec, cossim_pow)

    return inner


@wrap_objective(require_format="NHWC", numbers=_NUMBERS, layer="layer", check=_check_vector("layer", (3, 4)))
def tensor_direction(layer: str, vec: Any, cossim_pow: float = 0, batch: int | None = None) -> Callable[[T], Any]:
    """Match of a pattern of activations: a direction for each position of a patch, in the center of the layer.

    Args:
        layer: Name of a layer.
        vec: The pattern, `[height, width, channels]` or `[1, height, width, channels]`, at most as large as the layer.
        cossim_pow: Power of the cosine similarity, as for `direction`. Default: 0.
        batch: Index of the image to look at. Default: the mean over all images.

    Returns:
        An objective: the dot product of activations and pattern, averaged over the positions of the patch and over
        images.

    Raises:
        ArgumentError: If `vec` has another number of channels than the layer, or is larger than it.

    Example:
        >>> pattern = np.random.normal(size=(3, 3, 320))
        >>> render_vis(model, objectives.tensor_direction("mixed4c", pattern))

    Source: Lucid's `objectives.tensor_direction`, which cut the layer in the wrong place if `vec` was larger.
    """

    def inner(T: T) -> Any:
        layer_acts = image_of(T, batch)(layer)
        height, width = vec.shape[-3:-1]
        known = layer_acts.shape[1:3]
        if any(size is not None and size < needed for size, needed in zip(known, (height, width), strict=True)):
            raise ArgumentError(
                f"vec has {height} x {width} positions, but layer {layer!r} has only {known[0]} x {known[1]}.",
                "Expected a smaller pattern, or a larger image.",
            )
        shape = tf.shape(layer_acts)
        top, left = (shape[1] - height) // 2, (shape[2] - width) // 2
        return _dot_cossim(layer_acts[:, top : top + height, left : left + width], vec, cossim_pow)

    return inner


__all__ = ["direction", "direction_cossim", "direction_neuron", "tensor_direction"]
