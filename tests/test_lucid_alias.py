"""`%load_ext lucid_widgets`: old imports find this package, and only then."""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell

import lucid_widgets
from lucid_widgets import lucid_alias


@pytest.fixture
def lucid() -> Iterator[None]:
    lucid_widgets.load_ipython_extension(None)
    yield
    lucid_widgets.unload_ipython_extension(None)
    assert not [name for name in sys.modules if name.partition(".")[0] == "lucid"]


OLD_IMPORTS = """
import lucid
import lucid.optvis.render as render
import lucid.optvis.objectives as objectives
import lucid.optvis.param as param
import lucid.optvis.transform as transform
import lucid.modelzoo.vision_models as models
from lucid.misc.io import show, load, save
from lucid.modelzoo.vision_models import Model, InceptionV1
from lucid.modelzoo.vision_base import Layer
from lucid.modelzoo.get_activations import get_activations
from lucid.modelzoo.nets_factory import get_model, models_map
from lucid.modelzoo.slim_models import InceptionV3_slim
from lucid.modelzoo.util import forget_xy, load_graphdef
from lucid.optvis import overrides
from lucid.optvis.param.color import to_valid_rgb
from lucid.optvis.param.spatial import sample_bilinear
from lucid.misc.gradient_override import gradient_override_map
from lucid.misc.redirected_relu_grad import redirected_relu_grad
"""


@pytest.mark.usefixtures("lucid")
def test_imports_of_lucids_notebooks() -> None:
    found: dict[str, object] = {}
    exec(OLD_IMPORTS, found)
    for name in ("render", "objectives", "param", "transform"):
        assert found[name] is importlib.import_module(f"lucid_widgets.optvis.{name}")
    assert found["models"] is lucid_widgets.models
    assert found["show"] is lucid_widgets.show
    # The modules keep their own names, so that they can be reloaded and pickled.
    assert found["render"].__spec__.name == found["render"].__name__ == "lucid_widgets.optvis.render"  # type: ignore[attr-defined]


@pytest.mark.usefixtures("lucid")
def test_imports_that_lucid_never_had_but_people_write() -> None:
    found: dict[str, object] = {}
    exec("from lucid import render, objectives, render_vis", found)
    assert found["render"] is importlib.import_module("lucid_widgets.optvis.render")
    assert found["render_vis"] is lucid_widgets.render_vis


@pytest.mark.usefixtures("lucid")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("lucid.scratch.web.svelte", "no 'lucid.scratch'"),
        ("lucid.recipes.caricature", "not part of lucid_widgets yet"),
        ("lucid.optvis.renderer", "no module for 'lucid.optvis.renderer'"),
    ],
)
def test_what_did_not_come_along_says_so(name: str, message: str) -> None:
    with pytest.raises(ModuleNotFoundError, match=message):
        importlib.import_module(name)


def test_unless_asked_for_lucid_is_untouched() -> None:
    with pytest.raises(ModuleNotFoundError, match="No module named 'lucid'"):
        importlib.import_module("lucid")


def test_another_lucid_steps_aside_with_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lucid", types.ModuleType("lucid"))
    with pytest.warns(UserWarning, match="Another `lucid` was imported before"):
        lucid_alias.enable()
    assert importlib.import_module("lucid.optvis.render") is importlib.import_module("lucid_widgets.optvis.render")
    lucid_alias.disable()


def test_in_ipython() -> None:
    shell = InteractiveShell.instance()
    try:
        shell.run_cell("%load_ext lucid_widgets").raise_error()
        shell.run_cell("%load_ext lucid_widgets").raise_error()
        shell.run_cell("import lucid.optvis.transform as transform; made = transform.jitter(8)").raise_error()
        shell.run_cell("%unload_ext lucid_widgets").raise_error()
        assert shell.run_cell("import lucid").error_in_exec is not None
    finally:
        InteractiveShell.clear_instance()
