"""`Analysis`: computes on the worker what an explorer asks, one step per turn, and drops outdated questions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lucid_widgets.attribution import Method
from lucid_widgets.frames import Frame
from lucid_widgets.runner import Runner
from lucid_widgets.widgets._core.background import weakly
from lucid_widgets.widgets._core.commands import error_report
from lucid_widgets.widgets._core.part import Part
from lucid_widgets.widgets._explorer.findings import Findings
from lucid_widgets.widgets._network.held import let_go

if TYPE_CHECKING:
    from lucid_widgets.widgets._explorer.explorer import Explorer

_NO_IMAGES = np.zeros((0, 1, 1, 3), np.float32)


@dataclass(frozen=True, eq=False)
class Question:
    """What an explorer asks: everything that decides its results.

    Attributes:
        findings: The results for the image so far.
        layer: The layer.
        classes: The chosen classes; empty for the most probable one.
        view: What is shown.
        method: How attributions are computed.
        groups: Number of groups.
    """

    findings: Findings
    layer: str
    classes: tuple[int, ...]
    view: str
    method: Method
    groups: int

    @property
    def explained(self) -> tuple[int, ...]:
        """The classes to explain: the chosen ones, or the most probable one; none without a class layer."""
        if self.classes:
            return self.classes
        found = self.findings.probabilities()
        return () if found is None else (int(found.argmax()),)

    @property
    def target(self) -> Any:
        """The target of attributions; 0 without a class layer, which then raises the error that says so."""
        classes = self.explained
        return classes if len(classes) > 1 else classes[0] if classes else 0


Step = tuple[str, Callable[[], None]]
"""What is computed, in a word for the page, and the function that computes and publishes it."""


class Analysis(Part):
    """Runs the steps of the newest question.

    A step is one turn of the worker, so feature images are made in between. A new question replaces the one that is
    being answered; the step under way still ends.

    Args:
        widget: The owner.
        steps: Returns the steps of a question.
    """

    widget: Explorer

    def __init__(self, widget: Explorer, steps: Callable[[Question], Sequence[Step]]) -> None:
        super().__init__(widget)
        self._steps = steps
        self.question: Question | None = None
        self.runner = Runner(None, weakly(self._status_changed))

    def ask(self, question: Question) -> None:
        """Answer a question. Returns at once. Needs the lock."""
        self.question = question
        self.widget._publish(_problem={})
        self.runner.start(lambda: self._answer(question))

    def publish(self, question: Question, **values: Any) -> bool:
        """Publish results, unless the question is outdated. Returns whether it is not."""
        with self.lock:
            current = question is self.question and not self.widget._closed
            if current:
                self.widget._publish(**values)
        return current

    def close(self) -> None:
        self.runner.close()

    def let_go(self) -> None:
        let_go(self.widget._network)
        self.question = self.widget._findings = self.widget._features = None

    def _answer(self, question: Question) -> Iterator[Frame]:
        began = time.monotonic()
        for number, (work, answer) in enumerate(self._steps(question)):
            if not self.publish(question, _work=work):
                return
            answer()
            yield Frame(number, None, _NO_IMAGES, time.monotonic() - began)

    def _status_changed(self) -> None:
        with self.lock:
            if self.widget._closed or self.runner.in_motion:
                return
            exception = self.runner.exception
            self.widget._publish(_work="", _problem={} if exception is None else error_report(exception))


__all__ = ["Analysis", "Question", "Step"]
