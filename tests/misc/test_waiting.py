"""Slow work in a cell shows what is slow, and for how long."""

from __future__ import annotations

import io
import threading
import time
from typing import Any

import pytest
from tqdm import tqdm

from lucid_widgets.misc import waiting as module
from lucid_widgets.misc.waiting import ticking, waiting
from lucid_widgets.modelzoo.emojinet import EmojiNet
from lucid_widgets.modelzoo.vision_models import as_model


class Handle:
    """What `display(display_id=True)` returns."""

    def __init__(self, shown: list[dict[str, str]]) -> None:
        self.shown = shown

    def update(self, data: dict[str, str], *, raw: bool) -> None:
        self.shown.append(data)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """What the cell of a notebook showed, one after the other."""
    shown: list[dict[str, str]] = []

    def display(data: dict[str, str], *, raw: bool, display_id: bool) -> Handle:
        shown.append(data)
        return Handle(shown)

    monkeypatch.setattr(module, "shows_progress", lambda: True)
    monkeypatch.setattr(module, "is_notebook_environment", lambda: True)
    monkeypatch.setattr(module, "display", display)
    monkeypatch.setattr(module, "SHOWN_AFTER_SECONDS", 0.01)
    monkeypatch.setattr(module, "_TICK_SECONDS", 0.01)
    return shown


def until(shown: list[dict[str, str]], words: str) -> None:
    deadline = time.monotonic() + 60
    while not any(data.get("text/plain", "").startswith(words) for data in shown):
        assert time.monotonic() < deadline, shown
        time.sleep(0.005)


def test_names_the_innermost_work_and_disappears(shown: list[dict[str, str]]) -> None:
    with waiting("Reading the layers"):
        until(shown, "Reading the layers · ")
        with waiting("Loading a"):
            until(shown, "Loading a · ")
        shown.clear()
        until(shown, "Reading the layers")
    assert shown[-1] == {}


def test_disappears_after_an_error(shown: list[dict[str, str]]) -> None:
    @waiting("Loading a")
    def work() -> None:
        until(shown, "Loading a")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    assert shown[-1] == {}
    assert not [thread for thread in threading.enumerate() if thread.name == "lucid-widgets-waiting"]


def test_short_work_shows_nothing(shown: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SHOWN_AFTER_SECONDS", 60)
    with waiting("Loading a"):
        pass
    assert shown == []


def test_background_threads_show_nothing(shown: list[dict[str, str]]) -> None:
    @waiting("Loading a")
    def work() -> None:
        time.sleep(0.05)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert shown == []


def test_a_terminal_shows_one_line(
    shown: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "is_notebook_environment", lambda: False)
    written = ""
    with waiting("Loading a"):
        while "Loading a · " not in written:  # the time limit of tests ends this
            written += capfd.readouterr().err
            time.sleep(0.01)
    written += capfd.readouterr().err
    assert "\n" not in written
    assert written.endswith("\r\x1b[K")


def test_a_model_that_loads_slowly_is_named(shown: list[dict[str, str]]) -> None:
    class Slow(EmojiNet):
        def __init__(self, **kwargs: Any) -> None:
            until(shown, "Loading Slow · ")
            super().__init__(**kwargs)

    as_model(Slow)
    assert shown[-1] == {}


def test_a_bar_counts_the_seconds_without_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_TICK_SECONDS", 0.01)
    file = io.StringIO()
    with tqdm(total=3, file=file, bar_format="{elapsed_s:.2f};") as bar, ticking(bar):
        while len(set(file.getvalue().split(";"))) <= 3:  # the time limit of tests ends this
            time.sleep(0.01)


def test_a_stream_without_a_descriptor_shows_nothing(
    shown: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "is_notebook_environment", lambda: False)
    monkeypatch.setattr("sys.stderr", io.StringIO())
    with waiting("Loading a"):
        time.sleep(0.05)
