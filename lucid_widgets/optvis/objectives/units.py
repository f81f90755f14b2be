"""Objectives of single units: a channel, a neuron, a class; and of a layer as a whole."""

from __future__ import annotations

import functools
import operator
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf

from lucid_widgets.errors import ArgumentError, GradientWarning, ModelError, either, out_of_range, unknown_name
from lucid_widgets.modelzoo.vision_base import T
from lucid_widgets.optvis.objectives.arguments import whole, whole_or_text
from lucid_widgets.optvis.objectives.maker import Call
from lucid_widgets.optvis.objectives.tree import Objective, Product, Scaled, Sum
from lucid_widgets.optvis.objectives.views import as_nhwc, image_of, middle_slices
from lucid_widgets.optvis.objectives.wrapping import wrap_objective

ROW_AND_COLUMN = {"row": "x", "column": "y"}
"""Lucid's `x` indexes rows and its `y` columns. These keywords say so."""


@wrap_objective(
    numbers=("channel_n", "x", "y", "batch"),
    layer="layer_name",
    channel="channel_n",
    aliases=ROW_AND_COLUMN,
)
def neuron(
    layer_name: str,
    channel_n: int,
    x: int | None = None,
    y: int | None = None,
    batch: int | None = None,
    *,
    row: int | None = None,
    column: int | None = None,
) -> Callable[[T], Any]:
    """Activation of one neuron: one channel at one position, by default in the center of the layer.

    The center is `(height // 2, width // 2)` of the layer in the current step. It moves if transforms change the size
    of the image. In a transformer, rows and columns are those of the patches; if they are unknown, the row is the index
    of a token. In a network of volumes, it is in the slice `depth // 2`; `voxel` reaches the others.

    Args:
        layer_name: Name of a layer.
        channel_n: Index of a channel of that layer.
        x: Row of the neuron, counted from the top. Default: the center. The name is Lucid's, in which x is the vertical
            axis. `row` is another name for it.
        y: Column of the neuron, counted from the left. Default: the center. `column` is another name for it.
        batch: Index of the image to look at. Default: the mean over all images.
        row: Another name for `x`.
        column: Another name for `y`.

    Returns:
        An objective: the activation, averaged over images.

    Raises:
        ArgumentError: If `x` and `row`, or `y` and `column`, are both given.

    Example:
        >>> render_vis(model, objectives.neuron("mixed3b", 42))
        >>> render_vis(model, objectives.neuron("mixed3b", 42, row=0, column=5))

    Source: Lucid's `objectives.neuron`. `row` and `column` are new.
    """

    def inner(T: T) -> Any:
        layer = as_nhwc(middle_slices(image_of(T, batch)))(layer_name)
        at_row, at_column = position(layer, x, y)
        return tf.reduce_mean(layer[:, at_row : at_row + 1, at_column : at_column + 1, channel_n])

    return inner


def _check_voxel(arguments: Mapping[str, Any], model: Any, batch: int | None) -> None:
    shape = model.get_layer(arguments["layer"]).shape
    if shape is not None and len(shape) != 4:
        raise ModelError(
            f"Layer {arguments['layer']!r} is not one of volumes: its activations have the shape {shape}.",
            "Expected a layer [depth, height, width, channels]. For a feature map, use neuron().",
        )
    for name, size in zip(("depth", "row", "column"), shape or (), strict=False):
        asked = arguments[name]
        if asked is not None and size is not None and asked >= size:
            raise out_of_range(name.title(), asked, 0, size - 1, owner=f"layer {arguments['layer']!r}")


@wrap_objective(
    numbers=("channel", "depth", "row", "column", "batch"),
    layer="layer",
    channel="channel",
    check=_check_voxel,
)
def voxel(
    layer: str,
    channel: int,
    depth: int | None = None,
    row: int | None = None,
    column: int | None = None,
    batch: int | None = None,
) -> Callable[[T], Any]:
    """Activation of one neuron in a layer of volumes: one channel at one position along the three axes.

    Args:
        layer: Name of a layer `[batch, depth, height, width, channels]`.
        channel: Index of a channel of that layer.
        depth: Index of the slice in the layer. Default: the middle, `depth // 2`.
        row: Row of the neuron in its slice, counted from the top. Default: the middle.
        column: Column of the neuron in its slice, counted from the left. Default: the middle.
        batch: Index of the volume to look at. Default: the mean over all volumes.

    Returns:
        An objective: the activation, averaged over volumes.

    Raises:
        ModelError: If the layer is not one of volumes.
        OutOfRangeError: If the layer has no such position.

    Example:
        >>> render_vis(video_model, objectives.voxel("conv", 3, depth=0))

    Source: New.
    """

    def inner(T: T) -> Any:
        values = image_of(T, batch)(layer)
        middle = tf.shape(values)[1:4] // 2
        at = [middle[axis] if asked is None else asked for axis, asked in enumerate((depth, row, column))]
        return tf.reduce_mean(values[:, at[0], at[1], at[2], channel])

    return inner


def position(layer: Any, x: Any, y: Any) -> tuple[Any, Any]:
    """Return row and column in a layer `[batch, height, width, channels]`; those of its center where x or y is None."""
    shape = tf.shape(layer)
    return shape[1] // 2 if x is None else x, shape[2] // 2 if y is None else y


def activation_at(acts: Any, x: Any = None, y: Any = None) -> Any:
    """Return one position of a layer, `[batch, 1, 1, channels]`; the center where x (row) or y (column) is None."""
    row, column = position(acts, x, y)
    return acts[:, row : row + 1, column : column + 1]


@wrap_objective(require_format="NHWC", numbers=("n_channel", "batch"), layer="layer", channel="n_channel")
def channel(layer: str, n_channel: int, batch: int | None = None) -> Callable[[T], Any]:
    """Mean activation of one channel over all positions or tokens. The usual objective of a feature visualization.

    Args:
        layer: Name of a layer.
        n_channel: Index of a channel of that layer.
        batch: Index of the image to look at. Default: the mean over all images.

    Returns:
        An objective: the activation, averaged over positions and images.

    Example:
        >>> render_vis(model, objectives.channel("mixed4a", 152))

    Source: Lucid's `objectives.channel`.
    """
    return lambda T: tf.reduce_mean(image_of(T, batch)(layer)[..., n_channel])


@wrap_objective(numbers=("batch",), layer="layer")
def deepdream(layer: str, batch: int | None = None) -> Callable[[T], Any]:
    """Mean squared activation of a layer. Enhances whatever the layer already responds to, as DeepDream does.

    Args:
        layer: Name of a layer.
        batch: Index of the image to look at. Default: the mean over all images.

    Returns:
        An objective: the squared activation, averaged over positions, channels and images.

    Example:
        >>> render_vis(model, objectives.deepdream("mixed4c"))

    Source: Lucid's `objectives.deepdream`, which did not read `batch`; Mordvintsev, Olah & Tyka, "Inceptionism", 2015.
    """
    return lambda T: tf.reduce_mean(tf.square(image_of(T, batch)(layer)))


def _check_label(arguments: Mapping[str, Any], model: Any, batch: int | None) -> None:
    label, layer = arguments["label"], arguments["layer"]
    found = None if layer == "input" else model.network.before_activation(layer)
    if found is not None and found[1] == "softmax":
        warnings.warn(
            f"{layer!r} holds probabilities, which hardly change while the network is sure of another class. "
            f"Use class_logit({found[0]!r}, {label!r}).",
            GradientWarning,
            stacklevel=2,
        )
    if isinstance(label, str):
        _class_index(model.labels, label, model.name)
    elif layer != "input":
        count = model.get_layer(layer).channels
        if count is not None and label >= count:
            raise out_of_range("Class", label, 0, count - 1, owner=f"layer {layer!r}")


def _class_index(labels: Any, label: str, owner: str) -> int:
    if labels is None:
        raise ModelError(f"{owner} has no labels.", "Pass the index of the class instead of its name.")
    if label in labels:
        return list(labels).index(label)
    # ImageNet's labels list the names of a class: "kit fox, Vulpes macrotis".
    named = [index for index, each in enumerate(labels) if label in each.split(", ")]
    if len(named) > 1:
        raise ArgumentError(
            f"{label!r} is a name of {len(named)} classes.",
            f"Expected {either([labels[index] for index in named])}, or an index.",
        )
    if not named:
        raise unknown_name("class", label, owner, list(labels))
    return named[0]


def _by_index(arguments: Mapping[str, Any], model: Any) -> Objective | None:
    label = arguments["label"]
    if not isinstance(label, str):
        return None
    return class_logit(**{**arguments, "label": _class_index(model.labels, label, model.name)})


@wrap_objective(numbers={"label": whole_or_text, "batch": whole}, layer="layer", check=_check_label, resolve=_by_index)
def class_logit(layer: str, label: int | str, batch: int | None = None) -> Callable[[T], Any]:
    """Score of one class, summed over images.

    Args:
        layer: Name of the layer with the scores, `[batch, classes]` or `[batch, height, width, classes]`. Prefer logits
            to probabilities: a probability also rises when the scores of other classes fall, and hardly changes while
            the network is sure of another class. If a Keras layer applies softmax itself, its logits are `layer:pre`.
        label: Index of the class, or its name in `model.labels`. Of a label that lists several names, such as
            "kit fox, Vulpes macrotis", each is accepted.
        batch: Index of the image to look at. Default: the sum over all images.

    Returns:
        An objective: the score, summed over images (and over positions, if the layer has them).

    Raises:
        UnknownNameError: If the model has no class of that name. The message suggests similar names.
        ModelError: If the class is given by name and the model has no labels.
        ArgumentError: If several classes have that name.
        OutOfRangeError: If the layer has no class of that index.

    Example:
        >>> render_vis(model, objectives.class_logit("logits", "panda"))

    Source: Lucid's `objectives.class_logit`. A name together with `batch` failed there, and in four-dimensional layers
    the class indexed rows.
    """

    def inner(T: T) -> Any:
        index = _class_index(T("labels"), label, "The model") if isinstance(label, str) else label
        return tf.reduce_sum(image_of(T, batch)(layer)[..., index])

    return inner


def with_class_indices(objective: Objective, model: Any) -> Objective:
    """Return an objective whose classes are given by index, and texts and images by their embeddings.

    These are numbers, so objectives of different classes or texts share a compiled program.

    Args:
        objective: Any objective.
        model: A `Model` whose labels include the classes that the objective names.
    """
    if isinstance(objective, Sum):
        return Objective.sum(with_class_indices(part, model) for part in objective.parts)
    if isinstance(objective, Product):
        return functools.reduce(operator.mul, [with_class_indices(part, model) for part in objective.parts])
    if isinstance(objective, Scaled):
        return objective.weight * with_class_indices(objective.term, model)
    if isinstance(objective, Call) and objective.maker.resolve is not None:
        return objective.maker.resolve(objective.arguments, model) or objective
    return objective


__all__ = [
    "ROW_AND_COLUMN",
    "activation_at",
    "channel",
    "class_logit",
    "deepdream",
    "neuron",
    "position",
    "voxel",
    "with_class_indices",
]
