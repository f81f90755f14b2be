"""The input range of a network where it is a guess, and the ranges to choose from."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import numpy as np

from lucid_widgets.errors import unknown_name
from lucid_widgets.modelzoo.keras.input_range import INPUT_RANGES
from lucid_widgets.modelzoo.vision_models import Model
from lucid_widgets.widgets._network.in_use import ChosenRange, NetworkInUse

_COLOR_CONVENTIONS = ("caffe", "torch")

RANGES = MappingProxyType(
    {
        "-1 to 1": ChosenRange(-1, 1, False),
        "0 to 1": ChosenRange(0, 1, False),
        "0 to 255": ChosenRange(0, 255, False),
        **{name: ChosenRange(r.low, r.high, r.is_BGR) for name in _COLOR_CONVENTIONS for r in [INPUT_RANGES[name]]},
    }
)
"""The ranges to choose from: those of most networks, and Keras's conventions with a mean and a deviation per color."""


def chosen_range(name: Any) -> ChosenRange:
    """The range of this name.

    Raises:
        UnknownNameError: If there is none.
    """
    if name not in RANGES:
        raise unknown_name("input range", str(name), "LucidWidget", list(RANGES))
    return RANGES[name]


def about_range(network: NetworkInUse) -> dict[str, Any]:
    """Description, for the page, of a guessed or chosen range: `how`, its `name`, and the `names` to choose from.

    Empty for a range that is known: nobody has to look at it.
    """
    model = network.model
    if model.input_range != "guessed" and network.chosen is None:
        return {}
    names = [name for name in RANGES if model.image_shape[-1] in (3, None) or name not in _COLOR_CONVENTIONS]
    return {
        "how": "guessed" if network.chosen is None else "chosen",
        "name": next((name for name in names if _is_range_of(model, RANGES[name])), ""),
        "names": names,
    }


def _is_range_of(model: Model, known: ChosenRange) -> bool:
    low, high = model.image_value_range
    return (
        model.is_BGR == known.is_BGR
        and np.array_equal(np.asarray(low), np.asarray(known.low))
        and np.array_equal(np.asarray(high), np.asarray(known.high))
    )


__all__ = ["RANGES", "about_range", "chosen_range"]
