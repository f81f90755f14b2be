"""Griffe extension: adapt the package's docstrings and signatures to what the API reference shows."""

from __future__ import annotations

import re
from typing import Any

import griffe

DOCTEST = re.compile(r"(?:^>>> .*\n?)(?:^(?!$).*\n?)*", re.MULTILINE)


class Docstrings(griffe.Extension):
    """Render doctests as code, and give objective makers the return type that their decorator gives them."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """Turn examples into a form that is rendered as code.

        Griffe does so under the heading `Examples:` only. The package writes `Example:`, or doctests without a heading.
        """
        if obj.docstring is not None:
            text = re.sub(r"^Example:$", "Examples:", obj.docstring.value, flags=re.MULTILINE)
            obj.docstring.value = DOCTEST.sub(lambda match: f"```pycon\n{match.group().rstrip()}\n```\n", text)

    def on_function(self, *, func: griffe.Function, **kwargs: Any) -> None:
        """A maker returns an `Objective`; the function under the decorator returns the objective's own function."""
        if any("wrap_objective" in str(decorator.value) for decorator in func.decorators):
            func.returns = "Objective"
