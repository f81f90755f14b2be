"""Run the notebooks whose outputs are committed, and keep the outputs that a reader without a kernel can see.

    python tests/notebooks/refresh.py [tutorial.ipynb ...]

Progress bars and live widgets need the kernel, so they are removed. A widget is
replaced by its image.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
RECIPES = (
    "caricature.ipynb",
    "activation_atlas.ipynb",
    "style_and_texture.ipynb",
    "transparency_and_cppn.ipynb",
    "neuron_interactions.ipynb",
)
WITH_OUTPUTS = ("tutorial.ipynb", "interpolation.ipynb", "export_animations.ipynb", *RECIPES)
# The end of a cell that starts a run in the background and shows its widget.
RUN = re.compile(r"\b(\w+)\.run\(\)\n\1$")
WIDGET = "application/vnd.jupyter.widget-view+json"


def refresh(path: Path) -> None:
    book = nbformat.read(path, as_version=4)
    sources = []
    for cell in book.cells:  # wait for runs in the background; nobody watches them here
        if cell.cell_type == "code":
            sources.append(cell.source)
            cell.source = RUN.sub(r"\1.run()\n\1.wait()\n\1", cell.source)
    NotebookClient(book, timeout=600, kernel_name="python3").execute(cwd=str(path.parent))
    for cell in book.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.source = sources.pop(0)
            cell.execution_count = None
            cell.outputs = [output for output in map(lasting, cell.outputs) if output]
    book.metadata = {name: book.metadata[name] for name in ("kernelspec", "language_info")}
    book.metadata["language_info"] = {"name": "python"}
    nbformat.validate(book)
    nbformat.write(book, path)
    print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")


def lasting(output: Any) -> Any:
    """Return an output without the parts that need a kernel, or None if nothing is left."""
    if output.output_type == "stream":
        return output if output.name == "stdout" else None
    if output.output_type == "display_data" and not output.data:
        return None  # the line that said what the cell waited for
    if WIDGET in output.get("data", {}):
        if "image/png" not in output.data:
            return None
        # A player also has a moving image, in HTML.
        output.data = {kind: value for kind, value in output.data.items() if kind != WIDGET}
    if output.output_type == "execute_result":
        output.execution_count = None
    return output


if __name__ == "__main__":
    for name in sys.argv[1:] or WITH_OUTPUTS:
        refresh(NOTEBOOKS / name)
