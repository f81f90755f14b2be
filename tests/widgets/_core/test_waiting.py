"""`wait` shows a progress bar after a second, and shows nothing before."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from pages import Page

from lucid_widgets._runner import waiting
from lucid_widgets.frames import Frame
from lucid_widgets.widgets._core import background
from lucid_widgets.widgets.optimization_canvas import OptimizationCanvas


class Frames:
    """Three frames, the last of which waits for the test."""

    steps = 3

    def __init__(self) -> None:
        self.gate = threading.Event()

    def __iter__(self) -> Iterator[Frame]:
        for step in range(4):
            if step == 3:
                self.gate.wait(60)
            yield Frame(step, 12.345 * step, np.zeros((1, 2, 2, 3), np.float32))


@pytest.fixture
def frames(monkeypatch: pytest.MonkeyPatch) -> Frames:
    monkeypatch.setattr(background, "shows_progress", lambda: True)
    monkeypatch.setattr(waiting, "_LOOK_SECONDS", 0.01)
    return Frames()


def waited(frames: Frames, capsys: pytest.CaptureFixture[str], *, verbose: bool = True) -> str:
    canvas = OptimizationCanvas(frames)
    canvas.run()
    assert canvas.wait(60, verbose=verbose) == "done"
    return capsys.readouterr().err


def go_on_once_shown(monkeypatch: pytest.MonkeyPatch, frames: Frames, step: int) -> None:
    """Hold back the last frame until `wait` has had a bar shown at this step."""
    show = waiting.WaitingBar._show

    def show_and_go_on(bar: waiting.WaitingBar, status: Any) -> None:
        made, *_ = bar._look()
        show(bar, status)
        if made >= step:
            frames.gate.set()

    monkeypatch.setattr(waiting.WaitingBar, "_show", show_and_go_on)


def test_a_long_wait_shows_steps_and_objective(
    frames: Frames, pages: list[Page], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(waiting, "_SHOWN_AFTER_SECONDS", 0)
    go_on_once_shown(monkeypatch, frames, 2)
    shown = waited(frames, capsys)
    assert "2/3" in shown
    assert "objective 24.69" in shown


def test_a_short_wait_shows_nothing(
    frames: Frames, pages: list[Page], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(waiting, "_SHOWN_AFTER_SECONDS", 1000)
    go_on_once_shown(monkeypatch, frames, 2)
    assert waited(frames, capsys).strip("\r ") == ""


def test_verbose_false_shows_nothing(
    frames: Frames, pages: list[Page], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(waiting, "_SHOWN_AFTER_SECONDS", 0)
    frames.gate.set()
    assert waited(frames, capsys, verbose=False) == ""


def test_a_timeout_ends_the_wait(frames: Frames, pages: list[Page]) -> None:
    canvas = OptimizationCanvas(frames)
    canvas.run()
    assert canvas.wait(0.05) in ("running", "compiling")
    frames.gate.set()
    assert canvas.wait(60) == "done"
