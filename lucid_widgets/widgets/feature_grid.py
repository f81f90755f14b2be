"""`FeatureGrid`: what excites each channel of a layer, in small, side by side."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from lucid_widgets.errors import ArgumentError, ModelError, whole_number
from lucid_widgets.export.sprites import save_unit_sheet, unit_sheets
from lucid_widgets.frames import FloatArray
from lucid_widgets.misc.io.image_cache import ImageCache
from lucid_widgets.modelzoo.vision_models import Layer, Model, as_model, embedded_model
from lucid_widgets.optvis.transform import as_transforms
from lucid_widgets.optvis.unit_frames import UnitFrames
from lucid_widgets.widgets._core import cell_reruns
from lucid_widgets.widgets._core.base import Command, Reply
from lucid_widgets.widgets._core.traits import Choice, Records, Text, Whole, whole
from lucid_widgets.widgets._grid.cell_sheets import state_sheet
from lucid_widgets.widgets._grid.cells import Cells
from lucid_widgets.widgets._grid.detail_panel import DetailPanel
from lucid_widgets.widgets._grid.grid_settings import KINDS, GridSettings, labels_of, units_of
from lucid_widgets.widgets._grid.live_grid import LiveGrid
from lucid_widgets.widgets._workbench.presets import middle_layer
from lucid_widgets.widgets.lucid_widget import IMAGE_SIZE_MIN, MAX_SEED, MAX_STEPS, LucidWidget

IMAGE_SIZE_MAX = 512

_DECIDE_PICTURES = ("layer", "kind", "channels", "image_size", "steps", "seed")


class FeatureGrid(LiveGrid):
    """All channels of a layer as a grid of small pictures, made in the background, several in one compiled call.

    Those that can be seen are made first; scrolling changes what comes next. Finished pictures are kept on disk, so
    that a layer that was shown before is there at once, also in another notebook, for the same weights and settings.
    A click on one, or Enter, opens it in a `LucidWidget` under the grid.

    It starts by itself. `layer`, `kind`, `channels`, `image_size`, `steps` and `seed` can be changed, and show
    another grid at once; a wrong value raises and changes nothing. A run also ends when the kernel is interrupted,
    when the cell that made the grid is run again, with `close()`, and two seconds after the last view of it was
    removed; what is made stays, and `run()` makes the rest.

    Args:
        model: A `Model` of the zoo, a Keras model, or the path of a frozen graph (`.pb`) or a `.keras` file. Unless
            given, EmojiNet, which comes with the package.
        layer: Name of the layer; one in the middle unless given.
        channels: Which of its channels, in this order; all unless given.
        kind: "channel" for the mean of a channel, "neuron" for the unit in its middle.
        image_size: Width and height of the pictures in pixels, 8 to 512.
        steps: Updates of each picture.
        transforms: What the pictures must be robust to; the standard transforms unless given, `[]` for nothing.
        seed: Where the random numbers start. All pictures start from the same noise.
        batch: Pictures of one compiled call; as many as are made quickest, unless given.
        cache: Whether pictures are kept on disk: in `features` in the folder for caches, which the environment variable
            `LUCID_WIDGETS_CACHE` can name. They take 512 MiB at most; those go first that nobody looked at for longest.
            Transforms that are functions of yours rule it out: only this process knows what they do.
        run: Whether to start at once.
        **kwargs: What all widgets take, such as `layout`.

    Raises:
        ModelError: If the model cannot be looked into.
        UnknownNameError: For a layer that the model does not have.
        OutOfRangeError: For a channel, size or number of steps that does not exist.

    Example:
        >>> grid = FeatureGrid(models.EmojiNet(), "mixed4a")
        >>> grid
        >>> grid.wait()
        >>> show(grid.images[[30, 56, 152]])
    """

    _bundle: ClassVar[str] = "feature_grid"
    # What the page may edit with the command "set".
    _editable: ClassVar[tuple[str, ...]] = ("layer", "kind")

    model_name: str = Text("", output=True, help="The model's name.")
    layers: list[dict[str, Any]] = Records(
        output=True, help="The layers that have channels, in order: name, kind, channels and share of compute."
    )
    layer: str = Text("", help="Name of the layer that is shown.")
    kind: str = Choice(tuple(KINDS), "channel", help='"channel" or "neuron".')
    channels: list[int] | None = Records(
        None,
        allow_none=True,
        help="The channels that are shown, in order; None for all. Another layer shows all again.",
    )
    labels: list[str] = Records(output=True, help="The names of the channels, where they are the model's classes.")
    image_size: int = Whole(64, min=IMAGE_SIZE_MIN, max=IMAGE_SIZE_MAX, help="Width and height of a picture in pixels.")
    steps: int = Whole(64, min=1, max=MAX_STEPS, help="Updates of each picture.")
    seed: int = Whole(0, min=0, max=MAX_SEED, help="Where the random numbers start.")
    opened_unit: int = Whole(-1, min=-1, output=True, help="The channel that is open in a LucidWidget; -1 for none.")

    def __init__(
        self,
        model: Any = None,
        layer: str | None = None,
        channels: Iterable[int] | None = None,
        *,
        kind: str = "channel",
        image_size: int = 64,
        steps: int = 64,
        transforms: Callable[[Any], Any] | Iterable[Callable[[Any], Any]] | None = None,
        seed: int = 0,
        batch: int | None = None,
        cache: bool = True,
        run: bool = True,
        **kwargs: Any,
    ) -> None:
        self._model = embedded_model() if model is None else as_model(model)
        self._transforms = as_transforms(transforms)
        # Transforms that are given in code cannot be changed on the page of a `LucidWidget`; the default ones can.
        self._given: dict[str, Any] = {} if transforms is None else {"transforms": self._transforms}
        self._batch = None if batch is None else whole_number("batch", batch, 1)
        self._cache = ImageCache() if cache else None
        self._slot = DetailPanel()
        self._to_make = 0
        # Other than that of any grid that a restarted kernel has left on a page.
        self._next_id = int(time.time() * 1000)
        chosen = _first_layer(self._model) if layer is None else layer
        settings = {"kind": kind, "image_size": image_size, "steps": steps, "seed": seed}
        self._change({"layer": chosen, "channels": channels, **settings})
        self.set_trait("model_name", self._model.name)
        self.set_trait("layers", [asdict(each) for each in self._model.layers if each.channels])
        super().__init__(**kwargs)
        cell_reruns.remember(self)
        if run:
            self.run()

    def __repr__(self) -> str:
        about = f"{self.model_name}, {self.layer}"
        return f"<{type(self).__name__} {about}: {self.status}, {self.made} of {len(self._cells)}>"

    @property
    def model(self) -> Model:
        """The model that is looked into."""
        return self._model

    # What is there.

    @property
    def images(self) -> FloatArray:
        """The pictures, float32 `[channels, height, width, 3]` in [0, 1], in the order of `units`.

        NaN where there is none yet. They have 256 levels, as they have on disk, so that it makes no difference where
        they come from.
        """
        cells = self._cells
        images = cells.pictures.astype(np.float32) / np.float32(255)
        images[~cells.finished] = np.nan
        return images

    @property
    def values(self) -> FloatArray:
        """The objective of each picture, float32 `[channels]`; NaN where it is not known."""
        return self._cells.values.copy()

    @property
    def failures(self) -> dict[int, str]:
        """The channels that have no picture because their objective is not finite, and the reason."""
        cells = self._cells
        return {cells.units[place]: message for place, message in cells.failures.items()}

    # What a person can do.

    def run(self) -> None:
        """Makes what is not made yet, in the background, and returns at once. While it does, this does nothing."""
        super().run()

    def stop(self) -> None:
        """Ends the run. What is made stays, the batch under way is dropped; `run()` makes the rest."""
        super().stop()

    def save(self, path: str | os.PathLike[str]) -> list[Path]:
        """Writes the pictures as one sprite sheet, and its geometry beside it: `mixed4a.png` and `mixed4a.json`.

        Args:
            path: Ends with `.png` or `.webp` (both lossless), or `.jpg`. What does not fit into one sheet goes into
                `mixed4a-2.png` and so on.

        Returns:
            The files written. The JSON has `width` and `height` of a picture, for each sheet its `file` and
            `columns`, and the `units` in order with their `values` and `labels`; what has no picture yet is left out.

        Raises:
            ArgumentError: If there is no picture yet, or for another ending.
        """
        pictures, about = self._saved()
        return save_unit_sheet(pictures, path, about)

    def open_unit(self, unit: int, *, run: bool = True) -> LucidWidget:
        """Opens a channel in a `LucidWidget`: under the grid where that is displayed, or wherever `slot` is.

        The widget that was opened before goes on with the new objective, and keeps its settings.

        Args:
            unit: One of `units`.
            run: Whether to run it at once.

        Returns:
            The widget, which is `opened` too.
        """
        with self._lock:
            number = whole("unit", unit, 0, None)
            if self._cells.place_of(number) is None:
                raise ArgumentError(
                    f"{number} is not in this grid.", f"Expected one of the {len(self._cells)} in `units`."
                )
            objective = self._recipe().objective(number)
            widget: LucidWidget | None = self._slot.inside
            if widget is None:
                widget = LucidWidget(self._model, objective, seed=self.seed, **self._given)
                self._slot.put(widget)
            else:
                widget.reset()
                widget.objective = objective
            self.set_trait("opened_unit", number)
        if run:
            widget.run()
        return widget

    def close_unit(self) -> None:
        """Closes the widget that `open_unit` made."""
        with self._lock:
            self._slot.clear()
            self.set_trait("opened_unit", -1)

    @property
    def opened(self) -> LucidWidget | None:
        """The `LucidWidget` that was opened last; None if there is none."""
        found: LucidWidget | None = self._slot.inside
        return found

    @property
    def slot(self) -> Any:
        """The ipywidgets box that `opened` is shown in, for layouts of your own: `HBox([grid, grid.slot])`."""
        return self._slot.box

    def close(self) -> None:
        """Removes the widget from the page, ends its run, and closes what it has opened."""
        self._slot.close()
        super().close()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        return None if bundle is None else self._slot.beneath(self, bundle)

    # What the page can do.

    def _commands(self) -> Mapping[str, Command]:
        return {
            "run": self.run,
            "pause": self.pause,
            "resume": self.resume,
            "stop": self.stop,
            "open": self._open,
            "close": self.close_unit,
            "png": self._png_file,
            "set": self._set,
        }

    def _open(self, unit: Any) -> None:
        self.open_unit(unit)

    def _png_file(self) -> Reply:
        pictures, about = self._saved()
        words = re.findall(r"[\w.-]+", f"{self.model_name}-{self.layer}")
        path = Path(f"{'-'.join(words)[:80] or 'features'}.png")
        sheets, described = unit_sheets(pictures, path, about)
        if len(sheets) > 1:
            raise ArgumentError("The pictures do not fit into one sheet.", "grid.save(path) writes several.")
        return Reply({"filename": path.name}, [*sheets.values(), described])

    def _saved(self) -> tuple[Any, dict[str, Any]]:
        cells = self._cells
        places = np.flatnonzero(cells.finished)
        if not len(places):
            raise ArgumentError("There is no picture yet.", "Wait for the first ones, or run.")
        about = {
            "model": self.model_name,
            "layer": self.layer,
            "kind": self.kind,
            "steps": self.steps,
            "seed": self.seed,
        }
        units = [cells.units[place] for place in places]
        names = {"labels": [self.labels[unit] for unit in units]} if self.labels else {}
        described = cells.described([int(place) for place in places])
        return cells.pictures[places], {**about, "units": units, **names, "values": described["values"]}

    def _png(self) -> bytes | None:
        return state_sheet(self._cells, "PNG")[1] or None

    # Changes.

    def _change(self, values: Mapping[str, Any]) -> None:
        with self._lock:
            given = dict(values)
            if given.get("channels") is not None:
                given["channels"] = [whole("channel", each, 0, None) for each in given["channels"]]
            checked = self._checked(given)
            after = {name: checked.get(name, getattr(self, name)) for name in _DECIDE_PICTURES}
            layer = self._shown_layer(after["layer"])
            if layer.name != self.layer and "channels" not in checked:
                checked["channels"] = after["channels"] = None
            units = units_of(layer, after["channels"])
            KINDS[after["kind"]](layer.name, units[0]).validate(self._model, 1)
            anew = not len(self._cells) or any(getattr(self, name) != after[name] for name in _DECIDE_PICTURES)
            self._commit(checked)
            if not anew:
                return
            runs = self._runner.status != "idle"
            self._runner.clear()
            self._to_make = 0
            self.set_trait("labels", labels_of(self._model, layer))
            self._next_id += 1
            self._show_cells(Cells(self._next_id, units, self.image_size))
            self.set_trait("error", {})
            if runs:
                self.run()

    def _shown_layer(self, name: str) -> Layer:
        layer = self._model.get_layer(name)
        if not layer.channels:
            raise ModelError(f"It is not known how many channels {name!r} has.", "Expected another layer.")
        return layer

    # How a run goes.

    def _start(self) -> None:
        self._flow.forgive()
        self._runner.start(self._make_frames)
        self._publish_numbers(self._runner.status)

    def _make_frames(self) -> UnitFrames:
        """The stream of one run. Called on the worker."""
        with self._lock:
            cells, recipe = self._cells, self._recipe()
        frames = recipe.frames(cells, self._cache)
        with self._lock:
            if self._cells is cells:
                self._to_make = self.steps * (len(cells) - int(np.count_nonzero(cells.finished)))
        return frames

    def _recipe(self) -> GridSettings:
        return GridSettings(
            self._model, self.layer, self.kind, self.image_size, self.steps, self.seed, self._transforms, self._batch
        )

    def _total_steps(self) -> int:
        return self._to_make


def _first_layer(model: Model) -> str:
    return middle_layer(model).name if model.first_look is None else model.first_look[0]
