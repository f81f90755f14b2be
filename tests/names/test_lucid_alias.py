"""`%load_ext lucid_widgets`: `import lucid` finds this package, and only after that."""

from __future__ import annotations

import importlib
import pkgutil
import sys
import types
from collections.abc import Iterator
from typing import Any

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


# Import lines of Lucid's notebooks, in their own words.
OLD_IMPORTS = """
import lucid
import lucid.misc.io.showing
import lucid.modelzoo.nets_factory as nets
import lucid.modelzoo.vision_models as models
import lucid.optvis.objectives as objectives
import lucid.optvis.param as param
import lucid.optvis.render as render
import lucid.optvis.transform as transform
import lucid.recipes.caricature
import lucid.scratch.rl_util
from lucid.misc.channel_reducer import ChannelReducer
from lucid.misc.gl import glcontext, meshutil
from lucid.misc.gl.glrenderer import MeshRenderer
from lucid.misc.gl.meshutil import sample_view, perspective
from lucid.misc.gradient_override import gradient_override_map, use_gradient
from lucid.misc.io import *
from lucid.misc.io import show, load, save
from lucid.misc.io.collapse_channels import collapse_channels
from lucid.misc.io.reading import read
from lucid.misc.io.serialize_array import _normalize_array
from lucid.misc.io.showing import _display_html, _image_url, images
from lucid.misc.iter_nd_utils import recursive_enumerate_nd
from lucid.misc.ndimage_utils import soft_alpha_blend, composite
from lucid.misc.redirected_relu_grad import redirected_relu_grad, redirected_relu6_grad
from lucid.misc.stimuli import sample_binary_image
from lucid.misc.tfutil import create_session
from lucid.modelzoo.aligned_activations import push_activations, NUMBER_OF_AVAILABLE_SAMPLES
from lucid.modelzoo.get_activations import get_activations
from lucid.modelzoo.nets_factory import get_model, models_map
from lucid.modelzoo.other_models.InceptionV1 import InceptionV1
from lucid.modelzoo.slim_models import InceptionV3_slim
from lucid.modelzoo.slim_models.Inception import *
from lucid.modelzoo.util import forget_xy, load_graphdef
from lucid.modelzoo.vision_base import Layer, Model, SerializedModel, IMAGENET_MEAN
from lucid.modelzoo.vision_models import *
from lucid.optvis import overrides
from lucid.optvis.objectives import wrap_objective, diversity
from lucid.optvis.objectives import *
from lucid.optvis.param.color import to_valid_rgb
from lucid.optvis.param.cppn import cppn
from lucid.optvis.param.resize_bilinear_nd import resize_bilinear_nd
from lucid.optvis.param.spatial import sample_bilinear
from lucid.optvis.style import StyleLoss, mean_l1_loss
from lucid.optvis.transform import *
from lucid.recipes.activation_atlas import activation_atlas, aligned_activation_atlas
from lucid.recipes.activation_atlas.layout import aligned_umap
from lucid.recipes.image_interpolation_params import multi_interpolation_basis
from lucid.scratch.rl_util import *
from lucid.scratch.web.svelte import SvelteComponent
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
    for name in ("load", "save", "LayerNMF", "tf", "np", "VGG16_caffe", "InceptionV4_slim", "channel", "jitter"):
        assert name in found
    assert found["InceptionV1"] is lucid_widgets.models.InceptionV1
    assert found["lucid"].recipes.caricature is importlib.import_module("lucid_widgets.recipes.caricature")  # type: ignore[attr-defined]
    # The modules keep their own names, so that they can be reloaded and pickled.
    assert found["render"].__spec__.name == found["render"].__name__ == "lucid_widgets.optvis.render"  # type: ignore[attr-defined]


@pytest.mark.slow
def test_star_imports_bring_the_public_names_and_nothing_else() -> None:
    helpers = {}
    for found in pkgutil.walk_packages(lucid_widgets.__path__, "lucid_widgets."):
        if "._" in found.name:
            continue
        names: dict[str, Any] = {}
        exec(f"from {found.name} import *", names)
        del names["__builtins__"]
        assert sorted(names) == sorted(importlib.import_module(found.name).__all__), found.name
        of_others = {
            name for name, thing in names.items() if isinstance(thing, types.ModuleType) or name.startswith("_")
        }
        if of_others:
            helpers[found.name] = of_others
    # Lucid's notebooks begin with this one, which is made for it.
    expected = {"_display_html", "_image_url", "np", "objectives", "param", "render", "tf", "transform"}
    assert helpers == {"lucid_widgets.scratch.rl_util": expected}


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
        ("lucid.recipes.keras_model_import_example", "no module for"),
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
