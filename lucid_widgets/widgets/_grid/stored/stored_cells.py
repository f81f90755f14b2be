"""`StoredCells`: images of a grid that `render_model` has stored. Needs neither TensorFlow nor the network."""

from __future__ import annotations

import importlib
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from lucid_widgets.errors import ArgumentError, unknown_name
from lucid_widgets.evidence.index import ActivationIndex
from lucid_widgets.frames import Frame
from lucid_widgets.microscope import Microscope
from lucid_widgets.misc.io.serialize_array import UInt8Array
from lucid_widgets.runner import Status
from lucid_widgets.widgets._core.commands import error_report
from lucid_widgets.widgets._core.part import Part
from lucid_widgets.widgets._core.traits import IMAGE_SIZE_MIN
from lucid_widgets.widgets._grid.cell_source import Chosen, units_of
from lucid_widgets.widgets._grid.cells import Cells, on_squares
from lucid_widgets.widgets._grid.grid_traits import IMAGE_SIZE_MAX
from lucid_widgets.widgets._grid.live_grid import LiveGrid
from lucid_widgets.widgets._grid.real_cells import GivenIndex, RealCells
from lucid_widgets.widgets._grid.stored.store_questions import StoreQuestions

if TYPE_CHECKING:
    from lucid_widgets.widgets.feature_grid import FeatureGrid

SHORTEST_SECONDS, LONGEST_SECONDS = 2.0, 60.0
"""Time between two looks at a store that is not complete. It doubles while there is nothing new."""

_AT_ONCE = 64  # images that are read between two messages to the page
_FIRST_SECONDS = 1.0
# What the store decides.
_FIXED = ("kind", "image_size", "steps", "seed")


class StoredCells(Part):
    """Fills the cells of a grid from a store, also while it is being written.

    A thread reads the store. It ends when the store is complete, and with the grid.

    Args:
        widget: The owner.
        live: Shows the cells.
        store: The store.
        model: The network, or what `as_model` accepts, with which `LucidWidget` opens units; None for none.
        images: An `ActivationIndex`; None for none.
    """

    widget: FeatureGrid

    def __init__(self, widget: FeatureGrid, live: LiveGrid, store: Microscope, *, model: Any, images: Any) -> None:
        super().__init__(widget)
        if images is not None and not isinstance(images, ActivationIndex):
            raise ArgumentError(
                f"images is of type {type(images).__name__!r}.", "A stored grid takes an ActivationIndex."
            )
        self._live, self._store, self._given_model = live, store, model
        self.real = widget._own(RealCells(widget, partial(GivenIndex, widget, images), given=images))
        widget._own(StoreQuestions(widget, lambda: self._store, images))
        # The checksums of the images in the cells, by channel, for the cells with this id.
        self._has: tuple[int, dict[int, str]] = (0, {})
        self._wake, self._rested = threading.Event(), threading.Event()
        self._pause = SHORTEST_SECONDS
        # Whether the store must be read again, and the error of the last look.
        self._stale = False
        self._error: Exception | None = None
        widget._publish(model_name=store.model, layers=[_layer(store, name) for name in store.layers])
        self._publish_store()

    def close(self) -> None:
        self._wake.set()

    @property
    def model(self) -> Any:
        """The network that was passed; None if there is none."""
        return self._given_model

    @property
    def store(self) -> Microscope:
        """The store, as it was last read."""
        return self._store

    def first(self, layer: str | None, variant: str | None) -> dict[str, Any]:
        """The traits `layer` and `variant` of a new grid, where the caller has not passed them."""
        store = self._store
        if not store.layers:
            raise ArgumentError(f"{store.path} has no layer yet.", "Run render_model first.")
        begun = [name for name in store.layers if store.finished(name).any()]
        usual = (begun or store.layers)[0]
        return {
            "layer": usual if layer is None else layer,
            "variant": store.variants[0] if variant is None else variant,
        }

    def chosen(self, traits: dict[str, Any], after: Mapping[str, Any]) -> Chosen:
        for name in _FIXED:
            if name in traits and traits[name] != getattr(self.widget, name):
                raise ArgumentError(f"{name} cannot be changed.", "This grid shows stored images; render others.")
        store, layer, variant = self._store, after["layer"], after["variant"]
        if layer not in store.layers:
            raise unknown_name("layer", layer, "This store", store.layers)
        if variant not in store.variants:
            raise unknown_name("variant", variant, "This store", store.variants)
        units = units_of(layer, store.channels(layer), after["channels"])
        about = store.settings(layer, variant)
        size = min(max(*store.image_size(layer), IMAGE_SIZE_MIN), IMAGE_SIZE_MAX)
        more: dict[str, Any] = {name: about[name] for name in ("kind", "seed", "steps") if name in about}
        return Chosen({**traits, **more, "image_size": size}, units, list(store.labels(layer)), size)

    def start(self) -> None:
        """Begin to read the store. Returns once the first images are there, or after a second."""
        # The thread does not keep the grid alive. It wakes up when the grid is gone.
        reference = weakref.ref(self, lambda _: wake.set())
        wake = self._wake
        name = "lucid-widgets-store"
        threading.Thread(target=_follow, args=(reference, wake), name=name, daemon=True).start()
        self._rested.wait(_FIRST_SECONDS)

    def shown(self) -> None:
        self._rested.clear()
        self._wake.set()

    def frames(self, cells: Cells) -> Iterable[Frame]:
        return ()

    def run(self) -> None:
        """Read the store again now."""
        with self.lock:
            self.widget._refuse_if_closed()
            self._stale, self._pause = True, SHORTEST_SECONDS
            self.shown()

    def wait(self, timeout: float | None, verbose: bool) -> Status:
        """Wait until the cells show what the store had when it was last read."""
        self._rested.wait(timeout)
        self.widget._settle()
        if self._error is not None:
            raise self._error
        return self.widget.status

    def workbench(self, unit: int) -> tuple[Any, Callable[[], Any]]:
        if self._given_model is None:
            raise ArgumentError(
                "This grid has no network to open the channel with.",
                f'Pass one: FeatureGrid.open("{self._store.path}", model=...).',
            )
        widget = self.widget
        made = importlib.import_module("lucid_widgets.widgets.lucid_widget").LucidWidget
        record = self._store.record((widget.layer, unit), widget.variant)
        shared: dict[str, Any] = {"seed": widget.seed, "images": self.real.images, "microscope": self._store}
        return record["objective"], partial(made, self._given_model, record["objective"], **shared)

    # Filling, on the thread.

    def look(self, *, again: bool) -> float | None:
        """Fill the cells with what the store has by now.

        Args:
            again: Whether to read the store's records again.

        Returns:
            Seconds until the next look; None if there is nothing to wait for.
        """
        began = time.monotonic()
        try:
            news = self._fill(again=again or self._stale)
        except Exception as error:  # of the disk or of the connection: the next look may succeed
            self._error, self._stale = error, True
            self._tell(self._live.cells)
            self._rested.set()
            return LONGEST_SECONDS
        self._error = None
        self._tell(self._live.cells)
        self._rested.set()
        self._live.settle_soon()
        if self._store.complete:
            return None
        self._pause = SHORTEST_SECONDS if news else min(2 * self._pause, LONGEST_SECONDS)
        return max(self._pause, 10 * (time.monotonic() - began))

    def _fill(self, *, again: bool) -> bool:
        """Read what the cells lack. Return whether there was anything."""
        if again:
            self._stale = False
            store = self._store.again()
            with self.lock:
                self._store = store
        with self.lock:
            store, cells = self._store, self._live.cells
            layer, variant = self.widget.layer, self.widget.variant
            if self._has[0] != cells.id:
                self._has = cells.id, {}
            has = self._has[1]
        for unit, reason in store.failed(layer, variant).items():
            place = cells.place_of(unit)
            if place is not None and cells.failures.get(place) != reason:
                cells.fail(unit, reason)
        checksums = store.checksums(layer, variant)
        missing = [unit for unit in cells.in_order() if unit in checksums and has.get(unit) != checksums[unit]]
        for begin in range(0, len(missing), _AT_ONCE):
            units = missing[begin : begin + _AT_ONCE]
            images = store.images(layer, variant, channels=np.array(units))
            values = store.values(layer, variant, channels=np.array(units))
            cells.finish(units, _fitted(images, cells.size), values.tolist())
            has.update({unit: checksums[unit] for unit in units})
            if not self._tell(cells):
                break
        return bool(missing)

    def _tell(self, cells: Cells) -> bool:
        """Send new images to the page. Return whether the grid still shows these cells."""
        with self.lock:
            if self.widget._closed or self._live.cells is not cells:
                return False
            self._publish_store()
            error = self._error
            self.widget._publish(error={} if error is None else error_report(error))
            whole = cells.done == len(cells)
            self._live.publish_filled("done" if whole else "idle" if error is None else "error")
        return True

    def _publish_store(self) -> None:
        """Publish what the page shows of the store. Needs the lock."""
        store = self._store
        done, total = store.counts
        about = {
            "name": store.path.rpartition("/")[2] or store.path,
            "variants": list(store.variants),
            "done": done,
            "total": total,
            "opens": self._given_model is not None,
        }
        if about != self.widget._store:
            self.widget._publish(_store=about)


def _follow(reference: weakref.ref[StoredCells], wake: threading.Event) -> None:
    """Look at a store whenever there may be something new in it, while its grid is there."""
    again = False
    while True:
        part = reference()
        if part is None or part.widget._closed:
            return
        wake.clear()
        pause = part.look(again=again)
        del part
        again = not wake.wait(pause)


def _layer(store: Microscope, name: str) -> dict[str, Any]:
    """A layer as the page lists it. A store does not know its share of compute."""
    return {"name": name, "kind": "", "channels": store.channels(name), "share": None}


def _fitted(images: UInt8Array, size: int) -> UInt8Array:
    """Images as squares of a size, reduced if they are larger."""
    squares = on_squares(images, size)
    if squares.shape[1] == size:
        return squares
    small = [Image.fromarray(each).resize((size, size), Image.Resampling.LANCZOS) for each in squares]
    return np.stack([np.asarray(each) for each in small])


__all__ = ["StoredCells"]
