"""What a network sees in an image, where, and how that makes a class: arrays in, NumPy arrays out.

| | |
|---|---|
| what fires | `activations` |
| which positions, or channels, speak for a class | `spatial_attribution`, `channel_attribution` |
| how faithful that is | `faithfulness` |
| what the activations of each position look like | `activation_grid` |
| which channels fire together, and what these groups do to classes | `neuron_groups` |
| which classes an earlier layer already shows | `logit_lens` |
| which earlier channels a unit is made of | `unit_inputs`, `expanded_weights`, `weight_families` |
| how a unit responds to synthetic images | `tuning` of `gratings`, `curves`, `color_patches` |

A target is a class by name or index, a pair for the first minus the second, any objective, or `At`, a position of a
later layer. Results are frozen dataclasses; their docstrings state the shapes of their arrays.

    from lucid_widgets import attribution

    why = attribution.spatial_attribution(model, image, "mixed4d", ("golden retriever", "tiger cat"))
    why.values  # [14, 14]
"""

import lucid_widgets.modelzoo  # noqa: F401 (starts TensorFlow without its messages)
from lucid_widgets.attribution.activation_grid import ActivationGrid, activation_grid
from lucid_widgets.attribution.attributions import Attribution, Method, channel_attribution, spatial_attribution
from lucid_widgets.attribution.circuits import ExpandedWeights, WeightFamilies, expanded_weights, weight_families
from lucid_widgets.attribution.faithful import Faithfulness, faithfulness
from lucid_widgets.attribution.groups import NeuronGroups, neuron_groups
from lucid_widgets.attribution.inputs import activations
from lucid_widgets.attribution.lens import LogitLens, logit_lens
from lucid_widgets.attribution.made_of import UnitInputs, unit_inputs
from lucid_widgets.attribution.stimuli import Stimuli, Tuning, color_patches, curves, gratings, tuning
from lucid_widgets.attribution.targets import At, Target

__all__ = [
    "ActivationGrid",
    "At",
    "Attribution",
    "ExpandedWeights",
    "Faithfulness",
    "LogitLens",
    "Method",
    "NeuronGroups",
    "Stimuli",
    "Target",
    "Tuning",
    "UnitInputs",
    "WeightFamilies",
    "activation_grid",
    "activations",
    "channel_attribution",
    "color_patches",
    "curves",
    "expanded_weights",
    "faithfulness",
    "gratings",
    "logit_lens",
    "neuron_groups",
    "spatial_attribution",
    "tuning",
    "unit_inputs",
    "weight_families",
]
