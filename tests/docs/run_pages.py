"""Run the Python blocks of documentation pages with few steps, as the tests do.

    PYTHONPATH=docs:tests python tests/docs/run_pages.py FOLDER docs/start.md ...

Each page runs in its own process. The processes are forked after TensorFlow is imported, which saves seconds per page.
The line after each page's output is its exit status. Most of a page's time would go into building graphs of EmojiNet,
so most pages run with a small network of the same layers and classes, and with fewer images to look at. A page whose
images are compared with the committed ones runs with EmojiNet and with all steps, and writes them below FOLDER.
"""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from pathlib import Path

from code_blocks import run_page
from evidence.fewer import compare_fewer
from example_names import small_model
from make_images import make

from lucid_widgets.images import ImageSet
from lucid_widgets.modelzoo.emojinet import emoji_images

COMPARED = "docs/concepts/transforms.md"
"""A page that is quick to run with all steps."""

WITH_EMOJINET = ("README.md", COMPARED)
END = "-- end of"


def fewer_images(count: int = 480, size: int = 64, seed: int = 1) -> ImageSet:
    """`emoji_images` with fewer images. With this seed, all labels that pages name are among them."""
    return emoji_images(count, size, seed)


def run_separately(name: str, folder: Path) -> int:
    """Run a page in a forked process, and return its exit status: 0, or 1 after an error, which it prints."""
    page = Path(name).resolve()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            if name not in WITH_EMOJINET:
                zoo = importlib.import_module("lucid_widgets.modelzoo.vision_models")
                zoo.EmojiNet, zoo.emoji_images = small_model, fewer_images
            if name == COMPARED:
                make(page, folder)
            else:
                compare_fewer()
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
    folder = Path(sys.argv[1]).resolve()
    for name in ("lucid_widgets.widgets.lucid_widget", "keras", "ipywidgets"):
        importlib.import_module(name)  # only imported: a process that has run TensorFlow cannot be forked
    for name in sys.argv[2:]:
        status = run_separately(name, folder)
        print(f"{END} {name} {status}", flush=True)


if __name__ == "__main__":
    main()
