"""`python -m lucid_widgets render-model`."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from lucid_widgets import Microscope
from lucid_widgets.microscope import command, running
from lucid_widgets.microscope.command import INTERRUPTED, main

WORDS = ["render-model", "EmojiNet", "--layers", "conv2d0", "--steps", "1", "--image-size", "32", "--batch", "8"]


@pytest.mark.slow
def test_renders_stops_at_an_interrupt_and_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "shows_progress", lambda: False)
    words = [*WORDS, "--out", str(tmp_path)]
    work = running.run_task

    def interrupted(*arguments: object) -> object:
        os.kill(os.getpid(), signal.SIGINT)
        return work(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(running, "run_task", interrupted)
    assert main(words) == INTERRUPTED
    assert "Stopped. The same command goes on" in capsys.readouterr().out
    assert Microscope.open(tmp_path).finished("conv2d0").sum() == 8
    monkeypatch.setattr(running, "run_task", work)
    assert main(words) == 0
    printed = capsys.readouterr().out
    assert "16 of 24 images" in printed
    assert printed.endswith("<Microscope EmojiNet: 1 layers, 24 of 24 images>\n")


def test_errors_are_sentences(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["render-model", "EmojiNet", "--layers", "conv2d9", "--out", str(tmp_path)]) == 1
    assert "EmojiNet has no layer named 'conv2d9'" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["render-model", "EmojiNet", "--workers", "2", "--scheduler", "tcp://127.0.0.1:1"])
