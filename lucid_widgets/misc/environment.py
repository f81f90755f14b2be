"""The environment in which the code runs."""

from __future__ import annotations

import sys

from IPython import get_ipython

__all__ = ["is_notebook_environment", "shows_progress"]


def is_notebook_environment() -> bool:
    """Return whether the code runs in a notebook, such as JupyterLab or Colab, and not in a terminal.

    Source: Lucid's `misc.environment`.
    """
    return getattr(get_ipython(), "kernel", None) is not None


def shows_progress() -> bool:
    """Return whether somebody can see a progress bar: in a notebook or a terminal, but not in a log file."""
    return "ipykernel" in sys.modules or sys.stderr.isatty()
