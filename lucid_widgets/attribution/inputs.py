"""Checks of images and layers, and `activations`: the values of several layers for one image."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from lucid_widgets.errors import ArgumentError, ModelError
from lucid_widgets.frames import FloatArray
from lucid_widgets.modelzoo.adapt import as_model
from lucid_widgets.modelzoo.vision_base import Layer
from lucid_widgets.optvis.classification import checked_images
from lucid_widgets.optvis.engine.tracing import Traced

MAX_PROGRAMS = 16
"""Most compiled functions that a model keeps for attribution. The least recently used one is dropped first."""

_RANGE_TOLERANCE = 1e-3
_lock = threading.Lock()


def activations(model: Any, image: npt.ArrayLike, layers: Sequence[str | Layer]) -> dict[str, FloatArray]:
    """Activations of several layers for one image, computed in one pass of the network.

    Args:
        model: Whatever `as_model` accepts.
        image: `[height, width, channels]`, floats in [0, 1] or uint8.
        layers: The layers, or their names. `"input"` is the image itself.

    Returns:
        One array per layer by its name, in the order of `layers`: `[height, width, channels]`, or `[channels]` for a
        layer without positions, or `[tokens, channels]` in a transformer.

    Raises:
        ArgumentError: The image has the wrong shape or range, or there are no layers.
        UnknownNameError: The model has no such layer.
        ModelError: The network cannot compute a layer for an image of this size.

    Example:
        >>> found = attribution.activations(model, image, ["mixed4a", "logits"])
        >>> found["logits"].shape
        (160,)
    """
    visible = as_model(model)
    if isinstance(layers, (str, Layer)):
        raise ArgumentError(f"layers is {layers!r}.", f"Expected a sequence of layers, such as [{_name(layers)!r}].")
    names = [_name(layer) for layer in layers]
    if not names:
        raise ArgumentError("layers is empty.", "Pass at least one layer.")
    for name in names:
        visible.get_layer(name)
    values = checked_image(visible, image)

    def compute(given: tf.Tensor) -> list[tf.Tensor]:
        T = visible.import_graph(given)
        return [tf.cast(T(name), tf.float32) for name in names]

    found = traced(visible, ("activations", *names), compute, values.shape[1:])(tf.constant(values))
    return {name: np.asarray(value)[0] for name, value in zip(names, found, strict=True)}


def checked_image(model: Any, image: npt.ArrayLike) -> FloatArray:
    """Return an image as float32 `[1, height, width, channels]`, if the `Model` can take it.

    Raises:
        ArgumentError: The image is not a single one, has another number of channels, or is outside [0, 1].
    """
    values = checked_images(image)
    if len(values) != 1:
        raise ArgumentError(f"There are {len(values)} images.", "Expected one image [height, width, channels].")
    channels = model.image_shape[-1]
    if channels is not None and values.shape[-1] != channels:
        raise ArgumentError(
            f"The image has {values.shape[-1]} channels, but {model.name} takes {channels}.",
            "Convert it first, for example with PIL's Image.convert('RGB')." if channels == 3 else "",
        )
    low, high = float(values.min()), float(values.max())
    if low < -_RANGE_TOLERANCE or high > 1 + _RANGE_TOLERANCE:
        raise ArgumentError(
            f"The values of the image range from {low:g} to {high:g}.", "Expected floats in [0, 1] or uint8."
        )
    return np.clip(values, 0, 1)


def checked_layer(model: Any, layer: str | Layer) -> str:
    """Return the name of a layer of a `Model`.

    Raises:
        UnknownNameError: The model has no such layer. The message suggests similar names.
    """
    name = _name(layer)
    model.get_layer(name)
    return name


def require_positions(layer: str, values: FloatArray, instead: str) -> None:
    """Raise an error if activations `[..., channels]` of a layer have no positions.

    Args:
        layer: Name of the layer, for the message.
        values: Its activations.
        instead: A hint on what works for such a layer.

    Raises:
        ArgumentError: `values` is `[channels]`.
    """
    if values.ndim < 2:
        raise ArgumentError(
            f"Layer {layer!r} has no positions: its activations have the shape {values.shape}.", instead
        )


def traced(model: Any, key: tuple[Any, ...], function: Any, shape: Sequence[int]) -> Traced:
    """Return a compiled function that a `Model` keeps, and compile it only once.

    Args:
        model: The model.
        key: Identifies the function. The model's revision and `shape` are added to it.
        function: What to compile. It may refer to the model: Python's garbage collector frees both together.
        shape: Shape of the image.
    """
    full = (model.revision, tuple(shape), *key)
    with _lock:
        kept: OrderedDict[Any, Traced] = model.kept.setdefault("attribution programs", OrderedDict())
        if full not in kept:
            kept[full] = Traced(partial(_explained, model, function), lambda _: None)
        kept.move_to_end(full)
        while len(kept) > MAX_PROGRAMS:
            kept.popitem(last=False)
        return kept[full]


def _explained(model: Any, function: Any, *args: Any) -> Any:
    try:
        return function(*args)
    except (ModelError, ArgumentError):
        raise
    except (ValueError, TypeError) as error:
        first = str(error).strip().partition("\n")[0].rstrip(".")
        raise ModelError(f"{model.name} cannot be computed for this image ({first}).") from error


def _name(layer: str | Layer) -> str:
    return layer.name if isinstance(layer, Layer) else layer


__all__ = ["activations"]
