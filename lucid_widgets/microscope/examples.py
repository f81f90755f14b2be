"""`Examples`: the real images that excite each unit, kept in a store as an `ActivationIndex`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lucid_widgets.errors import ArgumentError
from lucid_widgets.evidence.index import ActivationIndex
from lucid_widgets.evidence.passes.index_pass import IndexPass, as_json
from lucid_widgets.evidence.passes.index_pass import Progress as PassProgress
from lucid_widgets.evidence.passes.plan import KEEP, make_plan
from lucid_widgets.evidence.store import Store as IndexStore
from lucid_widgets.microscope.folder import Folder
from lucid_widgets.microscope.running import Control
from lucid_widgets.microscope.store import EVIDENCE, EVIDENCE_OF, Store
from lucid_widgets.microscope.tasks import LayerPlan
from lucid_widgets.modelzoo.survey.fingerprint import fingerprint


class Examples:
    """The work of looking at the images, checked before it begins.

    The pass runs in this process. It writes its state now and then, and goes on from there when it was interrupted.

    Args:
        model: A `Model`.
        images: What `ImageSet.of` accepts, or an `ActivationIndex` of this network.
        layers: The layers of this run.
        store: The store, which `Store.prepare` has made ready.

    Raises:
        ArgumentError: The store is not on this machine, there are no images, or the index is of another network.
    """

    def __init__(self, model: Any, images: Any, layers: Sequence[LayerPlan], store: Store) -> None:
        refuse_remote(store.folder)
        self._folder = store.folder
        self._path = Path(store.folder.url) / EVIDENCE
        self._index = images if isinstance(images, ActivationIndex) else None
        # With the layers of earlier runs whose images are of this network.
        marks = {layer.name: layer.fingerprint for layer in layers}
        self._marks = {**_marks_of_others(model, store, marks), **marks}
        if self._index is not None:
            self._index.require(model)
            self._marks = {name: mark for name, mark in self._marks.items() if name in self._index.layers}
            return
        names = [name for name in store.about()["layers"] if name in self._marks]
        settings: dict[str, Any] = {
            "reduction": "max",
            "neuron": None,
            "image_size": None,
            "keep": KEEP,
            "batch": None,
            "seed": 0,
        }
        self._plan = make_plan(model, images, names, **settings)

    def make(self, control: Control) -> Iterator[PassProgress]:
        """Look at the images, unless the store has the result, and yield the progress.

        Args:
            control: Pauses and cancels the pass.
        """
        kept = IndexStore(self._path)
        if self._index is not None:
            self._index.save(self._path)
        elif not (kept.has_index and kept.load_index()[0]["identity"] == as_json(self._plan.identity)):
            steps = IndexPass(self._plan, kept)
            try:
                for progress in steps:
                    yield progress
                    control.wait()
                    if control.cancelled:
                        return
            finally:
                steps.close()
        self._folder.write(EVIDENCE_OF, json.dumps(self._marks, sort_keys=True).encode())


def refuse_remote(folder: Folder) -> None:
    """Raise an `ArgumentError` if a store is not on this machine."""
    if folder.is_remote:
        raise ArgumentError(
            f"{folder.url} is not on this machine, so it cannot hold real images.",
            "Build an ActivationIndex, and pass it to site or to FeatureGrid.open.",
        )


def _marks_of_others(model: Any, store: Store, known: dict[str, str]) -> dict[str, str]:
    """Fingerprints of the layers of earlier runs that still have the weights of their images."""
    found = {}
    for (layer, _, _), record in store.records().items():
        if layer in known or layer in found:
            continue
        size = record["recipe"].get("image_size")
        if isinstance(size, int) and fingerprint(model, layer, size) == record["fingerprint"]:
            found[layer] = str(record["fingerprint"])
    return found


__all__ = ["Examples", "refuse_remote"]
