"""`IndexPass`: one pass over a data set, batch by batch, that can be interrupted at any time."""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np

from lucid_widgets.errors import ArgumentError, ModelError
from lucid_widgets.evidence.kept_images import KeptImages, collect
from lucid_widgets.evidence.passes.ahead import ahead
from lucid_widgets.evidence.passes.plan import Plan
from lucid_widgets.evidence.passes.reductions import Step, start
from lucid_widgets.evidence.picks import shown_images
from lucid_widgets.evidence.statistics import Statistics
from lucid_widgets.evidence.store import Store
from lucid_widgets.images import Batch
from lucid_widgets.misc.io.serialize_array import UInt8Array

SAVE_SECONDS = 20.0
"""Time between two states that are written to the disk."""

SAVE_SHARE = 0.02
"""Largest share of the time that writing them may take."""


@dataclass(frozen=True)
class Progress:
    """How far a pass is.

    Attributes:
        done: Number of images that were looked at.
        total: Number of images.
        seconds_left: Estimate of the time left; None until there is one.
    """

    done: int
    total: int
    seconds_left: float | None = None


class IndexPass(Iterator[Progress]):
    """A pass. Each `next()` takes one batch. `close()` writes the state to the disk, from which another pass goes on.

    Args:
        plan: What to compute.
        store: Where to keep the state and the index; None to keep them in memory.

    Attributes:
        about: Description of the finished index in JSON; None before.
        arrays: Arrays of the finished index.
    """

    def __init__(self, plan: Plan, store: Store | None) -> None:
        self.plan, self.store = plan, store
        self.about: dict[str, Any] | None = None
        self.arrays: dict[str, Any] = {}
        self._steps = self._run()

    def __next__(self) -> Progress:
        return next(self._steps)

    def close(self) -> None:
        """End the pass, and write its state."""
        self._steps.close()

    def _run(self) -> Generator[Progress, None, None]:
        with ExitStack() as stack:
            if self.store is not None:
                stack.enter_context(self.store.locked())
                if self.store.has_index:  # by another process that held the lock
                    about, group = self.store.load_index()
                    if about["identity"] == as_json(self.plan.identity):
                        self.about, self.arrays = about, group
                        return
            yield from self._through_all()

    def _through_all(self) -> Generator[Progress, None, None]:
        plan = self.plan
        statistics, place, skipped = self._beginning()
        step = Step(plan.model, [each.name for each in plan.layers], plan.reduction, (*plan.size, _channels(plan)))
        state = start(statistics)
        host = _Host(statistics, plan)
        began, first, saved_at, saving = time.monotonic(), place, time.monotonic(), 0.0
        batches = ahead(plan.images.batches(plan.batch, plan.size, place))
        total = len(plan.images)
        finished, whole = False, True
        try:
            yield Progress(place, total)
            for batch in batches:
                values, positions, finite, new = step(*_filled(batch, plan), state)
                if not bool(finite):
                    raise ModelError(*_not_finite(plan, batch, np.asarray(values)))
                # An interrupt between these lines would leave a state that counts the batch in part.
                whole = False
                host.take(batch, values, positions)
                state = new
                place = _after(batch, plan)
                whole = True
                skipped |= {name: why for name, why in list(plan.images.skipped.items()) if name not in skipped}
                now = time.monotonic()
                if self.store is not None and now - saved_at > max(SAVE_SECONDS, saving / SAVE_SHARE):
                    self._save(host.statistics(state), place, skipped)
                    saved_at, saving = time.monotonic(), time.monotonic() - now
                done = min(place, total)
                left = (now - began) / (done - first) * (total - done) if done > first else None
                yield Progress(done, total, left)
            finished = True
        finally:
            batches.close()
            if whole and not finished and self.store is not None and place > first:
                self._save(host.statistics(state), place, skipped)
        self._finish(host.statistics(state), dict(plan.images.skipped) | skipped)
        yield Progress(total, total, 0.0)

    def _beginning(self) -> tuple[Statistics, int, dict[str, str]]:
        plan = self.plan
        found = None if self.store is None else self.store.load_progress()
        if found is not None:
            about, arrays = found
            if about["identity"] == as_json(plan.identity):
                return Statistics.of(arrays), int(about["next"]), dict(about["skipped"])
        return Statistics.empty(plan.units, plan.keep, len(plan.label_names), plan.sample), 0, {}

    def _save(self, statistics: Statistics, place: int, skipped: dict[str, str]) -> None:
        if self.store is not None:
            about = {"identity": self.plan.identity, "next": place, "skipped": self._in_order(skipped, place)}
            self.store.save_progress(about, statistics.arrays())

    def _finish(self, statistics: Statistics, skipped: dict[str, str]) -> None:
        plan = self.plan
        if not int(statistics.count):
            reasons = "; ".join(list(skipped.values())[:2])
            raise ArgumentError(f"None of the images can be read ({reasons}).", "Check the files.")
        kept = collect(self._read, shown_images(statistics), lambda: None)
        self.about = {**plan.about, "skipped": self._in_order(skipped, len(plan.images))}
        names = json.dumps(list(plan.images.ids)).encode()
        self.arrays = {
            **statistics.arrays(),
            **kept.arrays(),
            "image_ids": np.frombuffer(names, np.uint8),
            "image_labels": plan.label_numbers if plan.label_names else np.zeros(0, np.int32),
        }
        if self.store is not None:
            self.store.save_index(self.about, self.arrays)
        self.about = as_json(self.about)

    def _read(self, index: int) -> UInt8Array | None:
        try:
            return self.plan.images.image(index, self.plan.size)
        except ArgumentError:
            return None

    def _in_order(self, skipped: dict[str, str], place: int) -> dict[str, str]:
        """The images skipped so far, without those that were read ahead."""
        return {name: skipped[name] for name in self.plan.images.ids[:place] if name in skipped}


class _Host:
    """The part of the statistics that does not stay on the device."""

    def __init__(self, statistics: Statistics, plan: Plan) -> None:
        self._before, self._plan = statistics, plan
        self._count = statistics.count.copy()
        self._labels = statistics.label_counts.copy()
        self._values = statistics.sample_values.copy()
        self._positions = statistics.sample_positions.copy()

    def take(self, batch: Batch, values: Any, positions: Any) -> None:
        self._count += len(batch.indices)
        if len(self._labels):
            np.add.at(self._labels, self._plan.label_numbers[batch.indices], 1)
        sample = self._before.sample_images
        rows = np.searchsorted(sample, batch.indices)
        inside = np.flatnonzero((rows < len(sample)) & (sample[np.minimum(rows, len(sample) - 1)] == batch.indices))
        if len(inside):
            self._values[rows[inside]] = np.asarray(values)[inside]
            self._positions[rows[inside]] = np.asarray(positions)[inside]

    def statistics(self, state: dict[str, Any]) -> Statistics:
        on_device = {name: np.asarray(value) for name, value in state.items()}
        return Statistics.of(
            {
                **self._before.arrays(),
                **on_device,
                "count": self._count.copy(),
                "label_counts": self._labels.copy(),
                "sample_values": self._values.copy(),
                "sample_positions": self._positions.copy(),
            }
        )


def as_json(value: Any) -> Any:
    """Return a value as JSON brings it back: lists in place of tuples."""
    return json.loads(json.dumps(value))


def _channels(plan: Plan) -> int:
    return plan.model.image_shape[-1] or 3


def _after(batch: Batch, plan: Plan) -> int:
    """Where the batch after this one begins."""
    return (int(batch.indices[-1]) // plan.batch + 1) * plan.batch


def _filled(batch: Batch, plan: Plan) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Images, indices, labels and validity of a full batch, so that all batches share one compiled function."""
    missing = plan.batch - len(batch.indices)
    images = np.concatenate([batch.images, np.repeat(batch.images[:1], missing, 0)])
    indices = np.concatenate([batch.indices, np.full(missing, -1)]).astype(np.int32)
    labels = np.concatenate([plan.label_numbers[batch.indices], np.zeros(missing, np.int32)]).astype(np.int32)
    return images, indices, labels, np.arange(plan.batch) < len(batch.indices)


def _not_finite(plan: Plan, batch: Batch, values: np.ndarray) -> tuple[str, str]:
    row, unit = np.argwhere(~np.isfinite(values[: len(batch.indices)]))[0]
    for layer in plan.layers:
        if unit < layer.channels:
            break
        unit -= layer.channels
    name = plan.images.ids[int(batch.indices[row])]
    return f"{layer.name}:{unit} is {values[row].max()} for {name!r}.", "Check the weights and the input range."


__all__ = ["IndexPass", "KeptImages", "Progress", "as_json"]
