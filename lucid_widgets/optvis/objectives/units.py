"""Objectives on the units of a network: a channel, a neuron, a class, a whole layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf

from lucid_widgets.errors import ModelError, out_of_range, unknown_name
from lucid_widgets.modelzoo.vision_base import T
from lucid_widgets.optvis.objectives.arguments import whole, whole_or_text
from lucid_widgets.optvis.objectives.views import image_of
from lucid_widgets.optvis.objectives.wrapping import wrap_objective


@wrap_objective(
    require_format="NHWC", numbers=("channel_n", "x", "y", "batch"), layer="layer_name", channel="channel_n"
)
def neuron(
    layer_name: str, channel_n: int, x: int | None = None, y: int | None = None, batch: int | None = None
) -> Callable[[T], Any]:
    """One unit of a channel, by default the one in the middle.

    The middle moves with the size of the image, and so do `x` and `y` count on the layer as it is at each step.

    Args:
        layer_name: A layer.
        channel_n: Index of one of its channels.
        x: Row of the unit; the middle one unless given. (Rows, as in Lucid, whatever the name suggests.)
        y: Column of the unit; the middle one unless given.
        batch: Looks at this image of the batch only; at the mean over all of them unless given.

    Example:
        >>> render_vis(model, objectives.neuron("mixed3b", 42))

    Source: Lucid's `objectives.neuron`.
    """

    def inner(T: T) -> Any:
        layer = image_of(T, batch)(layer_name)
        shape = tf.shape(layer)
        row = shape[1] // 2 if x is None else x
        column = shape[2] // 2 if y is None else y
        return tf.reduce_mean(layer[:, row : row + 1, column : column + 1, channel_n])

    return inner


@wrap_objective(require_format="NHWC", numbers=("n_channel", "batch"), layer="layer", channel="n_channel")
def channel(layer: str, n_channel: int, batch: int | None = None) -> Callable[[T], Any]:
    """One channel of a layer: the mean over its positions.

    Args:
        layer: A layer.
        n_channel: Index of one of its channels.
        batch: Looks at this image of the batch only; at the mean over all of them unless given.

    Example:
        >>> render_vis(model, objectives.channel("mixed4a", 152))

    Source: Lucid's `objectives.channel`.
    """
    return lambda T: tf.reduce_mean(image_of(T, batch)(layer)[..., n_channel])


@wrap_objective(numbers=("batch",), layer="layer")
def deepdream(layer: str, batch: int | None = None) -> Callable[[T], Any]:
    """Whatever excites a layer: the mean of its squared activations.

    Args:
        layer: A layer.
        batch: Looks at this image of the batch only; at the mean over all of them unless given. (Lucid announced this
            argument and never read it.)

    Example:
        >>> render_vis(model, objectives.deepdream("mixed4c"))

    Source: Lucid's `objectives.deepdream`; Mordvintsev, Olah & Tyka, "Inceptionism", 2015.
    """
    return lambda T: tf.reduce_mean(tf.square(image_of(T, batch)(layer)))


def _check_label(arguments: Mapping[str, Any], model: Any, batch: int | None) -> None:
    label, layer = arguments["label"], arguments["layer"]
    if isinstance(label, str):
        _class_index(model.labels, label, model.name)
    elif layer != "input":
        count = model.get_layer(layer).channels
        if count is not None and label >= count:
            raise out_of_range("Class", label, 0, count - 1, owner=f"layer {layer!r}")


def _class_index(labels: Any, label: str, owner: str) -> int:
    if labels is None:
        raise ModelError(f"{owner} has no labels.", "Name the class by its index.")
    if label not in labels:
        raise unknown_name("class", label, owner, list(labels))
    return list(labels).index(label)


@wrap_objective(numbers={"label": whole_or_text, "batch": whole}, layer="layer", check=_check_label)
def class_logit(layer: str, label: int | str, batch: int | None = None) -> Callable[[T], Any]:
    """The score of one class, summed over the batch.

    Args:
        layer: The layer of the scores, `[batch, classes]` or `[batch, height, width, classes]`: of logits, where there
            are any, since what comes out of a softmax also rises when other classes fall.
        label: Index of the class, or its name, one of `model.labels`.
        batch: Looks at this image of the batch only.

    Raises:
        UnknownNameError: The model has no class of that name; the message suggests the nearest.
        ModelError: The class is named, and the model has no labels.

    Example:
        >>> render_vis(model, objectives.class_logit("logits", "panda"))

    Source: Lucid's `objectives.class_logit`. (It failed for a name together with `batch`, and took rows for classes in
    layers of four dimensions.)
    """

    def inner(T: T) -> Any:
        index = _class_index(T("labels"), label, "The model") if isinstance(label, str) else label
        return tf.reduce_sum(image_of(T, batch)(layer)[..., index])

    return inner


__all__ = ["channel", "class_logit", "deepdream", "neuron"]
