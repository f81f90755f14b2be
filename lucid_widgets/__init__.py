"""Feature visualization, live in a notebook: Lucid's optimizer on TensorFlow 2, in Jupyter widgets.

    from lucid_widgets import LucidWidget, models, render_vis

    LucidWidget()                             # watch the embedded network; pause, change settings, save
    model = models.EmojiNet()                 # that network; a keras.Model or the path of a frozen .pb works too
    LucidWidget(model, "mixed4a:56")          # another channel
    render_vis(model, "mixed4a:56")           # Lucid's function: returns the images

Public names, and where they are defined:

    LucidWidget         a model, an objective and a canvas           widgets/lucid_widget.py
    EvidencePanel       the real images that excite a unit           widgets/evidence_panel.py
    ObjectiveBuilder    an objective, built by clicking              widgets/objective_builder.py
    OptimizationCanvas  any stream of frames, live                   widgets/optimization_canvas.py
    SpritePlayer        a player for finished animations             widgets/sprite_player.py
    FeatureGrid         every channel of a layer, as thumbnails      widgets/feature_grid.py
    AtlasMap            a map of what a layer represents             widgets/atlas_map.py
    ImageExplorer       what a network sees in an image, and why     widgets/image_explorer.py
    render_vis          optimize, show and return images             optvis/render.py
    iter_vis            the same as an iterator of frames            optvis/render.py
    render_many         one image for each of many objectives        optvis/many.py
    iter_many           the same as an iterator of images            optvis/many.py
    render_model        every unit of a network, into a store        microscope/rendering.py
    Microscope          such a store, opened for reading             microscope/
    render_atlas        an activation atlas of your own images       microscope/atlas/rendering.py
    Atlas               such an atlas, opened for reading            microscope/atlas/
    microscope          stores of whole networks, and their sites    microscope/
    classify            the classes that a model sees in an image    optvis/classification.py
    attribution         what in an image speaks for a class          attribution/
    ImageSet            a data set of real images                    images/
    ActivationIndex     which images excite a unit, how strongly     evidence/
    check               whether a visualization can be trusted       evidence/checks/
    objectives          what to maximize                             optvis/objectives/
    param               how an image is parameterized                optvis/param/
    transform           which transforms an image must withstand     optvis/transform/
    models              networks, ready to load                      modelzoo/vision_models.py
    readouts            probes, concepts and autoencoders as layers  modelzoo/readouts/
    show, load, save    arrays and images, in notebooks and files    misc/io/
    export              animations and sprite sheets                 export/
    errors, LucidError  the errors that the package raises           errors.py
    Frame               one moment of an optimization                frames.py
    State               an optimization, to save and resume          optvis/engine/state.py

Behind these names:

    optvis/engine/      how an optimization runs: tracing, steps, state
    optvis/speed/       everything that exists only to make it faster
    modelzoo/           adapters for Keras models, frozen graphs and SavedModels
    runner.py           runs streams of frames on a background thread
    recording.py        keeps frames of a run for filmstrips and time-lapses
    lucid_alias.py      `import lucid` in old notebooks, after `%load_ext lucid_widgets`

Each name is imported on first use, so that importing the package is fast and does not load TensorFlow.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from lucid_widgets import _startup, errors, lucid_alias
from lucid_widgets.errors import LucidError, did_you_mean

if TYPE_CHECKING:
    from lucid_widgets import attribution, export, microscope
    from lucid_widgets.evidence import ActivationIndex
    from lucid_widgets.evidence.checks.check import check
    from lucid_widgets.frames import Frame
    from lucid_widgets.images import ImageSet
    from lucid_widgets.microscope import Atlas, Microscope
    from lucid_widgets.microscope.atlas.rendering import render_atlas
    from lucid_widgets.microscope.rendering import render_model
    from lucid_widgets.misc.io import load, save, show
    from lucid_widgets.modelzoo import readouts
    from lucid_widgets.modelzoo import vision_models as models
    from lucid_widgets.optvis import objectives, param, transform
    from lucid_widgets.optvis.classification import classify
    from lucid_widgets.optvis.engine.state import State
    from lucid_widgets.optvis.many import iter_many, render_many
    from lucid_widgets.optvis.render import iter_vis, render_vis
    from lucid_widgets.widgets.atlas_map import AtlasMap
    from lucid_widgets.widgets.evidence_panel import EvidencePanel
    from lucid_widgets.widgets.feature_grid import FeatureGrid
    from lucid_widgets.widgets.image_explorer import ImageExplorer
    from lucid_widgets.widgets.lucid_widget import LucidWidget
    from lucid_widgets.widgets.objective_builder import ObjectiveBuilder
    from lucid_widgets.widgets.optimization_canvas import OptimizationCanvas
    from lucid_widgets.widgets.sprite_player import SpritePlayer

__version__ = "0.1.0"

__all__ = [
    "ActivationIndex",
    "Atlas",
    "AtlasMap",
    "EvidencePanel",
    "FeatureGrid",
    "Frame",
    "ImageExplorer",
    "ImageSet",
    "LucidError",
    "LucidWidget",
    "Microscope",
    "ObjectiveBuilder",
    "OptimizationCanvas",
    "SpritePlayer",
    "State",
    "__version__",
    "attribution",
    "check",
    "classify",
    "errors",
    "export",
    "iter_many",
    "iter_vis",
    "load",
    "microscope",
    "models",
    "objectives",
    "param",
    "readouts",
    "render_atlas",
    "render_many",
    "render_model",
    "render_vis",
    "save",
    "show",
    "transform",
]

# The module of each lazy name, and the attribute in it; "" for the module itself.
_LAZY = {
    "ActivationIndex": ("lucid_widgets.evidence", "ActivationIndex"),
    "Atlas": ("lucid_widgets.microscope", "Atlas"),
    "AtlasMap": ("lucid_widgets.widgets.atlas_map", "AtlasMap"),
    "EvidencePanel": ("lucid_widgets.widgets.evidence_panel", "EvidencePanel"),
    "FeatureGrid": ("lucid_widgets.widgets.feature_grid", "FeatureGrid"),
    "Frame": ("lucid_widgets.frames", "Frame"),
    "ImageExplorer": ("lucid_widgets.widgets.image_explorer", "ImageExplorer"),
    "ImageSet": ("lucid_widgets.images", "ImageSet"),
    "LucidWidget": ("lucid_widgets.widgets.lucid_widget", "LucidWidget"),
    "Microscope": ("lucid_widgets.microscope", "Microscope"),
    "ObjectiveBuilder": ("lucid_widgets.widgets.objective_builder", "ObjectiveBuilder"),
    "OptimizationCanvas": ("lucid_widgets.widgets.optimization_canvas", "OptimizationCanvas"),
    "SpritePlayer": ("lucid_widgets.widgets.sprite_player", "SpritePlayer"),
    "State": ("lucid_widgets.optvis.engine.state", "State"),
    "attribution": ("lucid_widgets.attribution", ""),
    "check": ("lucid_widgets.evidence.checks", "check"),
    "classify": ("lucid_widgets.optvis.classification", "classify"),
    "export": ("lucid_widgets.export", ""),
    "iter_many": ("lucid_widgets.optvis.many", "iter_many"),
    "iter_vis": ("lucid_widgets.optvis.render", "iter_vis"),
    "load": ("lucid_widgets.misc.io", "load"),
    "microscope": ("lucid_widgets.microscope", ""),
    "models": ("lucid_widgets.modelzoo.vision_models", ""),
    "objectives": ("lucid_widgets.optvis.objectives", ""),
    "param": ("lucid_widgets.optvis.param", ""),
    "readouts": ("lucid_widgets.modelzoo.readouts", ""),
    "render_atlas": ("lucid_widgets.microscope.atlas.rendering", "render_atlas"),
    "render_many": ("lucid_widgets.optvis.many", "render_many"),
    "render_model": ("lucid_widgets.microscope.rendering", "render_model"),
    "render_vis": ("lucid_widgets.optvis.render", "render_vis"),
    "save": ("lucid_widgets.misc.io", "save"),
    "show": ("lucid_widgets.misc.io", "show"),
    "transform": ("lucid_widgets.optvis.transform", ""),
}


_startup.set_log_level()


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}. {did_you_mean(name, __all__)}")
    module, attribute = _LAZY[name]
    found: Any = importlib.import_module(module)
    if attribute:
        found = getattr(found, attribute)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return list(__all__)


def load_ipython_extension(_: Any) -> None:
    """Make `import lucid` find this package, after `%load_ext lucid_widgets`."""
    lucid_alias.enable()


def unload_ipython_extension(_: Any) -> None:
    """Undo `load_ipython_extension`, after `%unload_ext lucid_widgets`."""
    lucid_alias.disable()
