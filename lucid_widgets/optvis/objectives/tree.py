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
from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import cached_property, partial, reduce
from operator import add
from types import FunctionType, MethodType
from typing import Any

import tensorflow as tf

from lucid_widgets.errors import ArgumentError, OperandError
from lucid_widgets.modelzoo.vision_base import T
from lucid_widgets.optvis.chain import Chain
from lucid_widgets.optvis.objectives.arguments import hashable


class Objective:
    """A quantity to maximize.

    Objectives are added, subtracted, multiplied, and weighted with numbers. Each operation returns a new objective.
    A function of `T` can take the place of one operand.

    Args:
        objective_func: A function `T -> scalar tensor`. `T("mixed4a")` is the tensor of a layer, `T("input")` the image
            before transforms, `[batch, height, width, channels]` in [0, 1], `T("labels")` the list of class names, and
            `T("global_step")` the number of the step, from 0, a scalar int64 tensor.
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
        return NotImplemented if term is None else _sum(self, term)

    def __radd__(self, other: Callable[[T], Any] | float) -> Objective:
        term = _lifted(other)
        return NotImplemented if term is None else _sum(term, self)

    def __sub__(self, other: Objective | Callable[[T], Any] | float) -> Objective:
        term = _lifted(other)
        return NotImplemented if term is None else _sum(self, -term)

    def __rsub__(self, other: Callable[[T], Any] | float) -> Objective:
        term = _lifted(other)
        return NotImplemented if term is None else _sum(term, -self)

    def __mul__(self, other: Objective | Callable[[T], Any] | float) -> Objective:
        term = _lifted(other)
        return NotImplemented if term is None else _product(self, term)

    def __rmul__(self, other: Callable[[T], Any] | float) -> Objective:
        term = _lifted(other)
        return NotImplemented if term is None else _product(term, self)

    def __truediv__(self, other: float) -> Objective:
        divisor = _lifted(other)
        if not isinstance(divisor, Constant):
            return NotImplemented
        if divisor.value == 0:
            raise ArgumentError("An objective cannot be divided by zero.", "Expected another number.")
        return self * (1 / divisor.value)

    def __neg__(self) -> Objective:
        return _product(Constant(-1), self)

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

    @cached_property
    def parts(self) -> tuple[Objective, ...]:
        """The objectives and numbers inside, from left to right."""
        raise NotImplementedError

    @cached_property
    def name(self) -> str:  # type: ignore[override]  # found when it is first needed: a sum of many terms passes through many sums
        return self._named[0].name

    @cached_property
    def description(self) -> str:  # type: ignore[override]
        return self._named[0].description

    @property
    def _named(self) -> list[Objective]:
        return [part for part in self.parts if not isinstance(part, Constant)]

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
    """At least two terms, none of which is a sum.

    Args:
        terms: The terms that are not numbers.
        number: The number among the terms, if there is one.
        place: How many other terms come before the number.
    """

    symbol = "+"

    def __init__(self, terms: Chain[Objective], number: Constant | None = None, place: int = 0) -> None:
        self.terms, self.number, self.place = terms, number, place

    @cached_property
    def parts(self) -> tuple[Objective, ...]:
        parts = self.terms.flat()
        if self.number is not None:
            parts.insert(self.place, self.number)
        return tuple(parts)

    @cached_property
    def name(self) -> str:  # type: ignore[override]
        return ", ".join(part.name for part in self._named)

    @cached_property
    def description(self) -> str:  # type: ignore[override]
        described = [part.description for part in self._named]
        return described[0] if len(described) == 1 else "Sum({})".format(" +\n".join(described))

    def evaluate(self, T: T, numbers: Iterator[Any]) -> Any:
        values = [part.evaluate(T, numbers) for part in self.parts]
        return reduce(add, values)

    def __repr__(self) -> str:
        first, *rest = self.parts
        return _term(first, first=True) + "".join(_term(part) for part in rest)


class Product(Compound):
    """At least two factors, none of which is a product or a number."""

    symbol = "*"

    def __init__(self, factors: Chain[Objective]) -> None:
        self.factors = factors

    @cached_property
    def parts(self) -> tuple[Objective, ...]:
        return tuple(self.factors.flat())

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

    @cached_property
    def parts(self) -> tuple[Objective, ...]:
        return self.weight, self.term

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
            "Expected an objective, text such as 'layer:3', a number, or a function of T.",
        )
    return None


def _sum(left: Objective, right: Objective) -> Objective:
    a, b = _as_sum(left), _as_sum(right)
    terms = a.terms.then(b.terms)
    # Numbers are added up in the place of the first. A zero is dropped, such as the one that the built-in sum() adds.
    number, place = (a.number, a.place) if a.number is not None else (b.number, a.terms.count + b.place)
    if a.number is not None and b.number is not None:
        number = Constant(a.number.value + b.number.value)
    if number is not None and not number.value and terms.count:
        number = None
    if number is None and terms.count == 1:
        return terms.flat()[0]
    return Sum(terms, number, place) if terms.count or number is None else number


def _as_sum(term: Objective) -> Sum:
    if isinstance(term, Sum):
        return term
    return Sum(Chain(), term) if isinstance(term, Constant) else Sum(Chain(term, 1))


def _product(left: Objective, right: Objective) -> Objective:
    weight: float | None = None
    factors: Chain[Objective] = Chain()
    for factor in (left, right):
        if isinstance(factor, (Constant, Scaled)):
            value = factor.value if isinstance(factor, Constant) else factor.weight.value
            weight = value if weight is None else weight * value
        inner = factor.term if isinstance(factor, Scaled) else factor
        if not isinstance(inner, Constant):
            factors = factors.then(inner.factors if isinstance(inner, Product) else Chain(inner, 1))
    if not factors.count:
        return Constant(1 if weight is None else weight)
    term = factors.flat()[0] if factors.count == 1 else Product(factors)
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
