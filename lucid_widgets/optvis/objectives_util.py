"""`wrap_objective`: from a function of a network's tensors to a named, printable, checkable `Objective`."""

from __future__ import annotations

import functools
import inspect
import json
from collections.abc import Callable, Hashable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, overload

import numpy as np
import tensorflow as tf

from lucid_widgets._errors import ArgumentError, ModelError, out_of_range
from lucid_widgets.optvis.objective_tree import Objective, T, hashable

_registry: dict[str, ObjectiveMaker] = {}

OBJECTIVES: Mapping[str, ObjectiveMaker] = MappingProxyType(_registry)
"""The package's own objectives by name: what the text of an objective may call."""

_NUMBER = "#"
_LONGEST_SHOWN = 15


class ObjectiveMaker:
    """A function from arguments to an `Objective`; what `wrap_objective` makes of the function it decorates.

    Attributes:
        name: The function's name.
        signature: The function's signature.
        numbers: Arguments that may be fed as tensors: changing them compiles nothing.
        layer: The argument that names a layer, if any.
        channel: The argument that is a channel of that layer, if any.
        require_format: "NHWC" if `T` should give tensors `[batch, height, width, channels]` whatever their rank.
    """

    def __init__(
        self,
        function: Callable[..., Callable[[T], Any]],
        require_format: str | None,
        numbers: tuple[str, ...],
        layer: str | None,
        channel: str | None,
    ) -> None:
        self.function = function
        self.name = function.__name__
        self.signature = inspect.signature(function)
        self.numbers = numbers
        self.layer = layer
        self.channel = channel
        self.require_format = require_format
        functools.update_wrapper(self, function)

    def __call__(self, *args: Any, **kwargs: Any) -> Call:
        try:
            bound = self.signature.bind(*args, **kwargs)
        except TypeError as error:
            raise ArgumentError(
                f"{self.name}() does not fit its arguments: {error}.",
                f"Expected {self.name}({self._parameters()}).",
            ) from None
        bound.apply_defaults()
        return Call(self, {name: _plain(value) for name, value in bound.arguments.items()})

    def __repr__(self) -> str:
        return f"<objective {self.name}({self._parameters()})>"

    def _parameters(self) -> str:
        parameters = self.signature.parameters.values()
        return ", ".join(str(each.replace(annotation=inspect.Parameter.empty)) for each in parameters)


class Call(Objective):
    """A leaf: an objective maker and its arguments."""

    def __init__(self, maker: ObjectiveMaker, arguments: Mapping[str, Any]) -> None:
        self.maker = maker
        self.arguments = MappingProxyType(dict(arguments))
        self.name = maker.name
        self.description = f"{maker.name.title()} [{', '.join(map(_shown, arguments.values()))}]"
        for name in maker.numbers:
            _check_number(maker, name, arguments[name])
        if maker.layer and not isinstance(arguments[maker.layer], str):
            raise ArgumentError(
                f"{maker.name}() received {arguments[maker.layer]!r} as its layer.",
                "Expected the layer's name, such as 'mixed4a'.",
            )

    def _is_number(self, name: str) -> bool:
        return name in self.maker.numbers and self.arguments[name] is not None

    @property
    def numbers(self) -> tuple[Any, ...]:
        return tuple(value for name, value in self.arguments.items() if self._is_number(name))

    @property
    def structure(self) -> Hashable:
        return (
            self.maker,
            *((name, _NUMBER if self._is_number(name) else hashable(v)) for name, v in self.arguments.items()),
        )

    def evaluate(self, T: T, numbers: Iterator[Any]) -> Any:
        fed = {name: next(numbers) if self._is_number(name) else value for name, value in self.arguments.items()}
        return self.maker.function(**fed)(_force_nhwc(T) if self.maker.require_format == "NHWC" else T)

    def validate(self, model: Any, batch: int | None = None) -> None:
        chosen = self.arguments.get("batch")
        if batch is not None and chosen is not None and chosen >= batch:
            raise out_of_range("Batch index", chosen, 0, batch - 1, owner=f"a batch of {batch}")
        if not self.maker.layer:
            return
        name = self.arguments[self.maker.layer]
        if name == "input":
            return
        layer = model.get_layer(name)
        if self.maker.channel and layer.channels is not None:
            channel = self.arguments[self.maker.channel]
            if channel >= layer.channels:
                raise out_of_range("Channel", channel, 0, layer.channels - 1, owner=f"layer {name!r}")

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


@overload
def wrap_objective(require_format: Callable[..., Callable[[T], Any]]) -> ObjectiveMaker: ...
@overload
def wrap_objective(
    require_format: str | None = None,
    handle_batch: bool = False,
    *,
    numbers: tuple[str, ...] = (),
    layer: str | None = None,
    channel: str | None = None,
) -> Callable[[Callable[..., Callable[[T], Any]]], ObjectiveMaker]: ...
def wrap_objective(
    require_format: Any = None,
    handle_batch: bool = False,
    *,
    numbers: tuple[str, ...] = (),
    layer: str | None = None,
    channel: str | None = None,
) -> Any:
    """Decorates a function that returns a function of `T`, so that it returns an `Objective` instead.

    Works with and without parentheses, as releases of Lucid differed.

    Args:
        require_format: "NHWC" makes `T` give tensors `[batch, height, width, channels]`: `[batch, channels]` becomes
            `[batch, 1, 1, channels]`.
        handle_batch: Kept for old notebooks, without effect (as it was in Lucid): take a `batch` argument, and pass
            `T` through `handle_batch`.
        numbers: Names of arguments that the function takes as scalar tensors too, so that changing them while a run is
            going on compiles nothing.
        layer: Name of the argument that names a layer; it is checked against the model before anything is compiled.
        channel: Name of the argument that is a channel of that layer; likewise.

    Example:
        >>> @objectives.wrap_objective(require_format="NHWC")
        ... def contrast(layer, n_channel):
        ...     return lambda T: tf.math.reduce_std(T(layer)[..., n_channel])
        >>> render_vis(model, contrast("mixed4a", 476))

    Source: Lucid's `objectives.wrap_objective`.
    """

    def decorate(function: Callable[..., Callable[[T], Any]]) -> ObjectiveMaker:
        return ObjectiveMaker(function, chosen_format, numbers, layer, channel)

    if callable(require_format):
        chosen_format = None
        return decorate(require_format)
    chosen_format = require_format
    return decorate


def register(maker: ObjectiveMaker) -> ObjectiveMaker:
    """Makes one of the package's own objectives known to the text form of objectives."""
    _registry[maker.name] = maker
    return maker


def handle_batch(T: T, batch: Any | None) -> T:
    """`T` for one image of the batch: each tensor becomes `[1, ...]`; unchanged where `batch` is None."""
    if batch is None:
        return T
    return lambda name: T(name) if name == "labels" else T(name)[batch : batch + 1]


def code(value: Any) -> str:
    """`value`, an argument of an objective, as Python."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _force_nhwc(T: T) -> T:
    def inner(name: str) -> Any:
        t = T(name)
        if name == "labels" or t.shape.rank == 4:
            return t
        if t.shape.rank == 2:
            return tf.reshape(t, [-1, 1, 1, t.shape[1]])
        raise ModelError(
            f"{name!r} has {t.shape.rank} dimensions.",
            "Expected [batch, height, width, channels] or [batch, channels].",
        )

    return inner


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _shown(value: Any) -> str:
    text = str(value)
    return "..." if len(text) > _LONGEST_SHOWN or "\n" in text else text


def _check_number(maker: ObjectiveMaker, name: str, value: Any) -> None:
    if value is None and maker.signature.parameters[name].default is None:
        return
    if isinstance(value, bool) or not isinstance(value, int):
        raise ArgumentError(f"{maker.name}() received {name}={value!r}.", "Expected a whole number.")
    if not 0 <= value < 2**31:
        raise ArgumentError(f"{maker.name}() received {name}={value}.", "Expected a whole number from 0 up.")


__all__ = ["OBJECTIVES", "Call", "ObjectiveMaker", "code", "handle_batch", "register", "wrap_objective"]
