"""The environment in which the code runs."""

from __future__ import annotations

from IPython import get_ipython

__all__ = ["is_notebook_environment"]


def is_notebook_environment() -> bool:
    """Return whether the code runs in a notebook, such as JupyterLab or Colab, and not in a terminal.

    Source: Lucid's `misc.environment`.
    """
    return getattr(get_ipython(), "kernel", None) is not None
