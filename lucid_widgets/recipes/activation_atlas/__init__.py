"""Activation atlases: maps of what a layer represents, drawn from its activations for many images.

The activations are laid out in two dimensions, averaged within the cells of a grid, and each average becomes an icon.
`layout` places activations, `collect` takes them from your own images, `render` draws icons, `main` makes the map.

Source: Carter, Armstrong, Schubert, Johnson & Olah, "Activation Atlas", Distill 2019.
"""

from lucid_widgets.recipes.activation_atlas.collect import collect_activations, collect_attributions
from lucid_widgets.recipes.activation_atlas.layout import aligned_umap, normalize_layout
from lucid_widgets.recipes.activation_atlas.main import (
    ActivationTranslation,
    activation_atlas,
    aligned_activation_atlas,
    bin_laid_out_activations,
    iter_activation_atlas,
    make_canvas,
)
from lucid_widgets.recipes.activation_atlas.render import direction_neuron_cossim_S, direction_neuron_S, render_icons

__all__ = [
    "ActivationTranslation",
    "activation_atlas",
    "aligned_activation_atlas",
    "aligned_umap",
    "bin_laid_out_activations",
    "collect_activations",
    "collect_attributions",
    "direction_neuron_S",
    "direction_neuron_cossim_S",
    "iter_activation_atlas",
    "make_canvas",
    "normalize_layout",
    "render_icons",
]
