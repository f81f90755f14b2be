"""The kinds of traits that a widget shares with its page.

Every trait is synchronized, has a help text, changes under its widget's lock, and words its errors like the rest of the
package. Every assignment, by a user or by the page, goes through the widget's `_change`, which may refuse it.

    steps: int = Whole(512, min=1, help="Number of updates.")

The annotation is the type of the value. It is possible because type checkers see the names below as `Any`.
"""

from __future__ import annotations

from typing import Any, NoReturn

import traitlets

from lucid_widgets.errors import ArgumentError, did_you_mean, finite_number, whole_number

IMAGE_SIZE_MIN = 8
"""Smallest width and height of an image in pixels."""

MAX_STEPS, MAX_SEED = 1_000_000, 2**32 - 1

_Trait: Any = traitlets.TraitType
_SOURCE = ("_esm", "_css")


class _Shared(_Trait):
    """The base of all kinds.

    Args:
        help: Documentation of the trait.
        output: Whether only the widget sets it, with `set_trait`. Users can read and observe it.
    """

    expected = "another value"

    def __init__(self, *args: Any, help: str, output: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, help=help, read_only=output, **kwargs)
        self.tag(sync=True)

    def __set__(self, obj: Any, value: Any) -> None:
        if self.read_only:
            raise ArgumentError(f"{self.name} cannot be set.", "The widget sets it.")
        super().__set__(obj, value)

    def set(self, obj: Any, value: Any) -> None:
        # While ipywidgets handles a message, it replaces methods of the widget. A change from another thread at that
        # moment would be lost, or would overtake an earlier one.
        with obj._lock:
            if self.read_only or obj._is_committing(self.name, value):
                super().set(obj, value)
            else:
                obj._change({self.name: value})

    def error(self, obj: Any, value: Any, error: Any = None, info: Any = None) -> NoReturn:
        raise ArgumentError(f"{self.name} cannot be {value!r}.", f"Expected {self.expected}.")


class _Text(_Shared, traitlets.Unicode):  # type: ignore[type-arg]
    expected = "text"


class _Flag(_Shared, traitlets.Bool):  # type: ignore[type-arg]
    expected = "True or False"


class _Data(_Shared, traitlets.Bytes):
    expected = "bytes"


class _Records(_Shared, traitlets.List):  # type: ignore[type-arg]
    expected = "a list"


class _Record(_Shared, traitlets.Dict):
    expected = "a dict"


class _Real(_Shared, traitlets.Float):  # type: ignore[type-arg]
    def validate(self, obj: Any, value: Any) -> float | None:
        if value is None and self.allow_none:
            return None
        return finite_number(self.name or "", value, self.min, self.max)


class _Whole(_Shared, traitlets.Int):  # type: ignore[type-arg]
    def validate(self, obj: Any, value: Any) -> int:
        return whole_number(self.name or "", value, self.min, self.max)


class _Choice(_Shared, traitlets.Enum):  # type: ignore[type-arg]
    def error(self, obj: Any, value: Any, error: Any = None, info: Any = None) -> NoReturn:
        words = [str(word) for word in self.values or ()]
        raise ArgumentError(f"{self.name} cannot be {value!r}.", did_you_mean(str(value), words))


Text: Any = _Text
"""Text."""

Flag: Any = _Flag
"""True or False."""

Data: Any = _Data
"""Bytes."""

Records: Any = _Records
"""A list that JSON can hold, replaced as a whole."""

Record: Any = _Record
"""A dict that JSON can hold, replaced as a whole."""

Real: Any = _Real
"""A finite number from `min` to `max`, both included. Accepts NumPy's numbers, and rejects True."""

Choice: Any = _Choice
"""One of a few words."""

Whole: Any = _Whole
"""A whole number from `min` to `max`, both included. Accepts NumPy's integers, and rejects True and 1.5."""


def small_outputs(widget: Any) -> list[str]:
    """Names of the traits that only the widget sets, without images and the source of the page."""
    traits = widget.traits(sync=True)
    return [
        name
        for name, trait in traits.items()
        if isinstance(trait, _Shared) and trait.read_only and not isinstance(trait, _Data) and name not in _SOURCE
    ]
