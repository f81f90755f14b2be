"""Sources without random access: generators of known length, and `tf.data.Dataset`; and those of other libraries."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from lucid_widgets.errors import ArgumentError
from lucid_widgets.images.decoding import as_rgb, fitted
from lucid_widgets.images.sources import Size, digest
from lucid_widgets.misc.io.serialize_array import UInt8Array

__all__ = ["HuggingFace", "Stream", "of_tf_data"]

_HASHED = 8
_KEPT = 256


class Stream:
    """Images that can only be read one after the other, from the first.

    Reading goes on from the image that was read last. An image before it is read again from the start, unless it is
    among the last few hundred.

    Args:
        start: Begins to read: returns an iterator of images.
        length: Number of images.
        labels: Their labels, or None.
        fingerprint: A text that identifies the images; default: a hash of the number and of the first few.
    """

    def __init__(
        self,
        start: Callable[[], Iterable[Any]],
        length: int,
        labels: Sequence[str] | None,
        fingerprint: str | None = None,
    ) -> None:
        self._start, self._given = start, fingerprint
        self.ids = tuple(str(index) for index in range(length))
        self.labels = None if labels is None else tuple(labels)
        self._reading = threading.Lock()
        self._iterator: Iterator[Any] = iter(())
        self._next = length
        self._recent: OrderedDict[int, UInt8Array] = OrderedDict()

    @cached_property
    def fingerprint(self) -> str:
        """Hash of the length, the labels and the first images, or the text that was given."""
        if self._given is not None:
            return digest("stream", len(self.ids), self.labels, self._given)
        first = [self.read(index, None) for index in range(min(_HASHED, len(self.ids)))]
        return digest("stream", len(self.ids), self.labels, *first)

    def read(self, index: int, size: Size) -> UInt8Array:
        with self._reading:
            if index not in self._recent:
                self._read_on(index)
            found: UInt8Array = fitted(self._recent[index], size)
            return found

    def _read_on(self, index: int) -> None:
        if index < self._next:
            self._iterator, self._next = iter(self._start()), 0
        while self._next <= index:
            try:
                image = next(self._iterator)
            except StopIteration:
                self._next = len(self.ids)
                raise ArgumentError(
                    f"The images ended after {index} of {len(self.ids)}.", "Pass the right length."
                ) from None
            number, self._next = self._next, self._next + 1
            if number <= index - _KEPT:
                continue
            self._recent[number] = as_rgb(image)
            while len(self._recent) > _KEPT:
                self._recent.popitem(last=False)


class HuggingFace:
    """A `datasets.Dataset` of Hugging Face.

    Args:
        dataset: The data set, or anything with a length whose items are dicts.
        image: Name of the column with the images.
        label: Name of the column with the labels, or None.
    """

    def __init__(self, dataset: Any, image: str, label: str | None) -> None:
        self._dataset, self._image = dataset, image
        self.ids = tuple(str(index) for index in range(len(dataset)))
        self.labels = None if label is None else _column(dataset, label)

    @cached_property
    def fingerprint(self) -> str:
        """The fingerprint that the library keeps, or a hash of the first images."""
        known = getattr(self._dataset, "_fingerprint", None)
        if known is not None:
            return digest("hugging face", known, self._image, self.labels)
        first = [self.read(index, None) for index in range(min(_HASHED, len(self.ids)))]
        return digest("hugging face", len(self.ids), self.labels, *first)

    def read(self, index: int, size: Size) -> UInt8Array:
        found: UInt8Array = fitted(as_rgb(self._dataset[index][self._image]), size)
        return found


def _column(dataset: Any, name: str) -> tuple[str, ...]:
    names = getattr(getattr(dataset, "features", {}).get(name), "names", None)
    values = [each[name] for each in dataset] if not hasattr(dataset, "column_names") else dataset[name]
    return tuple(str(names[value]) if names else str(value) for value in values)


def of_tf_data(
    dataset: Any, labels: Sequence[str] | None, length: int | None, fingerprint: str | None
) -> tuple[Stream, bool]:
    """Return the images of a `tf.data.Dataset`, and whether its elements are batches.

    Args:
        dataset: Elements are images, batches of images, or tuples or dicts that begin with one.
        labels: Names of the classes, for elements that hold the index of a class as well.
        length: Number of images; default: what the data set says. A data set of batches is read once to count them.
        fingerprint: As for `Stream`.

    Raises:
        ArgumentError: If the number of images is unknown.
    """
    spec = dataset.element_spec
    parts = list(spec.values()) if isinstance(spec, dict) else list(spec) if isinstance(spec, (tuple, list)) else [spec]
    rank = getattr(parts[0], "shape", None)
    batched = rank is not None and rank.rank == 4
    if length is None and not batched:
        count = int(dataset.cardinality())
        if count < 0:
            raise ArgumentError("The number of images in the dataset is unknown.", "Pass length=.")
        length = count

    def elements() -> Iterator[list[Any]]:
        for element in dataset.as_numpy_iterator():
            values = list(element.values()) if isinstance(element, dict) else element
            row = list(values) if isinstance(values, (tuple, list)) else [values]
            yield from (list(each) for each in zip(*row, strict=True)) if batched else [row]

    found: list[Any] | None = None
    if len(parts) > 1 or length is None:
        # One look at the whole data set, for the labels and the number.
        rows = [row[1] if len(row) > 1 else None for row in elements()]
        length = len(rows) if length is None else length
        found = rows if len(parts) > 1 else None
    names = None if found is None else [_label(value, labels) for value in found[:length]]
    return Stream(lambda: (row[0] for row in elements()), length, names, fingerprint), batched


def _label(value: Any, names: Sequence[str] | None) -> str:
    values: Any = np.asarray(value)
    if values.ndim == 1 and values.size > 1:  # one-hot
        values = values.argmax()
    if names is not None:
        return str(names[int(values)])
    single = values.item()
    return single.decode() if isinstance(single, bytes) else str(single)
