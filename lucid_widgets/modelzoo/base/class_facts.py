"""`ClassFact`: an attribute with one value on the class, known without a file, and another on each model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["ClassFact"]


class ClassFact:
    """A computed attribute that a class has too, as Lucid's classes list their layers before anything is loaded.

    Args:
        of_class: Returns the value for the class.
        of_model: Returns the value for a model. It is computed once, and can be set.
    """

    def __init__(self, of_class: Callable[[Any], Any], of_model: Callable[[Any], Any]) -> None:
        self._of_class, self._of_model = of_class, of_model
        self.__doc__ = of_model.__doc__
        self._name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return self._of_class(owner)
        # Without __set__, the value in the dictionary of the model takes precedence from now on.
        value = vars(instance)[self._name] = self._of_model(instance)
        return value
