"""Optional dependencies."""

from __future__ import annotations

import importlib
from typing import Any

from lucid_widgets.errors import ArgumentError


def needed(module: str, what: str, extra: str = "misc") -> Any:
    """Import an optional dependency.

    Args:
        module: The module to import.
        what: What needs it, for the error message.
        extra: The extra of lucid_widgets that installs it.

    Raises:
        ArgumentError: If it is not installed.
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
