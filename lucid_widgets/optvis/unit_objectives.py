"""Objectives on the units of a network: a channel, a neuron, a whole layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from lucid_widgets.optvis.objective_tree import T
from lucid_widgets.optvis.objectives_util import handle_batch, register, wrap_objective


@register
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
        >>> render_vis(model, objectives.neuron("mixed3b", 442))

    Source: Lucid's `objectives.neuron`.
    """

    def inner(T: T) -> Any:
        layer = handle_batch(T, batch)(layer_name)
        shape = tf.shape(layer)
        row = shape[1] // 2 if x is None else x
        column = shape[2] // 2 if y is None else y
        return tf.reduce_mean(layer[:, row : row + 1, column : column + 1, channel_n])

    return inner


@register
@wrap_objective(require_format="NHWC", numbers=("n_channel", "batch"), layer="layer", channel="n_channel")
def channel(layer: str, n_channel: int, batch: int | None = None) -> Callable[[T], Any]:
    """One channel of a layer: the mean over its positions.

    Args:
        layer: A layer.
        n_channel: Index of one of its channels.
        batch: Looks at this image of the batch only; at the mean over all of them unless given.

    Example:
        >>> render_vis(model, objectives.channel("mixed4a", 476))

    Source: Lucid's `objectives.channel`.
    """
    return lambda T: tf.reduce_mean(handle_batch(T, batch)(layer)[..., n_channel])


@register
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
    return lambda T: tf.reduce_mean(tf.square(handle_batch(T, batch)(layer)))
