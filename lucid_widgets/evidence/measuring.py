"""`unit_values`: the values of units in a few images, computed as a pass computes them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from lucid_widgets.evidence.passes.reductions import Reduction
from lucid_widgets.frames import FloatArray
from lucid_widgets.optvis.classification import checked_images
from lucid_widgets.optvis.engine.tracing import Traced

MAX_PROGRAMS = 8
"""Most compiled functions that a model keeps. The least recently used one is dropped first."""

_BATCH = 16
_GRAY = 0.5
_lock = threading.Lock()


def unit_values(
    model: Any, layers: Sequence[str], images: npt.ArrayLike, reduction: Reduction | None = None
) -> dict[str, FloatArray]:
    """Return the values of all units of some layers.

    Args:
        model: A `Model`.
        layers: Names of the layers.
        images: `[batch, height, width, channels]`, floats in [0, 1] or uint8. Transparent pixels become gray.
        reduction: How activations become values; default: their maximum over the positions.

    Returns:
        `[batch, channels]` by the name of the layer.

    Raises:
        ModelError: The network cannot compute a layer for images of this size.
    """
    given = _in_channels(checked_images(images), model.image_shape[-1])
    size = min(len(given), _BATCH)
    program = _program(model, tuple(layers), reduction or Reduction(), (size, *given.shape[1:]))
    parts: list[list[FloatArray]] = []
    for start in range(0, len(given), size):
        chunk = given[start : start + size]
        filled = np.concatenate([chunk, np.repeat(chunk[:1], size - len(chunk), 0)])
        parts.append([np.asarray(each)[: len(chunk)] for each in program(tf.constant(filled))])
    return {name: np.concatenate(each) for name, each in zip(layers, zip(*parts, strict=True), strict=True)}


def _program(model: Any, layers: tuple[str, ...], reduction: Reduction, shape: tuple[int, ...]) -> Traced:
    key = (model.revision, layers, reduction, shape)
    with _lock:
        kept: OrderedDict[Any, Traced] = model.kept.setdefault("evidence programs", OrderedDict())
        if key not in kept:
            kept[key] = Traced(partial(_values, model, layers, reduction), lambda _: None)
        kept.move_to_end(key)
        while len(kept) > MAX_PROGRAMS:
            kept.popitem(last=False)
        return kept[key]


def _values(model: Any, layers: tuple[str, ...], reduction: Reduction, images: tf.Tensor) -> list[tf.Tensor]:
    T = model.import_graph(images)
    return [reduction.apply(name, tf.cast(T(name), tf.float32), model.token_grid)[0] for name in layers]


def _in_channels(images: FloatArray, channels: int | None) -> FloatArray:
    if images.shape[-1] == 4 and channels != 4:
        images = images[..., 3:] * images[..., :3] + (1 - images[..., 3:]) * np.float32(_GRAY)
    if channels == 1 and images.shape[-1] == 3:
        return images.mean(-1, keepdims=True)
    return np.repeat(images, channels or 3, -1) if images.shape[-1] == 1 and channels != 1 else images


__all__ = ["unit_values"]
