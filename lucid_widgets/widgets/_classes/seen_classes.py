"""`SeenClasses`: computes which classes a network sees in the images that a page shows, and publishes them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from lucid_widgets.errors import ArgumentError, ModelError, whole_number
from lucid_widgets.frames import FloatArray
from lucid_widgets.modelzoo.vision_models import Model
from lucid_widgets.optvis.classification import TOP, class_probabilities, most_probable
from lucid_widgets.runner import call_soon
from lucid_widgets.widgets._core.background import weakly
from lucid_widgets.widgets._core.commands import Command
from lucid_widgets.widgets._core.part import Part

if TYPE_CHECKING:
    from lucid_widgets.widgets._core.base import LucidBase

Key = tuple[int, int]
"""Two numbers that name an image of the widget, such as run and step. An image that has a key never changes."""

Rows = list[list[list[Any]]]

_MAX_KNOWN = 256
"""Most images whose classes are kept."""

_MAX_ROWS = 64
"""Most rows that are published. The state of the widget, which saved notebooks contain, stays small."""


class SeenClasses(Part):
    """Answers the pages that ask for the classes of an image.

    This class is abstract. `RunClasses` and `CellClasses` say which images have keys. The widget needs `ClassTraits`.

    Networks are never run on the thread of a message, which holds the lock: `look` runs on the worker, between two
    turns, or on a thread that waits for the run.
    """

    def __init__(self, widget: LucidBase) -> None:
        super().__init__(widget)
        self._known: OrderedDict[Key, Rows] = OrderedDict()
        self._looking = threading.Lock()

    def commands(self) -> Mapping[str, Command]:
        return {"classes": self._ask}

    def close(self) -> None:
        self._known.clear()

    @property
    def wanted(self) -> bool:
        """Whether classes should be computed."""
        widget: Any = self.widget
        return bool(widget.show_classes and widget._class_rows and not widget._closed)

    def found(self, key: Key) -> tuple[Model, FloatArray] | None:
        """The images with a key and the network to ask, or None if there are none any more. Needs the lock."""
        raise NotImplementedError

    def look(self, key: Key) -> None:
        """Publish the classes of the images with a key. Called without the lock."""
        with self._looking:
            with self.lock:
                found = self.found(key) if self.wanted else None
            if found is None:
                return
            rows = self._known.get(key)
            self._known[key] = _rows(*found) if rows is None else rows
            self._known.move_to_end(key)
            while len(self._known) > _MAX_KNOWN:
                self._known.popitem(last=False)
            with self.lock:
                if self.wanted:
                    self.widget._publish(_classes=self._newest())

    def _newest(self) -> list[dict[str, Any]]:
        chosen: list[dict[str, Any]] = []
        for key, rows in reversed(self._known.items()):
            if chosen and sum(len(each["rows"]) for each in chosen) + len(rows) > _MAX_ROWS:
                break
            chosen.append({"key": list(key), "rows": rows})
        return chosen[::-1]

    def _ask(self, key: list[int]) -> None:
        if len(key) != 2:
            raise ArgumentError(f"The images have the key {key}.", "Expected two whole numbers.")
        first, second = (whole_number("key", each, 0) for each in key)
        look = weakly(self.look)
        call_soon(lambda: look((first, second)))


def _rows(model: Model, images: FloatArray) -> Rows:
    """The rows of a batch: the mean if there are several images, then each image. Empty if there are no classes."""
    try:
        each = class_probabilities(model, images)
    except ModelError:  # no classes at this image size
        return []
    if not np.isfinite(each).all():
        return []
    several = [each.mean(0), *each] if len(each) > 1 else list(each)
    return [
        [[one.index, one.label, round(one.probability, 4)] for one in most_probable(model, probabilities, TOP)]
        for probabilities in several
    ]


__all__ = ["Key", "SeenClasses"]
