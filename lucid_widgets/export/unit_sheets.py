"""Pictures of many units as one sprite sheet, and a JSON file that says which is where."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lucid_widgets.errors import ArgumentError
from lucid_widgets.export.sprites import SheetFormat, make_sheets
from lucid_widgets.misc.io.writing import target, write_whole

_FORMATS: dict[str, SheetFormat] = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp"}


def save_unit_sheet(pictures: Any, path: str | os.PathLike[str], about: Mapping[str, Any]) -> list[Path]:
    """Writes pictures as a sprite sheet with its geometry beside it, `name.json`.

    Args:
        pictures: Array `[units, height, width, channels]`, uint8 or floats in [0, 1].
        path: The sheet: `.png` and `.webp` are lossless, `.jpg` is not. What does not fit into one sheet goes into
            `name-2.png` and so on.
        about: What else the JSON shall have, such as the units in their order.

    Returns:
        The files written, the JSON last.

    Raises:
        ArgumentError: For another ending.

    Example:
        >>> save_unit_sheet(images, "mixed4a.png", {"units": [30, 56, 152]})
    """
    place = target(path)
    if place.suffix.lower() not in _FORMATS:
        raise ArgumentError(
            f"{place.name!r} does not end like a sprite sheet.", f"Expected one of {', '.join(_FORMATS)}."
        )
    sheets, described = unit_sheets(pictures, place, about)
    files = {**sheets, place.with_suffix(".json"): described}
    for file, data in files.items():
        write_whole(file, data)
    return list(files)


def unit_sheets(pictures: Any, path: Path, about: Mapping[str, Any]) -> tuple[dict[Path, bytes], bytes]:
    """The bytes of the sheets, by path, and those of the JSON: picture `i` of a sheet is in row `i // columns` and
    column `i % columns`, and is number `first + i` of all."""
    sheets = make_sheets(np.asarray(pictures))
    files: dict[Path, bytes] = {}
    geometries = []
    for number, sheet in enumerate(sheets, 1):
        file = path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")
        files[file] = sheet.encode(_FORMATS[path.suffix.lower()], lossless=True)
        geometries.append({"file": file.name, **sheet.geometry})
    whole = {
        "version": 1,
        "count": sum(sheet.count for sheet in sheets),
        "width": sheets[0].width,
        "height": sheets[0].height,
        **about,
        "sheets": geometries,
    }
    return files, json.dumps(whole, indent=1).encode()
