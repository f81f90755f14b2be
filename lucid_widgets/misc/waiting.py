"""`waiting`: a line that says what a cell waits for, and for how long.

Without it, a cell that imports TensorFlow or loads a network shows nothing for many seconds.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from typing import Any, TextIO

from IPython.display import display
from tqdm.auto import tqdm

from lucid_widgets.misc.environment import is_notebook_environment, shows_progress

__all__ = ["ProgressBar", "ticking", "waiting"]

SHOWN_AFTER_SECONDS = 2.0
"""A line for less would only flicker."""

_TICK_SECONDS = 0.5

# Innermost last. Only the main thread has a line: a background thread reports in the widget that started it.
_words: list[str] = []


@contextmanager
def waiting(words: str) -> Iterator[None]:
    """Show a line such as "Loading InceptionV1 · 5 s" while the `with` block, or the decorated function, takes long.

    The line appears after two seconds, counts up, and disappears at the end. Inside another `waiting`, it changes the
    words of the line that is there. Log files and background threads get none.

    Args:
        words: What takes long.
    """
    if threading.current_thread() is not threading.main_thread() or not shows_progress():
        yield
        return
    _words.append(words)
    try:
        if len(_words) > 1:
            yield
        else:
            with _line() as line:
                began = time.monotonic()
                with _repeating(lambda: line(f"{_words[-1]} · {time.monotonic() - began:.0f} s"), SHOWN_AFTER_SECONDS):
                    yield
    finally:
        _words.pop()


class ProgressBar(tqdm):  # type: ignore[type-arg]
    """tqdm's progress bar. In a notebook, it consists of ten widgets, of which tqdm itself closes one.

    The others would keep a connection each, as long as the kernel lives. The bar of an interrupted loop stays, as tqdm
    intends.
    """

    def close(self) -> None:
        """End the bar, and remove it unless it shows where a loop was interrupted."""
        super().close()
        box: Any = getattr(self, "container", None)  # in a notebook only
        if getattr(box, "children", None) is None or (getattr(self, "displayed", True) and box.comm is not None):
            return
        for part in (*box.children, box):
            for widget in (getattr(part, "style", None), part.layout, part):
                if widget is not None and hasattr(widget, "close"):
                    widget.close()


@contextmanager
def ticking(bar: tqdm[Any]) -> Iterator[None]:
    """Redraw a progress bar twice per second, so that its time counts up while it makes no progress."""
    if bar.disable:
        yield
        return
    with _repeating(bar.refresh, _TICK_SECONDS):
        yield


@contextmanager
def _repeating(draw: Callable[[], object], first_seconds: float) -> Iterator[None]:
    ended = threading.Event()

    def repeat() -> None:
        seconds = first_seconds
        while not ended.wait(seconds):
            draw()
            seconds = _TICK_SECONDS

    # In the context of the cell, without which ipykernel 7.0 shows nothing.
    thread = threading.Thread(target=copy_context().run, args=(repeat,), name="lucid-widgets-waiting", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@contextmanager
def _line() -> Iterator[Callable[[str], None]]:
    """A function that shows a line of text in place of the one before. At the end, the line disappears."""
    if is_notebook_environment():
        # Not a widget: a saved notebook would keep a reference to one that no longer exists.
        shown: list[Any] = []

        def show(words: str) -> None:
            data = {"text/plain": words} if words else {}
            if shown:
                shown[0].update(data, raw=True)
            elif words:
                shown.append(display(data, raw=True, display_id=True))

        try:
            yield show
        finally:
            show("")
    else:
        # A copy of the descriptor, because the import of TensorFlow redirects the original one.
        try:
            descriptor = os.dup(sys.stderr.fileno())
        except OSError:  # a stream of an editor, without a descriptor
            yield lambda words: None
            return
        with open(descriptor, "w", encoding=sys.stderr.encoding) as terminal:
            try:
                yield lambda words: _overwrite(terminal, words)
            finally:
                _overwrite(terminal, "")


def _overwrite(terminal: TextIO, words: str) -> None:
    terminal.write(f"\r\x1b[K{words}")
    terminal.flush()
