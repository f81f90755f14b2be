"""papermill runs notebooks with widgets: nobody looks, and the pictures are in the file."""

from __future__ import annotations

import base64
import importlib
import io
import warnings
from pathlib import Path

import nbformat
import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.kernel

CELLS = ["steps = 3", "from lucid_widgets import LucidWidget\nw = LucidWidget(steps=steps, image_size=32)\nw"]
RUN = "w.run()\nw.wait()\nprint(w.status, w.current_step)"


def test_papermill_runs_a_widget_and_keeps_its_picture(warm_kernel: str, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it imports clouds, for a second, also those that are not installed
        papermill = importlib.import_module("papermill")
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(each) for each in (*CELLS, RUN, "w")])
    book.cells[0].metadata["tags"] = ["parameters"]
    nbformat.write(book, tmp_path / "in.ipynb")
    done = papermill.execute_notebook(
        str(tmp_path / "in.ipynb"),
        str(tmp_path / "out.ipynb"),
        parameters={"steps": 2},
        kernel_name=warm_kernel,
        language="python",
        progress_bar=False,
    )
    outputs = [output for cell in done.cells for output in cell.outputs]
    printed = [output.text for output in outputs if output.get("name") == "stdout"]
    assert printed == ["done 2\n"]
    assert not [output for output in outputs if output.get("name") == "stderr"]
    shown = [output.data["image/png"] for output in outputs if "image/png" in output.get("data", {})]
    (*_, last) = (np.asarray(Image.open(io.BytesIO(base64.b64decode(each)))) for each in shown)
    assert last.shape == (32, 32, 3)
    assert last.std() > 1
