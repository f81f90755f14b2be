"""A widget whose work goes on in the background, while the notebook stays free and pages come and go.

The runner's attributes are the truth; its callbacks only say that it is time to look. `_live` and `_live_grid` publish
what there is to see then.
"""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable
from typing import Any, get_args

from lucid_widgets.frames import Frame
from lucid_widgets.runner import IN_MOTION, Runner, Status, call_soon, on_worker
from lucid_widgets.widgets._core import interrupts
from lucid_widgets.widgets._core.base import LucidBase, described
from lucid_widgets.widgets._core.flow_control import FlowControl
from lucid_widgets.widgets._core.progress import Progress
from lucid_widgets.widgets._core.traits import Choice, Real, Record

NUMBERS_SECONDS = 0.25
"""While a run moves, its numbers are published no more often than this."""


class Background(LucidBase):
    """Owns a runner. Subclasses say what it runs, and publish what comes of it."""

    status: Status = Choice(
        get_args(Status),
        "idle",
        output=True,
        help="What the run is doing: idle, queued, compiling, running, paused, done, stopped or error.",
    )
    remaining: float | None = Real(None, allow_none=True, output=True, help="Seconds to go, if that can be told.")
    error: dict[str, str] = Record(
        output=True, help="What ended the run: title, message, hint and traceback. Empty if nothing did."
    )

    _flow: FlowControl

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        # As early as this, so that settings can be assigned, and refused, before the widget opens.
        self = super().__new__(cls, *args, **kwargs)
        self._prepare()
        return self

    def _prepare(self) -> None:
        self._clock = time.monotonic
        self._progress = Progress(self._clock)
        self._numbers_at = float("-inf")
        keep, catch_up = _weakly(self._keep), _weakly(self._catch_up)

        def came(frame: Frame) -> None:
            keep(frame)
            catch_up()

        self._runner = Runner(came, catch_up)

    def close(self) -> None:
        """Removes the widget from the page and ends its run."""
        if not self._closed:
            interrupts.set_moving(self, False)
            self._runner.close()
            self.set_trait("status", self._runner.status)
        super().close()

    # What a person can do.

    def run(self) -> None:
        """Runs in the background, and returns at once."""
        with self._lock:
            if self._runner.in_motion and not self._runner.will_pause:
                return
            if self._can_go_on():
                self._flow.forgive()
                self._runner.resume()
            else:
                self._start()

    def pause(self) -> None:
        """Pauses. The frame under way, if there is one, still arrives."""
        self._runner.pause()

    def resume(self) -> None:
        """Goes on after a pause, or instead of one that is about to begin. Otherwise does nothing."""
        with self._lock:
            if self._runner.pausing:
                self.run()

    def stop(self) -> None:
        """Ends the run."""
        self._runner.stop()

    def wait(self, timeout: float | None = None) -> Status:
        """Blocks until nothing is in motion, for scripts and for notebooks that run without a reader.

        An interrupt ends all runs in the background cleanly: `wait` then returns "stopped".

        Args:
            timeout: Seconds to wait at most; None waits for ever.

        Returns:
            The status then. The widget's state has what there is to see, unless the time ran out.

        Raises:
            Exception: Whatever ended the run with status "error".
        """
        try:
            return self._runner.wait(timeout)
        finally:
            self._catch_up()
            self._settle()

    # What subclasses say.

    def _can_go_on(self) -> bool:
        """Whether `run` has something to go on with, instead of starting."""
        return self._runner.pausing

    def _start(self) -> None:
        """Starts a run. Needs the lock."""
        raise NotImplementedError

    def _keep(self, frame: Frame) -> None:
        """Takes every frame, before `_catch_up`; on the worker."""

    def _catch_up(self) -> None:
        """Publishes what is new. The runner's attributes count, not which callback came, or in which order."""
        raise NotImplementedError

    def _settle(self) -> None:
        """Publishes, once a run is at rest, what takes too long while it moves."""
        raise NotImplementedError

    def _settle_on_worker(self) -> None:
        # Encoding takes a while; the kernel's threads have better things to do.
        if on_worker():
            self._settle()
        else:
            call_soon(_weakly(self._settle))

    def _note_status(self, status: Status) -> None:
        if status != "running":
            self._progress.interrupt()
        exception = self._runner.exception
        self.set_trait("error", {} if exception is None else described(exception))
        interrupts.set_moving(self, status in IN_MOTION)

    # What the pages say.

    def _on_message(self, content: dict[str, Any]) -> None:
        client = str(content.get("client"))[:64]
        match content.get("type"):
            case "hello":
                self._flow.hello(client)
            case "want":
                self._want(client, content)
            case "hidden":
                self._flow.hidden(client)
            case "bye":
                self._flow.bye(client, moving=self._runner.in_motion)

    def _want(self, client: str, content: dict[str, Any]) -> None:
        """A page asks for what it does not have yet."""
        raise NotImplementedError


def _weakly(method: Callable[..., None]) -> Callable[..., None]:
    """The method, if by then its object is still there: a runner must not keep a widget alive."""
    found = weakref.WeakMethod(method)

    def call(*args: Any) -> None:
        alive = found()
        if alive is not None:
            alive(*args)

    return call
