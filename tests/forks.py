"""Processes forked from one that has imported TensorFlow, for tests that kill them.

A script calls `serve` with what a process does. TensorFlow does nothing before the forks.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from needs import ROOT, TESTS


class Forks:
    """Runs a script that calls `serve`.

    Args:
        python: The fixture `warm_python`.
        script: The script.
    """

    def __init__(self, python: list[str], script: Path) -> None:
        self.process = subprocess.Popen(
            [*python, str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ | {"PYTHONPATH": f"{ROOT}:{TESTS}", "TF_CPP_MIN_LOG_LEVEL": "3"},
        )

    def start(self, *words: object) -> int:
        """Fork a process, and return its id.

        Args:
            *words: Arguments of the script's function, which gets them as text.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{' '.join(map(str, words))}\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def close(self) -> None:
        """End the script."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(240)
        self.process.stdout.close()


def serve(run: Callable[..., None]) -> None:
    """Fork a process for each line of the input, and print its id.

    Args:
        run: Does the work of a process. Gets the words of the line.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # no zombies
    for line in sys.stdin:
        process = os.fork()
        if process == 0:
            try:
                run(*line.split())
                os._exit(0)
            finally:
                os._exit(1)
        print(process, flush=True)


def lines(log: Path) -> int:
    """Number of lines of a file; 0 if there is none."""
    return len(log.read_text().splitlines()) if log.exists() else 0
