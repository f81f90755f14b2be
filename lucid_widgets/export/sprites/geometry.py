"""The JSON next to a saved sprite sheet: its name, and how to read the geometry back."""

from __future__ import annotations

import re
from pathlib import Path

from lucid_widgets.errors import ArgumentError
from lucid_widgets.misc.outside import file_bytes, parsed_json

__all__ = ["geometry_path", "saved_geometry"]

MAX_BYTES = 16 * 2**20
"""Most bytes of the JSON."""


def geometry_path(path: Path) -> Path:
    """Path of the JSON that describes the sheet at `path`, such as `name.png.json` for `name.png`."""
    return path.with_name(f"{path.name}.json")


def saved_geometry(path: Path) -> tuple[int, int] | None:
    """Columns and number of frames of a saved sheet, from the JSON next to it; None if there is none.

    Args:
        path: One of the sheets that were saved together. `name.json`, as older versions called the JSON, is read if
            there is no `name.png.json`.

    Raises:
        ArgumentError: If the file is not the JSON of a sprite sheet.
    """
    stem = path.name.rsplit(".", 1)[0].removesuffix(".sheet")
    first = re.sub(r"-\d+$", "", stem)
    names = [f"{path.name}.json", f"{first}{path.name[len(stem) :]}.json", f"{stem}.json", f"{first}.json"]
    for place in map(path.with_name, dict.fromkeys(names)):
        if not place.is_file():
            continue
        try:
            sheets = parsed_json(file_bytes(place, MAX_BYTES), place.name)["sheets"]
            found = {each["file"]: (int(each["columns"]), int(each["count"])) for each in sheets}
        except (ValueError, LookupError, TypeError, OverflowError):
            raise ArgumentError(
                f"{place.name!r} is not the JSON of a sprite sheet.", "Pass columns= and count= to read the sheet."
            ) from None
        if path.name in found:
            return found[path.name]
    return None
