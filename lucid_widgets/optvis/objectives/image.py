"""Objectives of the image, or of a layer seen as an image: how smooth, how bright, how similar to another image.

They sum over all pixels and all images of the batch, as in Lucid, while objectives of units are means. Most of them
measure something to avoid, so subtract them. Only `penalize_boundary_complexity` is negative already; add it.
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
    """Roughness: the sum of absolute differences between neighboring positions. Subtract it for a smoother image.

    Args:
        layer: Name of a four-dimensional layer. Default: "input", the image.
        batch: Index of the image to look at. Default: the sum over all images.

    Returns:
        An objective: differences between vertical and horizontal neighbors, summed over positions, channels and images.

    Example:
        >>> render_vis(model, objectives.channel("mixed4a", 152) - 1e-3 * objectives.total_variation())

    Source: Lucid's `objectives.total_variation`, which returned one number for each image, so that a term added to it
    counted once for each image.
    """
    return lambda T: tf.reduce_sum(tf.image.total_variation(image_of(T, batch)(layer)))


@wrap_objective(numbers={"constant": real, "batch": whole}, layer="layer")
def L1(layer: str = "input", constant: float = 0, batch: int | None = None) -> Callable[[T], Any]:
    """L1 distance from a constant. Subtract it to pull values toward the constant; most of them reach it exactly.

    Args:
        layer: Name of a layer. Default: "input", the image.
        constant: The value to measure from, such as 0.5 for a gray image. Default: 0.
        batch: Index of the image to look at. Default: the sum over all images.

    Returns:
        An objective: the absolute difference, summed over positions, channels and images.

    Example:
        >>> render_vis(model, objectives.channel("mixed4a", 152) - 0.05 * objectives.L1(constant=0.5))

    Source: Lucid's `objectives.L1`. `batch` is new.
    """
    return lambda T: tf.reduce_sum(tf.abs(image_of(T, batch)(layer) - constant))


@wrap_objective(numbers={"constant": real, "epsilon": real, "batch": whole}, layer="layer")
def L2(
    layer: str = "input", constant: float = 0, epsilon: float = 1e-6, batch: int | None = None
) -> Callable[[T], Any]:
    """L2 distance from a constant. Subtract it to pull values toward the constant; large deviations are pulled hardest.

    Args:
        layer: Name of a layer. Default: "input", the image.
        constant: The value to measure from, such as 0.5 for a gray image. Default: 0.
        epsilon: Added before the square root, which has no gradient at zero. Default: 1e-6.
        batch: Index of the image to look at. Default: all images, under one square root.

    Returns:
        An objective: the square root of `epsilon` plus the squared difference, summed over positions, channels and
        images.

    Example:
        >>> render_vis(model, objectives.channel("mixed4a", 152) - 0.05 * objectives.L2(constant=0.5))

    Source: Lucid's `objectives.L2`. `batch` is new.
    """
    return lambda T: tf.sqrt(epsilon + tf.reduce_sum((image_of(T, batch)(layer) - constant) ** 2))


@wrap_objective(numbers=("batch",))
def blur_input_each_step(batch: int | None = None) -> Callable[[T], Any]:
    """Distance of the image from its blurred copy. Subtract it to blur the image a little in each step.

    Its gradient is exactly the difference. With weight -1, a step of gradient descent with learning rate 1 would
    replace the image with its blurred copy; other optimizers take a smaller or larger step.

    Args:
        batch: Index of the image to look at. Default: the sum over all images.

    Returns:
        An objective: half the squared difference, summed over positions, channels and images.

    Example:
        >>> render_vis(model, objectives.channel("mixed4a", 152) - objectives.blur_input_each_step())

    Source: Lucid's `objectives.blur_input_each_step`. `batch` is new.
    """
    return lambda T: _distance_from_blur(image_of(T, batch)("input"))


@wrap_objective(numbers=("batch",))
def blur_alpha_each_step(batch: int | None = None) -> Callable[[T], Any]:
    """Distance of the opacity of the image from its blurred copy. Subtract it for soft outlines.

    Args:
        batch: Index of the image to look at. Default: the sum over all images.

    Returns:
        An objective: as `blur_input_each_step`, for the fourth channel only.

    Raises:
        ArgumentError: If the image has no fourth channel.

    Example:
        >>> soft = objectives.channel("mixed4a", 152) - objectives.blur_alpha_each_step()
        >>> seen = [transform.collapse_alpha_random(), transform.random_affine()]
        >>> render_vis(model, soft, lambda: param.image(128, alpha=True), transforms=seen)

    Source: Lucid's `objectives.blur_alpha_each_step`. `batch` is new.
    """
    return lambda T: _distance_from_blur(_alpha(image_of(T, batch)("input")))


def _check_border(arguments: Mapping[str, Any], model: Any, batch: int | None) -> None:
    if batch is not None and len(arguments["shp"]) == 4 and arguments["shp"][0] not in (1, batch):
        raise ArgumentError(
            f"shp of penalize_boundary_complexity() is {arguments['shp']!r}, but there are {batch} images.",
            "Expected the shape of the image tensor.",
        )


@wrap_objective(numbers={"mask": array, "C": real}, check=_check_border)
def penalize_boundary_complexity(
    shp: Sequence[int], w: int = 20, mask: Any = None, C: float = 0.5
) -> Callable[[T], Any]:
    """Plainness of the border of the image. Add it for an image that fades out toward its edges.

    The value is negative already, so give it a positive weight.

    Args:
        shp: Shape of the image, `[batch, height, width, channels]`. The batch may be 1 for any number of images.
        w: Width of the border in pixels, at least 0. Default: 20.
        mask: Weight of each pixel, an array that broadcasts to the image. Default: 1 in the border and 0 inside.
        C: The value that the border should have. Default: 0.5, gray.

    Returns:
        An objective: minus the squared difference from the blurred image, minus 0.8 times the squared difference from
        `C`, summed over the border, channels and images.

    Raises:
        ArgumentError: If `shp` is not four sizes, or `shp` or `mask` does not fit the image.

    Example:
        >>> plain = objectives.penalize_boundary_complexity((1, 128, 128, 3))
        >>> render_vis(model, objectives.channel("mixed4a", 152) + 0.01 * plain)

    Source: Lucid's `objectives.penalize_boundary_complexity`.
    """
    if mask is None:
        whole_number("w of penalize_boundary_complexity()", w, 0)
        if len(shp) != 4:
            raise ArgumentError(
                f"shp of penalize_boundary_complexity() is {shp!r}.", "Expected (batch, height, width, channels)."
            )
        mask = np.ones(tuple(shp), np.float32)
        mask[:, w : max(shp[1] - w, w), w : max(shp[2] - w, w)] = 0

    def inner(T: T) -> Any:
        image = T("input")
        check_size("shp or mask of penalize_boundary_complexity()", mask, image)
        differences = (_tf_blur(image, 5) - image) ** 2 + 0.8 * (image - C) ** 2
        return -tf.reduce_sum(differences * mask)

    return inner


@wrap_objective(numbers={"orig_img": array})
def input_diff(orig_img: Any) -> Callable[[T], Any]:
    """Distance of the image from another image. Subtract it to stay close to that image.

    Args:
        orig_img: The other image, `[height, width, channels]` or `[batch, height, width, channels]` in [0, 1].

    Returns:
        An objective: the root of the mean squared difference over positions, channels and images.

    Raises:
        ArgumentError: If the other image has another size.

    Example:
        >>> dog = load("dog.jpg")
        >>> height, width, _ = dog.shape
        >>> dream = objectives.deepdream("mixed4c") - objectives.input_diff(dog)
        >>> render_vis(model, dream, lambda: param.image(width, height))

    Source: Lucid's `objectives.input_diff`, whose gradient was infinite for equal images. It is zero here.
    """

    def inner(T: T) -> Any:
        image = T("input")
        check_size("orig_img of input_diff()", orig_img, image)
        return tf.sqrt(tf.maximum(tf.reduce_mean((image - orig_img) ** 2), 1e-12))

    return inner


def check_size(name: str, other: Any, image: Any) -> None:
    """Raise an `ArgumentError` if an array, with or without a batch axis, does not broadcast to the image."""
    shape = other.shape
    sizes = zip(reversed(shape), reversed(image.shape), strict=False)
    if len(shape) > 4 or any(None not in (a, b) and a not in (1, b) for a, b in sizes):
        raise ArgumentError(
            f"{name} has the shape {tuple(shape)}, but the image has {tuple(image.shape)}.",
            "Expected the shape of the image.",
        )


def _alpha(image: Any) -> Any:
    if image.shape[-1] != 4:
        raise ArgumentError(
            f"The image has {image.shape[-1]} channels and no opacity.",
            "Expected four channels, as param.image(128, alpha=True) has.",
        )
    return image[..., 3:4]


def _distance_from_blur(image: Any) -> Any:
    return 0.5 * tf.reduce_sum((image - tf.stop_gradient(_tf_blur(image))) ** 2)


def _tf_blur(x: Any, w: int = 3) -> Any:
    """Return the weighted mean over windows of `w` x `w` pixels, whose outer pixels count half.

    At an edge of the image, the mean is over the part of the window inside the image.
    """
    window = np.full((w, w, 1, 1), 0.5, np.float32)
    window[1:-1, 1:-1] = 1
    kernel = tf.tile(tf.constant(window), [1, 1, x.shape[-1], 1])

    def summed(t: Any) -> Any:
        return tf.nn.depthwise_conv2d(t, kernel, [1, 1, 1, 1], "SAME")

    return summed(x) / summed(tf.ones_like(x[:1]))


__all__ = [
    "L1",
    "L2",
    "blur_alpha_each_step",
    "blur_input_each_step",
    "input_diff",
    "penalize_boundary_complexity",
    "total_variation",
]
