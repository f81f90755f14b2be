"""`wrap_objective`: from a function of a network's tensors to a named, printable, checkable `Objective`."""

from __future__ import annotations

import functools
import inspect
import itertools
import json
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, overload

import numpy as np
import tensorflow as tf

from lucid_widgets.errors import ArgumentError, ModelError, out_of_range
from lucid_widgets.modelzoo.vision_base import T
from lucid_widgets.optvis.objectives.arguments import Kind, shape_of, whole
from lucid_widgets.optvis.objectives.tree import Objective, hashable

_registry: dict[str, ObjectiveMaker] = {}

OBJECTIVES: Mapping[str, ObjectiveMaker] = MappingProxyType(_registry)
"""The package's own objectives by name: what the text of an objective may call."""

_NUMBER = "#"
_LONGEST_SHOWN = 15
_MOST_WRITTEN = 4096

Check = Callable[[Mapping[str, Any], Any, "int | None"], None]
"""A check of an objective's arguments against a model and the number of images, where that is known."""


class ObjectiveMaker:
    """A function from arguments to an `Objective`; what `wrap_objective` makes of the function it decorates.

    Attributes:
        name: The function's name.
        signature: The function's signature.
        numbers: Arguments that may be fed as tensors, and what each may be: changing them compiles nothing.
        units: Arguments that name a layer, each with the argument that is a channel of it, or None.
        check: A further check against the model.
        require_format: "NHWC" if `T` should give tensors `[batch, height, width, channels]` whatever their rank.
    """

    def __init__(
        self,
        function: Callable[..., Callable[[T], Any]],
        require_format: str | None,
        numbers: Mapping[str, Kind],
        units: Mapping[str, str | None],
        check: Check | None,
    ) -> None:
        self.function = function
        self.name = function.__name__
        self.signature = inspect.signature(function)
        self.numbers = numbers
        self.units = units
        self.check = check
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

    def __reduce__(self) -> str:
        return str(self.__qualname__)  # type: ignore[attr-defined]  # by its name, as functions are

    def __repr__(self) -> str:
        return f"<objective {self.name}({self._parameters()})>"

    def _parameters(self) -> str:
        parameters = self.signature.parameters.values()
        return ", ".join(str(each.replace(annotation=inspect.Parameter.empty)) for each in parameters)


class Call(Objective):
    """A leaf: an objective maker and its arguments."""

    def __init__(self, maker: ObjectiveMaker, arguments: Mapping[str, Any]) -> None:
        kept = {name: _kept(maker, name, value) for name, value in arguments.items()}
        self.maker = maker
        self.arguments = MappingProxyType(kept)
        self.name = maker.name
        self.description = f"{maker.name.title()} [{', '.join(map(_shown, kept.values()))}]"
        for name in maker.units:
            if not isinstance(kept[name], str):
                raise ArgumentError(
                    f"{maker.name}() received {kept[name]!r} as its layer.",
                    "Expected the layer's name, such as 'mixed4a'.",
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
                (name, (_NUMBER, shape_of(v)) if self._is_number(name) else hashable(v))
                for name, v in self.arguments.items()
            ),
        )

    def evaluate(self, T: T, numbers: Iterator[Any]) -> Any:
        fed = {name: next(numbers) if self._is_number(name) else value for name, value in self.arguments.items()}
        return self.maker.function(**fed)(_force_nhwc(T) if self.maker.require_format == "NHWC" else T)

    def validate(self, model: Any, batch: int | None = None) -> None:
        chosen = self.arguments.get("batch")
        if batch is not None and chosen is not None and chosen >= batch:
            raise out_of_range("Batch index", chosen, 0, batch - 1, owner=f"a batch of {batch}")
        for layer_argument, channel_argument in self.maker.units.items():
            name = self.arguments[layer_argument]
            if name == "input":
                continue
            layer = model.get_layer(name)
            if channel_argument and layer.channels is not None:
                channel = int(np.max(self.arguments[channel_argument]))
                if channel >= layer.channels:
                    raise out_of_range("Channel", channel, 0, layer.channels - 1, owner=f"layer {name!r}")
        if self.maker.check:
            self.maker.check(self.arguments, model, batch)

    def __reduce__(self) -> tuple[Any, ...]:
        # The mapping that nobody can write to cannot be pickled either.
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


@overload
def wrap_objective(require_format: Callable[..., Callable[[T], Any]]) -> ObjectiveMaker: ...
@overload
def wrap_objective(
    require_format: str | None = None,
    handle_batch: bool = False,
    *,
    numbers: Sequence[str] | Mapping[str, Kind] = (),
    layer: str | Sequence[str] = (),
    channel: str | Sequence[str] = (),
    check: Check | None = None,
) -> Callable[[Callable[..., Callable[[T], Any]]], ObjectiveMaker]: ...
def wrap_objective(
    require_format: Any = None,
    handle_batch: bool = False,
    *,
    numbers: Sequence[str] | Mapping[str, Kind] = (),
    layer: str | Sequence[str] = (),
    channel: str | Sequence[str] = (),
    check: Check | None = None,
) -> Any:
    """Decorates a function that returns a function of `T`, so that it returns an `Objective` instead.

    Works with and without parentheses, as releases of Lucid differed.

    Args:
        require_format: "NHWC" makes `T` give tensors `[batch, height, width, channels]`: `[batch, channels]` becomes
            `[batch, 1, 1, channels]`.
        handle_batch: Kept for old notebooks, without effect (as it was in Lucid): take a `batch` argument, and
            decorate what the function returns with `handle_batch(batch)`.
        numbers: Names of arguments that the function takes as tensors too, so that changing them while a run is going
            on compiles nothing. They are whole numbers; a mapping from names to kinds says what else they may be.
        layer: Name of the argument that names a layer, or several; they are checked against the model before anything
            is compiled.
        channel: Name of the argument that is a channel of that layer, or one for each; likewise.
        check: Called with the arguments, the model and the number of images (None where not known), before anything is
            compiled; raises what is wrong.

    Example:
        >>> @objectives.wrap_objective(require_format="NHWC")
        ... def contrast(layer, n_channel):
        ...     return lambda T: tf.math.reduce_std(T(layer)[..., n_channel])
        >>> render_vis(model, contrast("mixed4a", 152))

    Source: Lucid's `objectives.wrap_objective`.
    """

    def decorate(function: Callable[..., Callable[[T], Any]]) -> ObjectiveMaker:
        return ObjectiveMaker(function, chosen_format, kinds, units, check)

    kinds = numbers if isinstance(numbers, Mapping) else dict.fromkeys(numbers, whole)
    units = dict(itertools.zip_longest(_names(layer), _names(channel)))

    if callable(require_format):
        chosen_format = None
        return decorate(require_format)
    chosen_format = require_format
    return decorate


def register(maker: ObjectiveMaker) -> ObjectiveMaker:
    """Makes one of the package's own objectives known to the text form of objectives."""
    _registry[maker.name] = maker
    return maker


def handle_batch(batch: Any = None) -> Callable[[Callable[[T], Any]], Callable[[T], Any]]:
    """Decorates a function of `T`, so that it sees one image of the batch only: each tensor is `[1, ...]`.

    Args:
        batch: Which image; None leaves the function as it is.

    Example:
        >>> @objectives.wrap_objective()
        ... def strongest(layer, batch=None):
        ...     @objectives.handle_batch(batch)
        ...     def inner(T):
        ...         return tf.reduce_max(T(layer))
        ...     return inner

    Raises:
        ArgumentError: `batch` is no whole number.
        OutOfRangeError: There is no such image, when the objective is used.

    Source: Lucid's `objectives.handle_batch`. (It ignored NumPy's integers, and gave NaN beyond the last image.)
    """
    fed = batch is None or tf.is_tensor(batch)
    index = batch if fed else whole("handle_batch() received batch", _plain(batch))

    def decorate(function: Callable[[T], Any]) -> Callable[[T], Any]:
        @functools.wraps(function)
        def inner(T: T) -> Any:
            return function(image_of(T, index))

        return inner

    return decorate


def image_of(T: T, batch: Any | None) -> T:
    """`T` for one image of the batch: each tensor becomes `[1, ...]`; unchanged where `batch` is None."""
    if batch is None:
        return T

    def inner(name: str) -> Any:
        t = T(name)
        if name == "labels":
            return t
        count = t.shape[0]
        if isinstance(batch, int) and count is not None and batch >= count:
            raise out_of_range("Batch index", batch, 0, count - 1, owner=f"a batch of {count}")
        return t[batch : batch + 1]

    return inner


def is_too_large(value: Any) -> bool:
    """Whether an argument is an array of so many numbers that nobody would read them."""
    return isinstance(value, np.ndarray) and value.size > _MOST_WRITTEN


def code(value: Any) -> str:
    """`value`, an argument of an objective, as Python. Arrays too large to read become "...", which is no value."""
    if is_too_large(value):
        return "..."
    if isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.ndim):
        return f"[{', '.join(map(code, value))}]"
    if isinstance(value, np.generic):
        return str(value)  # the shortest that gives the same number again
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


def _names(names: str | Sequence[str]) -> Sequence[str]:
    return (names,) if isinstance(names, str) else names


def _kept(maker: ObjectiveMaker, name: str, value: Any) -> Any:
    """An argument as it is kept, or an `ArgumentError`."""
    optional = value is None and maker.signature.parameters[name].default is None
    kind = maker.numbers.get(name)
    return value if kind is None or optional else kind(f"{maker.name}() received {name}", value)


__all__ = [
    "OBJECTIVES",
    "Call",
    "ObjectiveMaker",
    "code",
    "handle_batch",
    "image_of",
    "is_too_large",
    "register",
    "wrap_objective",
]
