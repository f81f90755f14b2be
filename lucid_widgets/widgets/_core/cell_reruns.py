"""Running a cell again stops the widgets that its earlier executions made, and later closes them.

Nothing else would: neither ipywidgets nor the kernel notices that an output was replaced.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from IPython import get_ipython

if TYPE_CHECKING:
    from lucid_widgets.widgets._core.base import LucidBase


class _Origin(NamedTuple):
    cell: tuple[str, str]
    execution: str


_origins: weakref.WeakKeyDictionary[LucidBase, _Origin] = weakref.WeakKeyDictionary()
# By cell: its newest execution, and the widgets of earlier ones whose place no new widget has taken yet.
_replaced: dict[tuple[str, str], tuple[str, list[weakref.ref[Any]]]] = {}
# By cell: stopped widgets that are still open. A page removes its view a moment after the cell has begun to run, so
# they are closed one execution later.
_stopped: dict[tuple[str, str], list[weakref.ref[Any]]] = {}


class CellContext:
    """The context variables of the cell that makes a widget, such as the message that the kernel answers.

    ipykernel 7.0 reads that message from a context variable, which has no value in threads that it has not started.
    There it raises `LookupError` for every message to the page, from widgets and from displays.
    """

    def __init__(self) -> None:
        self._variables = copy_context()

    def send(self, send: Callable[[], object]) -> None:
        """Call `send` in the thread's own context or, if a variable is missing there, in this one."""
        try:
            send()
        except LookupError:
            # A copy, because several threads may be here, and no context can be entered twice.
            self._variables.copy().run(send)


def remember(widget: LucidBase) -> Any:
    """Record that the current cell made `widget`, and stop the widgets that its earlier executions made.

    Those that were stopped before are closed, which gives back their memory and their connection, unless a page still
    shows them, as another cell's output can. Those that nothing has shown connect again when they are shown.

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
        _close_unseen(origin.cell)
    for other, made in list(_origins.items()):
        if made.cell == origin.cell and made.execution != origin.execution:
            if other._streams:
                cast(Any, other).stop()
            del _origins[other]
            waiting.append(weakref.ref(other))
            _stopped.setdefault(origin.cell, []).append(weakref.ref(other))
    _origins[widget] = origin
    # By name, because traitlets creates a separate class for each widget to which traits were added.
    found = next((each for each in waiting if type(each()).__name__ == type(widget).__name__), None)
    _replaced[origin.cell] = origin.execution, [each for each in waiting if each is not found]
    return None if found is None else found()


def _close_unseen(cell: tuple[str, str]) -> None:
    widgets = [widget for reference in _stopped.pop(cell, ()) if (widget := reference()) is not None]
    for widget in widgets:
        if widget._is_shown:
            _stopped.setdefault(cell, []).append(weakref.ref(widget))
        else:
            widget._give_up()


def cell_id() -> str:
    """Id of the cell that is being executed; "" if there is none, or if the host does not send ids.

    JupyterLab, Notebook 7 and VS Code do.
    """
    return str((_current_request().get("metadata") or {}).get("cellId") or "")


def in_cell() -> bool:
    """Whether a cell is being executed, by this thread."""
    return bool(_current_request())


def _current_request() -> dict[str, Any]:
    """The request to execute a cell that is being handled; empty if there is none."""
    kernel = getattr(get_ipython(), "kernel", None)
    try:
        request: dict[str, Any] = ({} if kernel is None else kernel.get_parent("shell")) or {}
    except LookupError:  # ipykernel 7.0, in a thread that it has not started
        return {}
    return request if (request.get("header") or {}).get("msg_type") == "execute_request" else {}


def _current_origin() -> _Origin | None:
    request = _current_request()
    if not request:
        return None
    # Without an id, the text identifies the cell, so an edited cell counts as another one.
    named, code = cell_id(), str((request.get("content") or {}).get("code", ""))
    return _Origin(("id", named) if named else ("code", code), str(request["header"].get("msg_id", "")))
