"""`IndexMaking`: the index of a widget's images, which is made in the background when it is first needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lucid_widgets.errors import LucidError
from lucid_widgets.evidence.index import ActivationIndex
from lucid_widgets.evidence.passes.building import finished, store_of
from lucid_widgets.evidence.passes.index_pass import IndexPass, Progress
from lucid_widgets.evidence.passes.plan import KEEP, default_layers, make_plan
from lucid_widgets.frames import Frame
from lucid_widgets.images import ImageSet
from lucid_widgets.runner import Runner
from lucid_widgets.widgets._core.background import NOTHING, weakly
from lucid_widgets.widgets._core.base import LucidBase
from lucid_widgets.widgets._core.commands import Command, error_report
from lucid_widgets.widgets._core.part import Part

_PRE = "_pre_relu"
_RESTING = ("paused", "stopped", "error")


class IndexMaking(Part):
    """The index that was passed to a widget, or those that it makes: of all layers at once, or of one that they lack.

    All methods need the lock.

    Args:
        widget: The owner.
        model: Returns its `Model`.
        images: An image set, an `ActivationIndex`, or whatever `ImageSet.of` accepts; None for the images that come
            with the network.
        changed: Called with the lock, on any thread, when a pass has made progress or has ended.
    """

    def __init__(
        self, widget: LucidBase, *, model: Callable[[], Any], images: Any, changed: Callable[[], object]
    ) -> None:
        super().__init__(widget)
        self._model, self._changed = model, changed
        self._unchecked = images if isinstance(images, ActivationIndex) else None
        self._given = None if images is None or self._unchecked is not None else ImageSet.of(images)
        self._indexes: list[ActivationIndex] = []
        self._made_for: Any = None
        self._layer = ""
        self._progress: Progress | None = None
        self._runner = Runner(weakly(self._catch_up), weakly(self._catch_up))

    def commands(self) -> Mapping[str, Command]:
        return {
            "cancel_evidence": self._runner.stop,
            "pause_evidence": self._runner.pause,
            "resume_evidence": self._runner.resume,
            "retry_evidence": self._retry,
        }

    def close(self) -> None:
        self._runner.close()

    @property
    def images(self) -> ImageSet | None:
        """The images that were passed, or those that come with the network; None if there are none."""
        found: ImageSet | None = self._given
        return self._model().example_images() if found is None else found

    @property
    def source(self) -> str:
        """The name of the images; empty if there are none."""
        index = self._unchecked or next(iter(self._indexes), None)
        if index is not None:
            return str(index.about["images"])
        images = self.images
        return "" if images is None else images.name

    def find(self, layer: str, channel: int = 0) -> tuple[ActivationIndex, str] | None:
        """Return an index that has the unit, and the unit's layer in it; None if there is none.

        A layer before its activation function stands for the one after it, which is what an index has.
        """
        self._forget_other_model()
        for name in (layer, layer.removesuffix(_PRE)):
            for index in self._indexes:
                if (name, channel) in index:
                    return index, name
        return None

    def want(self, layer: str) -> None:
        """Make the index of a layer, unless a pass is under way, paused, or was canceled or failed."""
        self._forget_other_model()
        if self._runner.in_motion or self._runner.status in _RESTING:
            return
        self._layer = layer
        self._begin()

    def _begin(self) -> None:
        images, model, layer, passed = self.images, self._model(), self._layer, self._unchecked
        # Functions that do not keep the widget alive, because the worker holds on to the stream.
        look, keep = weakly(self._note_progress), weakly(self._keep)
        if passed is not None:
            self._runner.start(lambda: _frames_of_comparison(model, passed, keep))
            return
        if images is None:
            return
        first = not self._indexes
        self._progress = None
        self._runner.start(lambda: _frames_of_pass(model, images, layer, first, look, keep))

    def _forget_other_model(self) -> None:
        model = self._model()
        if self._made_for is None:
            self._made_for = model
        if model is not self._made_for:
            self._made_for, self._indexes, self._progress = model, [], None
            self._unchecked = None
            self._runner.clear()

    def _note_progress(self, progress: Progress) -> None:
        self._progress = progress

    def _keep(self, model: Any, index: ActivationIndex) -> None:
        with self.lock:
            if self._model() is model:
                self._indexes.append(index)
                self._unchecked = None

    def _catch_up(self, *_: Any) -> None:
        with self.lock:
            if not self.widget._closed:
                self._changed()

    def _retry(self) -> None:
        with self.lock:
            self._begin()
            self._changed()

    def publish_state(self, layer: str, channel: int) -> None:
        """Publish how the index is made.

        Args:
            layer: The layer that is shown.
            channel: The channel that is shown; negative if there is none.
        """
        status, progress, images = self._runner.status, self._progress, self.images
        about: dict[str, Any] = {"source": self.source}
        if channel >= 0 and self.find(layer, channel) is not None:
            about["state"] = "ready"
        elif channel < 0:
            about["state"] = "no unit"
        elif not self.source:
            about["state"] = "none"
        elif status == "error":
            about |= {"state": "failed", **error_report(self._runner.exception or LucidError("The pass ended."))}
        elif self._runner.in_motion and progress is None:
            about["state"] = "waiting"
        elif status == "paused":
            about["state"] = "paused"
        else:
            about["state"] = "building" if self._runner.in_motion else "stopped"
        if progress is not None:
            about |= {"done": progress.done, "total": progress.total, "left": progress.seconds_left}
        elif images is not None:
            about |= {"done": 0, "total": len(images), "left": None}
        if about != self.widget._evidence_build:
            self.widget._publish(_evidence_build=about)


def _frames_of_comparison(
    model: Any, index: ActivationIndex, keep: Callable[[Any, ActivationIndex], object]
) -> Iterator[Frame]:
    """The stream that refuses an index of another network, and keeps one of this network."""
    index.require(model)
    keep(model, index)
    yield Frame(len(index), None, NOTHING)


def _frames_of_pass(
    model: Any,
    images: ImageSet,
    layer: str,
    all_layers: bool,
    look: Callable[[Progress], object],
    keep: Callable[[Any, ActivationIndex], object],
) -> Iterator[Frame]:
    """The stream of a pass. Its frames hold no images, only the number of images seen.

    Args:
        model: A `Model`.
        images: The images.
        layer: The layer that is shown.
        all_layers: Whether the index gets all layers, or only this one.
        look: Called with the progress.
        keep: Called with the model and the finished index.
    """
    names = [each.name for each in default_layers(model)]
    bare = layer.removesuffix(_PRE)
    wanted = bare if bare in names else layer
    layers = names if all_layers and wanted in names else [wanted]
    plan = make_plan(
        model, images, layers, reduction="max", neuron=None, image_size=None, keep=KEEP, batch=None, seed=0
    )
    store = store_of(plan, None)
    index = finished(ActivationIndex, plan, store)
    if index is None:
        steps = IndexPass(plan, store)
        try:
            for progress in steps:
                look(progress)
                yield Frame(progress.done, None, NOTHING)
        finally:
            steps.close()
        index = ActivationIndex(steps.about or {}, steps.arrays)
    keep(model, index)
    look(Progress(len(index), len(index), 0.0))
    yield Frame(len(index), None, NOTHING)


__all__ = ["IndexMaking"]
