"""Every notebook runs from top to bottom in a fresh kernel."""

from __future__ import annotations

import base64
import re
from io import BytesIO

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from needs import ROOT
from PIL import Image

NOTEBOOKS = ROOT / "notebooks"
CELL_SECONDS = 300
WIDGET = "application/vnd.jupyter.widget-view+json"

pytestmark = pytest.mark.kernel


def executed(name: str) -> nbformat.NotebookNode:
    book = nbformat.read(NOTEBOOKS / name, as_version=4)
    return NotebookClient(book, timeout=CELL_SECONDS, kernel_name="python3").execute(cwd=str(NOTEBOOKS))


def data(book: nbformat.NotebookNode, kind: str) -> list[str]:
    outputs = [output for cell in book.cells if cell.cell_type == "code" for output in cell.outputs]
    return [output["data"][kind] for output in outputs if kind in output.get("data", {})]


def test_there_is_no_notebook_without_a_test() -> None:
    assert [path.name for path in NOTEBOOKS.glob("*.ipynb")] == ["quickstart.ipynb"]


def test_quickstart() -> None:
    book = executed("quickstart.ipynb")
    saved = book.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    states = [saved[view["model_id"]]["state"] for view in data(book, WIDGET)]
    first, panda = (state for state in states if "layer" in state)  # the third widget is a progress bar
    assert first["model_name"] == panda["model_name"] == "EmojiNet"
    assert (first["layer"], first["channel"]) == ("mixed4a", 56)
    assert panda["expression"] == 'class_logit("logits", "panda")'
    assert first["step"] > 0
    # render_vis showed one picture for each of its two thresholds, and they are of the right size and not flat.
    shown = [
        found for html in data(book, "text/html") for found in re.findall(r"data:image/PNG;base64,([^\"']+)", html)
    ]
    pictures = [np.asarray(Image.open(BytesIO(base64.b64decode(each)))) for each in shown]
    assert [picture.shape for picture in pictures] == [(128, 128, 3)] * 2
    assert pictures[1].std() > pictures[0].std() > 5
