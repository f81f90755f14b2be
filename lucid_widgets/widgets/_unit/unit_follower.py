"""`UnitFollower`: a question about the unit of a `LucidWidget`, which is answered in the background."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lucid_widgets.runner import Runner
from lucid_widgets.widgets._canvas.live_run import LiveRun
from lucid_widgets.widgets._core.background import one_turn, weakly
from lucid_widgets.widgets._core.commands import error_report
from lucid_widgets.widgets._core.part import Part
from lucid_widgets.widgets._workbench.model_run import ModelRun

if TYPE_CHECKING:
    from lucid_widgets.widgets.lucid_widget import LucidWidget


class UnitFollower(Part):
    """Follows the unit while the page shows the answer, and computes nothing else.

    Subclasses call `_ask` in `_follow`, compute in `_answer`, and show an error in `_show_error`. Only the answer to
    `_question` is wanted; None if there is none.

    Args:
        widget: The owner.
        live: Its run.
        run: Makes the frames of the run.
        traits: Names of the traits on which the question depends.
    """

    widget: LucidWidget

    def __init__(self, widget: LucidWidget, live: LiveRun, run: ModelRun, traits: Sequence[str]) -> None:
        super().__init__(widget)
        self._live, self._run = live, run
        self._question: Any = None
        self._runner = Runner(None, weakly(self._ended))
        follow = weakly(self._follow)
        live.on_want.append(follow)
        widget.observe(lambda change: follow(), list(traits))

    def close(self) -> None:
        self._runner.close()

    def _follow(self) -> None:
        """Ask if something is wanted that is not known. Needs the lock, which observers hold."""
        raise NotImplementedError

    def _answer(self, question: Any) -> None:
        """Compute and publish the answer. Called on the worker, without the lock."""
        raise NotImplementedError

    def _show_error(self, report: dict[str, Any]) -> None:
        """Publish why there is no answer. Needs the lock."""
        raise NotImplementedError

    def _ask(self, question: Any) -> None:
        """Begin with the answer. Needs the lock."""
        self._question = question
        # A function that does not keep the widget alive, because the worker holds on to the stream.
        answer = weakly(self._answer)
        self._runner.start(lambda: one_turn(answer, question))

    def _retry(self) -> None:
        """The command of the page: ask again."""
        with self.lock:
            self._question = None
            self._follow()

    def _ended(self) -> None:
        with self.lock:
            error = self._runner.exception
            if error is not None and self._question is not None and not self.widget._closed:
                self._show_error({"state": "failed", **error_report(error)})


__all__ = ["UnitFollower"]
