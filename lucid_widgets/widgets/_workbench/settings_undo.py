"""`SettingsUndo`: undoes and redoes changes of settings, one at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from lucid_widgets.optvis.objectives.text import single_channel
from lucid_widgets.widgets._core.commands import Command
from lucid_widgets.widgets._core.part import Part
from lucid_widgets.widgets._workbench.run_settings import FIELDS, RunSettings

if TYPE_CHECKING:
    from lucid_widgets.widgets._core.base import LucidBase

MAX_CHANGES = 100
"""Most changes that can be undone."""

TOGETHER_SECONDS = 1.0
"""Changes of the same settings count as one if less time passes between them, as with arrow keys and sliders."""


class _Change(NamedTuple):
    before: dict[str, Any]
    after: dict[str, Any]


class SettingsUndo(Part):
    """Remembers changes of settings. The widget needs the trait `_undo`.

    Args:
        widget: The owner.
        apply: Changes settings; called with values by name, among them "objective" and "start_image".
        clock: Returns monotonic seconds.
    """

    def __init__(
        self,
        widget: LucidBase,
        apply: Callable[[Mapping[str, Any]], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(widget)
        self._apply, self._clock = apply, clock
        self._done: list[_Change] = []
        self._undone: list[_Change] = []
        self._noted_at = float("-inf")
        self._replaying = False

    def commands(self) -> Mapping[str, Command]:
        return {"undo": self.undo, "redo": self.redo}

    def undo(self) -> None:
        """Undo the last change; no effect if there is none."""
        self._replay(self._done, self._undone, "before")

    def redo(self) -> None:
        """Redo the change that was undone last; no effect if there is none."""
        self._replay(self._undone, self._done, "after")

    def clear(self) -> None:
        """Forget all changes."""
        with self.lock:
            self._done, self._undone = [], []
            self._publish()

    def note(self, before: tuple[Any, RunSettings], after: tuple[Any, RunSettings]) -> None:
        """Record a change of objective and settings. Needs the lock."""
        if self._replaying:
            return
        change = _Change(*_differing(before, after))
        if not change.before:
            return
        now = self._clock()
        last = self._done[-1] if self._done else None
        if last is not None and _continues(last, change) and now - self._noted_at < TOGETHER_SECONDS:
            change = _Change(self._done.pop().before, change.after)
        self._noted_at = now
        self._done = [*self._done, change][-MAX_CHANGES:]
        self._undone = []
        self._publish()

    def _replay(self, source: list[_Change], target: list[_Change], side: str) -> None:
        with self.lock:
            if not source:
                return
            self._replaying = True
            try:
                self._apply(getattr(source[-1], side))
            finally:
                self._replaying = False
            target.append(source.pop())
            self._noted_at = float("-inf")
            self._publish()

    def _publish(self) -> None:
        self.widget._publish(
            _undo={
                "undo": list(self._done[-1].after) if self._done else [],
                "redo": list(self._undone[-1].after) if self._undone else [],
            }
        )


def _continues(last: _Change, change: _Change) -> bool:
    """Whether Undo takes back two changes at once. It takes back the choice of a layer alone."""
    return last.after.keys() == change.after.keys() and not (_moves(last) or _moves(change))


def _moves(change: _Change) -> bool:
    before, after = (single_channel(side["objective"]) if "objective" in side else None for side in change)
    return before is not None and after is not None and before[0] != after[0]


def _differing(before: tuple[Any, RunSettings], after: tuple[Any, RunSettings]) -> tuple[dict[str, Any], ...]:
    """The values that differ, by name, of both sides."""
    (objective, settings), (new_objective, new_settings) = before, after
    names = [name for name in FIELDS if name != "expression" and getattr(settings, name) != getattr(new_settings, name)]
    sides: tuple[dict[str, Any], ...] = tuple({} for _ in range(2))
    for side, own, values in zip(sides, (objective, new_objective), (settings, new_settings), strict=True):
        if objective != new_objective:
            side["objective"] = own
        side |= {name: getattr(values, name) for name in names}
    return sides


__all__ = ["SettingsUndo"]
