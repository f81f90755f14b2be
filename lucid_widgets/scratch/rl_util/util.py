"""Helpers for images and weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.misc.io.collapse_channels import hue_to_rgb
from lucid_widgets.modelzoo.base.private_names import outside_graphs
from lucid_widgets.modelzoo.survey.layer import DEFAULT_SIZE
from lucid_widgets.modelzoo.vision_models import as_model

__all__ = [
    "brightness_to_opacity",
    "channels_to_rgb",
    "concatenate_horizontally",
    "conv2d",
    "get_shape",
    "get_var",
    "norm_filter",
    "zoom_to",
]

Array = npt.NDArray[Any]


def zoom_to(img: npt.ArrayLike, width: int) -> Array:
    """Enlarge or reduce an image to a width in pixels, without smoothing.

    Args:
        img: `[..., height, width, channels]`.
        width: The new width. The height keeps its proportion.
    """
    image = np.asarray(img)
    height = max(1, round(image.shape[-3] * width / image.shape[-2]))
    rows = np.arange(height) * image.shape[-3] // height
    columns = np.arange(width) * image.shape[-2] // width
    return image[..., rows, :, :][..., columns, :]


@outside_graphs()
def get_var(model: Any, var_name: str) -> Array:
    """Return the value of a constant of a network, such as its weights.

    Args:
        model: Whatever `as_model` accepts, made from a frozen graph.
        var_name: Name of the node.
    """
    visible = as_model(model)
    height, width, channels = visible.image_shape
    image = tf.zeros((1, height or DEFAULT_SIZE, width or DEFAULT_SIZE, channels or 3))
    return np.asarray(tf.function(lambda: visible.import_graph(image)(var_name), autograph=False)())


@outside_graphs()
def get_shape(model: Any, node_name: str) -> list[int | None]:
    """Return the shape of a layer, with None for the sizes that depend on the images.

    Args:
        model: Whatever `as_model` accepts.
        node_name: Name of the layer.
    """
    visible = as_model(model)
    image = tf.TensorSpec((None, None, None, visible.image_shape[-1]), tf.float32)
    compute = tf.function(lambda t: visible.import_graph(t)(node_name), autograph=False)
    shape: list[int | None] = compute.get_concrete_function(image).outputs[0].shape.as_list()
    return shape


def concatenate_horizontally(images: Sequence[npt.ArrayLike] | Array) -> Array:
    """Put images of one size next to each other, and return a batch of one: `[1, height, n * width, channels]`."""
    return np.concatenate(list(np.asarray(images)), axis=1)[None]


def channels_to_rgb(X: npt.ArrayLike, warp: bool = True) -> Array:
    """Return colors of activations, with a hue for each channel.

    Args:
        X: Activations of at least 0, `[..., channels]`.
        warp: Whether to distribute hues as they look different, see `hue_to_rgb`. Default: True.

    Raises:
        ArgumentError: If a value is negative.
    """
    values = np.asarray(X)
    if (values < 0).any():
        raise ArgumentError("The activations are negative in places.", "Expected numbers of at least 0.")
    hues = [hue_to_rgb(360 * index / values.shape[-1], warp=warp) for index in range(values.shape[-1])]
    return values @ np.asarray(hues)


@outside_graphs()
def conv2d(input_: npt.ArrayLike, filter_: npt.ArrayLike) -> Array:
    """Convolve each channel of images with one filter. The size stays the same.

    Args:
        input_: `[batch, height, width, channels]`.
        filter_: `[height, width]`.

    Raises:
        ArgumentError: If one has another number of dimensions.
    """
    images, kernel = np.asarray(input_, np.float32), np.asarray(filter_, np.float32)
    if images.ndim != 4 or kernel.ndim != 2:
        raise ArgumentError(
            f"conv2d received arrays of shapes {images.shape} and {kernel.shape}.",
            "Expected [batch, height, width, channels] and [height, width].",
        )
    each = np.repeat(kernel[..., None, None], images.shape[-1], axis=2)
    return np.asarray(tf.nn.depthwise_conv2d(images, each, [1, 1, 1, 1], "SAME"))


def norm_filter(
    length: int, norm_ord: float = 2, norm_func: Callable[[Any], Any] = lambda n: np.exp(-n), clip: bool = True
) -> Array:
    """Return a filter that decreases with the distance from its center.

    Args:
        length: Height and width.
        norm_ord: Order of the norm that measures distances. Default: 2.
        norm_func: A function of the distance. Default: its negative exponential.
        clip: Whether to set values below those at the middle of an edge to zero. Default: True.

    Returns:
        `[length, length]`.
    """
    places = np.indices((length, length)) - (length - 1) / 2
    values = norm_func(np.linalg.norm(places, ord=norm_ord, axis=0))
    if not clip:
        return np.asarray(values)
    bound = values.min(axis=0).max()
    return np.where((values >= bound) | np.isclose(values, bound, atol=0), values, 0)


def brightness_to_opacity(image: npt.ArrayLike) -> Array:
    """Return an image whose opacity is the length of its colors, at most 1, and whose colors are scaled up to match.

    Args:
        image: `[..., 3]`.

    Raises:
        ArgumentError: If it does not have three channels.
    """
    values = np.asarray(image)
    if values.shape[-1] != 3:
        raise ArgumentError(f"The image has the shape {values.shape}.", "Expected three channels.")
    opacity = np.minimum(1, np.linalg.norm(values, axis=-1, keepdims=True))
    colors = np.divide(values, opacity, out=np.zeros_like(values), where=opacity != 0)
    return np.concatenate([colors, opacity], axis=-1)
