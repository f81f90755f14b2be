"""The still image that stands for a widget where widgets cannot be shown."""

from __future__ import annotations

import base64
import os
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from IPython import get_ipython
from IPython.display import display, update_display

from lucid_widgets.errors import ArgumentError
from lucid_widgets.widgets._core.cell_reruns import CellContext, cell_id

# The view of no widget. JupyterLab and Notebook 7 hide an output that has it; readers without widgets show its image.
_NO_VIEW = {
    "application/vnd.jupyter.widget-view+json": {"model_id": "", "version_major": 2, "version_minor": 0},
    "text/plain": "",
}


def still_data(html: str | None, png: bytes | None) -> dict[str, str]:
    """Display data for readers without widgets, by MIME type. Missing kinds are left out."""
    data: dict[str, str] = {}
    if html is not None:
        data["text/html"] = html
    if png is not None:
        data["image/png"] = base64.b64encode(png).decode("ascii")
    return data


def no_image_yet(*, moving: bool, resting: str = "Run first.") -> ArgumentError:
    """The error of whatever needs an image, before there is one.

    Args:
        moving: Whether a run is moving, which will bring an image.
        resting: What the user has to do for an image if no run is moving.
    """
    return ArgumentError("There is no image yet.", "Call wait() first." if moving else resting)


@dataclass
class _Shown:
    """One display of a widget. `image_id` names the hidden output with its image; "" if there is none."""

    data: dict[str, Any]
    metadata: dict[str, Any]
    still: dict[str, str]
    image_id: str
    display_id: str = field(default_factory=lambda: uuid.uuid4().hex)


class Outputs:
    """The notebook outputs that show one widget. Each has a display id, by which it can be changed later.

    A changed output with a widget makes every page build the view again, which would lose the focus. So a page gets the
    image in a second, hidden output, if its host knows how to hide one. If there is no page at all, as in nbclient and
    papermill, the image goes into the output of the widget.
    """

    def __init__(self, cell: CellContext) -> None:
        self._cell = cell
        self._shown: list[_Shown] = []

    def show(self, bundle: Any, still: dict[str, str], *, changes: bool) -> None:
        """Display a MIME bundle in the current cell.

        Args:
            bundle: Data and metadata of the widget's view.
            still: The present image, as `still_data` returns it.
            changes: Whether the image can change later.
        """
        data, metadata = bundle
        shown = _Shown(data, metadata, still, uuid.uuid4().hex if changes and _hides_outputs() else "")
        self._shown.append(shown)
        if shown.image_id:
            display(data, metadata=metadata, raw=True, display_id=shown.display_id)
            display({**_NO_VIEW, **still}, raw=True, display_id=shown.image_id)
        else:
            display({**data, **still}, metadata=metadata, raw=True, display_id=shown.display_id)

    def keep(self, still: Callable[[], dict[str, str]], *, watched: bool) -> None:
        """Put the newest image into the outputs, where no page has to build a view again.

        Args:
            still: Returns the image, as `still_data` does.
            watched: Whether a page has ever shown the widget.
        """
        outputs = [each for each in self._shown if each.image_id or not watched]
        newest = still() if outputs else {}
        for shown in outputs:
            if shown.still == newest:
                continue
            shown.still = newest
            if shown.image_id:
                self._update(shown.image_id, {**_NO_VIEW, **newest})
            else:
                self._update(shown.display_id, {**shown.data, **newest}, shown.metadata)

    def replace(self, still: dict[str, str], text: str) -> None:
        """Put a still image in place of the widget, in every output.

        Raises:
            ArgumentError: If no output shows the widget.
        """
        if not self._shown:
            raise ArgumentError("No cell shows the widget.", "Put the widget's name on the last line of a cell first.")
        outputs, self._shown = self._shown, []
        for shown in outputs:
            self._update(shown.display_id, {**still, "text/plain": text})
            if shown.image_id:
                self._update(shown.image_id, _NO_VIEW)

    def _update(self, display_id: str, data: dict[str, Any], metadata: dict[str, Any] | None = None) -> None:
        self._cell.send(lambda: update_display(data, metadata=metadata, raw=True, display_id=display_id))


def _hides_outputs() -> bool:
    """Whether the page that runs the current cell is that of JupyterLab or Notebook 7.

    Both send the id of the cell. VS Code sends it too, but draws outputs in another way.
    """
    shell = get_ipython()
    in_vscode = "VSCODE_PID" in os.environ or "__vsc_ipynb_file__" in getattr(shell, "user_ns", {})
    return cell_id() != "" and not in_vscode and "google.colab" not in sys.modules
