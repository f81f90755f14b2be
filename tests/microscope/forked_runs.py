"""Runs of `render_model` in separate processes, for tests that kill them.

Reads lines `store log most` from stdin, forks a process for each, and prints its id. TensorFlow is imported once, and
does nothing before the forks. A run appends a line to `log` after each task. After `most` tasks, it waits to be killed.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from evidence.networks import whole_network

from lucid_widgets.microscope.rendering import render_model

SETTINGS = {"layers": ["first", "second"], "steps": 4, "image_size": 12, "batch": 1, "transforms": "nothing"}


def run(store: str, log: Path, most: int) -> None:
    def note(_: object) -> None:
        with log.open("a") as file:
            file.write("task\n")
        if len(log.read_text().splitlines()) == most:
            signal.pause()

    render_model(whole_network(), out=store, on_progress=note, **SETTINGS)  # type: ignore[arg-type]


if __name__ == "__main__":
    for line in sys.stdin:
        store, log, most = line.split()
        child = os.fork()
        if child == 0:
            try:
                run(store, Path(log), int(most))
            finally:
                os._exit(0)
        print(child, flush=True)
