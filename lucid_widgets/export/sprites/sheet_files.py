"""Files of several sprite sheets, and the JSON that describes them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lucid_widgets.export.sprites.geometry import geometry_path
from lucid_widgets.export.sprites.sheet import Sheet

__all__ = ["sheet_files"]


def sheet_files(
    sheets: Sequence[Sheet], encoded: Sequence[bytes], path: Path, ending: str, about: Mapping[str, Any]
) -> dict[Path, bytes]:
    """Return the content of each file, by path: `name.png`, `name-2.png`, ..., and last the JSON.

    The JSON is named after the first sheet with its ending, so that the sheets of one animation in several formats do
    not replace each other's JSON. It comes last, so that it never names a file that is not written yet. Frame `i` of a
    sheet is in row `i // columns` and column `i % columns`, and it is frame `first + i` of all.

    Args:
        sheets: The sheets, at least one.
        encoded: The bytes of each sheet's image.
        path: Path of the first sheet.
        ending: The ending of its name that the other names share, such as "png" or "sheet.webp". If the name ends
            differently, numbers are appended to it.
        about: Further entries of the JSON.
    """
    name, suffix = path.name, ""
    if name.lower().endswith(f".{ending.lower()}"):
        cut = len(name) - len(ending) - 1
        name, suffix = name[:cut], name[cut:]
    paths = [path, *(path.with_name(f"{name}-{number}{suffix}") for number in range(2, len(sheets) + 1))]
    described = {
        "version": 1,
        **about,
        "count": sum(sheet.count for sheet in sheets),
        "width": sheets[0].width,
        "height": sheets[0].height,
        "sheets": [{"file": file.name, **sheet.geometry} for file, sheet in zip(paths, sheets, strict=True)],
    }
    files = dict(zip(paths, encoded, strict=True))
    return {**files, geometry_path(path): json.dumps(described, indent=1).encode()}
