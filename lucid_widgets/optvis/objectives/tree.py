"""`Objective`: a quantity to maximize, as an immutable tree of terms.

`+`, `-`, `*` and `/` combine leaves (`objectives.channel(...)` and the like) and numbers into a tree. A tree

- is evaluated on the tensors of a network: `objective(T)`;
- splits into structure and numbers. Channel indices and weights are fed to the compiled step as tensors, so that a
  change of a number compiles nothing;
- is written as Python code: `objectives.text.parse(repr(objective))` returns an equal tree.

Sums and products are flat and keep their weight in front, so that equal formulas are equal trees.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import partial, reduce
from operator import add
from types import FunctionType, MethodType
from typing import Any

import tensorflow as tf

from lucid_widgets.errors import ArgumentError, OperandError
from lucid_widgets.modelzoo.vision_base import T
from lucid_widgets.optvis.objectives.arguments import hashable


class Objective:
    """A quantity to maximize.

    Objectives are added, subtracted, multiplied, and weighted with numbers. Each operation returns a new objective.
    A function of `T` can take the place of one operand.

    Args:
        objective_func: A function `T -> scalar tensor`. `T("mixed4a")` is the tensor of a layer, `T("input")` the image
            before transforms, `[batch, height, width, channels]` in [0, 1], and `T("labels")` the list of class names.
        name: A short name. Default: "".
        description: A longer one, shown by `print_objectives`. Default: "".

    Example:
        >>> objective = objectives.channel("mixed4a", 152) - 0.5 * objectives.channel("mixed4a", 30)
        >>> brightness = Objective(lambda T: tf.reduce_mean(T("input")), "brightness")

    Source: Lucid's `objectives.Objective`. `1 - objective`, `objective / 2` and NumPy scalars as weights are new.
    """

    # Without this, `array * objective` would be an array of objectives.
    __array_ufunc__ = None

    def __init__(self, objective_func: Callable[[T], Any], name: str = "", description: str = "") -> None:
        self.objective_func = objective_func
        self.name = name
        self.description = description

    @property
    def numbers(self) -> tuple[Any, ...]:
        """Numbers of the tree that can change without a new compilation, from left to right."""
        return ()

    @property
    def structure(self) -> Hashable:
        """The tree without its numbers. Objectives with equal structure share a compiled step."""
        return hashable(self.objective_func)

    def evaluate(self, T: T, numbers: Iterator[Any]) -> Any:
        """Return the value of the tree.

        Args:
            T: Layer function.
            numbers: Numbers or tensors that replace `self.numbers`, in the same order.
        """
        return self.objective_func(T)

    def leaves(self) -> Iterator[Objective]:
        """Yield the terms that are not sums, products or weights, from left to right."""
        yield self

    def validate(self, model: Any, batch: int | None = None) -> None:
        """Check the tree against a model. The engine calls it before it compiles anything.

        Args:
            model: A model with the layers that the tree names.
            batch: Number of images. Default: None, unknown.

        Raises:
            UnknownNameError: If the model does not have a layer of that name.
            OutOfRangeError: If a channel or batch index does not exist.
        """
        for leaf in self.leaves():
            if leaf is not self:
                leaf.validate(model, batch)

    def __call__(self, T: T) -> Any:
        return self.evaluate(T, iter(self.numbers))

    def __add__(self, other: Objective | Callable[[T], Any] | float) -> Objective:
        term = _lifted(other)
        return NotImplemented if term is None else _sum((self, term))

    def __radd__(self, other: Callable[[T], Any] | float) -> Objective:
        term = _lifted(other)
        return NotImplemented if term is None else _sum((term, self))

    def __sub__(self, other: Objective | Callable[[T], Any] | float) -> Objective:
        term = _lifted(other)
        return NotImplemented if term is None else _sum((self, -term))

    def __rsub__(self, other: Callable[[T], Any] | float) -> Objective:
        term = _lifted(other)
        return NotImplemented if term is None else _sum((term, -self))

    def __mul__(self, other: Objective | Callable[[T], Any] | float) -> Objective:
        term = _lifted(other)
        return NotImplemented if term is None else _product((self, term))

    def __rmul__(self, other: Callable[[T], Any] | float) -> Objective:
        term = _lifted(other)
        return NotImplemented if term is None else _product((term, self))

    def __truediv__(self, other: float) -> Objective:
        divisor = _lifted(other)
        if not isinstance(divisor, Constant):
            return NotImplemented
        if divisor.value == 0:
            raise ArgumentError("An objective cannot be divided by zero.", "Expected another number.")
        return self * (1 / divisor.value)

    def __neg__(self) -> Objective:
        return _product((Constant(-1), self))

    def __pos__(self) -> Objective:
        return self

    @staticmethod
    def sum(objs: Iterable[Objective]) -> Objective:
        """Return the sum of objectives, as the built-in `sum` does.

        Raises:
            ArgumentError: If there are none.

        Source: Lucid's `Objective.sum`.
        """
        terms = list(objs)
        if not terms:
            raise ArgumentError("There are no objectives to add.", "Expected at least one.")
        return reduce(add, terms)

    def __repr__(self) -> str:
        return f"Objective({self.name or getattr(self.objective_func, '__name__', 'objective')})"


class Constant(Objective):
    """A number in a sum, or the weight of a term. Users write plain numbers."""

    def __init__(self, value: float) -> None:
        try:
            finite = math.isfinite(value)
        except OverflowError:  # an int too large for a float
            finite = False
        if not finite:
            raise ArgumentError(
                "A weight is NaN." if value != value else "A weight is too large.", "Expected a finite number."
            )
        self.value = value
        self.name = self.description = repr(value)

    numbers = property(lambda self: (float(self.value),))
    structure = property(lambda self: "number")

    def evaluate(self, T: T, numbers: Iterator[Any]) -> Any:
        return tf.cast(next(numbers), tf.float32)

    def leaves(self) -> Iterator[Objective]:
        return iter(())

    def __neg__(self) -> Objective:
        return Constant(-self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Constant) and self.value == other.value

    def __hash__(self) -> int:
        return hash(self.value)

    def __repr__(self) -> str:
        return repr(self.value)


class Compound(Objective):
    """Base of sums, products and weighted terms."""

    symbol: str
    parts: tuple[Objective, ...]

    def __init__(self, parts: tuple[Objective, ...]) -> None:
        self.parts = parts
        self.name, self.description = self._names()

    def _names(self) -> tuple[str, str]:
        named = next(part for part in self.parts if not isinstance(part, Constant))
        return named.name, named.description

    numbers = property(lambda self: tuple(n for part in self.parts for n in part.numbers))
    structure = property(lambda self: (self.symbol, *(part.structure for part in self.parts)))

    def leaves(self) -> Iterator[Objective]:
        for part in self.parts:
            yield from part.leaves()

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.parts == other.parts

    def __hash__(self) -> int:
        return hash((self.symbol, self.parts))


class Sum(Compound):
    """At least two terms, none of which is a sum."""

    symbol = "+"

    def _names(self) -> tuple[str, str]:
        named = [part for part in self.parts if not isinstance(part, Constant)]
        if len(named) == 1:
            return named[0].name, named[0].description
        described = " +\n".join(part.description for part in named)
        return ", ".join(part.name for part in named), f"Sum({described})"

    def evaluate(self, T: T, numbers: Iterator[Any]) -> Any:
        values = [part.evaluate(T, numbers) for part in self.parts]
        return reduce(add, values)

    def __repr__(self) -> str:
        first, *rest = self.parts
        return _term(first, first=True) + "".join(_term(part) for part in rest)


class Product(Compound):
    """At least two factors, none of which is a product or a number."""

    symbol = "*"

    def evaluate(self, T: T, numbers: Iterator[Any]) -> Any:
        values = [part.evaluate(T, numbers) for part in self.parts]
        return reduce(lambda a, b: a * b, values)

    def __repr__(self) -> str:
        return " * ".join(map(_factor, self.parts))


class Scaled(Compound):
    """A number times a term that is neither a number nor scaled."""

    symbol = "weight"

    def __init__(self, weight: Constant, term: Objective) -> None:
        self.weight = weight
        self.term = term
        super().__init__((weight, term))

    def evaluate(self, T: T, numbers: Iterator[Any]) -> Any:
        weight = self.weight.evaluate(T, numbers)
        return weight * self.term.evaluate(T, numbers)

    def __repr__(self) -> str:
        return _term(self, first=True)


_readers: list[Callable[[str], Objective]] = []


def read_text_with(parse: Callable[[str], Objective]) -> None:
    """Set the function that parses text in a formula. The parser makes trees, so this module cannot import it."""
    _readers[:] = [parse]


def _lifted(value: Any) -> Objective | None:
    """Return an objective as it is, a real number as a `Constant`, a function of `T` as an `Objective`; else None.

    Text such as "mixed4a:3" is parsed.
    """
    if isinstance(value, Objective):
        return value
    if isinstance(value, numbers.Integral) and not isinstance(value, bool):
        return Constant(int(value))
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        return Constant(float(value))
    if isinstance(value, str) and any(mark in value for mark in ":("):
        return _readers[0](value) if _readers else None
    if isinstance(value, (FunctionType, MethodType, partial)):
        name = str(getattr(value, "__name__", type(value).__name__))
        return Objective(value, name, name)
    if value is None or isinstance(value, (str, bytes, list, tuple, dict, set)):
        raise OperandError(
            f"{value!r} cannot be combined with an objective.",
            "Expected an objective, text such as 'mixed4a:3', a number, or a function of T.",
        )
    return None


def _sum(terms: Sequence[Objective]) -> Objective:
    flat: list[Objective] = []
    for term in terms:
        flat.extend(term.parts if isinstance(term, Sum) else (term,))
    constants = [term for term in flat if isinstance(term, Constant)]
    total = Constant(sum(term.value for term in constants))
    if len(constants) == len(flat):
        return total
    # Numbers are added up in the place of the first. A zero is dropped, such as the one that the built-in sum() adds.
    first = flat.index(constants[0]) if constants and total.value else None
    kept = [
        total if i == first else term for i, term in enumerate(flat) if i == first or not isinstance(term, Constant)
    ]
    return kept[0] if len(kept) == 1 else Sum(tuple(kept))


def _product(factors: Sequence[Objective]) -> Objective:
    weight: float | None = None
    flat: list[Objective] = []
    for factor in factors:
        if isinstance(factor, Constant):
            weight = factor.value if weight is None else weight * factor.value
            continue
        if isinstance(factor, Scaled):
            weight = factor.weight.value if weight is None else weight * factor.weight.value
            factor = factor.term
        flat.extend(factor.parts if isinstance(factor, Product) else (factor,))
    if not flat:
        return Constant(1 if weight is None else weight)
    term = flat[0] if len(flat) == 1 else Product(tuple(flat))
    return term if weight is None else Scaled(Constant(weight), term)


def _factor(part: Objective) -> str:
    return f"({part!r})" if isinstance(part, (Sum, Scaled)) else repr(part)


def _term(part: Objective, *, first: bool = False) -> str:
    """Return `part` as code, with the sign that it has in a sum."""
    if isinstance(part, Constant):
        negative, text = math.copysign(1, part.value) < 0, repr(abs(part.value))
    elif isinstance(part, Scaled):
        weight = part.weight.value
        negative = math.copysign(1, weight) < 0
        inner = f"({part.term!r})" if isinstance(part.term, Sum) else repr(part.term)
        text = inner if weight == -1 else f"{abs(weight)!r} * {inner}"
    else:
        negative, text = False, repr(part)
    if first:
        return f"-{text}" if negative else text
    return f" - {text}" if negative else f" + {text}"


__all__ = ["Compound", "Constant", "Objective", "Product", "Scaled", "Sum", "read_text_with"]
