"""`%load_ext lucid_widgets`: `import lucid` finds this package, and only after that."""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell
from names.lucid_api import MODULES

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
@pytest.mark.parametrize("module", MODULES)
def test_finds_every_module_of_lucid(module: str) -> None:
    assert importlib.import_module(f"lucid.{module}") is importlib.import_module(f"lucid_widgets.{module}")


@pytest.mark.usefixtures("lucid")
def test_runs_the_imports_of_lucids_notebooks() -> None:
    found: dict[str, object] = {}
    exec(OLD_IMPORTS, found)
    for name in ("render", "objectives", "param", "transform"):
        assert found[name] is importlib.import_module(f"lucid_widgets.optvis.{name}")
    assert found["models"] is lucid_widgets.models
    assert found["show"] is lucid_widgets.show
    # The modules keep their own names, so that they can be reloaded and pickled.
    assert found["render"].__spec__.name == found["render"].__name__ == "lucid_widgets.optvis.render"  # type: ignore[attr-defined]


@pytest.mark.usefixtures("lucid")
def test_importing_a_submodule_does_not_hide_a_function_of_its_name() -> None:
    exec("import lucid.optvis.param.cppn, lucid.optvis.overrides.redirected_relu_grad")
    assert callable(lucid_widgets.param.cppn)
    assert callable(importlib.import_module("lucid_widgets.optvis.overrides").redirected_relu_grad)


@pytest.mark.usefixtures("lucid")
def test_top_level_has_names_that_lucid_lacked() -> None:
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
        ("lucid.optvis.renderer", "no module for 'lucid.optvis.renderer', or has it under another name"),
    ],
)
def test_explains_which_modules_are_missing(name: str, message: str) -> None:
    with pytest.raises(ModuleNotFoundError, match=message):
        importlib.import_module(name)


def test_does_nothing_before_the_extension_is_loaded() -> None:
    with pytest.raises(ModuleNotFoundError, match="No module named 'lucid'"):
        importlib.import_module("lucid")


def test_hides_another_lucid_with_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lucid", types.ModuleType("lucid"))
    with pytest.warns(UserWarning, match="Another `lucid` was imported before"):
        lucid_alias.enable()
    assert importlib.import_module("lucid.optvis.render") is importlib.import_module("lucid_widgets.optvis.render")
    lucid_alias.disable()


def test_works_as_an_ipython_extension() -> None:
    shell = InteractiveShell.instance()
    try:
        shell.run_cell("%load_ext lucid_widgets").raise_error()
        shell.run_cell("%load_ext lucid_widgets").raise_error()
        shell.run_cell("import lucid.optvis.transform as transform; made = transform.jitter(8)").raise_error()
        shell.run_cell("%unload_ext lucid_widgets").raise_error()
        assert shell.run_cell("import lucid").error_in_exec is not None
    finally:
        InteractiveShell.clear_instance()
