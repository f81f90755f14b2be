"""`StoredImage`: the image of a unit from a store, until a run shows its own."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from lucid_widgets.errors import ArgumentError
from lucid_widgets.frames import Frame
from lucid_widgets.microscope import Microscope
from lucid_widgets.modelzoo.survey.fingerprint import fingerprint
from lucid_widgets.widgets._canvas.live_run import LiveRun
from lucid_widgets.widgets._core.background import weakly
from lucid_widgets.widgets._core.base import LucidBase
from lucid_widgets.widgets._core.part import Part


class StoredImage(Part):
    """Shows what a store has of the current objective, while there is no run.

    Args:
        widget: The owner. It needs `LucidWidget`'s trait `expression`.
        live: Shows the image.
        run: Has the network and the objective.
        store: A `Microscope`, or the path or URL of a store; None for none.
    """

    def __init__(self, widget: LucidBase, *, live: LiveRun, run: Any, store: Any) -> None:
        super().__init__(widget)
        self._live, self._run = live, run
        self._store = Microscope.open(store) if isinstance(store, (str, os.PathLike)) else store
        if self._store is None:
            return
        if not isinstance(self._store, Microscope):
            raise ArgumentError(
                f"microscope is of type {type(store).__name__!r}.", "Pass a Microscope, or the path of a store."
            )
        if self._store.model != run.network.model.name:
            raise ArgumentError(
                f"The store {self._store.path} has images of {self._store.model}, not of {run.network.model.name}.",
                "Pass the store of this network.",
            )
        # By layer and image size, whether the store's network has the weights of this one.
        self._same: dict[tuple[Any, str, int], bool] = {}
        show = weakly(self._show)
        widget.observe(lambda change: show(), ["expression"])
        live.on_reset.append(show)

    def _show(self) -> None:
        """Show the image, or none if the store has none of this objective. Needs the lock, which observers hold."""
        store, run = self._store, self._run
        if self._live.runner.status != "idle" or self.widget._closed:
            return
        text = repr(run.objective)
        found = store.find(text)
        if found is None or not self._is_of_this_network(*found):
            self._live.preview(None, {})
            return
        unit, variant = found
        steps, values = store.curve(unit, variant)
        record = store.record(unit, variant)
        pixels = store.image(unit, variant)[None].astype(np.float32) / np.float32(255)
        frame = Frame(int(steps[-1]), float(values[-1]), pixels)
        about = {"expression": text, "objectives": [[0, text]], "seed": record["seed"], "model": store.model}
        self._live.preview(frame, {**about, "stored": store.path.rpartition("/")[2]})

    def _is_of_this_network(self, unit: str, variant: str) -> bool:
        model, record = self._run.network.model, self._store.record(unit, variant)
        key = model, record["layer"], record["recipe"]["image_size"]
        if model.name != self._store.model:
            return False
        if key not in self._same:
            self._same[key] = fingerprint(*key) == record["fingerprint"]
        return self._same[key]


__all__ = ["StoredImage"]
