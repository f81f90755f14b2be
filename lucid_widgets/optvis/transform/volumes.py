"""`of_volumes`: transforms of images, applied to all slices of a volume alike, and a shift along its depth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.modelzoo.base.volume_sheet import VolumeSheet
from lucid_widgets.optvis import seeding

_SHARE = 8
_LARGEST = 6
_OUTSIDE = 0.5


def of_volumes(sheets: Any, layout: VolumeSheet, transformed: Callable[[Any], Any], moves: bool) -> Any:
    """Return the volumes that the network should see.

    The slices of a volume are passed to the transforms as the channels of one image, so all of them are moved, scaled
    and rotated alike. The shift along the depth is that of `largest_shift`, and is the same for the whole batch.

    Args:
        sheets: `[batch, height, width, channels]`.
        layout: How the slices are arranged.
        transformed: Applies the transforms to images `[batch, height, width, depth * channels]`.
        moves: Whether to shift volumes along their depth.

    Returns:
        `[batch, depth, height, width, channels]`. Transforms may change the batch, the height and the width.

    Raises:
        ArgumentError: If a transform changes the number of channels.
    """
    volumes = layout.volumes(sheets)
    if moves and (most := largest_shift(layout.depth)):
        volumes = _shifted(volumes, most)
    batch, depth, height, width, channels = volumes.shape
    slices = tf.reshape(tf.transpose(volumes, [0, 2, 3, 1, 4]), [batch, height, width, depth * channels])
    moved = transformed(slices)
    if moved.shape[-1] != depth * channels:
        raise ArgumentError(
            f"The transforms return {moved.shape[-1]} channels for volumes of {depth} slices of {channels}.",
            "Expected transforms that keep the number of channels. They are given the slices as channels.",
        )
    sides = [tf.shape(moved)[axis] if size is None else size for axis, size in enumerate(moved.shape[:3])]
    return tf.transpose(tf.reshape(moved, [*sides, depth, channels]), [0, 3, 1, 2, 4])


def largest_shift(depth: int) -> int:
    """Return the largest shift of a volume along its depth, in slices: an eighth of the depth, at most 6."""
    return min(depth // _SHARE, _LARGEST)


def _shifted(volumes: Any, most: int) -> Any:
    padded = tf.pad(volumes, [[0, 0], [most, most], [0, 0], [0, 0], [0, 0]], constant_values=_OUTSIDE)
    start = seeding.integers([], 2 * most + 1)
    return tf.ensure_shape(padded[:, start : start + volumes.shape[1]], volumes.shape)


__all__ = ["largest_shift", "of_volumes"]
