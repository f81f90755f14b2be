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
# By cell: its newest execution, and the widgets of earlier ones whose place no new widget has taken yet.
_replaced: dict[tuple[str, str], tuple[str, list[weakref.ref[Any]]]] = {}


def remember(widget: _Stoppable) -> Any:
    """Record that the current cell made `widget`, and stop the widgets that its earlier executions made.

    Returns:
        The widget of an earlier execution whose place the new one takes: the first of its class that no other widget
        of this execution has replaced. None if there is none.
    """
    origin = _current_origin()
    if origin is None:
        return None
    execution, waiting = _replaced.get(origin.cell, ("", []))
    if execution != origin.execution:
        waiting = []
    for other, made in list(_origins.items()):
        if made.cell == origin.cell and made.execution != origin.execution:
            other.stop()
            del _origins[other]
            waiting.append(weakref.ref(other))
    _origins[widget] = origin
    # By name, because traitlets creates a separate class for each widget to which traits were added.
    found = next((each for each in waiting if type(each()).__name__ == type(widget).__name__), None)
    _replaced[origin.cell] = origin.execution, [each for each in waiting if each is not found]
    return None if found is None else found()


def _current_origin() -> _Origin | None:
    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is None:
        return None
    request: dict[str, Any] = kernel.get_parent("shell") or {}
    header = request.get("header") or {}
    if header.get("msg_type") != "execute_request":
        return None
    # JupyterLab and VS Code send the id of the cell. In other hosts, the text identifies it, so an edited cell counts
    # as another one.
    cell_id = (request.get("metadata") or {}).get("cellId")
    cell = ("id", str(cell_id)) if cell_id else ("code", str((request.get("content") or {}).get("code", "")))
    return _Origin(cell, str(header.get("msg_id", "")))
