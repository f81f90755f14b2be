"""Griffe extension: adapt the package's docstrings and signatures to what the API reference shows."""

from __future__ import annotations

import re
from typing import Any

import griffe


class Docstrings(griffe.Extension):
    """Render doctests as code, and give objective makers the return type that their decorator gives them."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """Rename `Example:` to `Examples:`, the only spelling for which Griffe renders doctests as code."""
        if obj.docstring is not None:
            obj.docstring.value = re.sub(r"^Example:$", "Examples:", obj.docstring.value, flags=re.MULTILINE)

    def on_function(self, *, func: griffe.Function, **kwargs: Any) -> None:
        """A maker returns an `Objective`; the function under the decorator returns the objective's own function."""
        if any("wrap_objective" in str(decorator.value) for decorator in func.decorators):
            func.returns = "Objective"
