"""`Objective`: what is to be maximized, as an immutable tree of terms.

A tree is made with `+ - *` from leaves (`objectives.channel(...)` and its like) and numbers. It can do three things:

- compute its value from a network's tensors: `objective(T)`;
- be split into structure and numbers: channel indices and weights can be fed to a compiled step as tensors, so that
  changing a number never compiles anything again;
- be written: `repr(objective)` is Python that makes it again, and `expression.parse` reads it back.

Sums and products are kept flat and weights in front, so that equal formulas are equal trees.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import reduce
from operator import add
from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.modelzoo.vision_base import T


class Objective:
    """A quantity to maximize.

    Args:
        objective_func: A function `T -> scalar tensor`, where `T("mixed4a")` is the tensor of a layer and `T("input")`
            the image.
        name: A short name.
        description: A longer one.

    Example:
        >>> objective = objectives.channel("mixed4a", 152) - 0.5 * objectives.channel("mixed4a", 30)
        >>> brightness = Objective(lambda T: tf.reduce_mean(T("input")), "brightness")

    Source: Lucid's `objectives.Objective`.
    """

    # NumPy's arrays would add an objective to each of their numbers.
    __array_ufunc__ = None

    def __init__(self, objective_func: Callable[[T], Any], name: str = "", description: str = "") -> None:
        self.objective_func = objective_func
        self.name = name
        self.description = description

    # What subclasses define.

    @property
    def numbers(self) -> tuple[Any, ...]:
        """The numbers in the tree that can change without changing what has to be compiled, from left to right."""
        return ()

    @property
    def structure(self) -> Hashable:
        """What has to be compiled: the tree without its numbers."""
        return hashable(self.objective_func)

    def evaluate(self, T: T, numbers: Iterator[Any]) -> Any:
        """The value, with `numbers` (tensors, say) in place of the tree's own."""
        return self.objective_func(T)

    def leaves(self) -> Iterator[Objective]:
        """The terms that are no sums, products or weights, from left to right."""
        yield self

    def validate(self, model: Any, batch: int | None = None) -> None:
        """Checks the tree against a model before anything is compiled.

        Args:
            model: Has the layers that the tree names.
            batch: Number of images, where that is known.

        Raises:
            UnknownNameError: For a layer that the model does not have.
            OutOfRangeError: For a channel or batch index that does not exist.
        """
        for leaf in self.leaves():
            if leaf is not self:
                leaf.validate(model, batch)

    # What all trees can do.

    def __call__(self, T: T) -> Any:
        return self.evaluate(T, iter(self.numbers))

    def __add__(self, other: Objective | float) -> Objective:
        term = _lifted(other)
        return NotImplemented if term is None else _sum((self, term))

    def __radd__(self, other: float) -> Objective:
        term = _lifted(other)
        return NotImplemented if term is None else _sum((term, self))

    def __sub__(self, other: Objective | float) -> Objective:
        term = _lifted(other)
        return NotImplemented if term is None else _sum((self, -term))

    def __rsub__(self, other: float) -> Objective:
        term = _lifted(other)
        return NotImplemented if term is None else _sum((term, -self))

    def __mul__(self, other: Objective | float) -> Objective:
        term = _lifted(other)
        return NotImplemented if term is None else _product((self, term))

    def __rmul__(self, other: float) -> Objective:
        term = _lifted(other)
        return NotImplemented if term is None else _product((term, self))

    def __truediv__(self, other: float) -> Objective:
        divisor = _lifted(other)
        if not isinstance(divisor, Constant):
            return NotImplemented
        if divisor.value == 0:
            raise ArgumentError("An objective cannot be divided by zero.")
        return self * (1 / divisor.value)

    def __neg__(self) -> Objective:
        return _product((Constant(-1), self))

    def __pos__(self) -> Objective:
        return self

    @staticmethod
    def sum(objs: Iterable[Objective]) -> Objective:
        """The sum of objectives, as the builtin `sum` makes it."""
        terms = list(objs)
        if not terms:
            raise ArgumentError("The sum of no objectives is nothing to maximize.", "Expected at least one.")
        return reduce(add, terms)

    def __repr__(self) -> str:
        return f"Objective({self.name or getattr(self.objective_func, '__name__', 'objective')})"


class Constant(Objective):
    """A number as a term. Comes up inside sums only: users write plain numbers."""

    def __init__(self, value: float) -> None:
        try:
            finite = math.isfinite(value)
        except OverflowError:  # a whole number beyond what a float can hold
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
    """What sums, products and weighted terms share: `parts`, and all that follows from them."""

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
    """Two or more terms, none of them a sum."""

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
    """Two or more factors, none of them a product or a number."""

    symbol = "*"

    def evaluate(self, T: T, numbers: Iterator[Any]) -> Any:
        values = [part.evaluate(T, numbers) for part in self.parts]
        return reduce(lambda a, b: a * b, values)

    def __repr__(self) -> str:
        return " * ".join(map(_factor, self.parts))


class Scaled(Compound):
    """A number times a term that is neither a number nor itself scaled."""

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


class _Itself:
    """Stands for a value that cannot be hashed, and equals only what stands for the same one."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and self.value is other.value

    def __hash__(self) -> int:
        return id(self.value)


def hashable(value: Any) -> Hashable:
    """What stands for `value` where things are told apart: sequences and arrays by their content, else the value."""
    if isinstance(value, (list, tuple)):
        return tuple(map(hashable, value))
    if isinstance(value, np.ndarray):
        return (value.shape, str(value.dtype), value.tobytes())
    try:
        hash(value)
    except TypeError:
        return _Itself(value)
    return value


def _lifted(value: Any) -> Objective | None:
    """`value` as an objective: numbers of any kind become constants; None for what is neither."""
    if isinstance(value, Objective):
        return value
    if isinstance(value, numbers.Integral) and not isinstance(value, bool):
        return Constant(int(value))
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        return Constant(float(value))
    return None


def _sum(terms: Sequence[Objective]) -> Objective:
    flat: list[Objective] = []
    for term in terms:
        flat.extend(term.parts if isinstance(term, Sum) else (term,))
    constants = [term for term in flat if isinstance(term, Constant)]
    total = Constant(sum(term.value for term in constants))
    if len(constants) == len(flat):
        return total
    # Numbers are gathered where the first stood; a zero is dropped, as the builtin sum() drops its own.
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
    """`part` as it stands in a sum, with its sign."""
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
