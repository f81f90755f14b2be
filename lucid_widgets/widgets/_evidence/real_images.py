"""`RealImages`: the real images that excite the unit of a `LucidWidget`, and the index that knows them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lucid_widgets.errors import ArgumentError, LucidError
from lucid_widgets.evidence.index import ActivationIndex
from lucid_widgets.evidence.measures.sensitivity import sensitivity
from lucid_widgets.evidence.measures.stopping import reaches
from lucid_widgets.evidence.picks import SHOWN
from lucid_widgets.frames import Frame
from lucid_widgets.misc.io import fit_image
from lucid_widgets.misc.io.serialize_array import UInt8Array
from lucid_widgets.runner import call_soon
from lucid_widgets.widgets._canvas.live_run import LiveRun
from lucid_widgets.widgets._core.background import weakly
from lucid_widgets.widgets._core.commands import Command, Reply, error_report
from lucid_widgets.widgets._core.part import Part
from lucid_widgets.widgets._evidence.index_making import IndexMaking
from lucid_widgets.widgets._evidence.own_value import OwnValue
from lucid_widgets.widgets._evidence.relevance_run import RelevanceRun
from lucid_widgets.widgets._evidence.sensitivity_run import SensitivityRun
from lucid_widgets.widgets._evidence.trust_check import TrustCheck
from lucid_widgets.widgets._evidence.unit_record import NO_UNIT, UnitRecords
from lucid_widgets.widgets._workbench.model_run import ModelRun

if TYPE_CHECKING:
    from lucid_widgets.widgets.lucid_widget import LucidWidget


class Waiting(NamedTuple):
    """What waits until it is known which real images excite a unit.

    Attributes:
        layer: The unit's layer.
        channel: The unit's channel.
        expression: The objective when the wait began.
        then: What happens then.
    """

    layer: str
    channel: int
    expression: str
    then: Callable[[], object]


class RealImages(Part):
    """Follows the unit, and makes the index in the background when the page first asks for real images.

    Args:
        widget: The owner. It needs `EvidenceTraits`.
        live: Its run.
        run: Makes the frames of the run.
        images: An image set, an `ActivationIndex`, or whatever `ImageSet.of` accepts; None for the images that come
            with the network.
        clock: Returns monotonic seconds.
    """

    widget: LucidWidget

    def __init__(
        self,
        widget: LucidWidget,
        *,
        live: LiveRun,
        run: ModelRun,
        images: Any,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(widget)
        self._live, self._run = live, run
        self._records = UnitRecords()
        self._shown: tuple[Any, ...] | None = None
        self._waiting: Waiting | None = None
        self._own = OwnValue(live, run, weakly(self._measure), clock)
        run.on_frame.append(self.note)
        follow = weakly(self._follow)
        self._making = widget._own(IndexMaking(widget, model=lambda: run.network.model, images=images, changed=follow))
        self._relevance = widget._own(RelevanceRun(widget, self._checked_unit))
        widget._own(SensitivityRun(widget, self._checked_unit, sensitivity))
        widget._own(TrustCheck(widget, self._checked_unit))
        widget.observe(lambda change: follow(), ["layer", "channel", "show_evidence", "model_name", "relevant_to"])

    def commands(self) -> Mapping[str, Command]:
        return {"real_images": self._record}

    def _record(self, layer: str, channel: int) -> Reply:
        """Answer a page that asks for the next unit ahead."""
        with self.lock:
            found = self._making.find(layer, channel)
        if found is None:
            raise ArgumentError(f"There are no real images of {layer}:{channel}.", "Ask for a unit of the index.")
        return self._records.reply(*found, channel)

    def settle(self) -> None:
        with self.lock:
            wanted = self._unit() is not None and not self.widget._closed
        if wanted and not self._live.runner.in_motion:
            self._measure()

    def note(self, frame: Frame) -> None:
        """Measure the newest image soon if its turn has come. Called on the worker with each frame, with the lock."""
        if self._unit() is not None:
            self._own.note()

    def strongest(self, size: int, layer: str, channel: int, then: Callable[[], object]) -> UInt8Array | None:
        """Return the real images that excite a unit most, uint8 `[images, size, size, 3]`.

        If they are not known yet, returns None, and the page unfolds the real images, which looks them up. `then` is
        called when they are known, unless the objective has changed or the page has folded them again, or after
        `wait_no_more`. A `LucidError` of `then` appears in the cell.

        Raises:
            ArgumentError: If there are no real images.
        """
        with self.lock:
            found, images = self._making.find(layer, channel), self._making.images
            if not self._making.source:
                raise ArgumentError("There are no real images.", "Pass some: LucidWidget(..., images='photos').")
            if found is None:
                self._waiting = Waiting(layer, channel, self.widget.expression, then)
        if found is None:
            self.widget.show_evidence = True
            with self.lock:
                self._follow()
            return None
        index, name = found
        evidence = index[name, channel]
        if images is not None and len(images) == len(index):
            return np.stack([images.image(shown.image, (size, size)) for shown in evidence.top])
        kept = [fit_image(evidence.image(shown), size) for shown in evidence.top[:SHOWN]]
        return np.rint(255 * np.stack(kept)).astype(np.uint8)

    def wait_no_more(self) -> None:
        """Forget what waits for real images: something else was chosen."""
        with self.lock:
            self._waiting = None

    def _go_on(self, waiting: Waiting) -> None:
        """Do what waited for the real images of a unit, unless something else was chosen meanwhile."""
        with self.lock:  # no choice of the user comes between the question and the change
            if self._waiting is not waiting or waiting.expression != self.widget.expression:
                return
            self._waiting = None
            try:
                waiting.then()
            except LucidError as error:
                self.widget._publish(error=error_report(error))

    # Following the unit. Needs the lock, which observers hold.

    def _unit(self) -> tuple[ActivationIndex, str, int] | None:
        """The index, layer and channel of the unit; None if it is not shown, or is in no index."""
        widget = self.widget
        if not widget.show_evidence or widget.channel < 0:
            return None
        found = self._making.find(widget.layer, widget.channel)
        return None if found is None else (*found, widget.channel)

    def _checked_unit(self) -> tuple[Any, ActivationIndex, str, int] | None:
        unit = self._unit()
        return None if unit is None else (self._run.network.model, *unit)

    def _follow(self) -> None:
        widget = self.widget
        if widget._closed or not widget.show_evidence:
            self._waiting = None
            return
        layer, channel = self._waited_for() or (widget.layer, widget.channel)
        unit = self._unit()
        shown = None if unit is None else (id(unit[0]), *unit[1:])
        if shown != self._shown:
            self._shown = shown
            values = NO_UNIT if unit is None else self._records.of(*unit) | {"_evidence_value": {}}
            widget._publish(**values)
            if unit is not None:
                call_soon(weakly(self._measure))
        if channel >= 0 and self._making.find(layer, channel) is None:
            self._making.want(layer)
        self._making.publish_state(layer, channel)
        self._relevance.follow()

    def _waited_for(self) -> tuple[str, int] | None:
        """Return the unit whose real images are waited for; None if nothing waits, or they are known now."""
        waiting = self._waiting
        if waiting is None or waiting.expression != self.widget.expression:
            self._waiting = None
            return None
        unit = waiting.layer, waiting.channel
        if self._making.find(*unit) is None:
            return unit
        call_soon(partial(weakly(self._go_on), waiting))
        return None

    # The visualization's own value.

    def _measure(self) -> None:
        """Publish how strongly the newest image excites the unit. Called without the lock."""
        with self.lock:
            unit, model = self._unit(), self._run.network.model
        if unit is None:
            return
        index, layer, channel = unit
        found = self._own.of(model, layer, channel)
        if found is None:
            return
        value, step = found
        evidence = index[layer, channel]
        about = {"value": value, "step": step, "words": evidence.in_words(value)}
        with self.lock:
            if self._unit() != unit or self.widget._closed:
                return
            wanted = self.widget.stop_at
            is_there = wanted is not None and reaches(evidence, value, wanted)
            self.widget._publish(_evidence_value={**about, "stopped": is_there})
        if is_there and self._live.runner.in_motion:
            self._live.runner.pause()


__all__ = ["RealImages"]
