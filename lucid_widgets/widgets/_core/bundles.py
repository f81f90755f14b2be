"""The pages' JavaScript and CSS, as text."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from lucid_widgets.errors import LucidError

STATIC = Path(__file__).parents[2] / "static"


@cache
def read_bundle(file_name: str) -> str:
    """The text of a file in `static`.

    Text and not a path, because anywidget keeps every widget alive that was given a path.

    Raises:
        LucidError: If the file is missing, with how to make it.
    """
    try:
        # anywidget takes a single line for the name of a file.
        return (STATIC / file_name).read_text(encoding="utf-8").rstrip("\n") + "\n\n"
    except FileNotFoundError:
        raise LucidError(
            f"The page's part of the widget is missing: {STATIC / file_name}.",
            "A released package contains it. In a source checkout, run `npm ci && npm run build` in js/.",
        ) from None


def hot_reload() -> bool:
    """Whether a developer asked that the page follows changes of the files."""
    return os.environ.get("ANYWIDGET_HMR") == "1"
