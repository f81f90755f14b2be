"""The examples in docstrings run, and print what they say.

An example without output may print anything: a docstring does not show the arrays that `render_vis` returns.
"""

from __future__ import annotations

import ast
import doctest
import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from example_names import TENSORFLOW, names_for, source_of
from needs import ROOT
from widgets.conftest import pages

__all__ = ["pages"]  # a fixture

PACKAGE = ROOT / "lucid_widgets"

# Folders whose examples use TensorFlow.
WITH_TENSORFLOW = {"attribution", "evidence", "microscope", "modelzoo", "optvis", "recipes", "widgets"}

NOT_RUN = {
    "evidence.checks.check.check": "renders many images",
    "evidence.checks.recipe.Recipe": "needs an index, and renders many images",
    "evidence.index.ActivationIndex": "looks at 1,600 images",
    "evidence.index.ActivationIndex.build": "reads a network that is not in the repository",
    "evidence.measures.relevance.most_relevant": "needs an index; docs/guide/trust.md runs it",
    "evidence.measures.sensitivity.sensitivity": "needs an index; docs/guide/trust.md runs it",
    "evidence.measures.stopping.until_percentile": "needs an index; docs/guide/trust.md runs it",
    "images.image_set.ImageSet": "reads photographs that are not in the repository",
    "microscope.atlas.opened.Atlas": "needs an atlas; docs/guide/atlas.md makes one",
    "microscope.atlas.rendering.render_atlas": "lays out 10,000 activations; docs/guide/atlas.md makes a small one",
    "microscope.publishing.static_site.site": "needs a store; docs/guide/microscope.md runs it",
    "microscope.opened.Microscope": "needs a store; docs/guide/microscope.md runs it",
    "modelzoo.embeddings.from_clip": "downloads weights",
    "modelzoo.graphdef.inception_v1.InceptionV1": "reads a network that is not in the repository",
    "modelzoo.graphdef.model.GraphDefModel": "reads a network that is not in the repository",
    "modelzoo.graphdef.model.from_graphdef": "reads a network that is not in the repository",
    "modelzoo.graphdef.zoo_model.ZooModel": "reads a network that is not in the repository",
    "modelzoo.keras.model.from_keras": "downloads weights",
    "modelzoo.saving.suggest.suggest_save_args": "shows the beginning of a longer output",
    "modelzoo.survey.fingerprint.fingerprint": "shows the beginning of a hash",
    "modelzoo.wordnet.synset_from_id": "needs NLTK's copy of WordNet",
    "optvis.objectives.directions.text_direction": "needs a text encoder; docs/guide/clip.md runs it",
    "optvis.objectives.likeness.distribution.distribution_diff": "reads images; docs/concepts/objectives.md draws some",
    "optvis.objectives.tokens.attention": "needs a transformer; docs/guide/transformers.md runs it",
    "optvis.objectives.tokens.token": "needs a transformer; docs/guide/transformers.md runs it",
    "optvis.objectives.units.voxel": "needs a network of volumes; docs/guide/shapes.md runs it",
    "widgets.atlas_map.AtlasMap": "needs an atlas; docs/guide/atlas.md makes one",
    "widgets.evidence_panel.EvidencePanel": "looks at 1,600 images",
    "widgets.feature_grid.FeatureGrid": "renders 256 images",
    "widgets.feature_grid.FeatureGrid.open": "needs a store; docs/guide/microscope.md makes one",
    "widgets.lucid_widget.LucidWidget": "reads a network that is not in the repository",
}


def examples() -> list[Any]:
    """One parameter for each docstring that has an example: its module, and its name within the module."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        code = path.read_text("utf-8")
        if ">>> " not in code:
            continue
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        for name, text in docstrings(ast.parse(code)):
            if source := source_of(text):
                slow = WITH_TENSORFLOW & set(parts) or TENSORFLOW.search(source)
                marks = [pytest.mark.slow] if slow else []
                found.append(pytest.param(module, name, text, id=f"{module}.{name}".rstrip("."), marks=marks))
    return found


def docstrings(node: Any, name: str = "") -> list[tuple[str, str]]:
    """The docstrings of a module, its classes and its functions, by their names."""
    found = [(name, ast.get_docstring(node) or "")]
    for child in node.body:
        if isinstance(child, ast.ClassDef | ast.FunctionDef):
            found += docstrings(child, f"{name}.{child.name}".lstrip("."))
    return found


class Checker(doctest.OutputChecker):
    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        return not want or super().check_output(want, got, optionflags)


@pytest.mark.parametrize(("module", "name", "text"), examples())
@pytest.mark.usefixtures("pages")
@pytest.mark.filterwarnings("ignore:Maximum number of iterations", "ignore:__array__ implementation")
def test_example_runs(module: str, name: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = f"{module}.{name}".removeprefix("lucid_widgets.")
    if key in NOT_RUN:
        pytest.skip(NOT_RUN[key])
    if key.startswith(("recipes.", "scratch.")):
        pytest.skip("makes hundreds of steps; tests/recipes makes a few")
    monkeypatch.chdir(tmp_path)
    np.random.seed(0)
    names = {**vars(importlib.import_module(module)), **names_for(text, tmp_path)}
    test = doctest.DocTestParser().get_doctest(text, names, f"{module}.{name}", None, None)
    report: list[str] = []
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    doctest.DocTestRunner(Checker(), optionflags=flags, verbose=False).run(test, out=report.append)
    assert not report, "".join(report)
