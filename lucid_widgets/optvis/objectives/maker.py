"""Objective makers, such as `channel`, and the objectives that they return."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Hashable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Generic, ParamSpec, TypeAlias

import numpy as np

from lucid_widgets.errors import ArgumentError, out_of_range
from lucid_widgets.modelzoo.vision_base import T
from lucid_widgets.optvis.objectives.arguments import Kind, code, hashable, plain, shape_of
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.optvis.objectives.views import as_nhwc

P = ParamSpec("P")

Check: TypeAlias = Callable[[Mapping[str, Any], Any, "int | None"], None]
"""A check of an objective: takes its arguments, the model and the number of images (None: unknown)."""

Resolve: TypeAlias = Callable[[Mapping[str, Any], Any], "Objective | None"]
"""Takes the arguments of an objective and the model; returns an equal objective made of numbers, or None."""

_NUMBER = "#"
_LONGEST_SHOWN = 15


class ObjectiveMaker(Generic[P]):
    """A function that returns an `Objective`. `wrap_objective` makes one from the function that it decorates.

    Attributes:
        function: The decorated function. Called with the arguments, it returns a function `T -> scalar tensor`.
        name: Name of the function.
        signature: Signature of the function, without the arguments in `aliases`.
        numbers: Arguments that are fed to the compiled step as tensors, each with its check. A new number compiles
            nothing.
        units: Arguments that name a layer, each with the argument that is a channel of that layer, or None.
        aliases: Keyword arguments that are another name for an argument, such as `row` for Lucid's `x`.
        check: An additional check against the model, or None.
        require_format: "NHWC" if every layer is passed as `[batch, height, width, channels]`, or None.
        resolve: Returns an objective without names and texts that only the model can interpret, or None.
    """

    def __init__(
        self,
        function: Callable[P, Callable[[T], Any]],
        require_format: str | None,
        numbers: Mapping[str, Kind],
        units: Mapping[str, str | None],
        aliases: Mapping[str, str],
        check: Check | None,
        resolve: Resolve | None = None,
    ) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.name = function.__name__
        self.numbers = numbers
        self.units = units
        self.aliases = aliases
        self.check = check
        self.require_format = require_format
        self.resolve = resolve
        # What editors and `inspect.signature` show: the function's arguments, and an objective as the result.
        self.__signature__ = inspect.signature(function).replace(return_annotation=Objective)
        self.__annotations__ = {**function.__annotations__, "return": Objective}
        kept = [each for name, each in self.__signature__.parameters.items() if name not in aliases]
        self.signature = self.__signature__.replace(parameters=kept)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Objective:
        try:
            bound = self.__signature__.bind(*args, **kwargs)
        except TypeError as error:
            raise ArgumentError(
                f"{self.name}() was called with the wrong arguments: {error}.",
                f"Expected {self.name}({self._parameters()}).",
            ) from None
        bound.apply_defaults()
        return Call(self, self._without_aliases({name: plain(value) for name, value in bound.arguments.items()}))

    def __reduce__(self) -> str:
        return str(self.__qualname__)  # type: ignore[attr-defined]  # pickled by name, as functions are

    def __repr__(self) -> str:
        return f"<objective {self.name}({self._parameters()})>"

    def kept(self, name: str, value: Any, argument: str = "") -> Any:
        """Return the value of an argument as an objective keeps it.

        Args:
            name: Name that the caller used.
            value: The value.
            argument: Name of the argument, if `name` is an alias of it.

        Raises:
            ArgumentError: If the argument does not accept the value.
        """
        kind = self.numbers.get(argument or name)
        optional = value is None and self.__signature__.parameters[name].default is None
        return value if kind is None or optional else kind(f"{name} of {self.name}()", value)

    def _without_aliases(self, arguments: dict[str, Any]) -> dict[str, Any]:
        for alias, name in self.aliases.items():
            value = arguments.pop(alias)
            if value is None:
                continue
            if arguments[name] is not None:
                raise ArgumentError(
                    f"{self.name}() received both {name}={arguments[name]!r} and {alias}={value!r}.",
                    f"Pass one of them: {alias!r} is another name for {name!r}.",
                )
            arguments[name] = self.kept(alias, value, name)
        return arguments

    def _parameters(self) -> str:
        bare = [each.replace(annotation=inspect.Parameter.empty) for each in self.__signature__.parameters.values()]
        return str(inspect.Signature(bare))[1:-1]


class Call(Objective):
    """A leaf of the tree: an objective maker and the arguments that it was called with."""

    def __init__(self, maker: ObjectiveMaker[...], arguments: Mapping[str, Any]) -> None:
        kept = {name: maker.kept(name, value) for name, value in arguments.items()}
        self.maker = maker
        self.arguments = MappingProxyType(kept)
        self.name = maker.name
        self.description = f"{maker.name.title()} [{', '.join(map(make_arg_str, kept.values()))}]"
        for name in maker.units:
            if not isinstance(kept[name], str):
                raise ArgumentError(
                    f"{name} of {maker.name}() is {kept[name]!r}.", "Expected the name of a layer, such as 'mixed4a'."
                )

    def _is_number(self, name: str) -> bool:
        value = self.arguments[name]
        return name in self.maker.numbers and isinstance(value, (int, float, np.ndarray))

    @property
    def numbers(self) -> tuple[Any, ...]:
        return tuple(value for name, value in self.arguments.items() if self._is_number(name))

    @property
    def structure(self) -> Hashable:
        return (
            self.maker,
            *(
                (name, (_NUMBER, shape_of(value)) if self._is_number(name) else hashable(value))
                for name, value in self.arguments.items()
            ),
        )

    def evaluate(self, T: T, numbers: Iterator[Any]) -> Any:
        fed = {name: next(numbers) if self._is_number(name) else value for name, value in self.arguments.items()}
        return self.maker.function(**fed)(as_nhwc(T) if self.maker.require_format == "NHWC" else T)

    def validate(self, model: Any, batch: int | None = None) -> None:
        chosen = self.arguments.get("batch")
        if batch is not None and chosen is not None and chosen >= batch:
            raise out_of_range("Batch index", chosen, 0, batch - 1, owner=f"a batch of {batch}")
        for layer_argument, channel_argument in self.maker.units.items():
            name = self.arguments[layer_argument]
            if name == "input":
                continue
            layer = model.get_layer(name)
            if channel_argument and layer.channels is not None and self.arguments[channel_argument] is not None:
                channel = int(np.max(self.arguments[channel_argument]))
                if channel >= layer.channels:
                    raise out_of_range("Channel", channel, 0, layer.channels - 1, owner=f"layer {name!r}")
        if self.maker.check:
            self.maker.check(self.arguments, model, batch)

    def __reduce__(self) -> tuple[Any, ...]:
        # A MappingProxyType cannot be pickled.
        return Call, (self.maker, dict(self.arguments)), {"name": self.name, "description": self.description}

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Call)
            and self.maker is other.maker
            and hashable(tuple(self.arguments.values())) == hashable(tuple(other.arguments.values()))
        )

    def __hash__(self) -> int:
        return hash((self.name, hashable(tuple(self.arguments.values()))))

    def __repr__(self) -> str:
        parts = []
        for name, value in self.arguments.items():
            default = self.maker.signature.parameters[name].default
            if default is inspect.Parameter.empty:
                parts.append(code(value))
            elif hashable(value) != hashable(default):
                parts.append(f"{name}={code(value)}")
        return f"{self.name}({', '.join(parts)})"


def make_arg_str(value: Any) -> str:
    """Return an argument as it is shown in Lucid's descriptions: `...` if it is long."""
    text = str(value)
    return "..." if len(text) > _LONGEST_SHOWN or "\n" in text else text


__all__ = ["Call", "Check", "ObjectiveMaker", "Resolve", "make_arg_str"]
