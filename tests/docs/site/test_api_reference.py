"""The API reference has an entry for every public name."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from needs import ROOT

PACKAGE = ROOT / "lucid_widgets"

# Modules that are not part of the API. A name stands for a module and everything in it.
INTERNAL = (
    "lucid_alias",
    "misc.keywords",
    "misc.outside",
    "misc.waiting",
    "modelzoo.base",
    "modelzoo.catalog",
    "modelzoo.emojinet",
    "modelzoo.emojivit",
    "modelzoo.files",
    "modelzoo.graphdef",
    "modelzoo.keras",
    "modelzoo.refusals",
    "modelzoo.saving",
    "modelzoo.survey",
    "optvis.affine",
    "optvis.arguments",
    "optvis.cache_keys",
    "optvis.chain",
    "optvis.default_image",
    "optvis.engine",
    "optvis.seeding",
    "optvis.speed",
    "optvis.unit_frames",
    # Names of Lucid that raise an error which says what to use today.
    "misc.gl.glcontext",
    "misc.gl.glrenderer",
    "misc.graph_analysis",
    "scratch.atlas_pipeline",
    "scratch.pretty_graphs",
    "scratch.web",
)


def exports(path: Path) -> list[str]:
    """The strings of `__all__`, read without importing the module, or parsing all of it, which would take a second."""
    lists = re.findall(r"^__all__\b[^\n]*?= *([\[(].*?[\])])$", path.read_text(), re.MULTILINE | re.DOTALL)
    return [name for each in lists for name in ast.literal_eval(each)]


def modules() -> dict[str, list[str]]:
    """The exported names of each module of the package, by its dotted name without "lucid_widgets."."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = exports(path)
    return found


@cache
def public_modules() -> dict[str, list[str]]:
    """Modules that users import from.

    A package that exports names is the public door to the modules in it, so those do not count. Neither do modules
    whose names begin with an underscore.
    """
    every = modules()

    def is_public(name: str) -> bool:
        parts = name.split(".")
        parents = [".".join(parts[:count]) for count in range(1, len(parts))]
        hidden = any(part.startswith("_") for part in parts) or any(every[parent] for parent in parents)
        return not hidden and not any(name == each or name.startswith(f"{each}.") for each in INTERNAL)

    return {name: names for name, names in every.items() if name and names and is_public(name)}


@pytest.fixture(scope="module")
def documented(site: Path) -> set[str]:
    """The last parts of all names that the reference has an anchor for, and the names of documented modules."""
    pages = [page.read_text() for page in (site / "api").glob("*.html")]
    anchors = {anchor for page in pages for anchor in re.findall(r'id="(lucid_widgets\.[\w.]+)"', page)}
    sources = "".join(page.read_text() for page in (ROOT / "docs" / "api").glob("*.md"))
    return {each.rpartition(".")[2] for each in anchors | set(re.findall(r"^::: (\S+)", sources, re.MULTILINE))}


@pytest.mark.parametrize("module", list(public_modules()))
def test_has_an_entry_for_every_exported_name(module: str, documented: set[str]) -> None:
    assert set(public_modules()[module]) <= documented


def test_names_everything_at_the_top_of_the_package() -> None:
    page = (ROOT / "docs" / "api" / "lucid_widgets.md").read_text()
    listed = set(re.findall(r"`(\w+)`", page))
    assert set(exports(PACKAGE / "__init__.py")) <= listed
