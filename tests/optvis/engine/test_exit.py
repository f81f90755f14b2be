"""The interpreter may end at any moment of a run."""

from __future__ import annotations

import subprocess

import pytest

LEAVE_WHILE_COMPILING = """
import threading, time
from lucid_widgets import LucidWidget

widget = LucidWidget(image_size=32)
widget.run()
while not any(thread.name == "compiler" for thread in threading.enumerate()):
    time.sleep(0.001)
"""


@pytest.mark.slow
@pytest.mark.usefixtures("fast_plan")
def test_the_interpreter_ends_cleanly_while_a_thread_compiles(warm_python: list[str]) -> None:
    # A thread that is still inside TensorFlow when the interpreter has ended aborts the process.
    done = subprocess.run([*warm_python, "-c", LEAVE_WHILE_COMPILING], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "FATAL" not in done.stderr
