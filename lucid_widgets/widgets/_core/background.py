"""`BackgroundRun`: a run in the background, which does not block the notebook and survives the closing of a page."""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import numpy as np

from lucid_widgets._runner.waiting import WaitingBar
from lucid_widgets.frames import Frame
from lucid_widgets.misc.environment import shows_progress
from lucid_widgets.runner import IN_MOTION, Runner, Status, call_soon, on_worker
from lucid_widgets.widgets._core import interrupts
from lucid_widgets.widgets._core.commands import error_report
from lucid_widgets.widgets._core.flow_control import FlowControl, client_of
from lucid_widgets.widgets._core.part import Part
from lucid_widgets.widgets._core.progress import Progress
from lucid_widgets.widgets._core.traits import Choice, Real, Record, small_outputs

if TYPE_CHECKING:
    from lucid_widgets.widgets._core.base import LucidBase

Question = TypeVar("Question")

NOTHING = np.zeros((1, 1, 1, 3), np.float32)
"""The images of a frame that stands for a result that is no image."""

NUMBERS_SECONDS = 0.25
"""Shortest time between two publications of a moving run's numbers."""


class BackgroundRun(Part):
    """A run on the worker thread, and its traffic with the pages that watch it.

    This class is abstract. `LiveRun` and `LiveGrid` define how a run starts, and publish its results. They read the
    runner's attributes, which are always current; the runner's callbacks only tell them when to look.

    The widget needs the traits `status`, `remaining` and `error`; see `status_trait` and the functions that follow it.

    Attributes:
        on_want: Functions that are called when a page that can be seen asks for images. The lock is held.
    """

    def __init__(self, widget: LucidBase, flow: FlowControl, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(widget)
        self.clock = clock
        self.flow = flow
        self.progress = Progress(clock)
        self.on_want: list[Callable[[], object]] = []
        self._published_status: Status = "idle"
        self._numbers_at = float("-inf")
        keep, catch_up = weakly(self.keep), weakly(self.catch_up)

        def on_frame(frame: Frame) -> None:
            keep(frame)
            catch_up()

        self.runner = Runner(on_frame, catch_up)

    def is_shown(self) -> bool:
        return self.flow.present

    def is_moving(self) -> bool:
        return self.runner.in_motion

    def close(self) -> None:
        interrupts.set_moving(self, False)
        self.runner.close()
        self.widget._publish(status=self.runner.status)

    # Commands of the user.

    def run(self) -> None:
        """Start, or continue after a pause. Returns at once."""
        with self.lock:
            self.widget._refuse_if_closed()
            if self.runner.in_motion and not self.runner.will_pause:
                return
            if self.can_go_on():
                self.flow.forgive()
                self.runner.resume()
            else:
                self.start()

    def resume(self) -> None:
        """Continue after a pause, or cancel one that is about to begin; no effect in any other state."""
        with self.lock:
            self.widget._refuse_if_closed()
            if self.runner.pausing:
                self.run()

    def wait(self, timeout: float | None = None, verbose: bool = True) -> Status:
        """Block until the run is at rest and its result is published. A bar shows how far it is."""
        try:
            if not (verbose and shows_progress()):
                return self.runner.wait(timeout)
            with WaitingBar(self.runner, self.waiting_for) as bar:
                return bar.wait(timeout)
        finally:
            self.catch_up()
            self.widget._settle()

    # Overridden by subclasses.

    def waiting_for(self) -> tuple[int, int, str]:
        """Steps made, steps in all (0 if unknown), and further words for the bar of `wait`."""
        return self.progress.step, 0, ""

    def can_go_on(self) -> bool:
        """Whether `run` has something to continue."""
        return self.runner.pausing

    def start(self) -> None:
        """Start a run. Needs the lock."""
        raise NotImplementedError

    def keep(self, frame: Frame) -> None:
        """Take each frame, on the worker, before `catch_up`."""

    def catch_up(self) -> None:
        """Publish what is new, read from the runner's attributes: callbacks of two threads may come in any order."""
        raise NotImplementedError

    def answer_want(self, client: str, content: dict[str, Any]) -> None:
        """Answer a page that asks for images that it does not have yet."""
        raise NotImplementedError

    def _publish_numbers(self, status: Status) -> None:
        """Publish everything but images, in one message. Needs the lock."""
        raise NotImplementedError

    # For subclasses.

    def catch_up_page(self, known: Any) -> None:
        """Send what the run has published to a page that connects with older values.

        Some hosts render a widget before they connect it, and lose the changes in between. A page that is up to date
        gets nothing: all pages would receive the answer.

        Args:
            known: Traits with simple values, as the page knows them.
        """
        widget: Any = self.widget
        if not isinstance(known, Mapping):
            return
        with self.lock:
            outputs = small_outputs(widget)
            older = [name for name in outputs if name in known and known[name] != getattr(widget, name)]
            if older:
                widget.send_state(outputs if "status" in older else older)

    def publish_status(self, status: Status) -> None:
        """Act on a status and publish it, with the error that led to it. Needs the lock.

        A run can fail before `start` returns, so every thread that publishes the status also publishes the error.
        """
        self.note_status(status)
        self._publish_numbers(status)

    def note_status(self, status: Status) -> None:
        """Act on a new status. Needs the lock."""
        if status != "running":
            self.progress.interrupt()
        exception = self.runner.exception
        self.widget._publish(error={} if exception is None else error_report(exception))
        interrupts.set_moving(self, status in IN_MOTION)

    def settle_soon(self) -> None:
        """Call `settle` of all parts on the worker, because encoding would hold up the kernel's threads."""
        if on_worker():
            self.widget._settle()
        else:
            call_soon(weakly(self.widget._settle))

    # Messages from the page.

    def on_message(self, content: dict[str, Any]) -> None:
        """Handle a message of a page that is not a command."""
        client = client_of(content)
        match content.get("type"):
            case "hello":
                self.flow.hello(client)
                self.catch_up_page(content.get("known"))
            case "want":
                self.answer_want(client, content)
                for call in self.on_want:
                    call()
            case "hidden":
                self.flow.hidden(client)
            case "bye":
                # A page that is left or reloaded does not end the run, as the removal of its last view does.
                self.flow.bye(client, moving=self.runner.in_motion and not content.get("leaving"))


def status_trait() -> Any:
    """The trait `status: Status`."""
    words = get_args(Status)
    return Choice(words, "idle", output=True, help=f"State of the run: {', '.join(words[:-1])} or {words[-1]}.")


def remaining_trait() -> Any:
    """The trait `remaining: float | None`."""
    return Real(None, allow_none=True, output=True, help="Estimated seconds until the run is done; None if unknown.")


def error_trait() -> Any:
    """The trait `error: dict[str, str]`."""
    return Record(output=True, help="The error that ended the run (title, message, hint, traceback), or an empty dict.")


def weakly(method: Callable[..., None]) -> Callable[..., None]:
    """Return a function that calls the method while its object lives: a runner must not keep a widget alive."""
    reference = weakref.WeakMethod(method)

    def call(*args: Any) -> None:
        alive = reference()
        if alive is not None:
            alive(*args)

    return call


def one_turn(answer: Callable[[Question], object], question: Question) -> Iterator[Frame]:
    """The stream of a question, which is answered in one turn of the worker. Its frame holds no image."""
    answer(question)
    yield Frame(1, None, NOTHING)
