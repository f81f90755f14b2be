"""Running a cell again stops the widgets that its earlier executions made.

Nothing else would stop them: neither ipywidgets nor the kernel notices that an output was replaced.
"""

from __future__ import annotations

import weakref
from typing import Any, NamedTuple, Protocol

from IPython import get_ipython


class _Stoppable(Protocol):
    def stop(self) -> None: ...


class _Origin(NamedTuple):
    cell: tuple[str, str]
    execution: str


_origins: weakref.WeakKeyDictionary[_Stoppable, _Origin] = weakref.WeakKeyDictionary()


def remember(widget: _Stoppable) -> None:
    """Stop the widgets that earlier executions of the current cell made, and note that this one made `widget`."""
    origin = _current_origin()
    if origin is None:
        return
    for other, made in list(_origins.items()):
        if made.cell == origin.cell and made.execution != origin.execution:
            other.stop()
            del _origins[other]
    _origins[widget] = origin


def _current_origin() -> _Origin | None:
    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is None:
        return None
    request: dict[str, Any] = kernel.get_parent("shell") or {}
    header = request.get("header") or {}
    if header.get("msg_type") != "execute_request":
        return None
    # JupyterLab and VS Code send the id of the cell. In other hosts the text stands for it, so an edited cell counts as
    # another one.
    cell_id = (request.get("metadata") or {}).get("cellId")
    cell = ("id", str(cell_id)) if cell_id else ("code", str((request.get("content") or {}).get("code", "")))
    return _Origin(cell, str(header.get("msg_id", "")))
