"""`distribution_diff`: how far the activations of the image are from those of real images, in distribution."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.images import ImageSet
from lucid_widgets.modelzoo.embeddings import sorted_activations
from lucid_widgets.modelzoo.vision_base import T
from lucid_widgets.optvis.objectives.arguments import array, whole
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.optvis.objectives.views import image_of
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
    layer = arguments["layer"]
    return _sorted_diff(layer, sorted_activations(model, layer, arguments["images"]), arguments["batch"])


@wrap_objective(require_format="NHWC", numbers={"values": array, "batch": whole}, layer="layer")
def _sorted_diff(layer: str, values: Any, batch: int | None = None) -> Callable[[T], Any]:
    """`distribution_diff` for sorted activations `[positions, channels]`."""

    def inner(T: T) -> Any:
        acts = image_of(T, batch)(layer)
        shape = tf.shape(acts)
        ours = tf.sort(tf.transpose(tf.reshape(acts, [shape[0], -1, acts.shape[-1]]), [0, 2, 1]))
        real = tf.convert_to_tensor(values, tf.float32)
        theirs = tf.transpose(_resampled(real, tf.shape(ours)[-1]))
        return tf.math.divide_no_nan(tf.reduce_mean((ours - theirs) ** 2), tf.reduce_mean(real**2))

    return inner


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
    require_format="NHWC", numbers={"images": image_stack, "batch": whole}, layer="layer", resolve=_of_real_images
)
def distribution_diff(layer: str, images: Any, batch: int | None = None) -> Callable[[T], Any]:
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

    Returns:
        An objective: the squared difference of the sorted activations, averaged over ranks, channels and images, and
        divided by the mean square of the real ones. It is 0 for equal distributions, and 1 for a layer without
        activity.

    Raises:
        ArgumentError: If `images` are no images, or too many, or the objective is evaluated without a model.
        ModelError: If the network cannot compute the layer for images of their size.

    Example:
        >>> pandas = [load(f"panda{number}.jpg") for number in range(20)]
        >>> real = objectives.distribution_diff("mixed3a", pandas) + objectives.distribution_diff("mixed4c", pandas)
        >>> render_vis(model, -real)

    Source: Gorgun, Schiele & Fischer, "VITAL: More Understandable Feature Visualization through Distribution Alignment
    and Relevant Information Flow", ICCV 2025, without its optional weights by relevance. The division is new: it makes
    layers comparable.
    """

    def inner(T: T) -> Any:
        raise ArgumentError(
            "distribution_diff() was evaluated without a model.", "Pass it to render_vis() or iter_vis()."
        )

    return inner


__all__ = ["distribution_diff"]
