"""`FeatureGrid`: a feature visualization of each channel of a layer, as a grid of small images."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from lucid_widgets.errors import ArgumentError, ModelError, whole_number
from lucid_widgets.export.sprites import save_unit_sheet
from lucid_widgets.frames import FloatArray
from lucid_widgets.misc.io.image_cache import ImageCache
from lucid_widgets.modelzoo.vision_models import Layer, Model, as_model, embedded_model
from lucid_widgets.optvis.default_image import possible_size, transforms_for
from lucid_widgets.optvis.transform import Transforms, as_transforms
from lucid_widgets.optvis.unit_frames import UnitFrames
from lucid_widgets.runner import Status
from lucid_widgets.widgets._classes.cell_classes import CellClasses
from lucid_widgets.widgets._classes.class_traits import class_rows
from lucid_widgets.widgets._core import cell_reruns
from lucid_widgets.widgets._core.base import LucidBase
from lucid_widgets.widgets._core.commands import Command
from lucid_widgets.widgets._grid.cell_sheets import state_sheet
from lucid_widgets.widgets._grid.cells import Cells
from lucid_widgets.widgets._grid.detail_panel import DetailPanel
from lucid_widgets.widgets._grid.grid_files import GridFiles
from lucid_widgets.widgets._grid.grid_settings import KINDS, GridSettings, first_size, labels_of, layer_traits, units_of
from lucid_widgets.widgets._grid.grid_traits import GridTraits
from lucid_widgets.widgets._grid.live_grid import LiveGrid
from lucid_widgets.widgets._grid.real_cells import RealCells
from lucid_widgets.widgets._workbench.presets import middle_layer
from lucid_widgets.widgets.lucid_widget import LucidWidget

# A change of these shows other cells.
_DECIDE_CELLS = ("layer", "kind", "channels", "image_size", "steps", "seed")


class FeatureGrid(LucidBase, GridTraits):
    """Shows all channels of a layer as a grid of small images, made in the background.

    The engine optimizes several images in one compiled call, starting with those in view; scrolling changes
    which come next. Finished images are cached on disk, so a layer that was shown before appears at once, in
    any notebook with the same weights and settings. A click on an image, or Enter, opens its channel in a
    `LucidWidget` below the grid.

    The grid starts by itself, and asks before work that takes more than a minute. `layer`, `kind`, `channels`,
    `image_size`, `steps` and `seed` can be changed at any time and show another grid at once; an invalid value raises
    an error and changes nothing. A run ends when the kernel is interrupted, when the cell that made the grid runs
    again, when the grid is closed, and two seconds after its last view was removed. Finished images stay, and `run()`
    makes the others.

    Args:
        model: A `Model` of the zoo, a Keras model, or the path of a frozen graph (`.pb`) or of a `.keras` file;
            default: EmojiNet, which is part of this package.
        layer: Name of the layer; default: one in the middle of the model.
        channels: Which channels of the layer to show, in this order; default: all.
        kind: "channel" for the mean of a channel, "neuron" for the unit in its center.
        image_size: Width and height of the images in pixels, 8 to 512; default: 64, or the network's own size if it
            needs that or was made for smaller images. Images that are not square are shown on black squares.
        steps: Number of updates of each image.
        transforms: Transforms, or "affine", "standard", "crops", "tokens" or "nothing", as for `render_vis`; default:
            "tokens" for a model with a token grid, "affine" for all others.
        seed: Seed of all random numbers. All images start from the same noise.
        batch: Number of images in one compiled call; default: a number that suits the model and the image size.
        param_f: A function from the number of images to the image tensor `[batch, size, size, channels]`. It replaces
            `image_size`; default: `param.image`.
        cache: Whether images are kept on disk, in the folder `features` of the cache folder, which the environment
            variable `LUCID_WIDGETS_CACHE` can set. They take at most 512 MiB; the least recently used images
            are deleted first. Images are not cached if `transforms` contains your own functions, because the cache
            cannot tell when they change.
        run: Whether to start at once. Default: the grid makes the first batch. If the others take more than a minute,
            it then waits for a click on the page, or for `run()`.
        show_classes: Whether the panel at the side lists the classes that the network sees in the selected image.
        images: Real images, which the cells can show in place of visualizations, and by which they can be sorted: an
            `ActivationIndex`, or what `ImageSet.of` accepts; default: those that come with the network, if any.
        **kwargs: Arguments of any widget, such as `layout`.

    Raises:
        ModelError: If the model cannot be used.
        UnknownNameError: If the model does not have the layer.
        OutOfRangeError: If the channel, size or number of steps is out of range.

    Example:
        >>> grid = FeatureGrid(models.EmojiNet(), "mixed4a")
        >>> grid
        >>> grid.wait()
        >>> show(grid.images[[30, 56, 152]])
    """

    _bundle: ClassVar[str] = "feature_grid"
    _editable: ClassVar[tuple[str, ...]] = (
        *("layer", "kind", "show_classes"),
        *("show_images", "turned", "sort_by", "hide_dead"),
    )

    def __init__(
        self,
        model: Any = None,
        layer: str | None = None,
        channels: Iterable[int] | None = None,
        *,
        kind: str = "channel",
        image_size: int | None = None,
        steps: int = 64,
        transforms: Transforms = None,
        seed: int = 0,
        batch: int | None = None,
        param_f: Callable[[int], Any] | None = None,
        cache: bool = True,
        run: bool | None = None,
        show_classes: bool = True,
        images: Any = None,
        **kwargs: Any,
    ) -> None:
        self._model = embedded_model() if model is None else as_model(model)
        self._real = self._own(RealCells(self, images))
        self._transforms = transforms_for(self._model) if transforms is None else as_transforms(transforms)
        # The opened `LucidWidget` shows a user's functions as fixed; a name and the defaults can be changed in it.
        changeable = transforms if transforms is None or isinstance(transforms, str) else self._transforms
        self._given: dict[str, Any] = {} if changeable is None else {"transforms": changeable}
        self._batch = None if batch is None else whole_number("batch", batch, 1)
        self._param_f, self._cache = param_f, ImageCache() if cache else None
        # Differs from the ids of cells that a restarted kernel has left on a page.
        self._next_id = int(time.time() * 1000)
        chosen = _first_layer(self._model) if layer is None else layer
        size = first_size(self._model, KINDS["channel"](chosen, 0), image_size, param_f)
        settings = {"kind": kind, "image_size": size, "steps": steps, "seed": seed}
        self._change({"layer": chosen, "channels": channels, "show_classes": show_classes, **settings})
        self._publish(model_name=self._model.name, _class_rows=class_rows(self._model), **layer_traits(self._model))
        super().__init__(**kwargs)
        cell_reruns.remember(self)
        if run:
            self.run()
        elif run is None:
            self._live.run_if_short()

    def _make_parts(self) -> None:
        self._panel = self._own(DetailPanel(self))
        self._live = self._own(LiveGrid(self, self._frames_for, lambda: self.steps))
        self._own(CellClasses(self, lambda: self._live.cells))
        self._files = self._own(GridFiles(self, self._live, about=self._about, labels=lambda: self.labels))

    def __repr__(self) -> str:
        about = f"{self.model_name}, {self.layer}"
        return f"<{type(self).__name__} {about}: {self.status}, {self.made} of {len(self._live.cells)}>"

    @property
    def model(self) -> Model:
        """The model."""
        return self._model

    # Results.

    @property
    def images(self) -> FloatArray:
        """The images, float32 `[channels, height, width, 3]` in [0, 1], in the order of `units`.

        Unfinished images are NaN. Values are rounded to 256 levels, so that an image from the cache equals one that
        was just made.
        """
        cells = self._live.cells
        images = cells.images.astype(np.float32) / np.float32(255)
        images[~cells.finished] = np.nan
        return images

    @property
    def values(self) -> FloatArray:
        """The objective of each image, float32 `[channels]`; NaN if unknown."""
        return self._live.cells.values.copy()

    @property
    def failures(self) -> dict[int, str]:
        """Reasons why channels have no image, by channel: their objective is not finite."""
        cells = self._live.cells
        return {cells.units[place]: message for place, message in cells.failures.items()}

    def save(self, path: str | os.PathLike[str]) -> list[Path]:
        """Write the finished images as a sprite sheet, with its layout in `mixed4a.png.json`.

        Args:
            path: A file name that ends in `.png` or `.webp` (both lossless) or `.jpg`. Images that do not fit into one
                sheet go into `mixed4a-2.png` and so on.

        Returns:
            The files. The JSON has the `width` and `height` of an image, the `file` and `columns` of each sheet, and
            the `units` in order with their `values` and `labels`. Unfinished images are left out.

        Raises:
            ArgumentError: If no image is finished, or the file name ends differently.
        """
        images, about = self._files.finished()
        return save_unit_sheet(images, path, about)

    # Control.

    def run(self) -> None:
        """Make the missing images in the background, and return at once. No effect while it is running."""
        self._live.run()

    def pause(self) -> None:
        """Pause the run. The compiled call under way still ends."""
        self._live.runner.pause()

    def resume(self) -> None:
        """Continue after a pause, or cancel one that is about to begin. No effect in any other state."""
        self._live.resume()

    def stop(self) -> None:
        """End the run. Finished images stay, unfinished ones are dropped; `run()` makes them."""
        self._live.runner.stop()

    def wait(self, timeout: float | None = None, *, verbose: bool = True) -> Status:
        """Block until the run is finished, paused or stopped. For scripts and for notebooks that run unattended.

        A grid that asks before it goes on takes this as a yes.

        An interrupt ends everything that runs in the background, and `wait` then returns "stopped".

        Args:
            timeout: Seconds to wait at most; default: no limit.
            verbose: Whether a notebook or a terminal shows a progress bar after a second; default: True.

        Returns:
            The status after waiting. The widget's state is up to date, unless the time ran out.

        Raises:
            Exception: The error that ended the run, if its status is "error".
        """
        return self._live.wait(timeout, verbose)

    # The opened channel.

    def open_unit(self, unit: int, *, run: bool = True) -> LucidWidget:
        """Open a channel in a `LucidWidget`, below the grid or wherever `slot` is displayed.

        A widget that is open already takes the new objective and keeps its settings.

        Args:
            unit: One of `units`.
            run: Whether to run it at once.

        Returns:
            The widget, which is also `opened`.
        """
        with self._lock:
            self._refuse_if_closed()
            number = whole_number("unit", unit, 0)
            if self._live.cells.place_of(number) is None:
                count = len(self._live.cells)
                raise ArgumentError(f"{number} is not in this grid.", f"Expected one of the {count} in `units`.")
            objective = self._settings().objective(number)
            shared: dict[str, Any] = {"seed": self.seed, "show_classes": self.show_classes}
            make = partial(LucidWidget, self._model, objective, images=self._real.images, **shared, **self._given)
            widget: LucidWidget = self._panel.show(objective, make)
            self._publish(opened_unit=number)
        if run:
            widget.run()
        return widget

    def close_unit(self) -> None:
        """Close the widget that `open_unit` opened."""
        with self._lock:
            self._panel.clear()
            self._publish(opened_unit=-1)

    @property
    def opened(self) -> LucidWidget | None:
        """The open `LucidWidget`; None if there is none."""
        found: LucidWidget | None = self._panel.content
        return found

    @property
    def slot(self) -> Any:
        """The ipywidgets box that shows `opened`, for layouts of your own: `HBox([grid, grid.slot])`."""
        return self._panel.box

    # For the base class.

    def _commands(self) -> Mapping[str, Command]:
        return {**super()._commands(), "open": self._open_unit, "close": self.close_unit}

    def _open_unit(self, unit: Any) -> None:
        self.open_unit(unit)

    def _on_message(self, content: dict[str, Any]) -> None:
        self._live.on_message(content)

    def _view(self) -> Any:
        bundle = super()._view()
        return None if bundle is None else self._panel.below(bundle)

    def _png(self) -> bytes | None:
        return state_sheet(self._live.cells, "PNG")[1] or None

    def _change(self, values: Mapping[str, Any]) -> None:
        with self._lock:
            given = dict(values)
            if given.get("channels") is not None:
                given["channels"] = [whole_number("channel", each, 0) for each in given["channels"]]
            checked = self._real.checked(self._checked(given))
            after = {name: checked.get(name, getattr(self, name)) for name in _DECIDE_CELLS}
            layer = self._layer_with_channels(after["layer"])
            if layer.name != self.layer and "channels" not in checked:
                checked["channels"] = after["channels"] = None
            units = units_of(layer, after["channels"])
            objective = KINDS[after["kind"]](layer.name, units[0])
            objective.validate(self._model, 1)
            if "image_size" not in checked and self._param_f is None:
                size = possible_size(self._model, objective, after["image_size"])
                if size != self.image_size:
                    checked["image_size"] = after["image_size"] = size
            changes_cells = not len(self._live.cells) or any(getattr(self, name) != after[name] for name in after)
            self._commit(checked)
            if changes_cells:
                self._publish(labels=labels_of(self._model, layer))
                self._next_id += 1
                self._live.show(Cells(self._next_id, units, self.image_size))

    # Rendering.

    def _layer_with_channels(self, name: str) -> Layer:
        layer = self._model.get_layer(name)
        if not layer.channels:
            raise ModelError(f"The number of channels of {name!r} is unknown.", "Choose another layer.")
        return layer

    def _settings(self) -> GridSettings:
        return GridSettings(
            self._model,
            self.layer,
            self.kind,
            self.image_size,
            self.steps,
            self.seed,
            self._transforms,
            self._batch,
            self._param_f,
        )

    def _frames_for(self, cells: Cells) -> UnitFrames:
        """The stream that fills the cells. Called on the worker."""
        with self._lock:
            settings = self._settings()
        return settings.frames(cells, self._cache)

    def _about(self) -> dict[str, Any]:
        return {
            "model": self.model_name,
            "layer": self.layer,
            "kind": self.kind,
            "steps": self.steps,
            "seed": self.seed,
        }


def _first_layer(model: Model) -> str:
    return middle_layer(model).name if model.first_look is None else model.first_look[0]


__all__ = ["FeatureGrid"]
