"""The API reference has an entry for every public name."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from needs import ROOT

PACKAGE = ROOT / "lucid_widgets"

# Modules that are not part of the API, besides those whose names begin with an underscore. A name stands for a module
# and everything in it; with a dot at its end, only for what is in it.
INTERNAL = (
    "optvis.engine",
    "optvis.speed",
    "optvis.affine",
    "optvis.cache_keys",
    "optvis.objectives.",
    "optvis.seeding",
    "optvis.unit_frames",
    "modelzoo.base",
    "modelzoo.emojinet",
    "modelzoo.files",
    "modelzoo.graphdef",
    "modelzoo.keras",
    "modelzoo.saving",
    "modelzoo.survey",
    "lucid_alias",
    # Used by `misc.io`, and of no use without it.
    "misc.io.fitting",
    "misc.io.image_cache",
    # Names of Lucid that raise an error which says what to use today.
    "misc.gl.glcontext",
    "misc.gl.glrenderer",
    "misc.graph_analysis",
    "misc.tfutil",
)


def exports(path: Path) -> list[str]:
    """The strings of `__all__`, read without importing the module."""
    names: list[str] = []
    for node in ast.parse(path.read_text()).body:
        target = node.target if isinstance(node, (ast.AnnAssign, ast.AugAssign)) else None
        target = node.targets[0] if isinstance(node, ast.Assign) else target
        if isinstance(target, ast.Name) and target.id == "__all__":
            names += [each.value for each in ast.walk(node.value) if isinstance(each, ast.Constant)]
    return names


def public_modules() -> dict[str, list[str]]:
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        parts = parts[:-1] if parts[-1] == "__init__" else parts
        name = ".".join(parts)
        internal = any(name == each or name.startswith(f"{each.rstrip('.')}.") for each in INTERNAL)
        if name and not internal and not any(part.startswith("_") for part in parts):
            found[name] = exports(path)
    return found


@pytest.fixture(scope="module")
def documented(site: Path) -> set[str]:
    """The last parts of all names that the reference has an anchor for, and the names of documented modules."""
    pages = [page.read_text() for page in (site / "api").glob("*.html")]
    anchors = {anchor for page in pages for anchor in re.findall(r'id="(lucid_widgets\.[\w.]+)"', page)}
    sources = "".join(page.read_text() for page in (ROOT / "docs" / "api").glob("*.md"))
    return {each.rpartition(".")[2] for each in anchors | set(re.findall(r"^::: (\S+)", sources, re.MULTILINE))}


@pytest.mark.parametrize("module", [name for name, names in public_modules().items() if names])
def test_has_an_entry_for_every_exported_name(module: str, documented: set[str]) -> None:
    assert set(public_modules()[module]) <= documented


def test_names_everything_at_the_top_of_the_package() -> None:
    page = (ROOT / "docs" / "api" / "lucid_widgets.md").read_text()
    listed = set(re.findall(r"`(\w+)`", page))
    assert set(exports(PACKAGE / "__init__.py")) <= listed
