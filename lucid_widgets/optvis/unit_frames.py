"""`UnitFrames`: images of many units, batch by batch, in an order that the caller can change at any time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Protocol

from lucid_widgets.errors import NonFiniteObjectiveError
from lucid_widgets.frames import FloatArray, Frame
from lucid_widgets.optvis.default_image import batch_images
from lucid_widgets.optvis.engine.iteration import FrameIterator
from lucid_widgets.optvis.many import batch_frames
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.optvis.transform import Transforms


class Board(Protocol):
    """Decides which units come next, and receives their images. Called on the thread that asks for frames."""

    def take(self, most: int) -> Sequence[int]:
        """Return the units to render next, at most `most`; none if all are finished."""

    def show(self, units: Sequence[int], images: FloatArray) -> None:
        """Receive the unfinished images `[units, height, width, channels]` of the units being rendered."""

    def made(self, units: Sequence[int], images: FloatArray, values: Sequence[float]) -> None:
        """Receive the finished images of units and their objective values."""

    def failed(self, unit: int, message: str) -> None:
        """Receive the error of a unit that has no image."""


class UnitFrames(Iterator[Frame]):
    """A stream of frames that renders images of units in batches, one frame per compiled call.

    The board is asked for the next units at the start of each batch. All images start from the same noise and go
    through the same random transforms, so an image does not depend on the other units of its batch.

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
    ) -> None:
        self._objective = objective
        self._board = board
        self._batch = batch
        self._steps = steps
        make = batch_images(model, image_size) if param_f is None else param_f
        self._frames_of = partial(batch_frames, model, make=make, steps=steps, seed=seed, transforms=transforms)
        self._halves: list[Sequence[int]] = []
        self._units: Sequence[int] = ()
        self._frames: FrameIterator | None = None
        self._finished = 0
        self._began = False

    @property
    def needs_compile(self) -> bool:
        """Whether the next frame will take seconds, because something must be compiled first."""
        return not self._began or (self._frames is not None and self._frames.needs_compile)

    def wait_until_ready(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds for the thread that compiles; return whether the next frame is ready."""
        return self._frames is None or self._frames.wait_until_ready(timeout)

    def close(self) -> None:
        """End the stream."""
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
        self._frames = self._frames_of([self._objective(unit, None) for unit in self._filled(units)])
        return self._frames

    def _filled(self, units: Sequence[int]) -> list[int]:
        """Fill up a batch, because another batch size would need another compiled program."""
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


__all__ = ["Board", "UnitFrames"]
