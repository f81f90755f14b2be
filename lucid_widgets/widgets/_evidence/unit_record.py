"""`UnitRecords`: the evidence about units as traits for the page. Needs no TensorFlow."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from lucid_widgets.evidence.index import ActivationIndex
from lucid_widgets.evidence.picks import KINDS, SHOWN
from lucid_widgets.evidence.unit import Shown, UnitEvidence
from lucid_widgets.images.recent import Recent
from lucid_widgets.misc.io.serialize_array import UInt8Array, encode_jpeg
from lucid_widgets.widgets._core.commands import Reply

CROP = 84
"""Sides of a crop on the sheet, in pixels."""

WHOLE = 132
"""Longer side of a whole image on its sheet, in pixels."""

NO_UNIT: dict[str, Any] = {"_evidence": {}, "_evidence_crops": b"", "_evidence_wholes": b"", "_evidence_value": {}}

_QUALITY = 82
_MAX_RECORDS = 24


class UnitRecords:
    """Traits of the units that were shown last, and of their neighbors, which a user who scrubs sees next."""

    def __init__(self) -> None:
        self._recent: Recent[dict[str, Any]] = Recent(_MAX_RECORDS)

    def of(self, index: ActivationIndex, layer: str, channel: int) -> dict[str, Any]:
        """Return the values of the traits that describe a unit."""
        return self._recent.get((index, layer, channel), lambda: unit_traits(index[layer, channel]))

    def reply(self, index: ActivationIndex, layer: str, channel: int) -> Reply:
        """Return the answer to a page that asks for a unit ahead, to show it without a round trip."""
        traits = self.of(index, layer, channel)
        files = {name: value for name, value in traits.items() if isinstance(value, bytes)}
        rest = {name: value for name, value in traits.items() if name not in files}
        return Reply({"traits": rest | {"_evidence_value": {}}, "files": [*files]}, [*files.values()])


def unit_traits(unit: UnitEvidence) -> dict[str, Any]:
    """Return the values of the traits that describe a unit."""
    height, width = unit.index.size
    share = WHOLE / max(height, width)
    whole = (max(1, round(height * share)), max(1, round(width * share)))
    crops = np.zeros((len(KINDS), SHOWN, CROP, CROP, 3), np.uint8)
    wholes = np.zeros((len(KINDS), SHOWN, *whole, 3), np.uint8)
    rows: dict[str, list[dict[str, Any]]] = {}
    for row, kind in enumerate(KINDS):
        shown = unit.shown(kind)
        rows[kind] = [_about(each, (height, width)) for each in shown]
        for place, each in enumerate(shown):
            crops[row, place] = unit.crop(each, CROP)
            wholes[row, place] = _resized(unit.image(each), whole)
    about = {
        **unit.to_json(),
        "set": unit.index.about["images"],
        "kinds": rows,
        "columns": SHOWN,
        "whole": [whole[1], whole[0]],
        "summary": unit.summary,
    }
    return {"_evidence": about, "_evidence_crops": _sheet(crops), "_evidence_wholes": _sheet(wholes)}


def _about(shown: Shown, size: tuple[int, int]) -> dict[str, Any]:
    top, left, bottom, right = shown.box
    height, width = size
    return {
        "id": shown.id,
        "label": shown.label or "",
        "value": shown.value,
        "box": [round(each, 4) for each in (top / height, left / width, bottom / height, right / width)],
    }


def _resized(image: UInt8Array, size: tuple[int, int]) -> UInt8Array:
    if image.shape[:2] == size:
        return image
    return np.asarray(Image.fromarray(image).resize((size[1], size[0]), Image.Resampling.BILINEAR))


def _sheet(cells: UInt8Array) -> bytes:
    rows, columns, height, width, channels = cells.shape
    return encode_jpeg(cells.swapaxes(1, 2).reshape(rows * height, columns * width, channels), _QUALITY)


__all__ = ["NO_UNIT", "UnitRecords", "unit_traits"]
