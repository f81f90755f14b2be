"""`Explorer`: the base class of `ImageExplorer` and of its parts that are widgets of their own."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, cast

import numpy as np

from lucid_widgets.attribution import Method
from lucid_widgets.attribution.activation_grid import cell_side
from lucid_widgets.attribution.geometry import as_grid
from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.frames import FloatArray, Frame
from lucid_widgets.misc.io.image_cache import ImageCache
from lucid_widgets.misc.io.serialize_array import encode_png
from lucid_widgets.modelzoo.vision_models import Model
from lucid_widgets.optvis import objectives
from lucid_widgets.runner import Status
from lucid_widgets.widgets._core import cell_reruns
from lucid_widgets.widgets._core.base import LucidBase
from lucid_widgets.widgets._core.commands import Command, Reply
from lucid_widgets.widgets._core.uploads import Uploads
from lucid_widgets.widgets._explorer import asked
from lucid_widgets.widgets._explorer.analysis import Analysis, Question, Step
from lucid_widgets.widgets._explorer.code import code_of
from lucid_widgets.widgets._explorer.explorer_traits import ASKED, ExplorerTraits
from lucid_widgets.widgets._explorer.feature_images import STEPS, FeatureImages
from lucid_widgets.widgets._explorer.features import Features
from lucid_widgets.widgets._explorer.findings import Findings
from lucid_widgets.widgets._explorer.packing import blocks, packed
from lucid_widgets.widgets._explorer.picture import as_picture, sample_names
from lucid_widgets.widgets._explorer.stops import stops
from lucid_widgets.widgets._grid.cells import Cells
from lucid_widgets.widgets._grid.detail_panel import DetailPanel
from lucid_widgets.widgets._grid.grid_settings import first_size, layer_traits
from lucid_widgets.widgets._network.in_use import NetworkInUse
from lucid_widgets.widgets._workbench.presets import find_classes, middle_layer
from lucid_widgets.widgets._workbench.start_image import StartImage
from lucid_widgets.widgets.lucid_widget import LucidWidget

CELL = 48
"""Width and height of a position in the view "sees", in pixels."""

MOST_POSITIONS = 256
"""Most positions in the view "sees". Of larger layers, blocks of positions are shown."""

FEWEST_POSITIONS = 16
"""Positions that are shown even if each of them takes long."""

MOST_KEPT = 16
"""Most layers and groups whose images are kept in memory."""

SHOWN = 12
"""Channels that are shown for a position, and most channels for and against a class together."""


class Explorer(LucidBase, ExplorerTraits):
    """Shows what a network does with one image.

    Subclasses choose their `_pieces`, parts of the page, and their first `view`.
    """

    _bundle: ClassVar[str] = "image_explorer"
    _streams: ClassVar[bool] = True
    _editable: ClassVar[tuple[str, ...]] = ASKED
    _shows: ClassVar[tuple[str, ...]] = ()
    _first_view: ClassVar[str] = "fires"

    def __init__(
        self,
        model: Any = None,
        image: Any = None,
        layer: str | None = None,
        *,
        position: Sequence[int] | None = None,
        classes: Sequence[str | int] | str | int = (),
        view: str | None = None,
        method: Method = "integrated_gradients",
        groups: int = 6,
        units: Sequence[int] | None = None,
        cache: bool = True,
        **kwargs: Any,
    ) -> None:
        self._network = NetworkInUse.of(model)
        self._cache = ImageCache() if cache else None
        # Differs from the ids of cells that a restarted kernel has left on a page.
        self._next_id = int(time.time() * 1000)
        # Where the position is in the image, which stays when the layer changes; None if `position` was set before the
        # layer's positions were known.
        self._fraction: tuple[float, float] | None = (0.5, 0.5)
        listed = layer_traits(self.model)["layers"]
        self._publish(model_name=self.model.name, layers=listed, _stops=stops(self.model), _samples=sample_names())
        self._publish(_pieces=list(self._shows))
        chosen = self.model.first_look[0] if self.model.first_look else middle_layer(self.model).name
        first = {
            "image": sample_names()[0] if image is None else image,
            "layer": chosen if layer is None else layer,
            "classes": classes,
            "view": self._first_view if view is None else view,
            "method": method,
            "groups": groups,
            "units": units,
        }
        self._change(first if position is None else {**first, "position": position})
        super().__init__(**kwargs)
        cell_reruns.remember(self)

    def _make_parts(self) -> None:
        self._findings: Findings | None = None
        self._features: Features | None = None
        # Cells by the key of their features, so that the images of earlier layers come back at once.
        self._kept: OrderedDict[Hashable, Cells] = OrderedDict()
        self._panel = self._own(DetailPanel(self, self._objective_of))
        self._analysis = self._own(Analysis(self, self._steps))
        self._live = self._own(FeatureImages(self, self._frames_for, lambda: STEPS))
        self._uploads = Uploads()

    def __repr__(self) -> str:
        about = ", ".join(each for each in (self.model_name, self.image_name, self.layer) if each)
        return f"<{type(self).__name__} {about}>"

    @property
    def model(self) -> Model:
        """The model."""
        return self._network.model

    # Results.

    @property
    def code(self) -> str:
        """Python code that computes the numbers of the current view."""
        with self._lock:
            question = self._analysis.question
            assert question is not None
            shown = {name: getattr(self, name) for name in ("view", "layer", "position", "method", "groups")}
            spatial, first = bool(self._places.get("spatial", True)), self._places.get("first_token")
            if first is not None:
                shown["position"] = [first + self.position[0] * self._places["columns"] + self.position[1]]
            classes = tuple(self._explained)
            target = classes if len(classes) > 1 else classes[0] if classes else None
            return code_of(self._network, self.image.code, spatial=spatial, target=target, **shown)

    @property
    def shown(self) -> list[int]:
        """The channels, groups, or positions of the grid (counted row by row), that the current view shows."""
        with self._lock:
            if self.view == "groups":
                return list(range(len(self._found_groups.get("groups", ()))))
            if self.view == "sees":
                return list(range(self._sees.get("rows", 0) * self._sees.get("columns", 0)))
            if self.units is not None:
                return list(self.units)
            return asked.strongest(self._analysis.question, self.view, self.position, SHOWN)

    @property
    def images(self) -> dict[int, FloatArray]:
        """The finished images by channel, group or position, float32 `[height, width, 3]` in [0, 1]."""
        cells = self._live.cells
        made = (place for place in np.flatnonzero(cells.finished))
        return {cells.units[place]: cells.images[place].astype(np.float32) / np.float32(255) for place in made}

    # Control.

    def wait(self, timeout: float | None = None, *, verbose: bool = True) -> Status:
        """Block until the current view is complete, with its feature images. For scripts.

        Args:
            timeout: Seconds to wait at most for each part; default: no limit.
            verbose: Whether a notebook or a terminal shows a progress bar after a second; default: True.

        Returns:
            The status of the feature images.

        Raises:
            Exception: The error that ended the analysis or the feature images, if there was one.
        """
        self._analysis.runner.wait(timeout)
        self._live.make(self.shown)
        return self._live.wait(timeout, verbose)

    def stop(self) -> None:
        """End everything that runs in the background. Results stay."""
        self._analysis.runner.stop()
        self._live.runner.stop()

    # The opened channel.

    def open_unit(self, unit: int, *, run: bool = True) -> LucidWidget:
        """Open a channel in a `LucidWidget`, below the explorer or wherever `slot` is displayed.

        Its `photo` is the explorer's image, so that it can show where the channel fires.

        Args:
            unit: A channel of the layer; in the view "groups", a group.
            run: Whether to run it at once.

        Returns:
            The widget, which is also `opened`.
        """
        with self._lock:
            self._refuse_if_closed()
            features = self._features
            if features is None:
                raise ArgumentError("The channels are not known yet.", "Call wait() first.")
            number = whole_number("unit", unit, 0, features.count - 1, owner=f"layer {self.layer!r}")
            objective = features.objective(number)
            make = partial(LucidWidget, self.model, objective, photo=self.image)
            widget: LucidWidget = self._panel.show(number, objective, make)
            widget.photo = self.image
        if run:
            widget.run()
        return widget

    def close_unit(self) -> None:
        """Close the widget that `open_unit` opened."""
        self._panel.close_unit()

    @property
    def opened(self) -> LucidWidget | None:
        """The open `LucidWidget`; None if there is none."""
        return cast("LucidWidget | None", self._panel.content)

    @property
    def slot(self) -> Any:
        """The ipywidgets box that shows `opened`, for layouts of your own."""
        return self._panel.box

    # For the base class.

    def _commands(self) -> Mapping[str, Command]:
        return {
            **super()._commands(),
            "open": lambda unit: self.open_unit(unit) and None,
            "close": self.close_unit,
            "code": lambda: Reply(self.code),
            "find_class": lambda query="": Reply(find_classes(self.model, str(query))),
            "upload": self._upload,
            "again": self._ask,
        }

    def _objective_of(self, unit: int) -> Any:
        features = self._features
        return None if features is None or unit >= features.count else features.objective(unit)

    def _upload(self, name: str, upload: str, part: int, parts: int, data: str) -> None:
        """Take one chunk of an image file."""
        file = self._uploads.add(upload, part, parts, data)
        if file is not None:
            self._change({"image": StartImage.of_bytes(file, str(name))})

    def _on_message(self, content: dict[str, Any]) -> None:
        self._live.on_message(content)

    def _view(self) -> Any:
        bundle = super()._view()
        return None if bundle is None else self._panel.below(bundle)

    def _png(self) -> bytes | None:
        return None if self.image is None else encode_png(self.image.pixels)

    def _change(self, values: Mapping[str, Any]) -> None:
        with self._lock:
            given = dict(values)
            if "image" in given:
                given["image"] = as_picture(self.model, given["image"])
            given |= asked.checked(self.model, given, self._places)
            checked = self._checked(given)
            if "views" not in self._shows and checked.get("view", self._first_view) != self._first_view:
                raise ArgumentError(
                    f"{type(self).__name__} has no view {checked['view']!r}.",
                    f"It always shows {self._first_view!r}; use ImageExplorer for the others.",
                )
            if checked.get("layer", self.layer) != self.layer:
                checked.setdefault("units", None)
            changed = {name for name, value in checked.items() if value != getattr(self, name)}
            self._commit(checked)
            if "image" in changed:
                self._publish(image_name=self.image.name, _scores=[], _explained=[])
                self._findings = Findings(self.model, self.image.pixels)
            if "position" in checked:
                known = self._places.get("layer") == self.layer
                self._fraction = asked.fraction(self.position, self._places) if known else None
            if changed - {"position", "pins", "units"}:
                self._ask()

    # Analysis.

    def _ask(self) -> None:
        assert self._findings is not None
        method = cast(Method, self.method)
        self._analysis.ask(Question(self._findings, self.layer, tuple(self.classes), self.view, method, self.groups))

    def _steps(self, question: Question) -> Sequence[Step]:
        """What a question needs, the quickest first."""
        steps: list[Step] = [
            ("activations", lambda: self._find_activations(question)),
            ("classes", lambda: self._find_classes(question)),
        ]
        if question.view == "class":
            steps.append(("attribution", lambda: self._find_why(question)))
            steps.append(("faithfulness", lambda: self._find_faith(question)))
        if question.view == "groups":
            steps.append(("groups", lambda: self._find_groups(question)))
        if question.view == "sees":
            steps.append(("sees", lambda: self._find_grid(question)))
        return steps

    def _find_activations(self, question: Question) -> None:
        found = question.findings.activated(question.layer)
        size, count = self._feature_size(question.layer), found.grid.shape[-1]
        features = Features("channels", self.model, question.layer, count, size)
        with self._lock:
            if self._places != found.places:
                position = asked.place_at(self._fraction, self.position, found.places)
                self._analysis.publish(question, _activations=found.data, _activations_meta=found.about)
                if self._analysis.publish(question, _places=found.places):
                    self._commit({"position": position, "pins": asked.moved(self.pins, found.places)})
                    self._fraction = self._fraction or asked.fraction(position, found.places)
            if question.view in ("fires", "class"):
                self._show(question, features)

    def _find_classes(self, question: Question) -> None:
        explained = question.explained
        self._analysis.publish(question, _scores=question.findings.scores(explained), _explained=list(explained))

    def _find_why(self, question: Question) -> None:
        about, data = question.findings.why(question.layer, question.target, question.method)
        self._analysis.publish(question, _why_values=data, _why={**about, "classes": list(question.explained)})

    def _find_faith(self, question: Question) -> None:
        found = question.findings.faith(question.layer, question.target, question.method)
        self._analysis.publish(question, _faith={**found, "classes": list(question.explained)})

    def _find_groups(self, question: Question) -> None:
        target = question.target if question.explained else None
        found = question.findings.groups(question.layer, question.groups, target)
        about, data = packed(cast(FloatArray, as_grid(found.maps, question.findings.model.token_grid)))
        rows = [
            {
                "effect": float(found.effects[index, 0]) if target is not None else None,
                "channels": np.argsort(-vector)[:4].tolist(),
            }
            for index, vector in enumerate(found.directions)
        ]
        described = {"layer": question.layer, "groups": rows, "classes": list(question.explained), "error": found.error}
        size = self._feature_size(question.layer)
        with self._lock:
            if self._analysis.publish(question, _group_maps=data, _found_groups={**described, **about}):
                source = (question.findings, question.groups)
                features = Features("groups", self.model, question.layer, len(rows), size, found.directions, source)
                self._show(question, features)

    def _find_grid(self, question: Question) -> None:
        found = question.findings.activated(question.layer)
        if not found.spatial:
            raise ArgumentError(f"Layer {question.layer!r} has no positions.", "Choose a layer below it.")
        size, source = cell_side(self.model, question.layer, CELL), question.findings
        # Networks of a single, larger size take longer for each position.
        most = max(FEWEST_POSITIONS, round(MOST_POSITIONS * min(1.0, (2 * CELL / size) ** 2)))
        directions, block = blocks(found.grid, most)
        rows, columns = directions.shape[:2]
        features = Features("positions", self.model, question.layer, rows * columns, size, directions, source)
        grid = {"layer": question.layer, "rows": rows, "columns": columns, "block": block}
        with self._lock:
            if self._analysis.publish(question, _sees=grid):
                self._show(question, features)

    # Feature images.

    def _feature_size(self, layer: str) -> int:
        return first_size(self.model, objectives.channel(layer, 0), None, None)

    def _show(self, question: Question, features: Features) -> None:
        """Show other cells, unless the page has these already. Needs the lock."""
        before = self._features
        if question is not self._analysis.question or (before is not None and before.key == features.key):
            return
        self._features = features
        if features.key not in self._kept:
            self._next_id += 1
            self._kept[features.key] = features.cells(self._next_id)
        self._kept.move_to_end(features.key)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        self._live.replace(self._kept[features.key], _board_of=features.kind)
        self._panel.follow()

    def _frames_for(self, cells: Cells) -> Iterable[Frame]:
        """The stream that fills the cells. Called on the worker."""
        with self._lock:
            features = self._features
        return () if features is None else features.frames(cells, self._cache)


__all__ = ["SHOWN", "Explorer"]
