"""`WaitingBar`: a progress bar while a cell or a script waits for a run, as `render_vis` shows one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Self

from lucid_widgets.misc.waiting import ProgressBar
from lucid_widgets.runner import Runner, Status

_LOOK_SECONDS = 0.25
_SHOWN_AFTER_SECONDS = 1.0

_WORDS = {"queued": "waiting for another run", "compiling": "compiling"}


class WaitingBar:
    """Waits for a runner, and shows a bar if that takes longer than a second.

    Args:
        runner: The runner.
        look: Returns the steps made, the steps in all (0 if unknown), and further words.
    """

    def __init__(self, runner: Runner, look: Callable[[], tuple[int, int, str]]) -> None:
        self._runner, self._look = runner, look
        done, total, _ = look()
        self._bar = ProgressBar(total=total or None, initial=done, unit="step", leave=False, delay=_SHOWN_AFTER_SECONDS)
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def wait(self, timeout: float | None) -> Status:
        """Wait like `Runner.wait`."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            left = _LOOK_SECONDS if deadline is None else deadline - time.monotonic()
            status = self._runner.wait(max(0.0, min(left, _LOOK_SECONDS)))
            if not self._runner.unsettled or left <= 0:
                return status
            self._show(status)

    def _show(self, status: Status) -> None:
        if time.monotonic() - self._began < _SHOWN_AFTER_SECONDS:
            return  # tqdm's own delay holds back only bars that nobody refreshes
        done, total, words = self._look()
        self._bar.total = total or None
        self._bar.set_description_str(_WORDS.get(status, ""), refresh=False)
        self._bar.set_postfix_str(words, refresh=False)
        self._bar.update(max(0, done - self._bar.n))
        self._bar.refresh()


__all__ = ["WaitingBar"]
