"""`site`: a store of feature visualizations as pages that open from a folder, without a server."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.evidence.index import ActivationIndex
from lucid_widgets.microscope.opened import Microscope
from lucid_widgets.microscope.publishing import pages
from lucid_widgets.microscope.publishing.pages import Cell
from lucid_widgets.microscope.search import FIGURES
from lucid_widgets.misc.io.scoping import expanded
from lucid_widgets.misc.io.serialize_array import UInt8Array, encode_jpeg, encode_png, tile
from lucid_widgets.misc.io.writing import write_whole
from lucid_widgets.misc.outside import in_html

FILES = Path(__file__).parent / "site_files"

_SHOWN = 12
_CROPS, _CROP = 9, 64


def site(
    store: Microscope | str | os.PathLike[str],
    out: str | os.PathLike[str] = "site",
    *,
    evidence: ActivationIndex | str | os.PathLike[str] | None = None,
    related: int = 8,
) -> Path:
    """Write a site with a page for the network, for each layer and for each unit.

    The site is a folder of files that refer to each other and to nothing else. It opens from the disk, and any web
    server can publish it. A unit's page has its images, the curve of its objective, how to render it again, and the
    units whose images resemble it. With real images, it also has those that excite the unit most, and the units that
    respond to the same images. The search finds layers, units and classes, and with real images also units by their
    figures, such as `selectivity > 0.8`.

    Args:
        store: A `Microscope`, or the path or URL of a store.
        out: Folder of the site. Its files are replaced, and others in it stay. Default: "site".
        evidence: An `ActivationIndex` or its path, whose real images the pages of the units show. Default: that of the
            store, if `render_model` got real images.
        related: Number of units per page with similar images, and of units that respond to the same real images.
            Default: 8.

    Returns:
        The first page, `index.html`.

    Raises:
        MissingFileError: There is no store, or no index.
        ArgumentError: The store has no image yet.

    Example:
        >>> page = microscope.site("my_microscope", "site")
    """
    count = whole_number("related", related, 0)
    opened = store if isinstance(store, Microscope) else Microscope.open(store)
    index = ActivationIndex.open(evidence) if isinstance(evidence, (str, os.PathLike)) else evidence or opened.evidence
    if not any(opened.finished(layer, place).any() for layer in opened.layers for place in range(len(opened.variants))):
        raise ArgumentError(f"{opened.path} has no image yet.", "Run render_model first.")
    folder = expanded(out)
    made = _Site(opened, index, count)
    for name, data in made.files():
        write_whole(folder / name, data)
    return folder / "index.html"


class _Site:
    """The files of a site.

    Layers are numbered in the names of files, because the name of a layer may contain characters that a file name or an
    address cannot have.
    """

    def __init__(self, store: Microscope, evidence: ActivationIndex | None, related: int) -> None:
        self._store, self._evidence, self._related = store, evidence, related
        self._done: dict[str, np.ndarray] = {}
        self._places = {layer: place for place, layer in enumerate(store.layers)}

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Yield names and contents, the first page last."""
        for name in ("site.css", "site.js"):
            yield name, (FILES / name).read_bytes()
        yield "units.js", self._search_index()
        for layer in self._store.layers:
            yield from self._layer_files(layer)
        yield "index.html", self._first_page().encode()

    def _search_index(self) -> bytes:
        layers = [
            {
                "name": layer,
                "place": self._places[layer],
                "channels": self._store.channels(layer),
                "labels": self._store.labels(layer),
                "figures": self._figures(layer),
            }
            for layer in self._store.layers
        ]
        return f"window.lucidUnits = {json.dumps(layers)};\n".encode()

    def _figures(self, layer: str) -> dict[str, list[float | None]]:
        """What the search compares, by name and channel; an empty dict without real images of the layer."""
        index = self._evidence
        if index is None or layer not in index.layers or index.channels(layer) != self._store.channels(layer):
            return {}
        return {
            name: [float(f"{each:.3g}") if np.isfinite(each) else None for each in index.figures(layer, name)]
            for name in FIGURES
        }

    def _first_page(self) -> str:
        store = self._store
        total = sum(store.channels(layer) for layer in store.layers)
        body = [
            pages.heading(store.model),
            pages.paragraph(f"{len(store.layers)} layers, {total:,} units"),
        ]
        for layer in store.layers:
            place, done = self._places[layer], store.finished(layer)
            channels = store.channels(layer)
            every = max(1, channels // _SHOWN)
            shown = [unit for unit in range(0, channels, every) if done[unit]][:_SHOWN]
            body += [
                f'<h2><a href="layers/{place}.html">{in_html(layer)}</a></h2>',
                pages.paragraph(_count(channels, int(done.sum()))),
                pages.grid([self._cell(layer, unit, "", True) for unit in shown], self._size(layer)),
            ]
        return self._page(store.model, body, root="")

    def _layer_files(self, layer: str) -> Iterator[tuple[str, bytes]]:
        store, place = self._store, self._places[layer]
        channels = store.channels(layer)
        done = [store.finished(layer, number) for number in range(len(store.variants))]
        for number in range(len(store.variants)):
            images = store.images(layer, number)
            for made in np.flatnonzero(done[number]):
                yield f"images/{place}/{number}-{made}.png", encode_png(images[made])
        cells = [self._cell(layer, unit, "../", bool(done[0][unit])) for unit in range(channels)]
        body = [
            pages.heading(layer),
            pages.paragraph(_count(channels, int(done[0].sum()))),
            pages.grid(cells, self._size(layer)),
        ]
        title = f"{layer} of {store.model}"
        yield f"layers/{place}.html", self._page(title, body, root="../").encode()
        for unit in range(channels):
            has = [number for number, each in enumerate(done) if each[unit]]
            crops = self._crops(layer, unit)
            if crops is not None:
                yield f"images/{place}/real-{unit}.jpg", encode_jpeg(crops)
            yield f"units/{place}/{unit}.html", self._unit_page(layer, unit, has, crops).encode()

    def _unit_page(self, layer: str, unit: int, has: list[int], crops: UInt8Array | None) -> str:
        store, place = self._store, self._places[layer]
        name, label = f"{layer}:{unit}", self._label(layer, unit)
        steps = []
        if unit > 0:
            steps.append(("Previous unit", f"{unit - 1}.html"))
        if unit + 1 < store.channels(layer):
            steps.append(("Next unit", f"{unit + 1}.html"))
        body = [pages.heading(f"{name} {label}".strip()), pages.links(steps)]
        width, height = self._size(layer)
        figures = [
            pages.figure(
                f"../../images/{place}/{number}-{unit}.png",
                f"Image of {name}, {store.variants[number]}",
                store.variants[number],
                (width, height),
            )
            for number in has
        ]
        if figures:
            body.append(f'<div class="figures">{"".join(figures)}</div>')
        else:
            body.append(pages.paragraph(store.failures.get(name, "It has not been rendered yet.")))
        if crops is not None and self._evidence is not None:
            alt, caption = f"The real images that excite {name} most", self._evidence[layer, unit].summary
            size = (crops.shape[1], crops.shape[0])
            shown = pages.figure(f"../../images/{place}/real-{unit}.jpg", alt, caption, size)
            body += [pages.heading("Real images that excite it most", 2), f'<div class="figures">{shown}</div>']
        if has:
            body += [pages.heading("Objective", 2), pages.curve(*store.curve((layer, unit), has[0]))]
        if 0 in has and self._related:
            near = [other.rpartition(":")[2] for other, _ in store.related((layer, unit), self._related)]
            if near:
                cells = [self._cell(layer, int(other), "../../", True) for other in near]
                body += [pages.heading("Similar images", 2), pages.grid(cells, (width, height))]
        alike = self._alike(layer, unit)
        if alike:
            body += [pages.heading("Units that respond to the same images", 2), pages.grid(alike, (width, height))]
        if has:
            body += [pages.heading("How to render it again", 2), pages.facts(self._facts(layer, unit, has[0]))]
        trail = [(layer, f"layers/{place}.html")]
        return self._page(f"{name} of {store.model}", body, root="../../", trail=trail)

    def _page(self, title: str, body: list[str], *, root: str, trail: Sequence[tuple[str, str]] = ()) -> str:
        compares = self._evidence is not None
        return pages.page(title, self._store.model, "\n".join(body), root=root, trail=trail, compares=compares)

    def _facts(self, layer: str, unit: int, number: int) -> dict[str, Any]:
        record = self._store.record((layer, unit), number)
        versions = ", ".join(f"{name} {version}" for name, version in sorted(record["versions"].items()))
        settings = ", ".join(f"{name} {value}" for name, value in sorted(record["recipe"].items()))
        return {
            "Network": self._store.model,
            "Objective": record["objective"],
            "Seed": record["seed"],
            "Settings": settings,
            "Versions": versions,
            "Checksum of the network": record["fingerprint"],
            "Address of this page": f"units/{self._places[layer]}/{unit}.html",
        }

    def _cell(self, layer: str, unit: int, root: str, has_image: bool) -> Cell:
        place, label = self._places[layer], self._label(layer, unit)
        image = f"{root}images/{place}/0-{unit}.png" if has_image else ""
        return Cell(f"{root}units/{place}/{unit}.html", image, label or str(unit), f"{layer}:{unit} {label}".strip())

    def _alike(self, layer: str, unit: int) -> list[Cell]:
        """The units of all layers that the same real images excite."""
        index, store = self._evidence, self._store
        if index is None or layer not in index.layers or not self._related:
            return []
        known = [name for name in store.layers if name in index.layers]
        cells = []
        for name, correlation in index.related((layer, unit), self._related, layers=known):
            if correlation <= 0:  # and so are all that follow
                break
            other, _, number = name.rpartition(":")
            cell = self._cell(other, int(number), "../../", bool(self._finished(other)[int(number)]))
            words = f"{name} {self._label(other, int(number))}".strip()
            cells.append(Cell(cell.href, cell.image, words, f"{words}, correlation {correlation:.2f}"))
        return cells

    def _finished(self, layer: str) -> np.ndarray:
        """Which channels of a layer have their first image."""
        if layer not in self._done:
            self._done[layer] = self._store.finished(layer)
        return self._done[layer]

    def _label(self, layer: str, unit: int) -> str:
        labels = self._store.labels(layer)
        return labels[unit] if labels else ""

    def _size(self, layer: str) -> tuple[int, int]:
        """Width and height of a layer's images."""
        return self._store.image_size(layer)

    def _crops(self, layer: str, unit: int) -> UInt8Array | None:
        """The crops that excite a unit most, as one image."""
        if self._evidence is None or layer not in self._evidence.layers:
            return None
        found = self._evidence[layer, unit]
        crops = [found.crop(each, _CROP) for each in found.top[:_CROPS]]
        return np.asarray(tile(np.stack(crops))) if crops else None


def _count(channels: int, done: int) -> str:
    return f"{channels:,} channels" if done == channels else f"{channels:,} channels, {done:,} of them rendered"


__all__ = ["site"]
