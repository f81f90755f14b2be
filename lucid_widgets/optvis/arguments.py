"""Checks of arguments that several functions of `optvis` share."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.errors import ArgumentError

__all__ = ["accepts", "as_flag", "check_param_f", "list_of_objectives"]


def check_param_f(param_f: Any, image_size: Any, *, of_batch: bool = False) -> None:
    """Check `param_f`, and that it is not combined with `image_size`.

    Args:
        param_f: What the user passed, not None.
        image_size: What the user passed.
        of_batch: Whether `param_f` is called with the number of images.

    Raises:
        ArgumentError: If it is not a function that can be called that way.
    """
    if image_size is not None:
        raise ArgumentError(
            "Both param_f and image_size were passed.", "Pass one of them: param_f sets the size itself."
        )
    example = "lambda batch: param.image(128, batch=batch)" if of_batch else "lambda: param.image(128)"
    what = "of the number of images " if of_batch else ""
    expected = f"Expected a function {what}that returns the image tensor, such as {example}."
    if tf.is_tensor(param_f) or not callable(param_f):
        short = isinstance(param_f, (int, float, str))  # the repr of an array may fill the screen
        other = repr(param_f) if short else f"of type {type(param_f).__name__!r}"
        raise ArgumentError(f"param_f is {'a tensor' if tf.is_tensor(param_f) else other}.", expected)
    if not accepts(param_f, int(of_batch)):
        raise ArgumentError(
            f"param_f cannot be called with {'one argument' if of_batch else 'no arguments'}.", expected
        )


def accepts(function: Callable[..., Any], count: int) -> bool:
    """Whether a function can be called with this many positional arguments. True if its signature is not known."""
    try:
        inspect.signature(function).bind(*[None] * count)
    except TypeError:
        return False
    except ValueError:  # a function written in C
        return True
    return True


def as_flag(name: str, value: Any) -> bool:
    """Return a switch as a bool. 0 and 1 are accepted; text is not, because `"no"` would switch it on.

    Raises:
        ArgumentError: If it is anything else.
    """
    if isinstance(value, (bool, np.bool_)) or (isinstance(value, (int, np.integer)) and value in (0, 1)):
        return bool(value)
    raise ArgumentError(f"{name} is {value!r}.", "Expected True or False.")


def list_of_objectives(objectives: Any) -> list[Any]:
    """Return the objectives that were passed as a list.

    Raises:
        ArgumentError: If there are none, or a single one was passed.
    """
    expected = "Expected a list of objectives, such as ['layer:1', 'layer:2']."
    if isinstance(objectives, (str, bytes)) or not isinstance(objectives, Iterable):
        raise ArgumentError(f"objectives is {objectives!r}.", expected)
    found = list(objectives)
    if not found:
        raise ArgumentError("There are no objectives.", "Expected at least one, such as ['layer:1'].")
    return found
