"""`sensitivity`: how a unit's answer to its top images changes when they are changed. Is it color or shape?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from PIL import Image, ImageFilter, ImageOps

from lucid_widgets.evidence.answers import Sensitivity
from lucid_widgets.evidence.measuring import unit_values
from lucid_widgets.evidence.picks import SHOWN
from lucid_widgets.evidence.unit import UnitEvidence
from lucid_widgets.misc.io.serialize_array import UInt8Array
from lucid_widgets.modelzoo.adapt import as_model

KEPT = 0.7
"""Share of the answer from which a unit counts as indifferent to a change."""

_PATCHES = 4
_ZOOM = 0.6
_BLUR = 0.025
_HUE_TURN = 85  # a third of Pillow's 256 hues


def sensitivity(model: Any, unit: UnitEvidence, *, seed: int = 0) -> Sensitivity:
    """Measure how a unit answers to its nine top images when they are changed.

    The changes: *gray* (no color), *hue* (turned by a third of the circle), *rotated* by 90°, *flipped* left to right,
    *scaled* to 60 % on their mean color, *blurred*, and *shuffled* in 4 × 4 patches.

    Args:
        model: Whatever `as_model` accepts: the network of the index.
        unit: The evidence about the unit, `index["mixed4a:56"]`.
        seed: Seed of the shuffling; default: 0.

    Returns:
        The shares of the answer that remain, and what they say about color and shape.

    Raises:
        ArgumentError: The index is stale.

    Example:
        >>> sensitivity(model, index["mixed5b:56"]).words
    """
    visible = as_model(model)
    unit.index.require(visible)
    images = [unit.image(shown) for shown in unit.top[:SHOWN]]
    groups = {"": images} | {name: [change(image, seed) for image in images] for name, change in CHANGES.items()}
    size = unit.index.size
    stack = np.stack([_fitted(image, size) for group in groups.values() for image in group])
    answers = unit_values(visible, [unit.layer], stack)[unit.layer][:, unit.channel]
    means = dict(zip(groups, answers.reshape(len(groups), -1).mean(1).tolist(), strict=True))
    value = means.pop("")
    shares = {name: mean / value for name, mean in means.items()} if value > 0 else {}
    return Sensitivity(unit.name, value, shares, in_words(shares))


def in_words(shares: Mapping[str, float]) -> str:
    """Say whether color or shape excites a unit, given the shares of its answer that remain after each change."""
    if not shares:
        return "The images do not activate the unit."
    color, shape = min(("gray", "hue"), key=shares.__getitem__), min(("shuffled", "blurred"), key=shares.__getitem__)
    needs_color, needs_shape = shares[color] < KEPT, shares[shape] < KEPT
    what = {
        (True, False): "Color more than shape",
        (False, True): "Shape more than color",
        (True, True): "Color and shape",
        (False, False): "Neither color nor shape alone, rather texture",
    }[needs_color, needs_shape]
    parts = [f"{_OF[name]} it keeps {100 * max(shares[name], 0):.0f} %" for name in (color, shape)]
    return f"{what}: {parts[0]} of its answer, {parts[1]}."


_OF = {"gray": "in gray", "hue": "with other hues", "shuffled": "in shuffled patches", "blurred": "blurred"}


def _fitted(image: UInt8Array, size: tuple[int, int]) -> UInt8Array:
    if image.shape[:2] == size:
        return image
    return np.asarray(Image.fromarray(image).resize((size[1], size[0]), Image.Resampling.BICUBIC))


def _gray(image: UInt8Array, seed: int) -> UInt8Array:
    return np.asarray(ImageOps.grayscale(Image.fromarray(image)).convert("RGB"))


def _hue(image: UInt8Array, seed: int) -> UInt8Array:
    turned = np.array(Image.fromarray(image).convert("HSV"))
    turned[..., 0] += np.uint8(_HUE_TURN)  # wraps around, as hues do
    return np.asarray(Image.fromarray(turned, "HSV").convert("RGB"))


def _rotated(image: UInt8Array, seed: int) -> UInt8Array:
    height, width = image.shape[:2]
    return _fitted(np.rot90(image), (height, width))


def _flipped(image: UInt8Array, seed: int) -> UInt8Array:
    return image[:, ::-1]


def _scaled(image: UInt8Array, seed: int) -> UInt8Array:
    height, width = image.shape[:2]
    rows, columns = max(1, round(_ZOOM * height)), max(1, round(_ZOOM * width))
    made = np.empty_like(image)
    made[:] = image.reshape(-1, 3).mean(0)
    top, left = (height - rows) // 2, (width - columns) // 2
    made[top : top + rows, left : left + columns] = _fitted(image, (rows, columns))
    return made


def _blurred(image: UInt8Array, seed: int) -> UInt8Array:
    radius = max(1.0, _BLUR * max(image.shape[:2]))
    return np.asarray(Image.fromarray(image).filter(ImageFilter.GaussianBlur(radius)))


def _shuffled(image: UInt8Array, seed: int) -> UInt8Array:
    height, width = (side // _PATCHES * _PATCHES for side in image.shape[:2])
    if not height or not width:
        return image
    rows, columns = height // _PATCHES, width // _PATCHES
    inner = image[:height, :width]
    patches = inner.reshape(_PATCHES, rows, _PATCHES, columns, 3).swapaxes(1, 2).reshape(-1, rows, columns, 3)
    patches = patches[np.random.default_rng(seed).permutation(len(patches))]
    made = image.copy()
    made[:height, :width] = (
        patches.reshape(_PATCHES, _PATCHES, rows, columns, 3).swapaxes(1, 2).reshape(height, width, 3)
    )
    return made


CHANGES: dict[str, Callable[[UInt8Array, int], UInt8Array]] = {
    "gray": _gray,
    "hue": _hue,
    "rotated": _rotated,
    "flipped": _flipped,
    "scaled": _scaled,
    "blurred": _blurred,
    "shuffled": _shuffled,
}
"""The changes by name: functions of a uint8 image `[height, width, 3]` and a seed."""

__all__ = ["CHANGES", "KEPT", "Sensitivity", "in_words", "sensitivity"]
