"""What every host shows: a workbench, a player and a grid, of the network that comes with the package."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import nbformat

WORKBENCH = """
from lucid_widgets import LucidWidget
w = LucidWidget(None, "mixed4a:56", steps=200_000, image_size=64)
w
"""

PLAYER = """
import numpy as np
from lucid_widgets import SpritePlayer
frames = np.zeros((8, 32, 32, 3), np.uint8)
for place in range(8):
    frames[place, :, 4 * place : 4 * place + 4] = 255
    frames[place, ..., 2] = 30 * place
p = SpritePlayer(frames, fps=10, title="a bar moves")
p
"""

GRID = """
from lucid_widgets import FeatureGrid
g = FeatureGrid(None, "mixed3a", channels=range(4), image_size=32, steps=8, batch=4, cache=False)
g
"""

BUILDER = """
from lucid_widgets import ObjectiveBuilder
b = ObjectiveBuilder(None, "mixed4a:56")
b
"""

CELLS = [WORKBENCH, PLAYER, GRID]

# For hosts in which a widget cannot put its newest image into the notebook by itself.
FREEZE = "w.freeze(), p.freeze(), g.freeze();"


def names_of_last(code: str) -> tuple[str, str]:
    """The code without its last line, and that line: the name of what a notebook would display."""
    lines = code.strip().splitlines()
    return "\n".join(lines[:-1]), lines[-1]


def write_notebook(path: Path, code: list[str]) -> str:
    """Write a notebook with these cells. Returns its text."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in code])
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(book, path)
    return path.read_text()


# Runs that end, for pages that have no kernel.
SHORT = [
    WORKBENCH.replace("steps=200_000", "steps=3").replace("\nw\n", "\nw.run()\nw.wait(verbose=False)\nw\n"),
    PLAYER,
    GRID.replace("\ng\n", "\ng.wait(verbose=False)\ng\n"),
]


def write_embedded(path: Path) -> None:
    """Write a page by `embed_minimal_html`, as a script would."""
    bodies = "\n".join(names_of_last(code)[0] for code in SHORT)
    views = ", ".join(names_of_last(code)[1] for code in SHORT)
    script = f"""{bodies}
from ipywidgets.embed import dependency_state, embed_minimal_html
embed_minimal_html({str(path)!r}, views=[{views}], state=dependency_state([{views}]))
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=240)
    # The scripts are served from packages, whose versions differ from those that these hashes belong to.
    path.write_text(re.sub(r' integrity="[^"]*"', "", path.read_text()))


def write_converted(folder: Path) -> Path:
    """Execute a notebook without a page, and convert it to `executed.html`. Returns the notebook's path."""
    write_notebook(folder / "executed.ipynb", SHORT)
    command = [sys.executable, "-m", "jupyter", "nbconvert", "executed.ipynb", "--to"]
    for to in (("notebook", "--execute", "--inplace"), ("html",)):
        subprocess.run([*command, *to], check=True, cwd=folder, capture_output=True, timeout=240)
    page = folder / "executed.html"
    page.write_text(re.sub(r' integrity="[^"]*"', "", page.read_text()))
    return folder / "executed.ipynb"
