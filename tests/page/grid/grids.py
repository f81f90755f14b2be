"""A page with a feature grid that is connected to a real Python grid, whose images are plain colors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from page.live_widget import BinaryWidget
from pages import Page
from playwright.sync_api import Browser, Locator

from lucid_widgets.modelzoo.vision_base import Layer, Model, Network
from lucid_widgets.widgets.feature_grid import FeatureGrid

OpenGrid = Callable[..., "GridPage"]


class Names(Model):
    """A network with layers that computes nothing."""

    name = "InceptionV1"

    def __init__(self, layers: Sequence[Layer], labels: Sequence[str] = ()) -> None:
        self.network = ListedLayers(layers)
        self.labels = tuple(labels) or None


class ListedLayers(Network):
    """The layers of `Names`."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._listed = layers

    def layers(self) -> Sequence[Layer]:
        return self._listed

    def describe(self, name: str) -> Layer | None:
        return next((layer for layer in self._listed if layer.name == name), None)

    def has(self, name: str) -> bool:
        return self.describe(name) is not None

    def names(self) -> Sequence[str]:
        return ()

    def evaluator(self, image: Any, prefix: str, input_map: Any) -> Any:
        raise NotImplementedError


LAYERS = [
    Layer("conv2d0", "conv", 64, 0.04),
    Layer("mixed3a", "concat", 256, 0.38),
    Layer("mixed4a", "concat", 508, 0.62),
    Layer("mixed5b", "concat", 1024, 1.0),
    Layer("bottleneck", "concat", 2048, 1.0),
    Layer("softmax2", "softmax", 6, 1.0),
]
LABELS = [
    "panda",
    "fox",
    "<img src=x onerror=alert(1)>",
    "ladybird",
    "lemon",
    "a very long name of a class, longer than a cell",
]


def color_of(unit: int) -> tuple[int, int, int]:
    """Color of a unit's image; neighbors differ."""
    return (37 * unit) % 256, (91 * unit + 40) % 256, (151 * unit + 90) % 256


class GridPage(BinaryWidget):
    """The page of a grid. Python answers its requests; `make` produces the images."""

    widget: FeatureGrid

    def __init__(self, browser: Browser, widget: FeatureGrid, comm: Page, **options: Any) -> None:
        super().__init__(browser, widget, comm, **options)
        if isinstance(widget, FeatureGrid) and options.get("views") != 0:
            self.looked()

    def looked(self) -> None:
        """Wait until the page has told Python which cells it shows."""
        self.wait("host.of('want').some(({ places }) => places?.length)")
        self.settle()

    @property
    def root(self) -> Locator:
        """The first view."""
        return self.page.locator(".lucidw").first

    def make(self, units: Sequence[int], *, value: float = 12.5, finished: bool = True) -> None:
        """Produce images, finished or not, and notify the page."""
        cells, size = self.widget._live.cells, self.widget.image_size
        pictures = np.empty((len(units), size, size, 3), np.uint8)
        pictures[:] = np.asarray([color_of(unit) for unit in units], np.uint8)[:, None, None]
        if finished:
            cells.finish(units, pictures, [value + unit for unit in units])
        else:
            cells.show(None, units, pictures)  # type: ignore[arg-type]
        self.hear()

    def hear(self) -> None:
        """Let the widget publish new images, as when its worker reports."""
        widget = self.widget
        with widget._lock:
            widget._live._publish_numbers(widget.status)
            widget._live._send_news()
        self.push()

    def rest(self) -> None:
        """Save the finished images in the state."""
        self.widget._settle()
        self.push()

    def cell_pixel(self, unit: int) -> list[int]:
        """Center pixel of a cell's image, RGBA."""
        return list(
            self.page.locator(f'[data-unit="{unit}"] canvas').evaluate(
                """(c) => [...c.getContext("2d").getImageData(c.width / 2, c.height / 2, 1, 1).data]"""
            )
        )

    def units_on_page(self) -> list[int]:
        return list(
            self.page.evaluate("[...document.querySelectorAll('[data-unit]')].map((e) => Number(e.dataset.unit))")
        )


def new_grid(layer: str = "mixed4a", **options: Any) -> FeatureGrid:
    """A grid that renders nothing on its own."""
    labels = options.pop("labels", LABELS)
    return FeatureGrid(
        Names(LAYERS, labels), layer, image_size=options.pop("image_size", 16), run=False, cache=False, **options
    )


__all__ = ["LABELS", "GridPage", "OpenGrid", "color_of", "new_grid"]
