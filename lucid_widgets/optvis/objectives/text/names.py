"""`Names`: what a model adds to the text form, that is its classes and the short names of its layers."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from lucid_widgets.modelzoo.survey.class_layer import logit_layer
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.optvis.objectives.units import class_logit, deepdream


class Names:
    """The names of one model that may stand in the text of an objective without quotes.

    Args:
        model: A `Model`; None if the model is unknown, which leaves the names of objectives.
    """

    def __init__(self, model: Any = None) -> None:
        self._model = model

    @cached_property
    def _layers(self) -> tuple[str, ...]:
        return () if self._model is None else tuple(self._model.browsable_layers.names)

    def layer(self, name: str) -> str:
        """Return the full name of a layer whose path ends in `/name`, if there is exactly one; else `name` itself."""
        if name in self._layers:
            return name
        ends = [layer for layer in self._layers if layer.endswith(f"/{name}")]
        return ends[0] if len(ends) == 1 else name

    def objective(self, name: str) -> Objective | None:
        """Return what a name alone stands for: a class, or a whole layer; None if it is neither."""
        if self._model is None:
            return None
        logits = logit_layer(self._model) if name in (self._model.labels or ()) else None
        if logits is not None:
            return class_logit(logits, name)
        layer = self.layer(name)
        return deepdream(layer) if layer in self._layers else None

    @cached_property
    def example(self) -> str:
        """A hint on what to write, with a channel that this model has."""
        look = None if self._model is None else self._look()
        if look is None:
            return "Expected 'layer:channel', or an expression such as channel(\"layer\", 0)."
        layer, channel = look
        return (
            f"Expected 'layer:channel', such as '{layer}:{channel}', or an expression such as "
            f'channel("{layer}", {channel}).'
        )

    @property
    def suggestions(self) -> tuple[str, ...]:
        """The names that may stand alone."""
        return self._layers if self._model is None else (*self._layers, *(self._model.labels or ()))

    def _look(self) -> tuple[str, int] | None:
        if self._model.first_look is not None:
            layer, channel = self._model.first_look
            return str(layer), int(channel)
        return next(((layer.name, 0) for layer in reversed(self._model.browsable_layers) if layer.channels), None)


__all__ = ["Names"]
