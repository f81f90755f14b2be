"""`distribution_diff`: how far the activations of the image are from those of real images, in distribution."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.images import ImageSet
from lucid_widgets.modelzoo.base.token_grid import as_given, same_transforms
from lucid_widgets.modelzoo.embeddings import sorted_activations, times_relevance
from lucid_widgets.modelzoo.vision_base import T
from lucid_widgets.optvis.objectives.arguments import array, text, whole
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.optvis.objectives.units import channel
from lucid_widgets.optvis.objectives.views import as_nhwc, image_of
from lucid_widgets.optvis.objectives.wrapping import wrap_objective

MOST_IMAGES = 512
"""Most images that are compared with, because the objective keeps them."""


def image_stack(name: str, value: Any) -> Any:
    """Accept images of one size, or an image set, kept as a float32 array `[images, height, width, channels]`.

    Args:
        name: Name of the argument in error messages.
        value: An array in [0, 1] or of uint8, or what `ImageSet.of` accepts. The images of a set are cropped and
            resized to the size of the first.

    Raises:
        ArgumentError: If there are no images, or more than `MOST_IMAGES`, or they are no images.
    """
    stack = _stacked(value)
    if stack is None:
        found = ImageSet.of(value)
        _check_count(name, len(found))
        size = found.image(0).shape[:2]
        stack = np.stack([found.image(index, (size[0], size[1])) for index in range(len(found))])
    _check_count(name, len(stack))
    if stack.dtype == np.uint8:
        return stack.astype(np.float32) / np.float32(255)
    kept = array(name, stack)
    if kept.min() < 0 or kept.max() > 1:
        raise ArgumentError(f"{name} has values from {kept.min():g} to {kept.max():g}.", "Expected images in [0, 1].")
    return kept


def _stacked(value: Any) -> Any:
    """Return an array or equal images in a list as one array of four dimensions; None for anything else."""
    if not isinstance(value, (np.ndarray, list, tuple)):
        return None
    try:
        stack = np.asarray(value)
    except ValueError:  # images of several sizes
        return None
    return stack if stack.ndim == 4 and stack.dtype.kind in "uif" else None


def _check_count(name: str, count: int) -> None:
    if not 1 <= count <= MOST_IMAGES:
        raise ArgumentError(
            f"{name} has {count} images.", f"Expected 1 to {MOST_IMAGES}, such as those that excite a unit most."
        )


def _of_real_images(arguments: Mapping[str, Any], model: Any) -> Objective:
    layer, images, batch, unit = (arguments[name] for name in ("layer", "images", "batch", "unit"))
    if unit is None:
        return _sorted_diff(layer, sorted_activations(model, layer, images), batch)
    parts = _parts(unit)
    return _relevant_diff(layer, sorted_activations(model, layer, images, parts), *parts, batch)


def _parts(unit: str) -> tuple[str, int]:
    """The layer and channel of a unit such as "mixed4a:12"."""
    layer, _, number = unit.rpartition(":")
    if not layer or not number.isdecimal():
        raise ArgumentError(
            f"unit of distribution_diff() is {unit!r}.", "Expected a layer and a channel, such as 'mixed4a:12'."
        )
    return layer, int(number)


def _unit(name: str, value: Any) -> str:
    """Accept a layer and a channel, such as "mixed4a:12"."""
    _parts(text(name, value))
    return str(value)


def _check_unit(arguments: Mapping[str, Any], model: Any, batch: int | None) -> None:
    if arguments["unit"] is not None:
        channel(*_parts(arguments["unit"])).validate(model)


@wrap_objective(require_format="NHWC", numbers={"values": array, "batch": whole}, layer="layer")
def _sorted_diff(layer: str, values: Any, batch: int | None = None) -> Callable[[T], Any]:
    """`distribution_diff` for sorted activations `[positions, channels]`."""

    def inner(T: T) -> Any:
        return _distance(image_of(T, batch)(layer), values)

    return inner


@wrap_objective(
    require_format="NHWC",
    numbers={"values": array, "n_channel": whole, "batch": whole},
    layer=("layer", "unit_layer"),
    channel=("", "n_channel"),
)
def _relevant_diff(
    layer: str, values: Any, unit_layer: str, n_channel: int, batch: int | None = None
) -> Callable[[T], Any]:
    """`_sorted_diff` for activations times their relevance for a unit."""

    def inner(T: T) -> Any:
        again = same_transforms(T)
        if again is None:
            raise ArgumentError(
                "distribution_diff(unit=) was evaluated outside an optimization.", "Pass it to render_vis()."
            )
        # The layers of T may be parts of a batch put together, through which no gradient leads from one to the other.
        layers = again(T("input"))
        weighted = times_relevance(layers(layer), layers(unit_layer), n_channel)
        return _distance(image_of(as_nhwc(as_given(T, lambda _: weighted)), batch)(layer), values)

    return inner


def _distance(acts: Any, values: Any) -> Any:
    """Return the distance of activations `[batch, height, width, channels]` from `[positions, channels]`."""
    shape = tf.shape(acts)
    ours = tf.sort(tf.transpose(tf.reshape(acts, [shape[0], -1, acts.shape[-1]]), [0, 2, 1]))
    real = tf.convert_to_tensor(values, tf.float32)
    theirs = tf.transpose(_resampled(real, tf.shape(ours)[-1]))
    return tf.math.divide_no_nan(tf.reduce_mean((ours - theirs) ** 2), tf.reduce_mean(real**2))


def _resampled(values: Any, count: Any) -> Any:
    """Return sorted values `[positions, channels]` at `count` positions, interpolated between the quantiles."""
    known = tf.shape(values)[0]
    ratio = tf.cast(known, tf.float32) / tf.cast(count, tf.float32)
    places = tf.clip_by_value(
        (tf.range(count, dtype=tf.float32) + 0.5) * ratio - 0.5, 0.0, tf.cast(known - 1, tf.float32)
    )
    below = tf.cast(tf.floor(places), tf.int32)
    share = (places - tf.floor(places))[:, None]
    above = tf.minimum(below + 1, known - 1)
    return tf.gather(values, below) * (1 - share) + tf.gather(values, above) * share


@wrap_objective(
    require_format="NHWC",
    numbers={"images": image_stack, "batch": whole, "unit": _unit},
    layer="layer",
    check=_check_unit,
    resolve=_of_real_images,
)
def distribution_diff(layer: str, images: Any, batch: int | None = None, unit: str | None = None) -> Callable[[T], Any]:
    """Distance of a layer's activations from those of real images, whatever their places. Subtract it to look real.

    The activations of each channel are sorted over all positions and compared with the mean of the sorted activations
    of the real images. So the image gets as much of everything as they have, and need not put it where they do. Nothing
    is maximized: an image that excites a unit more than real images do is as far away as one that excites it less.

    Subtract it for several layers: early ones decide on textures and colors, late ones on the content.

    Args:
        layer: Name of a layer, or "input" for the colors of the image.
        images: The real images, such as those that excite a unit most, or those of one class: `[images, height, width,
            channels]` in [0, 1] or uint8, or an `ImageSet`, whose images get the size of the first. 1 to 512 images,
            best of the size of the optimized image.
        batch: Index of the image to look at. Default: the mean over all images.
        unit: A unit after the layer, such as "mixed4c:12". Each activation is multiplied by its relevance for the unit
            before it is sorted: activation times gradient, 0 where that is negative, and 1 for the largest of an image.
            So what the real images show but the unit does not respond to is left out. Default: None, everything counts.

    Returns:
        An objective: the squared difference of the sorted activations, averaged over ranks, channels and images, and
        divided by the mean square of the real ones. It is 0 for equal distributions, and 1 for a layer without
        activity.

    Raises:
        ArgumentError: If `images` are no images, or too many, `unit` is not a layer and a channel, or the objective is
            evaluated without a model.
        ModelError: If the network cannot compute the layer for images of their size, or `unit` does not depend on it.
        OutOfRangeError: If the layer of `unit` has no such channel.

    Example:
        >>> pandas = [load(f"panda{number}.jpg") for number in range(20)]
        >>> real = objectives.distribution_diff("mixed3a", pandas) + objectives.distribution_diff("mixed4c", pandas)
        >>> render_vis(model, -real)

    Source: Gorgun, Schiele & Fischer, "VITAL: More Understandable Feature Visualization through Distribution Alignment
    and Relevant Information Flow", ICCV 2025. Its relevance is that of layer-wise relevance propagation, which in
    networks of ReLUs is close to activation times gradient. The division is new: it makes layers comparable.
    """

    def inner(T: T) -> Any:
        raise ArgumentError(
            "distribution_diff() was evaluated without a model.", "Pass it to render_vis() or iter_vis()."
        )

    return inner


__all__ = ["distribution_diff"]
