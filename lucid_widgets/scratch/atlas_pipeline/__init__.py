"""Names of Lucid's pipeline for atlases in tiles. They raise an error that says what replaces them."""

from lucid_widgets.misc._removed import removed

__all__ = ["grid", "render_tile", "run"]

_WHY = "it wrote tiles for a web page with workers of a cluster"
_INSTEAD = "recipes.activation_atlas draws an atlas of your own images."

grid = removed("grid", _WHY, _INSTEAD)
render_tile = removed("render_tile", _WHY, _INSTEAD)
run = removed("run", _WHY, _INSTEAD)
