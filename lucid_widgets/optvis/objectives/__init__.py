"""Objectives: what to maximize.

| | |
|---|---|
| one unit | `channel`, `neuron`, `class_logit` |
| a whole layer | `deepdream` |
| a direction in a layer | `direction`, `direction_neuron`, `tensor_direction` |
| a unit for each image | `channels`, `channel_interpolate` |
| the batch as a whole | `alignment`, `diversity` |
| the image, or a layer as one | `total_variation`, `L1`, `L2`, `input_diff`, `penalize_boundary_complexity`, |
| | `blur_input_each_step`, `blur_alpha_each_step` |

They are added, subtracted and weighted as numbers are:

    channel("mixed4a", 152) - 0.5 * channel("mixed4a", 30)

Units, layers and directions are means over positions and images; the others are sums, over images too. All measure how
much there is of something, so what is unwanted is subtracted; `alignment` and `penalize_boundary_complexity` alone are
negative already, and added. Values are Lucid's.

Your own: `wrap_objective`, or any function `T -> scalar` where an objective is expected. From text: `as_objective`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lucid_widgets.errors import ArgumentError
from lucid_widgets.optvis.objectives.batch import alignment, channel_interpolate, channels, diversity
from lucid_widgets.optvis.objectives.directions import _dot_cossim as _dot_cossim  # old notebooks call both by these
from lucid_widgets.optvis.objectives.directions import direction, direction_cossim, direction_neuron, tensor_direction
from lucid_widgets.optvis.objectives.image import (
    L1,
    L2,
    blur_alpha_each_step,
    blur_input_each_step,
    input_diff,
    penalize_boundary_complexity,
    total_variation,
)
from lucid_widgets.optvis.objectives.image import _tf_blur as _tf_blur
from lucid_widgets.optvis.objectives.maker import handle_batch, wrap_objective
from lucid_widgets.optvis.objectives.text import parse
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.optvis.objectives.units import channel, class_logit, deepdream, neuron


def as_objective(obj: Objective | Callable[[Any], Any] | str) -> Objective:
    """What is meant by an objective in its short forms.

    Args:
        obj: An `Objective`; or text: "layer:channel", or an expression such as
            'channel("mixed4a", 152) - 0.5 * channel("mixed4a", 30)'; or a function `T -> scalar`.

    Returns:
        An `Objective`.

    Raises:
        ExpressionError: For text that is neither form.
        ArgumentError: For anything else.

    Source: Lucid's `objectives.as_objective`.
    """
    if isinstance(obj, Objective):
        return obj
    if isinstance(obj, str):
        return parse(obj)
    if callable(obj):
        name = getattr(obj, "__name__", type(obj).__name__)
        return Objective(obj, name, name)
    raise ArgumentError(
        f"{obj!r} is not an objective.",
        "Expected text such as 'mixed4a:476', an Objective, or a function of T that returns a scalar tensor.",
    )


def as_objectives(objs: Any) -> list[Objective]:
    """Several objectives, each as for `as_objective`; one alone counts as a list of one, and None as an empty one."""
    if objs is None:
        return []
    alone = isinstance(objs, (Objective, str)) or callable(objs)
    return [as_objective(each) for each in ([objs] if alone else objs)]


__all__ = [
    "L1",
    "L2",
    "Objective",
    "alignment",
    "as_objective",
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
    "diversity",
    "handle_batch",
    "input_diff",
    "neuron",
    "penalize_boundary_complexity",
    "tensor_direction",
    "total_variation",
    "wrap_objective",
]
