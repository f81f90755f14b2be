"""`NetworkInUse`: a model together with code that loads it, so that generated code can name the network."""

from __future__ import annotations

import os
from collections.abc import Sequence
from copy import copy
from typing import Any, NamedTuple

from lucid_widgets.modelzoo.emojinet import EmojiNet
from lucid_widgets.modelzoo.emojivit import EmojiViT
from lucid_widgets.modelzoo.nets_factory import models_map
from lucid_widgets.modelzoo.vision_models import Model, as_model
from lucid_widgets.widgets._network.held import HeldModel


class Source(NamedTuple):
    """Where a model comes from, for generated code.

    Attributes:
        code: An expression that makes the model; "" if only the user's code has it.
        variable: The variable of the user's code that holds it; "" if `code` needs none.
    """

    code: str = ""
    variable: str = ""


UNKNOWN = Source()


class ChosenRange(NamedTuple):
    """An input range that the user chose in place of the model's own."""

    low: Any
    high: Any
    is_BGR: bool


class NetworkInUse:
    """A model, where it comes from, and the input range that the user chose for it.

    Attributes:
        model: The model.
        name: Its name.
        source: Where it comes from.
        chosen: The input range that the user chose; None for the model's own.
    """

    model = HeldModel()

    def __init__(self, model: Model, source: Source = UNKNOWN, chosen: ChosenRange | None = None) -> None:
        self.model, self.name, self.source, self.chosen = model, model.name, source, chosen

    @classmethod
    def of(cls, thing: Any) -> NetworkInUse:
        """The network for anything that `as_model` accepts; EmojiNet for None.

        Raises:
            ModelError: If it cannot be used.
        """
        model = as_model("EmojiNet" if thing is None else thing)
        return cls(model, source_of(thing, model))

    def with_range(self, chosen: ChosenRange) -> NetworkInUse:
        """The same network with another input range, in a copy of the model: kept runs continue with their own."""
        model = copy(self.model)
        model.image_value_range, model.is_BGR = (chosen.low, chosen.high), chosen.is_BGR
        return NetworkInUse(model, self.source, chosen)

    def code(self) -> tuple[Sequence[str], str]:
        """Statements that leave the model in `model`, and the variable that the user must define first, or ""."""
        lines = [f"model = {self.source.code}"] if self.source.code else []
        variable = self.source.variable if self.source.code else "model"
        if self.chosen is not None:
            lines = lines or ["model = models.as_model(model)"]
            lines.append(f"model.image_value_range = {(self.chosen.low, self.chosen.high)!r}")
            lines += [f"model.is_BGR = {self.chosen.is_BGR}"] if self.chosen.is_BGR else []
        return lines, variable


def source_of(thing: Any, model: Model) -> Source:
    """Return the code for a model, from the value that was passed for it."""
    if model.readouts:
        return UNKNOWN
    if type(model) in (EmojiNet, EmojiViT):
        return Source(f"models.{type(model).__name__}()")
    if isinstance(thing, str) and type(model) is models_map.get(thing):
        return Source(f"models.{thing}()")
    if isinstance(thing, (str, os.PathLike)):
        return Source(f"models.as_model({os.fspath(thing)!r})")
    return UNKNOWN


__all__ = ["UNKNOWN", "ChosenRange", "NetworkInUse", "Source", "source_of"]
