"""The JavaScript and CSS of the pages, as text."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from lucid_widgets.errors import LucidError

STATIC = Path(__file__).parents[2] / "static"


@cache
def read_bundle(file_name: str) -> str:
    """The text of a file in `static`.

    The widgets get the text, because anywidget never releases a widget that got a path.

    Raises:
        LucidError: If the file is missing. The hint says how to build it.
    """
    try:
        # anywidget takes a text of one line for a file name.
        return (STATIC / file_name).read_text(encoding="utf-8").rstrip("\n") + "\n\n"
    except FileNotFoundError:
        raise LucidError(
            f"The JavaScript part of the widget is missing: {STATIC / file_name}.",
            "Released packages contain it. In a source checkout, run `npm ci && npm run build` in js/.",
        ) from None


def hot_reload() -> bool:
    """Whether pages reload when the files change, for developers (`ANYWIDGET_HMR=1`)."""
    return os.environ.get("ANYWIDGET_HMR") == "1"
