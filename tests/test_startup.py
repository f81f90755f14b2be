"""TensorFlow starts without a word; faults and a person's own settings are left alone."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

import lucid_widgets
from lucid_widgets import _startup
from lucid_widgets._startup import VARIABLE, filtered, without_messages

CHATTER = b"""\
WARNING: All log messages before absl::InitializeLog() is called are written to STDERR
I0000 00:00:1795843803.494338   21466 cudart_stub.cc:31] Could not find cuda drivers on your machine.
2025-03-01 10:11:12.123456: I tensorflow/core/platform/cpu_feature_guard.cc:210] This TensorFlow binary is optimized.
To enable the following instructions: AVX2 FMA, in other operations, rebuild TensorFlow with the appropriate flags.
E0000 00:00:1795843803.494338   21466 cuda_platform.cc:52] failed call to cuInit: INTERNAL: CUDA error: UNKNOWN (303)
2025-03-01 10:11:12.1: E external/xla/cuda_fft.cc:477] Unable to register cuFFT factory: Attempting to register twice
"""
FAULT = b"""\
E0000 00:00:1795842171.625234   29188 meta_optimizer.cc:967] layout failed: INVALID_ARGUMENT
F0000 00:00:1795842171.625234   29188 cpu_feature_guard.cc:99] TensorFlow was compiled for another processor.
ImportError: libcudart.so.12: cannot open shared object file
no line end"""


def stderr_of(code: str, **variables: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    done = subprocess.run(
        [sys.executable, "-c", code], env={**environment, **variables}, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_only_messages_are_left_out() -> None:
    assert filtered(CHATTER) == b""
    assert filtered(FAULT) == FAULT
    first, *_ = FAULT.splitlines(keepends=True)
    assert filtered(CHATTER + first + CHATTER) == first


def test_what_other_code_writes_comes_through(capfd: pytest.CaptureFixture[str]) -> None:
    with without_messages():
        os.write(2, CHATTER)
        thread = threading.Thread(target=os.write, args=(2, b"from a thread\n"))
        thread.start()
        thread.join()
        with without_messages():  # as if one thread waited for another
            os.write(2, b"inside\n")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "from a thread\ninside\nafter\n"


def test_after_an_error_everything_comes_through(capfd: pytest.CaptureFixture[str]) -> None:
    def failing_import() -> None:
        with without_messages():
            os.write(2, CHATTER)
            raise ImportError

    with pytest.raises(ImportError):
        failing_import()
    assert capfd.readouterr().err == CHATTER.decode()


@pytest.mark.parametrize("level", ["0", "1"])
def test_a_persons_own_level_wins(
    level: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(VARIABLE, level)
    _startup.set_log_level()
    with without_messages():
        os.write(2, CHATTER)
    assert os.environ[VARIABLE] == level
    assert capfd.readouterr().err == CHATTER.decode()


def test_works_without_a_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(_: int) -> int:
        raise OSError

    monkeypatch.setattr(os, "dup", closed)
    with without_messages():
        pass


@pytest.mark.slow
@pytest.mark.parametrize("variables", [{}, {VARIABLE: "3"}])
def test_a_script_writes_nothing_to_stderr(variables: Mapping[str, str]) -> None:
    script = (
        "from lucid_widgets import models, render_vis\n"
        "render_vis(models.EmojiNet(), 'mixed3a:3', thresholds=(66,), image_size=32, verbose=False)\n"
    )
    assert stderr_of(script, **variables) == ""


# Imports each module in a forked process, and prints those in which TensorFlow or Keras is imported first, aloud.
FIRST_IMPORTS = """
import importlib, os, sys, traceback

class Watch:
    def find_spec(self, name, path=None, target=None):
        if name in ("tensorflow", "keras"):
            os._exit(0 if any(each.name == "import_tensorflow" for each in traceback.extract_stack()) else 9)

sys.meta_path.insert(0, Watch())
import IPython.display, anywidget, ipywidgets, lucid_widgets, numpy, tqdm.auto

for name in sys.argv[1:]:
    child = os.fork()
    if child == 0:
        module, _, attribute = name.partition(":")
        getattr(importlib.import_module(module), attribute or "__name__")
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0:
        print(name)
"""


@pytest.mark.slow
def test_whatever_is_imported_first_starts_tensorflow_silently() -> None:
    public = [f"lucid_widgets:{name}" for name in lucid_widgets.__all__]
    package = Path(lucid_widgets.__file__).parent
    modules = [
        f"lucid_widgets.{folder}.{path.stem}"
        for folder in ("attribution", "recipes", "scratch", "scratch.rl_util", "evidence", "evidence.checks", "widgets")
        for path in (package / folder.replace(".", "/")).glob("[!_]*.py")
        if f"{folder}.{path.stem}" != "evidence.measuring"  # the packages that use it come first
    ]
    command = [sys.executable, "-c", FIRST_IMPORTS, *public, *modules]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
