"""Runs `render_model` in each of its forks.

A line has the store, a file that gets a line after each task, and the number of tasks after which the process waits to
be killed.
"""

from __future__ import annotations

import signal
from pathlib import Path

from evidence.networks import whole_network
from forks import lines, serve

from lucid_widgets.microscope.rendering import render_model

SETTINGS = {"layers": ["first", "second"], "steps": 4, "image_size": 12, "batch": 1, "transforms": "nothing"}


def run(store: str, log: str, most: str) -> None:
    def note(_: object) -> None:
        with Path(log).open("a") as file:
            file.write("task\n")
        if lines(Path(log)) == int(most):
            signal.pause()

    render_model(whole_network(), out=store, on_progress=note, **SETTINGS)  # type: ignore[arg-type]


if __name__ == "__main__":
    serve(run)
