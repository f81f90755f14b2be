"""`RelevanceRun`: orders the top images of a `LucidWidget`'s unit by its relevance to a class, in the background."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from lucid_widgets.evidence.index import ActivationIndex
from lucid_widgets.evidence.measures.relevance import most_relevant
from lucid_widgets.evidence.picks import SHOWN
from lucid_widgets.frames import Frame
from lucid_widgets.widgets._core.background import NOTHING, weakly
from lucid_widgets.widgets._core.commands import error_report
from lucid_widgets.widgets._evidence.unit_run import UnitRun

if TYPE_CHECKING:
    from lucid_widgets.widgets.lucid_widget import LucidWidget


class RelevanceRun(UnitRun):
    """Follows the unit and the trait `relevant_to`. Arguments as for `UnitRun`."""

    widget: LucidWidget
    _asked: tuple[Any, ...] | None = None

    def follow(self) -> None:
        """Order the images if the unit or the class is another one. Needs the lock."""
        label, found = self.widget.relevant_to, self._unit()
        asked = None if found is None or not label else (*found, label)
        if asked == self._asked:
            return
        self._asked = asked
        if asked is None:
            self._runner.clear()
            self.widget._publish(_relevance={})
            return
        model, index, layer, channel, _ = asked
        about = {"unit": f"{layer}:{channel}", "to": label}
        self.widget._publish(_relevance={**about, "state": "running"})
        keep = weakly(self._keep)  # does not keep the widget alive, because the worker holds on to the stream
        self._runner.start(lambda: _frames(model, index, layer, channel, label, about, keep))

    def _keep(self, about: dict[str, Any]) -> None:
        with self.lock:
            if not self.widget._closed and self._asked is not None and self.widget.relevant_to == about["to"]:
                self.widget._publish(_relevance=about)

    def _catch_up(self, *_: Any) -> None:
        if self._runner.status == "error" and self._runner.exception is not None:
            about = {"unit": self.widget._relevance.get("unit", ""), "to": self.widget.relevant_to}
            self._keep({**about, "state": "failed", **error_report(self._runner.exception)})


def _frames(
    model: Any,
    index: ActivationIndex,
    layer: str,
    channel: int,
    label: str,
    about: dict[str, Any],
    keep: Callable[[dict[str, Any]], object],
) -> Iterator[Frame]:
    """The stream of the measurement. Its frame holds no image."""
    unit = index[layer, channel]
    target = int(label) if label.isdecimal() and label not in (model.labels or ()) else label
    places = {shown.image: place for place, shown in enumerate(unit.top[:SHOWN])}
    order = [
        {"place": places[shown.image], "value": relevance} for shown, relevance in most_relevant(model, unit, target)
    ]
    keep({**about, "state": "ready", "order": order})
    yield Frame(1, None, NOTHING)


__all__ = ["RelevanceRun"]
