"""`HeldModel`: an attribute that holds a model until `let_go`."""

from __future__ import annotations

import weakref
from typing import Any

from lucid_widgets.errors import ArgumentError


class HeldModel:
    """An attribute for a model.

    A notebook keeps the widgets of a cell that was run again, in `Out` for example. They let go of their models, so
    that weights and compiled programs are released with the last variable that holds the model.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __set__(self, owner: object, model: Any) -> None:
        vars(owner)[self._name] = (model, weakref.ref(model))

    def __get__(self, owner: object | None, kind: type | None = None) -> Any:
        if owner is None:
            return self
        held, reference = vars(owner)[self._name]
        model = reference() if held is None else held
        if model is None:
            raise ArgumentError(
                "This widget has given back its model, because its cell was run again.",
                "Use the new widget, or keep the model in a variable.",
            )
        return model


def let_go(owner: object) -> None:
    """Keep only weak references in the attributes of `owner` that hold models."""
    for kind in type(owner).__mro__:
        for name, attribute in vars(kind).items():
            if isinstance(attribute, HeldModel):
                vars(owner)[name] = (None, vars(owner)[name][1])


__all__ = ["HeldModel", "let_go"]
