"""`UnitRun`: what a widget measures in the background about its unit and the real images that excite it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lucid_widgets.errors import ArgumentError
from lucid_widgets.evidence.index import ActivationIndex
from lucid_widgets.runner import Runner
from lucid_widgets.widgets._core.background import weakly
from lucid_widgets.widgets._core.part import Part

if TYPE_CHECKING:
    from lucid_widgets.widgets._core.base import LucidBase


class UnitRun(Part):
    """A measurement of the unit. The widget needs `EvidenceTraits`.

    Args:
        widget: The owner.
        unit: Returns the model, index, layer and channel; None if no index has the unit. Needs the lock.
    """

    def __init__(self, widget: LucidBase, unit: Callable[[], tuple[Any, ActivationIndex, str, int] | None]) -> None:
        super().__init__(widget)
        self._unit = unit
        self._of = ""
        self._runner = Runner(weakly(self._catch_up), weakly(self._catch_up))

    def close(self) -> None:
        self._runner.close()

    def _wanted(self) -> tuple[Any, ActivationIndex, str, int]:
        """Return the model, index, layer and channel to measure. Needs the lock."""
        self.widget._refuse_if_closed()
        found = self._unit()
        if found is None:
            raise ArgumentError("There are no real images of this unit.", "Unfold them first.")
        self._of = f"{found[2]}:{found[3]}"
        return found

    def _catch_up(self, *_: Any) -> None:
        """Publish the state of the measurement, on any thread."""
        raise NotImplementedError


__all__ = ["UnitRun"]
