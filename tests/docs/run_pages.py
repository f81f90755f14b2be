"""Run the Python blocks of documentation pages with few steps, as the tests do.

    PYTHONPATH=docs:tests python tests/docs/run_pages.py docs/start.md ...

Each page runs in its own process. The processes are forked after TensorFlow is imported, which saves seconds per page.
The line after each page's output is its exit status. Most of a page's time would go into building graphs of EmojiNet,
so all but the README run with a small network of the same layers and classes.
"""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from pathlib import Path

from code_blocks import run_page
from example_names import small_model

WITH_EMOJINET = ("README.md",)
END = "-- end of"


def run_separately(page: Path) -> int:
    """Run a page in a forked process, and return its exit status: 0, or 1 after an error, which it prints."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            if page.name not in WITH_EMOJINET:
                importlib.import_module("lucid_widgets.modelzoo.vision_models").EmojiNet = small_model
            run_page(page, quick=True)
            status = 0
        except BaseException:
            traceback.print_exc(file=sys.stdout)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)  # without the exit handlers of the parent; runs in the background end with the process
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main() -> None:
    """Run the pages that are named on the command line."""
    for name in ("lucid_widgets.widgets.lucid_widget", "keras", "ipywidgets"):
        importlib.import_module(name)  # only imported: a process that has run TensorFlow cannot be forked
    for argument in sys.argv[1:]:
        status = run_separately(Path(argument).resolve())
        print(f"{END} {argument} {status}", flush=True)


if __name__ == "__main__":
    main()
