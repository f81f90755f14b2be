"""`Recipe`: how the visualizations are made that `check` looks at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lucid_widgets.optvis.objectives import as_objective
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.optvis.objectives.units import channel, with_class_indices
from lucid_widgets.optvis.transform import Transforms


@dataclass(frozen=True)
class Recipe:
    """How to visualize a unit.

    Attributes:
        param_f: A function from width, height and `batch=` to the image tensor, such as `param.maco`; default: None,
            `param.image`.
        transforms: As for `render_vis`; default: None.
        optimizer: As for `render_vis`; default: None.
        objective_f: A function from layer and channel to what is maximized; default: None, `objectives.channel`.

    Example:
        >>> natural = Recipe(param.maco, "crops", keras.optimizers.Nadam(0.2))
        >>> report = check(model, "mixed5b:56", index, recipe=natural)
    """

    param_f: Callable[..., Any] | None = None
    transforms: Transforms = None
    optimizer: Any = None
    objective_f: Callable[[str, int], Any] | None = None

    def objective(self, model: Any, layer: str, number: int) -> Objective:
        """What is maximized for a unit."""
        if self.objective_f is None:
            return channel(layer, number)
        return with_class_indices(as_objective(self.objective_f(layer, number), model), model)

    @property
    def options(self) -> dict[str, Any]:
        """Arguments of `iter_vis`."""
        return {"transforms": self.transforms, "optimizer": self.optimizer}


PLAIN = Recipe()
"""As `render_vis` does."""

__all__ = ["Recipe"]
