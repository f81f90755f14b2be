"""Write `src/traits.d.ts`: names, types and documentation of the traits, taken from the Python widgets.

`tsc` then reports a misspelled trait in the JavaScript. `make build` runs this script, and a test fails if its output
is not up to date.
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import ipywidgets
import traitlets

from lucid_widgets.widgets.atlas_map import AtlasMap
from lucid_widgets.widgets.evidence_panel import EvidencePanel
from lucid_widgets.widgets.feature_grid import FeatureGrid
from lucid_widgets.widgets.image_explorer import ImageExplorer
from lucid_widgets.widgets.lucid_widget import LucidWidget
from lucid_widgets.widgets.mesh_view import MeshView
from lucid_widgets.widgets.network_graph import NetworkGraph
from lucid_widgets.widgets.objective_builder import ObjectiveBuilder
from lucid_widgets.widgets.optimization_canvas import OptimizationCanvas
from lucid_widgets.widgets.sprite_player import SpritePlayer

TARGET = Path(__file__).parent / "src" / "traits.d.ts"
WIDGETS = (
    *(OptimizationCanvas, LucidWidget, ObjectiveBuilder, FeatureGrid, ImageExplorer, SpritePlayer, EvidencePanel),
    NetworkGraph,
    MeshView,
    AtlasMap,
)
_PRIMITIVES = {str: "string", bool: "boolean", int: "number", float: "number", bytes: "Bytes", type(None): "null"}
# The page's code and style sheet, which anywidget reads.
_NOT_STATE = ("_esm", "_css", "_anywidget_id")

_HEAD = """\
// Made by js/make_traits.py from the traits of the Python widgets. Do not edit.

export {};

declare global {
  /** Bytes in the state of a widget, as its host delivers them. */
  type Bytes = DataView | Uint8Array;
"""


def traits_of(widget: type) -> dict[str, traitlets.TraitType[Any, Any]]:
    """The traits that a widget shares with its page, without those of every widget."""
    inherited = ipywidgets.DOMWidget.class_trait_names()
    traits: dict[str, Any] = widget.class_traits(sync=True)  # type: ignore[attr-defined]
    return {name: trait for name, trait in sorted(traits.items()) if name not in (*inherited, *_NOT_STATE)}


def type_of(annotation: Any) -> str:
    """The TypeScript type of a Python annotation. Dicts are `any`: only the views know what is in them."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation in _PRIMITIVES:
        return _PRIMITIVES[annotation]
    if origin is list:
        inner = type_of(arguments[0])
        return f"({inner})[]" if "|" in inner else f"{inner}[]"
    if origin is dict:
        return "any"
    if origin is not None and all(isinstance(each, str) for each in arguments):  # a Literal
        return " | ".join(f'"{each}"' for each in arguments)
    return " | ".join(map(type_of, arguments)) if arguments else "any"


def typed(widget: type, name: str, trait: traitlets.TraitType[Any, Any]) -> str:
    """The TypeScript type of a trait."""
    if isinstance(trait, traitlets.Enum):
        return " | ".join(f'"{word}"' for word in trait.values or ())
    return type_of(get_type_hints(widget)[name])


def interface(name: str, about: str, members: dict[str, tuple[str, str]]) -> str:
    """A TypeScript interface; `members` has the type and the documentation of each."""
    lines = [f"  /** {about} */", f"  interface {name} {{"]
    for member, (kind, text) in members.items():
        if text:
            lines += textwrap.wrap(f"/** {text} */", 112, initial_indent="    ", subsequent_indent="     * ")
        lines.append(f"    {member}: {kind};")
    return "\n".join([*lines, "  }", ""])


def content() -> str:
    """The text of `traits.d.ts`."""
    parts = [_HEAD]
    kinds: dict[str, dict[str, None]] = {}
    for widget in WIDGETS:
        members = {}
        for name, trait in traits_of(widget).items():
            kind = typed(widget, name, trait)
            members[name] = (kind, trait.help)
            kinds.setdefault(name, {})[kind] = None
        parts.append(interface(f"{widget.__name__}Traits", f"The traits of `{widget.__name__}`.", members))
    # A trait that differs between widgets, such as a zoom in words or as a number, is checked only by its name.
    merged = {name: (next(iter(kinds[name])) if len(kinds[name]) == 1 else "any", "") for name in sorted(kinds)}
    parts.append(interface("WidgetState", "The traits of all widgets, for views that several of them share.", merged))
    return "\n".join(parts) + "}\n"


if __name__ == "__main__":
    TARGET.write_text(content(), encoding="utf-8")
