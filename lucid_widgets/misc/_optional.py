"""Libraries that only some functions need."""

from __future__ import annotations

import importlib
from typing import Any

from lucid_widgets.errors import ArgumentError


def needed(module: str, what: str, extra: str = "misc") -> Any:
    """An optional library, imported when it is first needed.

    Args:
        module: Its name to Python.
        what: Who needs it, for the message.
        extra: The extra of lucid_widgets that brings it.

    Raises:
        ArgumentError: It is not installed.
    """
    library = module.partition(".")[0]
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != library:
            raise
        raise ArgumentError(
            f"{what} needs {library}, which is not installed.", f'Run pip install "lucid-widgets[{extra}]".'
        ) from error
