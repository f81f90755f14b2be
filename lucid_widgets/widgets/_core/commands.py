"""Messages between the page and Python when the page runs a command."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

from lucid_widgets.errors import LucidError

Buffers = list[bytes]
Command = Callable[..., Any]

_TRACEBACK_CHARACTERS = 8000


class Reply:
    """The result of a command: a JSON value and binary buffers."""

    def __init__(self, value: Any, buffers: Buffers | None = None) -> None:
        self.value = value
        self.buffers = buffers or []


def error_report(error: BaseException) -> dict[str, str]:
    """Return an error as a dict for the page: title, message, hint and traceback.

    Errors of this package explain themselves, so they have neither title nor traceback.
    """
    if isinstance(error, LucidError):
        return {"title": "", "message": error.message, "hint": error.hint, "traceback": ""}
    lines = "".join(traceback.format_exception(error))
    return {
        "title": type(error).__name__,
        "message": str(error) or type(error).__name__,
        "hint": "",
        "traceback": lines[-_TRACEBACK_CHARACTERS:],
    }
