"""The still image that replaces a widget where widgets cannot be shown."""

from __future__ import annotations

import base64
import uuid
from typing import Any

from IPython.display import display, update_display

from lucid_widgets.errors import ArgumentError


def still_data(html: str | None, png: bytes | None) -> dict[str, str]:
    """Display data for readers without widgets, by MIME type. Missing kinds are left out."""
    data: dict[str, str] = {}
    if html is not None:
        data["text/html"] = html
    if png is not None:
        data["image/png"] = base64.b64encode(png).decode("ascii")
    return data


class Outputs:
    """The notebook outputs that show one widget. Each has a display id, by which `replace` finds it again."""

    def __init__(self) -> None:
        self._ids: list[str] = []

    def show(self, bundle: Any) -> None:
        """Display a MIME bundle in the current cell."""
        data, metadata = bundle
        self._ids.append(uuid.uuid4().hex)
        display(data, metadata=metadata, raw=True, display_id=self._ids[-1])

    def replace(self, still: dict[str, str], text: str) -> None:
        """Put a still image in place of the widget, in every output.

        Raises:
            ArgumentError: If there is no image, or no output shows the widget.
        """
        if not still:
            raise ArgumentError("There is no image yet.", "Run first.")
        if not self._ids:
            raise ArgumentError("No cell shows the widget.", "Put the widget's name on the last line of a cell first.")
        ids, self._ids = self._ids, []
        for display_id in ids:
            update_display({**still, "text/plain": text}, raw=True, display_id=display_id)
