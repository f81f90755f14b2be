"""Unknown keywords are errors that suggest the right name."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from lucid_widgets.errors import UnknownKeywordError, did_you_mean

P = ParamSpec("P")
R = TypeVar("R")

_RENAMED = {"image_numbers": "noise_ids", "record": "record_every"}


def suggest_keywords(function: Callable[P, R]) -> Callable[P, R]:
    """Return `function` with an error message that suggests the nearest keyword for an unknown one.

    Raises:
        UnknownKeywordError: From the returned function, for a keyword that `function` does not have.
    """
    parameters = inspect.signature(function).parameters.values()
    known = [each.name for each in parameters if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)]

    @functools.wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        for name in kwargs:
            if name not in known:
                renamed = _RENAMED.get(name)
                hint = f"Did you mean {renamed!r}?" if renamed in known else did_you_mean(name, known)
                raise UnknownKeywordError(f"{function.__name__}() got an unexpected keyword argument {name!r}.", hint)
        return function(*args, **kwargs)

    return checked


__all__ = ["suggest_keywords"]
