"""Images of many units in sprite sheets, with a JSON file that says which image belongs to which unit."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lucid_widgets.errors import ArgumentError
from lucid_widgets.export.sprites.geometry import geometry_path
from lucid_widgets.export.sprites.sheet import SheetFormat, make_sheets
from lucid_widgets.export.sprites.sheet_files import sheet_files
from lucid_widgets.misc.io.writing import target, write_whole

__all__ = ["save_unit_sheet", "unit_sheets"]

_FORMATS: dict[str, SheetFormat] = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp"}


def save_unit_sheet(images: Any, path: str | os.PathLike[str], about: Mapping[str, Any]) -> list[Path]:
    """Save images as a sprite sheet, with its geometry in a JSON file next to it, such as `name.png.json`.

    Args:
        images: `[units, height, width, channels]`, uint8 or floats in [0, 1].
        path: The sheet. `.png` and `.webp` are lossless, `.jpg` is not. Images that do not fit into one sheet are
            written to `name-2.png` and so on.
        about: Further entries of the JSON, such as the units in their order.

    Returns:
        The files written, the JSON last.

    Raises:
        ArgumentError: If the name of the file ends differently.

    Example:
        >>> save_unit_sheet(images, "mixed4a.png", {"units": [30, 56, 152]})
    """
    place = target(path)
    if place.suffix.lower() not in _FORMATS:
        raise ArgumentError(
            f"{place.name!r} does not have the ending of a sprite sheet.", f"Expected one of {', '.join(_FORMATS)}."
        )
    sheets, described = unit_sheets(images, place, about)
    files = {**sheets, geometry_path(place): described}
    for file, data in files.items():
        write_whole(file, data)
    return list(files)


def unit_sheets(images: Any, path: Path, about: Mapping[str, Any]) -> tuple[dict[Path, bytes], bytes]:
    """Return the bytes of the sheets, by path, and those of the JSON; see `sheet_files`."""
    sheets = make_sheets(np.asarray(images))
    format = _FORMATS[path.suffix.lower()]
    encoded = [sheet.encode(format, lossless=True) for sheet in sheets]
    files = sheet_files(sheets, encoded, path, path.suffix.removeprefix("."), about)
    return files, files.pop(geometry_path(path))
