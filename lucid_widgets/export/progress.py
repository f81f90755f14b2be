"""Progress and cancellation of an encoder.

Pillow encodes a whole animation in one call and reports nothing. The classes below call back when Pillow seeks an image
or writes to the file, so that a callback can raise an exception and thereby end the encoding.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Any

from PIL import Image

from lucid_widgets.misc.environment import shows_progress
from lucid_widgets.misc.waiting import ProgressBar

__all__ = ["CheckedFile", "Progress", "Watch", "WatchedImage"]

Watch = Callable[[int, int], object]
"""Called with the number of frames done and their total, at least once per frame. An exception ends the encoding."""


class Progress:
    """The frames to encode, in order. Iterating over them reports each before it is encoded.

    Args:
        shown: Indices of the frames.
        bar: Whether to show a progress bar if the encoding takes longer than a second.
        watch: Called at each report.
    """

    def __init__(self, shown: Sequence[int], *, bar: bool = False, watch: Watch | None = None) -> None:
        self.shown = shown
        self._watch = watch
        self._bar = ProgressBar(
            total=len(shown), unit="frame", leave=False, delay=1, disable=not (bar and shows_progress())
        )
        self._done = 0

    def __len__(self) -> int:
        return len(self.shown)

    def __iter__(self) -> Iterator[int]:
        for index in self.shown:
            self.advance()
            yield index

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.close()

    def advance(self) -> None:
        """Report that the next frame is about to be encoded."""
        self.check()
        self._done = min(self._done + 1, len(self.shown))
        self._bar.update()

    def check(self) -> None:
        """Give `watch` an opportunity to end the encoding."""
        if self._watch is not None:
            self._watch(self._done, len(self.shown))


class WatchedImage(Image.Image):
    """An image that calls a function when an encoder seeks it."""

    on_seek: Callable[[], None]

    @classmethod
    def of(cls, image: Image.Image, on_seek: Callable[[], None]) -> WatchedImage:
        self = cls()
        vars(self).update(vars(image))
        self.on_seek = on_seek
        return self

    def seek(self, frame: int) -> None:
        super().seek(frame)
        self.on_seek()


class CheckedFile(io.BytesIO):
    """A file in memory that calls a function with all data before it is written."""

    def __init__(self, on_write: Callable[[Any], object]) -> None:
        super().__init__()
        self._on_write = on_write

    def write(self, data: Any) -> int:
        self._on_write(data)
        return super().write(data)
