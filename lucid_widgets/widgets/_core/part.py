"""`Part`: the protocol between a widget and the behaviors that it owns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lucid_widgets.widgets._core.commands import Command
from lucid_widgets.widgets._network.held import let_go

if TYPE_CHECKING:
    from lucid_widgets.widgets._core.base import LucidBase


class Part:
    """A behavior that a widget owns, such as its live run, its term editor or its exports.

    A widget creates its parts in `_make_parts` and registers each one with `_own`. From then on the widget

    - offers the page the `commands()` of all its parts,
    - calls `settle()` on all of them whenever a run comes to rest,
    - calls `close()` on all of them before its own connection closes,

    always in the order of registration. A part declares no traits. Its widget declares them, and the part publishes
    values with `widget._publish(name=value)`. Parts change shared state only while they hold `lock`, the lock of their
    widget (see `base` for the order of locks). They do not know each other: a widget connects them by passing
    functions to their constructors.
    """

    def __init__(self, widget: LucidBase) -> None:
        self.widget = widget
        self.lock = widget._lock

    def commands(self) -> Mapping[str, Command]:
        """Functions that the page may call, by name. The arguments of a message arrive as keywords."""
        return {}

    def settle(self) -> None:
        """Publish what would take too long during a run. Called without the lock, from any thread."""

    def is_shown(self) -> bool:
        """Whether it knows of a page that shows the widget."""
        return False

    def is_moving(self) -> bool:
        """Whether it makes images at present."""
        return False

    def close(self) -> None:
        """Release threads and memory. Must not wait for the page."""

    def let_go(self) -> None:
        """Let go of the model. Called after `close` if the cell was run again."""
        let_go(self)
