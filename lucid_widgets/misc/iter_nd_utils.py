"""Utilities for nested sequences, sparse arrays and batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from lucid_widgets.errors import ArgumentError, whole_number

__all__ = ["batch_iter", "dict_to_ndarray", "recursive_enumerate_nd"]


_T = TypeVar("_T")


def recursive_enumerate_nd(
    it: Iterable[Any], stop_iter: Callable[[Any], bool] | None = None, prefix: tuple[int, ...] = ()
) -> Iterator[tuple[tuple[int, ...], Any]]:
    """Enumerate the items of nested sequences.

    Args:
        it: A sequence of items or of further sequences.
        stop_iter: Returns true for iterables that should be treated as items. Strings and bytes always are.
        prefix: Prepended to each index.

    Returns:
        An iterator of pairs: the indices of an item, and the item.

    Example:
        >>> list(recursive_enumerate_nd([["a"], ["b", "c"]]))
        [((0, 0), 'a'), ((1, 0), 'b'), ((1, 1), 'c')]

    Source: Lucid's `iter_nd_utils.recursive_enumerate_nd`.
    """
    for index, thing in enumerate(it):
        place = (*prefix, index)
        if not _holds_things(thing) or (stop_iter is not None and stop_iter(thing)):
            yield place, thing
        else:
            yield from recursive_enumerate_nd(thing, stop_iter, place)


def dict_to_ndarray(d: Mapping[tuple[int, ...], npt.ArrayLike]) -> npt.NDArray[Any]:
    """Return an array of the values of a dictionary, with zeros at missing indices.

    Args:
        d: Maps tuples of indices, all of one length, to arrays of one shape.

    Returns:
        `[largest first index + 1, largest second index + 1, ..., *shape]`.

    Raises:
        ArgumentError: If the dictionary is empty, or lengths or shapes differ.

    Source: Lucid's `iter_nd_utils.dict_to_ndarray`.
    """
    values = {place: np.asarray(value) for place, value in d.items()}
    shapes, lengths = {value.shape for value in values.values()}, {len(place) for place in values}
    if len(shapes) != 1 or len(lengths) != 1:
        raise ArgumentError(
            f"dict_to_ndarray received {len(shapes)} shapes and indices of {len(lengths)} lengths.",
            "Expected arrays of one shape, under tuples of one length.",
        )
    size = np.max([*values], axis=0) + 1
    result = np.zeros((*size, *shapes.pop()), np.result_type(*values.values()))
    for place, value in values.items():
        result[place] = value
    return result


def batch_iter(it: Iterable[_T], batch_size: int = 64) -> Iterator[list[_T]]:
    """Yield lists of `batch_size` items; the last may be shorter.

    Source: Lucid's `iter_nd_utils.batch_iter`. (For a list, Lucid's never ends.)
    """
    size, rest = whole_number("batch_size", batch_size, 1), iter(it)
    while batch := list(islice(rest, size)):
        yield batch


def _holds_things(thing: Any) -> bool:
    # A zero-dimensional array is an instance of Iterable.
    return isinstance(thing, Iterable) and not isinstance(thing, (str, bytes)) and getattr(thing, "shape", None) != ()
