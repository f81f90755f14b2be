"""Where the code runs."""

from __future__ import annotations

from IPython import get_ipython


def is_notebook_environment() -> bool:
    """Whether there is a notebook to show things in: JupyterLab, Colab, and their like; not a plain terminal.

    Source: Lucid's `misc.environment`.
    """
    return getattr(get_ipython(), "kernel", None) is not None


__all__ = ["is_notebook_environment"]
