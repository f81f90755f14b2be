"""Objectives on a layer, or the image itself, as a picture: how smooth, how small, how near to another one.

They sum over all pixels and all images of the batch, as Lucid's did, where those on units are means. What they measure
is mostly unwanted, so they are used with a negative weight, with the exception of `penalize_boundary_complexity`,
which is negative already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.modelzoo.vision_base import T
from lucid_widgets.optvis.objectives.arguments import array, real, whole
from lucid_widgets.optvis.objectives.views import image_of
from lucid_widgets.optvis.objectives.wrapping import wrap_objective


@wrap_objective(numbers=("batch",), layer="layer")
def total_variation(layer: str = "input", batch: int | None = None) -> Callable[[T], Any]:
    """How rough a layer is: the sum of absolute differences between neighbours. Use it with a negative weight.

    Args:
        layer: A layer of four dimensions; the image unless given.
        batch: Looks at this image of the batch only; at the sum over all of them unless given.

    Example:
        >>> render_vis(model, objectives.channel("mixed4a", 152) - 1e-3 * objectives.total_variation())

    Source: Lucid's `objectives.total_variation`. (It gave one number for each image, so that what was added to it
    counted once for each image too.)
    """
    return lambda T: tf.reduce_sum(tf.image.total_variation(image_of(T, batch)(layer)))


@wrap_objective(numbers={"constant": real, "batch": whole}, layer="layer")
def L1(layer: str = "input", constant: float = 0, batch: int | None = None) -> Callable[[T], Any]:
    """The sum of absolute differences from a constant. Use it with a negative weight.

    Args:
        layer: A layer; the image unless given.
        constant: What nothing is lost at: 0.5 for grey.
        batch: Looks at this image of the batch only; at the sum over all of them unless given.

    Source: Lucid's `objectives.L1`.
    """
    return lambda T: tf.reduce_sum(tf.abs(image_of(T, batch)(layer) - constant))


@wrap_objective(numbers={"constant": real, "epsilon": real, "batch": whole}, layer="layer")
def L2(
    layer: str = "input", constant: float = 0, epsilon: float = 1e-6, batch: int | None = None
) -> Callable[[T], Any]:
    """The root of the sum of squared differences from a constant. Use it with a negative weight.

    Args:
        layer: A layer; the image unless given.
        constant: What nothing is lost at: 0.5 for grey.
        epsilon: Added under the root, which has no gradient at zero.
        batch: Looks at this image of the batch only; at all of them under one root unless given.

    Source: Lucid's `objectives.L2`.
    """
    return lambda T: tf.sqrt(epsilon + tf.reduce_sum((image_of(T, batch)(layer) - constant) ** 2))


@wrap_objective(numbers=("batch",))
def blur_input_each_step(batch: int | None = None) -> Callable[[T], Any]:
    """Half the squared difference of the image from itself, blurred. Use it with a negative weight.

    Its gradient is the difference itself, so a step of gradient descent with weight -1 and learning rate 1 would blur
    the image; other optimizers go some of the way.

    Args:
        batch: Looks at this image of the batch only; at the sum over all of them unless given.

    Source: Lucid's `objectives.blur_input_each_step`.
    """
    return lambda T: _distance_from_blur(image_of(T, batch)("input"))


@wrap_objective(numbers=("batch",))
def blur_alpha_each_step(batch: int | None = None) -> Callable[[T], Any]:
    """As `blur_input_each_step`, for the image's fourth channel alone.

    Args:
        batch: Looks at this image of the batch only; at the sum over all of them unless given.

    Source: Lucid's `objectives.blur_alpha_each_step`.
    """
    return lambda T: _distance_from_blur(_alpha(image_of(T, batch)("input")))


def _check_border(arguments: Mapping[str, Any], model: Any, batch: int | None) -> None:
    if batch is not None and len(arguments["shp"]) == 4 and arguments["shp"][0] not in (1, batch):
        raise ArgumentError(
            f"shp is {arguments['shp']!r}, and there are {batch} images.", "Expected the shape of the whole image."
        )


@wrap_objective(numbers={"mask": array, "C": real}, check=_check_border)
def penalize_boundary_complexity(
    shp: Sequence[int], w: int = 20, mask: Any = None, C: float = 0.5
) -> Callable[[T], Any]:
    """Keeps the border of the image plain and grey. It is negative already: add it with a positive weight.

    Args:
        shp: The image's shape, `[batch, height, width, channels]`.
        w: Width of the border, in pixels.
        mask: An array that fits `shp`: how much each pixel counts, in place of the border.
        C: The value that the border should have.

    Example:
        >>> quiet = objectives.penalize_boundary_complexity((1, 128, 128, 3))
        >>> render_vis(model, objectives.channel("mixed4a", 152) + 0.01 * quiet)

    Source: Lucid's `objectives.penalize_boundary_complexity`.
    """
    if mask is None:
        whole_number("The border's width", w, 0)
        if len(shp) != 4:
            raise ArgumentError(f"shp is {shp!r}.", "Expected (batch, height, width, channels).")
        mask = np.ones(tuple(shp), np.float32)
        mask[:, w : max(shp[1] - w, w), w : max(shp[2] - w, w)] = 0

    def inner(T: T) -> Any:
        image = T("input")
        _refuse_other_sizes("shp and mask of penalize_boundary_complexity", mask, image)
        differences = (_tf_blur(image, 5) - image) ** 2 + 0.8 * (image - C) ** 2
        return -tf.reduce_sum(differences * mask)

    return inner


@wrap_objective(numbers={"orig_img": array})
def input_diff(orig_img: Any) -> Callable[[T], Any]:
    """How far the image is from another: the root of the mean squared difference. Use it with a negative weight.

    Args:
        orig_img: `[height, width, channels]` or with a batch axis, in [0, 1].

    Source: Lucid's `objectives.input_diff`. (Its gradient was infinite where both were equal; it is zero here.)
    """

    def inner(T: T) -> Any:
        image = T("input")
        _refuse_other_sizes("orig_img of input_diff", orig_img, image)
        return tf.sqrt(tf.maximum(tf.reduce_mean((image - orig_img) ** 2), 1e-12))

    return inner


def _refuse_other_sizes(what: str, other: Any, image: Any) -> None:
    """An `ArgumentError` unless an array, with or without a batch axis, is as large as the image."""
    shape = other.shape
    sizes = zip(reversed(shape), reversed(image.shape), strict=False)
    if len(shape) > 4 or any(None not in (a, b) and a not in (1, b) for a, b in sizes):
        raise ArgumentError(
            f"The image is {tuple(image.shape)}, and {what} {tuple(shape)}.", "Expected the image's own shape."
        )


def _alpha(image: Any) -> Any:
    if image.shape[-1] != 4:
        raise ArgumentError(
            f"The image has {image.shape[-1]} channels, none of which is alpha.",
            "Expected four: param.image(128, alpha=True).",
        )
    return image[..., 3:4]


def _distance_from_blur(image: Any) -> Any:
    return 0.5 * tf.reduce_sum((image - tf.stop_gradient(_tf_blur(image))) ** 2)


def _tf_blur(x: Any, w: int = 3) -> Any:
    """The weighted mean over a window of `w` x `w` pixels, whose outermost count half; at edges, over what is there."""
    window = np.full((w, w, 1, 1), 0.5, np.float32)
    window[1:-1, 1:-1] = 1
    kernel = tf.tile(tf.constant(window), [1, 1, x.shape[-1], 1])

    def gathered(t: Any) -> Any:
        return tf.nn.depthwise_conv2d(t, kernel, [1, 1, 1, 1], "SAME")

    return gathered(x) / gathered(tf.ones_like(x[:1]))


__all__ = [
    "L1",
    "L2",
    "blur_alpha_each_step",
    "blur_input_each_step",
    "input_diff",
    "penalize_boundary_complexity",
    "total_variation",
]
