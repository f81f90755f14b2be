"""Objectives: what to maximize.

| | |
|---|---|
| one unit | `channel`, `neuron`, `class_logit` |
| a transformer | `token`, `attention` |
| a network of volumes | `voxel` |
| a channel, close to a given image | `accentuate` |
| activations as in real images | `distribution_diff` |
| a whole layer | `deepdream` |
| a direction in a layer | `direction`, `direction_neuron`, `tensor_direction`, `similarity` |
| the embedding of a text or an image (CLIP) | `text_direction`, `image_direction` |
| one kind of what excites a channel | `facet` |
| a different unit for each image | `channels`, `channel_interpolate` |
| the batch as a whole | `alignment`, `diversity` |
| the image, or a layer as an image | `total_variation`, `L1`, `L2`, `input_diff`, `blur_input_each_step`, |
| | `blur_alpha_each_step`, `penalize_boundary_complexity` |

Objectives are added, subtracted and weighted like numbers:

    channel("mixed4a", 152) - 0.5 * channel("mixed4a", 30)

Objectives of units, layers and directions are means over positions and images; `class_logit` and all others are sums
over images. Values are those of Lucid. Most objectives measure an amount; subtract an objective to reduce it. Only
`alignment` and `penalize_boundary_complexity` are negative already; add them.

To define an objective, use `wrap_objective`, or pass any function `T -> scalar tensor`. `as_objective` converts text.
"""

from lucid_widgets.optvis.objectives.batch import alignment, channel_interpolate, channels, diversity
from lucid_widgets.optvis.objectives.conversion import ObjectiveLike as ObjectiveLike
from lucid_widgets.optvis.objectives.conversion import as_objective
from lucid_widgets.optvis.objectives.conversion import as_objectives as as_objectives
from lucid_widgets.optvis.objectives.directions import _dot_cossim as _dot_cossim  # old notebooks call it
from lucid_widgets.optvis.objectives.directions import (
    direction,
    direction_cossim,
    direction_neuron,
    facet,
    image_direction,
    similarity,
    tensor_direction,
    text_direction,
)
from lucid_widgets.optvis.objectives.image import (
    L1,
    L2,
    blur_alpha_each_step,
    blur_input_each_step,
    input_diff,
    penalize_boundary_complexity,
    total_variation,
)
from lucid_widgets.optvis.objectives.image import _tf_blur as _tf_blur  # old notebooks call it
from lucid_widgets.optvis.objectives.likeness import accentuate, distribution_diff
from lucid_widgets.optvis.objectives.tokens import attention, token
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.optvis.objectives.units import channel, class_logit, deepdream, neuron, voxel
from lucid_widgets.optvis.objectives.views import handle_batch
from lucid_widgets.optvis.objectives.wrapping import wrap_objective

__all__ = [
    "L1",
    "L2",
    "Objective",
    "accentuate",
    "alignment",
    "as_objective",
    "attention",
    "blur_alpha_each_step",
    "blur_input_each_step",
    "channel",
    "channel_interpolate",
    "channels",
    "class_logit",
    "deepdream",
    "direction",
    "direction_cossim",
    "direction_neuron",
    "distribution_diff",
    "diversity",
    "facet",
    "handle_batch",
    "image_direction",
    "input_diff",
    "neuron",
    "penalize_boundary_complexity",
    "similarity",
    "tensor_direction",
    "text_direction",
    "token",
    "total_variation",
    "voxel",
    "wrap_objective",
]
