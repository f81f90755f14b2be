"""Read JSON that may be damaged, and check the type of each field."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from lucid_widgets.errors import ArgumentError, LucidError

__all__ = ["Field", "check_fields", "is_list_of", "is_name", "is_number", "is_text", "is_whole", "parsed_json"]

_LONGEST = 80


class Field(NamedTuple):
    """What a field of a record may hold.

    Attributes:
        is_valid: Whether a value may be in the field.
        expected: Description of the valid values, for error messages: "the name of a node".
    """

    is_valid: Callable[[Any], bool]
    expected: str


def parsed_json(
    text: str | bytes, name: str, expected: str = "Expected JSON.", *, error: type[LucidError] = ArgumentError
) -> Any:
    """Return the value that a JSON text describes.

    Args:
        text: The text, or its bytes in UTF-8.
        name: Where it comes from, for error messages.
        expected: What to do, for error messages.
        error: Kind of the error to raise.

    Raises:
        LucidError: If it is not JSON, or nested too deeply.
    """
    try:
        return json.loads(text)
    except RecursionError:
        raise error(f"{name} is not JSON that can be read: it is nested too deeply.", expected) from None
    except ValueError as reason:
        raise error(f"{name} is not JSON: {reason}.", expected) from None


def check_fields(
    record: Mapping[str, Any], fields: Mapping[str, Field], owner: str, *, error: type[LucidError] = ArgumentError
) -> None:
    """Refuse a record in which a field holds something else than expected. A field that is missing, or None, is valid.

    Args:
        record: The record.
        fields: What each field may hold. Other fields are not checked.
        owner: Where the record comes from, for error messages: "The metadata in 'net.pb'".
        error: Kind of the error to raise.

    Raises:
        LucidError: If a value is not valid. The message names the field.
    """
    for key, field in fields.items():
        value = record.get(key)
        if value is not None and not field.is_valid(value):
            shown = repr(value) if len(repr(value)) <= _LONGEST else f"{repr(value)[:_LONGEST]}..."
            raise error(f"{owner} has {key}={shown}.", f"Expected {field.expected}.")


def is_text(value: Any) -> bool:
    """Whether a value is a string."""
    return isinstance(value, str)


def is_name(value: Any) -> bool:
    """Whether a value is a string that is not empty."""
    return isinstance(value, str) and value != ""


def is_whole(value: Any) -> bool:
    """Whether a value is a whole number."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: Any) -> bool:
    """Whether a value is a finite number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < math.inf


def is_list_of(check: Callable[[Any], bool], value: Any) -> bool:
    """Whether a value is a list whose items pass a check."""
    return isinstance(value, (list, tuple)) and all(map(check, value))
