"""`Query`: a search for units by words, and by figures that real images tell of them."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lucid_widgets.errors import ArgumentError, unknown_name

FIGURES = ("strength", "selectivity", "sparsity")
"""What units can be compared by. The pages of the grid and of the site know the same names."""

# A word, a comparison and what follows it. Text such as "<b>" is no comparison.
_COMPARISON = re.compile(r"(?<!\S)([^\W\d]+)\s*(<=|>=|<|>)\s*(\S*)")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", re.IGNORECASE)
_OPERATORS: Mapping[str, Callable[[Any, float], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Comparison:
    """What a figure must be.

    Args:
        figure: One of `FIGURES`.
        than: "<", "<=", ">" or ">=".
        value: The number on the right.
    """

    figure: str
    than: str
    value: float

    def holds(self, figures: np.ndarray) -> np.ndarray:
        """Return where it holds, bool. It holds nowhere for NaN."""
        return np.asarray(_OPERATORS[self.than](figures, self.value))

    def first(self, figures: np.ndarray) -> np.ndarray:
        """Return numbers whose ascending order lists the largest figure first after >, the smallest first after <."""
        return figures if self.than.startswith("<") else -figures


@dataclass(frozen=True)
class Query:
    """A search.

    Args:
        words: What the layer or the label of a unit contains, or its channel; in lower case.
        comparisons: What holds for its figures.
    """

    words: tuple[str, ...]
    comparisons: tuple[Comparison, ...]

    @classmethod
    def parse(cls, text: str) -> Query:
        """Return the search that a text describes.

        >>> Query.parse("Mixed4a:12 selectivity>.8")
        Query(words=('mixed4a', '12'), comparisons=(Comparison(figure='selectivity', than='>', value=0.8),))

        Raises:
            ArgumentError: A comparison has no number.
            UnknownNameError: There is no such figure.
        """
        comparisons = []
        for name, than, number in _COMPARISON.findall(text):
            if name.lower() not in FIGURES:
                raise unknown_name("figure", name, "A search", FIGURES)
            if not _NUMBER.fullmatch(number):
                raise ArgumentError(
                    f"'{name} {than} {number}' compares with no number.", f"Expected one, such as '{name} {than} 0.8'."
                )
            comparisons.append(Comparison(name.lower(), than, float(number)))
        words = _COMPARISON.sub(" ", text).lower().replace(":", " ").split()
        return cls(tuple(words), tuple(comparisons))

    def channels(
        self, layer: str, count: int, labels: Sequence[str], figures: Callable[[str], np.ndarray | None]
    ) -> list[int]:
        """Return the channels of a layer that match.

        A word of digits is a channel, unless the layer's whole name is that.

        Args:
            layer: Name of the layer.
            count: Number of its channels.
            labels: Labels of the channels; empty if there are none.
            figures: Returns a figure of each channel, float64 `[channels]`; None if it is unknown.
        """
        name = layer.lower()
        rest = [word for word in self.words if word != name and (word.isdigit() or word not in name)]
        known = [str(label).lower() for label in labels]
        found = np.array(
            [
                all(word == str(channel) or bool(known and word in known[channel]) for word in rest)
                for channel in range(count)
            ],
            bool,
        )
        for comparison in self.comparisons:
            values = figures(comparison.figure)
            found &= False if values is None else comparison.holds(values)
        return [int(channel) for channel in np.flatnonzero(found)]


__all__ = ["FIGURES", "Comparison", "Query"]
