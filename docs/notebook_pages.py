"""MkDocs hook: a page for each notebook that is committed with its outputs.

nbconvert writes the pages during the build, so a page cannot differ from its notebook.
"""

from __future__ import annotations

from pathlib import Path

import nbformat
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from nbconvert import MarkdownExporter

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
FOLDER = "notebooks"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages, their images, and the notebooks themselves."""
    exporter = MarkdownExporter()
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        book = nbformat.read(path, as_version=4)
        if not any(cell.get("outputs") for cell in book.cells):
            continue
        text, resources = exporter.from_notebook_node(book, {"output_files_dir": path.stem})
        title, _, rest = text.strip().partition("\n")
        page = f"{title}\n\n[Download this notebook]({path.name}){{ download }}\n{rest}"
        files.append(File.generated(config, f"{FOLDER}/{path.stem}.md", content=page))
        files.append(File.generated(config, f"{FOLDER}/{path.name}", abs_src_path=str(path)))
        for name, content in resources["outputs"].items():
            files.append(File.generated(config, f"{FOLDER}/{name}", content=content))
    return files
