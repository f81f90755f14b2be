"""Feature visualization, live in a notebook: Lucid's optimizer on TensorFlow 2, in Jupyter widgets.

    from lucid_widgets import LucidWidget, models, render_vis

    LucidWidget()                             # in a notebook: watch the embedded network, pause, change, save
    model = models.EmojiNet()                 # the same; or any keras.Model, or the path of a frozen .pb
    LucidWidget(model, "mixed4a:56")          # another channel
    render_vis(model, "mixed4a:56")           # Lucid's call: returns the images

A map of the package, from what people use to what it stands on:

    LucidWidget         a model, an objective and a canvas          widgets/lucid_widget.py
    ObjectiveBuilder    an objective, built by clicking             widgets/objective_builder.py
    OptimizationCanvas  any stream of frames, live                  widgets/optimization_canvas.py
    SpritePlayer        frames as an animation                      widgets/sprite_player.py
    FeatureGrid         all channels of a layer, in small           widgets/feature_grid.py
    render_vis          optimize, show, return the images           optvis/render.py
    iter_vis            the same as an iterator of frames           optvis/render.py
    render_many         an image for each of many objectives        optvis/many.py
    objectives          what to maximize                            optvis/objectives.py
    param               what an image is made of                    optvis/param/
    transform           what the image must be robust to            optvis/transform.py
    models              what can be looked into                     modelzoo/vision_models.py
    show, load, save    arrays and images: in a notebook, in files  misc/io/
    export              animations and sprite sheets, as files      export/

    lucid_alias.py      `import lucid` for old notebooks, after %load_ext lucid_widgets
    runner.py           streams of frames in the background
    frames.py           `Frame`, the hinge between both halves

These names are loaded when they are first used, so importing the package is quick and loads no TensorFlow.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from lucid_widgets import lucid_alias
from lucid_widgets.errors import did_you_mean

if TYPE_CHECKING:
    from lucid_widgets import export
    from lucid_widgets.misc.io import load, save, show
    from lucid_widgets.modelzoo import vision_models as models
    from lucid_widgets.optvis import objectives, param, transform
    from lucid_widgets.optvis.many import render_many
    from lucid_widgets.optvis.render import iter_vis, render_vis
    from lucid_widgets.widgets.feature_grid import FeatureGrid
    from lucid_widgets.widgets.lucid_widget import LucidWidget
    from lucid_widgets.widgets.objective_builder import ObjectiveBuilder
    from lucid_widgets.widgets.optimization_canvas import OptimizationCanvas
    from lucid_widgets.widgets.sprite_player import SpritePlayer

__version__ = "0.1.0"

__all__ = [
    "FeatureGrid",
    "LucidWidget",
    "ObjectiveBuilder",
    "OptimizationCanvas",
    "SpritePlayer",
    "__version__",
    "export",
    "iter_vis",
    "load",
    "models",
    "objectives",
    "param",
    "render_many",
    "render_vis",
    "save",
    "show",
    "transform",
]

# Where each name lives: a module, and the attribute in it, or "" for the module itself.
_HOMES = {
    "FeatureGrid": ("lucid_widgets.widgets.feature_grid", "FeatureGrid"),
    "LucidWidget": ("lucid_widgets.widgets.lucid_widget", "LucidWidget"),
    "ObjectiveBuilder": ("lucid_widgets.widgets.objective_builder", "ObjectiveBuilder"),
    "OptimizationCanvas": ("lucid_widgets.widgets.optimization_canvas", "OptimizationCanvas"),
    "SpritePlayer": ("lucid_widgets.widgets.sprite_player", "SpritePlayer"),
    "export": ("lucid_widgets.export", ""),
    "iter_vis": ("lucid_widgets.optvis.render", "iter_vis"),
    "load": ("lucid_widgets.misc.io", "load"),
    "models": ("lucid_widgets.modelzoo.vision_models", ""),
    "objectives": ("lucid_widgets.optvis.objectives", ""),
    "param": ("lucid_widgets.optvis.param", ""),
    "render_many": ("lucid_widgets.optvis.many", "render_many"),
    "render_vis": ("lucid_widgets.optvis.render", "render_vis"),
    "save": ("lucid_widgets.misc.io", "save"),
    "show": ("lucid_widgets.misc.io", "show"),
    "transform": ("lucid_widgets.optvis.transform", ""),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}. {did_you_mean(name, __all__)}")
    module, attribute = _HOMES[name]
    found: Any = importlib.import_module(module)
    if attribute:
        found = getattr(found, attribute)
    globals()[name] = found
    return found


def load_ipython_extension(_: Any) -> None:
    """`%load_ext lucid_widgets`: from now on, `import lucid` finds this package."""
    lucid_alias.enable()


def unload_ipython_extension(_: Any) -> None:
    """`%unload_ext lucid_widgets`: ends that."""
    lucid_alias.disable()


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
