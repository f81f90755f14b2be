"""`GridSettings`: everything that determines the images of a grid, and the stream that makes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.misc.io.image_cache import ImageCache
from lucid_widgets.misc.waiting import waiting
from lucid_widgets.modelzoo.survey.stages import survey_stages
from lucid_widgets.modelzoo.vision_models import Layer, Model
from lucid_widgets.optvis import objectives
from lucid_widgets.optvis.cache_keys import image_key
from lucid_widgets.optvis.default_image import batch_images, default_size
from lucid_widgets.optvis.engine.tracing import initial_value
from lucid_widgets.optvis.many import ForImage, default_batch, even_batch
from lucid_widgets.optvis.objectives import Objective, as_objective
from lucid_widgets.optvis.objectives.units import with_class_indices
from lucid_widgets.optvis.unit_frames import UnitFrames
from lucid_widgets.widgets._core.traits import IMAGE_SIZE_MIN
from lucid_widgets.widgets._grid.cell_cache import filled
from lucid_widgets.widgets._grid.cells import Cells
from lucid_widgets.widgets._grid.grid_traits import IMAGE_SIZE_MAX

_USUAL_SIZE = 64

MAKERS: dict[str, Callable[..., Objective]] = {"channel": objectives.channel, "neuron": objectives.neuron}
"""Objective makers by the kind of a grid."""


@dataclass(frozen=True)
class GridSettings:
    """Everything that determines the images of a grid, and the number that are made together."""

    model: Model
    layer: str
    kind: str
    image_size: int
    steps: int
    seed: int
    transforms: Sequence[Any]
    batch: int | None
    param_f: Callable[[int], Any] | None = None
    optimizer: Any = None
    objective_f: Callable[[str, int], Objective] | None = None

    def frames(self, cells: Cells, cache: ImageCache | None) -> UnitFrames:
        """The stream that makes the images that are neither finished nor in the cache.

        Args:
            cells: The cells to fill.
            cache: The cache; None for none.
        """
        keep = None if cache is None else filled(cells, cache, self._key())
        most = self.batch
        if most is None and not cells.finished.all():
            most = default_batch(self.model, self.objective(cells.units[0]), self.make)
        return UnitFrames(
            self.model,
            self.objective,
            cells.claim(keep),
            batch=even_batch(len(cells), most or 1),
            image_size=self.image_size,
            steps=self.steps,
            seed=self.seed,
            transforms=self.transforms,
            param_f=self.param_f,
            optimizer=self.optimizer,
        )

    @property
    def make(self) -> Callable[[int], Any]:
        """A function from the number of images to the image tensor."""
        return batch_images(self.model, self.image_size) if self.param_f is None else self.param_f

    def objective(self, unit: int, place: int | None = None) -> Objective:
        """The objective of a unit, for all images of the batch or for the one at `place`."""
        if self.objective_f is None:
            return MAKERS[self.kind](self.layer, unit, batch=place)
        chosen = with_class_indices(as_objective(self.objective_f(self.layer, unit), self.model), self.model)
        return chosen if place is None else ForImage(chosen, place)

    def _key(self) -> str | None:
        """Cache key of the images; None if they cannot be cached."""
        settings: dict[str, Any] = {"kind": self.kind, "steps": self.steps, "seed": self.seed}
        settings |= {"transforms": self.transforms}
        more = {"param_f": self.param_f, "optimizer": self.optimizer, "objective_f": self.objective_f}
        settings |= {name: value for name, value in more.items() if value is not None}
        return image_key(self.model, self.layer, image_size=self.image_size, **settings)


def first_size(model: Model, objective: Objective, size: int | None, param_f: Callable[[int], Any] | None) -> int:
    """Return the initial image size of a grid.

    Args:
        model: The model.
        objective: The objective of one cell.
        size: The caller's size; None for the default.
        param_f: A function that replaces `param.image`; None for `param.image`.

    Raises:
        ArgumentError: If both a size and `param_f` were passed, or `param_f` does not make square images.
    """
    sheet = model.volume_sheet
    if sheet is not None and param_f is None and max(sheet.sides) > IMAGE_SIZE_MAX:
        raise ArgumentError(
            f"Sheets of the slices of {model.name} have {max(sheet.sides)} pixels.",
            f"A grid shows images of at most {IMAGE_SIZE_MAX}. Use render_many, or a network for smaller volumes.",
        )
    if param_f is None:
        return max(default_size(model, objective, _USUAL_SIZE), IMAGE_SIZE_MIN) if size is None else size
    if size is not None:
        raise ArgumentError("Both param_f and image_size were passed.", "Pass one of them: param_f sets the size.")
    if not callable(param_f):
        raise ArgumentError(
            f"param_f is {param_f!r}.", "Expected a function, such as lambda batch: param.image(64, batch=batch)."
        )
    with tf.variable_creator_scope(lambda _, **initial: initial_value(**initial)):
        shape = tf.TensorShape(param_f(1).shape).as_list()
    if len(shape) != 4 or shape[1] != shape[2]:
        raise ArgumentError(f"param_f makes images of shape {shape}.", "Expected [batch, size, size, channels].")
    return int(shape[1])


@waiting("Reading the layers of the network")
def layer_traits(model: Model) -> dict[str, Any]:
    """The traits `layers` and `_stages`: layers whose channels a grid can show, and their stages if these are all."""
    known = model.browsable_layers
    layers = [asdict(layer) for layer in known if layer.channels]
    return {"layers": layers, "_stages": asdict(survey_stages(model)) if len(layers) == len(known) else {}}


def labels_of(model: Model, layer: Layer) -> list[str]:
    """Labels of a layer's channels, if the layer has one channel per class; empty otherwise."""
    names = model.labels or ()
    # A layer inside the network may happen to have as many channels as there are classes.
    scores = layer.kind in ("dense", "softmax") and layer.channels == len(names)
    return [str(name) for name in names] if scores else []
