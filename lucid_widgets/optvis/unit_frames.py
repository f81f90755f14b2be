"""`UnitFrames`: images of many units, batch by batch, in an order that the caller can change at any time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from lucid_widgets.errors import NonFiniteObjectiveError
from lucid_widgets.frames import FloatArray, Frame
from lucid_widgets.optvis.default_image import batch_images
from lucid_widgets.optvis.engine.iteration import FrameIterator
from lucid_widgets.optvis.many import MOST_BEGUN, batch_frames
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.optvis.transform import Transforms

FIRST_ROUND = 4
"""Steps of the first round, after which an image is no longer plain gray."""

GROWTH = 4
"""Each round ends at this many times the steps of the round before: 4, 16, 64, ..."""

MOST_UNFINISHED = 128
"""Most images that wait for their next round. Each keeps its variables and those of the optimizer: .3 MB at 96 px."""


class Board(Protocol):
    """Decides which units come next, and receives their images. Called on the thread that asks for frames."""

    def take(self, most: int, *, shown: bool = False) -> Sequence[int]:
        """Return the units to begin next, at most `most`; none if all are begun.

        Args:
            most: Number of units.
            shown: Whether to return none unless somebody sees one of them.
        """

    def shows(self, units: Sequence[int]) -> bool:
        """Return whether somebody sees one of these units."""

    def show(self, units: Sequence[int], images: FloatArray) -> None:
        """Receive the unfinished images `[units, height, width, channels]` of the units being rendered."""

    def made(self, units: Sequence[int], images: FloatArray, values: Sequence[float]) -> None:
        """Receive the finished images of units and their objective values."""

    def failed(self, unit: int, message: str) -> None:
        """Receive the error of a unit that has no image."""


@dataclass
class _Batch:
    """Units that are rendered together, and the step at which the others get their turn."""

    units: Sequence[int]
    frames: FrameIterator
    target: int = FIRST_ROUND

    @property
    def is_due(self) -> bool:
        return self.frames.state is None or self.frames.step < self.target

    @property
    def is_ready(self) -> bool:
        return self.frames.wait_until_ready(0)


class UnitFrames(Iterator[Frame]):
    """A stream of frames that renders images of units in batches, one frame per compiled call.

    All units that somebody sees first get a few steps each, and are then deepened in rounds: 4 steps, 16, 64 and so
    on. Units that nobody sees follow, one batch after the other. The board is asked again before each round, so units
    that come into view go first. All images start from the same noise and go through the same random transforms, so
    an image depends neither on the other units of its batch nor on the order.

    A unit whose objective is not finite makes its whole batch fail. Such a batch is halved until the unit is alone;
    then that unit has failed, and all others get their images.

    Args:
        model: A `Model`.
        objective: A function from a unit, and an image of the batch or None for all images, to the objective.
        board: Decides what to render.
        batch: Number of images per batch. Smaller batches are filled up, so that all share one compiled program.
        image_size: Width and height in pixels.
        steps: Number of steps per image.
        seed: Any integer. Default: 0.
        transforms: Transforms that the images should be robust to. Default: `transform.default_transforms`.
        param_f: A function from the number of images to the image tensor, in place of `image_size`. Default: None.
        optimizer: As for `iter_vis`. Default: None.

    `Frame.step` counts the steps of all units so far.
    """

    def __init__(
        self,
        model: Any,
        objective: Callable[[int, int | None], Objective],
        board: Board,
        *,
        batch: int,
        image_size: int,
        steps: int,
        seed: int = 0,
        transforms: Transforms = None,
        param_f: Callable[[int], Any] | None = None,
        optimizer: Any = None,
    ) -> None:
        self._objective = objective
        self._board = board
        self._batch = batch
        self._steps = steps
        make = batch_images(model, image_size) if param_f is None else param_f
        self._frames_of = partial(
            batch_frames, model, make=make, steps=steps, seed=seed, transforms=transforms, optimizer=optimizer
        )
        self._halves: list[Sequence[int]] = []
        self._open: list[_Batch] = []
        self._current: _Batch | None = None
        self._finished = 0
        self._began = False

    @property
    def needs_compile(self) -> bool:
        """Whether the next frame will take seconds, because something must be compiled first."""
        return not self._began or (self._current is not None and self._current.frames.needs_compile)

    def wait_until_ready(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds for the thread that compiles; return whether the next frame is ready."""
        batch = self._chosen()
        return batch is None or batch.frames.wait_until_ready(timeout)

    def close(self) -> None:
        """End the stream."""
        self._open, self._halves, self._current = [], [], None

    def __next__(self) -> Frame:
        while True:
            try:
                batch = self._chosen()
            except StopIteration as error:  # of a function of the user
                raise RuntimeError("A function of the run raised StopIteration.") from error
            if batch is None:
                raise StopIteration
            try:
                frame = self._next_frame(batch)
                self._began = True
                self._board.show(batch.units, frame.images[: len(batch.units)])
                if frame.step >= self._steps:
                    self._finish(batch, frame)
            except NonFiniteObjectiveError as error:
                self._halve(batch, error)
            else:
                made = sum(each.frames.step * len(each.units) for each in self._open)
                return Frame(self._finished * self._steps + made, None, frame.images, frame.elapsed)

    def _next_frame(self, batch: _Batch) -> Frame:
        frames = batch.frames
        return next(frames) if frames.state is None else frames.advance(min(batch.target, self._steps) - frames.step)

    def _chosen(self) -> _Batch | None:
        """Return the batch whose turn it is, which may be a new one; None if all are finished."""
        current = self._current
        if current is None or not current.is_due or not current.is_ready:
            current = self._current = self._next_batch()
        return current

    def _next_batch(self) -> _Batch | None:
        if self._halves:
            return self._begun(self._halves.pop())
        if sum(len(batch.units) for batch in self._open) < MOST_UNFINISHED:
            fresh = self._begun(self._board.take(self._batch, shown=True))
            if fresh is not None:
                return fresh
        if not self._open:
            return self._begun(self._board.take(self._batch))

        def order(batch: _Batch) -> tuple[bool, bool, int]:
            return not batch.is_ready, not self._board.shows(batch.units), batch.frames.step

        batch = min(self._open, key=order)
        if not batch.is_ready and len(self._open) < MOST_BEGUN:
            batch = self._begun(self._board.take(self._batch)) or batch
        if not batch.is_due:
            batch.target *= GROWTH
        return batch

    def _begun(self, units: Sequence[int]) -> _Batch | None:
        if not units:
            return None
        batch = _Batch(units, self._frames_of([self._objective(unit, None) for unit in self._filled(units)]))
        self._open.append(batch)
        return batch

    def _filled(self, units: Sequence[int]) -> list[int]:
        """Fill up a batch, because another batch size would need another compiled program."""
        return [*units, *[units[0]] * (self._batch - len(units))]

    def _finish(self, batch: _Batch, frame: Frame) -> None:
        filled = self._filled(batch.units)
        values = batch.frames.measure([self._objective(unit, place) for place, unit in enumerate(filled)])
        count = len(batch.units)
        self._board.made(batch.units, frame.images[:count], values[:count])
        self._finished += count
        self._remove(batch)

    def _halve(self, batch: _Batch, error: NonFiniteObjectiveError) -> None:
        self._remove(batch)
        units = batch.units
        if len(units) == 1:
            self._finished += 1
            self._board.failed(units[0], str(error))
            return
        middle = len(units) // 2
        self._halves += [units[middle:], units[:middle]]

    def _remove(self, batch: _Batch) -> None:
        self._open.remove(batch)
        self._current = None


__all__ = ["Board", "UnitFrames"]
