"""`FeatureGrid`: a feature visualization of each channel of a layer, as a grid of small images."""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import ipywidgets
import numpy as np

from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.evidence.index import ActivationIndex
from lucid_widgets.export.sprites import save_unit_sheet
from lucid_widgets.frames import FloatArray
from lucid_widgets.microscope import Microscope
from lucid_widgets.runner import Status
from lucid_widgets.widgets._core import cell_reruns
from lucid_widgets.widgets._core.base import LucidBase
from lucid_widgets.widgets._core.commands import Command
from lucid_widgets.widgets._grid.cell_sheets import state_sheet
from lucid_widgets.widgets._grid.cell_source import CellSource
from lucid_widgets.widgets._grid.cells import Cells
from lucid_widgets.widgets._grid.detail_panel import DetailPanel
from lucid_widgets.widgets._grid.grid_files import GridFiles
from lucid_widgets.widgets._grid.grid_traits import GridTraits
from lucid_widgets.widgets._grid.live_grid import LiveGrid
from lucid_widgets.widgets._grid.stored.stored_cells import StoredCells

if TYPE_CHECKING:
    from lucid_widgets.optvis.transform import Transforms
    from lucid_widgets.widgets.lucid_widget import LucidWidget

# A change of these shows other cells.
_DECIDE_CELLS = ("layer", "variant", "kind", "channels", "image_size", "steps", "seed")


if TYPE_CHECKING:
    _on_the_class = classmethod
else:

    class _on_the_class(classmethod):
        """A class method. On an instance, its name is that of ipywidgets' method that connects to the page."""

        def __get__(self, instance: Any, owner: Any = None) -> Any:
            return super().__get__(None, owner) if instance is None else ipywidgets.Widget.open.__get__(instance)


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
        optimizer: A Keras optimizer; default: Adam with a learning rate of 0.05. Direct ascent and MaCo need another.
        objective_f: A function from layer and channel to what is maximized, in place of `kind`, such as
            `lambda layer, channel: objectives.accentuate(layer, channel, "mixed3a", photo)`.
        cache: Whether images are kept on disk, in the folder `features` of the cache folder, which the environment
            variable `LUCID_WIDGETS_CACHE` can set. They take at most 512 MiB; the least recently used images
            are deleted first. Images are not cached if your own functions or a Keras optimizer make them, because the
            cache cannot tell when they change.
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
    _streams: ClassVar[bool] = True
    _editable: ClassVar[tuple[str, ...]] = (
        *("layer", "variant", "kind", "show_classes"),
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
        optimizer: Any = None,
        objective_f: Callable[[str, int], Any] | None = None,
        cache: bool = True,
        run: bool | None = None,
        show_classes: bool = True,
        images: Any = None,
        **kwargs: Any,
    ) -> None:
        rendered = importlib.import_module("lucid_widgets.widgets._grid.rendered_cells")  # needs TensorFlow
        source = rendered.RenderedCells(
            self,
            self._live,
            model,
            transforms=transforms,
            batch=batch,
            param_f=param_f,
            optimizer=optimizer,
            objective_f=objective_f,
            cache=cache,
            images=images,
            run=run,
        )
        settings = {"kind": kind, "steps": steps, "seed": seed, "show_classes": show_classes}
        self._begin(source, {**source.first(layer, image_size), "channels": channels, **settings}, kwargs)

    @_on_the_class
    def open(
        cls,
        store: Microscope | str | os.PathLike[str],
        layer: str | None = None,
        channels: Iterable[int] | None = None,
        *,
        variant: str | None = None,
        model: Any = None,
        images: ActivationIndex | None = None,
        **kwargs: Any,
    ) -> FeatureGrid:
        """Show the images of a store that `render_model` has written. Needs neither TensorFlow nor the network.

        While the store is being written, the grid fills with what is finished; `run()` reads it again at once. The page
        searches all layers by layer, channel and label, and shows the channels of a layer with similar images. `kind`,
        `image_size`, `steps` and `seed` are those of the stored images and cannot be changed. Images larger than 512
        pixels are reduced.

        Args:
            store: A `Microscope`, or the path or URL of a store.
            layer: Name of the layer; default: the first one that has images.
            channels: Which channels of the layer to show, in this order; default: all.
            variant: Which of the store's `variants` to show; default: the first.
            model: Whatever `as_model` accepts. With it, a click on an image opens the channel in a `LucidWidget`, which
                needs TensorFlow; default: None.
            images: An `ActivationIndex`, whose real images the cells can show, and by which they can be sorted;
                default: that of the store, if `render_model` got real images.
            **kwargs: Arguments of any widget, such as `layout`.

        Raises:
            MissingFileError: If there is no store.
            UnknownNameError: If the store does not have the layer or the variant.

        Example:
            >>> FeatureGrid.open("my_microscope")
        """
        grid = cls.__new__(cls)
        opened = store if isinstance(store, Microscope) else Microscope.open(store)
        index = opened.evidence if images is None else images
        source = StoredCells(grid, grid._live, opened, model=model, images=index)
        grid._begin(source, {**source.first(layer, variant), "channels": channels}, kwargs)
        return grid

    def _begin(self, source: Any, values: Mapping[str, Any], kwargs: Mapping[str, Any]) -> None:
        """End of a constructor: assign settings, then open the connection to the page."""
        self._source: CellSource = self._own(source)
        # Differs from the ids of cells that a restarted kernel has left on a page.
        self._next_id = int(time.time() * 1000)
        self._change(values)
        super().__init__(**kwargs)
        cell_reruns.remember(self)
        self._source.start()

    def _make_parts(self) -> None:
        self._panel = self._own(DetailPanel(self, self._objective_of))
        self._live = self._own(LiveGrid(self, lambda cells: self._source.frames(cells), lambda: self.steps))
        self._files = self._own(GridFiles(self, self._live, about=self._about, labels=lambda: self.labels))

    def __repr__(self) -> str:
        about = f"{self.model_name}, {self.layer}"
        return f"<{type(self).__name__} {about}: {self.status}, {self.made} of {len(self._live.cells)}>"

    @property
    def model(self) -> Any:
        """The model; None for a stored grid without one."""
        return self._source.model

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
        self._source.run()

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
        return self._source.wait(timeout, verbose)

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
            objective, make = self._source.workbench(number)
            widget: LucidWidget = self._panel.show(number, objective, make)
        if run:
            widget.run()
        return widget

    def close_unit(self) -> None:
        """Close the widget that `open_unit` opened."""
        self._panel.close_unit()

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
        return {**super()._commands(), "run": self.run, "open": self._open_unit, "close": self.close_unit}

    def _objective_of(self, unit: int) -> Any:
        return None if self._live.cells.place_of(unit) is None else self._source.workbench(unit)[0]

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
            checked = self._source.real.checked(self._checked(given))
            after = {name: checked.get(name, getattr(self, name)) for name in _DECIDE_CELLS}
            if after["layer"] != self.layer and "channels" not in checked:
                checked["channels"] = after["channels"] = None
            chosen = self._source.chosen(checked, after)
            after = {name: chosen.traits.get(name, value) for name, value in after.items()}
            changes_cells = not len(self._live.cells) or any(getattr(self, name) != after[name] for name in after)
            self._commit(chosen.traits)
            if changes_cells:
                self._publish(labels=chosen.labels)
                self._next_id += 1
                self._live.show(Cells(self._next_id, chosen.units, chosen.size))
                self._source.shown()
                self._panel.follow()

    def _about(self) -> dict[str, Any]:
        return {
            "model": self.model_name,
            "layer": self.layer,
            "kind": self.kind,
            "steps": self.steps,
            "seed": self.seed,
        }


__all__ = ["FeatureGrid"]
