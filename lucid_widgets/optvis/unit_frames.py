"""`UnitFrames`: a picture of each of many units, batch after batch, whichever of them is wanted most at the moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from lucid_widgets.errors import NonFiniteObjectiveError
from lucid_widgets.frames import FloatArray, Frame
from lucid_widgets.optvis.engine.iteration import FrameIterator
from lucid_widgets.optvis.many import batch_frames, square_images
from lucid_widgets.optvis.objectives.tree import Objective


class Board(Protocol):
    """What knows which units are to be made, and gets their pictures. Called on the thread that asks for frames."""

    def take(self, most: int) -> Sequence[int]:
        """The units to be made next, at most so many; none if all are made."""

    def show(self, units: Sequence[int], images: FloatArray) -> None:
        """The images so far of the units that are being made, `[units, height, width, channels]`."""

    def made(self, units: Sequence[int], images: FloatArray, values: Sequence[float]) -> None:
        """The images of units, and their objectives."""

    def failed(self, unit: int, message: str) -> None:
        """The unit has no picture."""


class UnitFrames(Iterator[Frame]):
    """Makes pictures of units in batches, as a stream of frames: one for each compiled call.

    Which units come next is asked for at the beginning of each batch. All start from the same noise and see the same
    transforms, so that a picture does not depend on its neighbours.

    A unit whose objective is not finite spoils its batch. Such a batch is halved until the unit stands alone, which
    has then failed, while all others get their pictures.

    Args:
        model: A `Model`.
        objective: The objective of a unit, which may be about one image of the batch.
        board: What is to be made.
        batch: Images of a batch. Smaller ones are filled up, so that all share one compiled program.
        image_size: Width and height in pixels.
        steps: Updates of each picture.
        **settings: As for `iter_vis`.

    A frame's `step` counts the updates of all units so far.
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
        **settings: Any,
    ) -> None:
        self._model = model
        self._objective = objective
        self._board = board
        self._batch = batch
        self._make = square_images(image_size)
        self._steps = steps
        self._settings = settings
        self._halves: list[Sequence[int]] = []
        self._units: Sequence[int] = ()
        self._frames: FrameIterator | None = None
        self._finished = 0
        self._began = False

    @property
    def needs_compile(self) -> bool:
        """Whether the next frame will take seconds."""
        return not self._began or (self._frames is not None and self._frames.needs_compile)

    def wait_until_ready(self, timeout: float) -> bool:
        """Whether the next frame can be had without waiting for a thread that compiles."""
        return self._frames is None or self._frames.wait_until_ready(timeout)

    def close(self) -> None:
        """Ends the stream."""
        self._frames = None
        self._halves = []

    def __next__(self) -> Frame:
        while True:
            frames = self._frames or self._next_batch()
            try:
                frame = next(frames)
                self._began = True
                self._board.show(self._units, frame.images[: len(self._units)])
                if frame.step >= self._steps:
                    self._finish(frames, frame)
            except NonFiniteObjectiveError as error:
                self._halve(error)
            else:
                made = 0 if self._frames is None else frame.step * len(self._units)
                return Frame(self._finished * self._steps + made, None, frame.images, frame.elapsed)

    def _next_batch(self) -> FrameIterator:
        units = self._halves.pop() if self._halves else self._board.take(self._batch)
        if not units:
            raise StopIteration
        self._units = units
        objectives = [self._objective(unit, None) for unit in self._filled(units)]
        self._frames = batch_frames(self._model, objectives, self._make, steps=self._steps, **self._settings)
        return self._frames

    def _filled(self, units: Sequence[int]) -> list[int]:
        """As many as in every batch, so that all are compiled once."""
        return [*units, *[units[0]] * (self._batch - len(units))]

    def _finish(self, frames: FrameIterator, frame: Frame) -> None:
        filled = self._filled(self._units)
        values = frames.measure([self._objective(unit, place) for place, unit in enumerate(filled)])
        count = len(self._units)
        self._board.made(self._units, frame.images[:count], values[:count])
        self._finished += count
        self._frames = None

    def _halve(self, error: NonFiniteObjectiveError) -> None:
        self._frames = None
        if len(self._units) == 1:
            self._finished += 1
            return self._board.failed(self._units[0], str(error))
        middle = len(self._units) // 2
        self._halves += [self._units[middle:], self._units[:middle]]
        return None
