"""`RenderedCells`: images of a grid that a network renders in the background."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from lucid_widgets.errors import ArgumentError, ModelError, whole_number
from lucid_widgets.misc.io.image_cache import ImageCache
from lucid_widgets.modelzoo.vision_models import Layer, as_model, embedded_model
from lucid_widgets.optvis.default_image import possible_size, refuse_size_of_volumes, transforms_for
from lucid_widgets.optvis.engine.optimizers import as_optimizer
from lucid_widgets.optvis.objectives import as_objective
from lucid_widgets.optvis.transform import Transforms, as_transforms
from lucid_widgets.optvis.unit_frames import UnitFrames
from lucid_widgets.runner import Status
from lucid_widgets.widgets._classes.cell_classes import CellClasses
from lucid_widgets.widgets._classes.class_rows import class_rows
from lucid_widgets.widgets._core.part import Part
from lucid_widgets.widgets._evidence.index_making import IndexMaking
from lucid_widgets.widgets._grid.cell_source import Chosen, units_of
from lucid_widgets.widgets._grid.cells import Cells
from lucid_widgets.widgets._grid.grid_settings import MAKERS, GridSettings, first_size, labels_of, layer_traits
from lucid_widgets.widgets._grid.live_grid import LiveGrid
from lucid_widgets.widgets._grid.real_cells import RealCells
from lucid_widgets.widgets._network.held import HeldModel
from lucid_widgets.widgets._workbench.presets import middle_layer
from lucid_widgets.widgets.lucid_widget import LucidWidget

if TYPE_CHECKING:
    from lucid_widgets.widgets.feature_grid import FeatureGrid


class RenderedCells(Part):
    """The network of a grid, and the settings that do not change.

    Args:
        widget: The owner.
        live: Runs the streams that this makes.
        model: Whatever `as_model` accepts; None for EmojiNet.
        transforms: As for `FeatureGrid`.
        batch: As for `FeatureGrid`.
        param_f: As for `FeatureGrid`.
        optimizer: As for `FeatureGrid`.
        objective_f: As for `FeatureGrid`.
        cache: Whether images are kept on disk.
        images: As for `FeatureGrid`.
        run: As for `FeatureGrid`.
    """

    widget: FeatureGrid
    model = HeldModel()

    def __init__(
        self,
        widget: FeatureGrid,
        live: LiveGrid,
        model: Any,
        *,
        transforms: Transforms,
        batch: int | None,
        param_f: Callable[[int], Any] | None,
        optimizer: Any,
        objective_f: Callable[[str, int], Any] | None,
        cache: bool,
        images: Any,
        run: bool | None,
    ) -> None:
        super().__init__(widget)
        self.model = embedded_model() if model is None else as_model(model)
        self._live, self._run = live, run
        making = partial(IndexMaking, widget, model=lambda: self.model, images=images)
        self.real = widget._own(RealCells(widget, making, given=images))
        self._transforms = transforms_for(self.model) if transforms is None else as_transforms(transforms)
        # The opened `LucidWidget` shows a user's functions as fixed; a name and the defaults can be changed in it.
        changeable = transforms if transforms is None or isinstance(transforms, str) else self._transforms
        self._given: dict[str, Any] = {} if changeable is None else {"transforms": changeable}
        self._batch = None if batch is None else whole_number("batch", batch, 1)
        self.param_f, self._cache = param_f, ImageCache() if cache else None
        self._optimizer, self._objective_f = None if optimizer is None else as_optimizer(optimizer), objective_f
        widget._own(CellClasses(widget, self, lambda: live.cells))
        widget._publish(model_name=self.model.name, _class_rows=class_rows(self.model), **layer_traits(self.model))

    def first(self, layer: str | None, image_size: int | None) -> dict[str, Any]:
        """The traits `layer` and `image_size` of a new grid, where the caller has not passed them."""
        model = self.model
        usual = middle_layer(model).name if model.first_look is None else model.first_look[0]
        chosen = usual if layer is None else layer
        objective = MAKERS["channel"](chosen, 0)
        return {"layer": chosen, "image_size": first_size(model, objective, image_size, self.param_f)}

    def chosen(self, traits: dict[str, Any], after: Mapping[str, Any]) -> Chosen:
        if after["variant"]:
            raise ArgumentError("variant cannot be set.", "Only a grid that FeatureGrid.open made has variants.")
        layer = self._layer_with_channels(after["layer"])
        units = units_of(layer.name, layer.channels or 0, after["channels"])
        objective = MAKERS[after["kind"]](layer.name, units[0])
        if self._objective_f is not None:
            objective = as_objective(self._objective_f(layer.name, units[0]), self.model)
        objective.validate(self.model, 1)
        size = after["image_size"]
        if "image_size" not in traits and self.param_f is None:
            size = possible_size(self.model, objective, size)
            if size != self.widget.image_size:
                traits["image_size"] = size
        if self.param_f is None:
            refuse_size_of_volumes(self.model, size)
        return Chosen(traits, units, labels_of(self.model, layer), size)

    def start(self) -> None:
        if self._run:
            self._live.run()
        elif self._run is None:
            self._live.run_if_short()

    def shown(self) -> None:
        """Do nothing: the grid goes on by itself."""

    def frames(self, cells: Cells) -> UnitFrames:
        with self.lock:
            settings = self.settings()
        return settings.frames(cells, self._cache)

    def settings(self) -> GridSettings:
        """Everything that determines the images."""
        widget = self.widget
        return GridSettings(
            self.model,
            widget.layer,
            widget.kind,
            widget.image_size,
            widget.steps,
            widget.seed,
            self._transforms,
            self._batch,
            self.param_f,
            self._optimizer,
            self._objective_f,
        )

    def run(self) -> None:
        self._live.run()

    def wait(self, timeout: float | None, verbose: bool) -> Status:
        return self._live.wait(timeout, verbose)

    def workbench(self, unit: int) -> tuple[Any, Callable[[], LucidWidget]]:
        widget = self.widget
        objective = self.settings().objective(unit)
        shared: dict[str, Any] = {"seed": widget.seed, "show_classes": widget.show_classes}
        make = partial(LucidWidget, self.model, objective, images=self.real.images, **shared, **self._given)
        return objective, make

    def _layer_with_channels(self, name: str) -> Layer:
        layer = self.model.get_layer(name)
        if not layer.channels:
            raise ModelError(f"The number of channels of {name!r} is unknown.", "Choose another layer.")
        return layer
