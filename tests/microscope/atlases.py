"""Atlases that no network has rendered, for tests of what reads them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lucid_widgets import Atlas
from lucid_widgets.microscope.atlas.grids import cells_of, whitening_of
from lucid_widgets.microscope.atlas.store import AtlasStore, grid_name
from lucid_widgets.microscope.store import Store
from lucid_widgets.microscope.tasks import LayerPlan, Variant

SIZE = 16
CROP = 8
POINTS = [0, 4]
VARIANT = Variant("neuron")
LABELS = ("panda", "fox", "<i>owl</i>")


def drawn_atlas(
    folder: Path,
    grids: Sequence[int] = (4, 8),
    *,
    count: int = 1200,
    fewest: int = 1,
    labels: Sequence[str] = LABELS,
    unfinished: int = 0,
) -> Atlas:
    """An atlas whose images have the color of their place: red grows to the right, green downwards.

    The first class is on the left, the second one on the right, the third one at the bottom.

    Args:
        folder: Where to put it.
        grids: Its grids.
        count: Number of activations, spread over a disk.
        fewest: Fewest activations of a cell.
        labels: Labels of the classes.
        unfinished: Number of tasks of each grid that are missing.
    """
    random = np.random.default_rng(0)
    angle, radius = 2 * np.pi * random.random(count), 0.5 * np.sqrt(random.random(count))
    layout = np.stack([0.5 + radius * np.cos(angle), 0.5 + radius * np.sin(angle)], 1).astype(np.float32)
    activations = np.concatenate([layout, 1 - layout], 1)
    across, down = layout.T
    attributions = np.stack([1 - 2 * across, 2 * across - 1, 0.5 * down], 1)[:, : len(labels)].astype(np.float32)
    images = np.arange(count, dtype=np.int32) // 4
    store = Store(folder)
    arrays = AtlasStore(store.folder)
    samples = {"activations": activations, "attributions": attributions, "images": images, "positions": images * 0}
    arrays.keep("samples", "key", samples)
    arrays.keep("layout", "key", {"places": layout})
    whitening = whitening_of(activations)
    cells = {
        size: cells_of(layout, activations, attributions, images, size, fewest=fewest, whitening=whitening)
        for size in grids
    }
    plans = [plan_of(size, each.directions) for size, each in cells.items()]
    store.prepare({"model": "Drawn <b>", "versions": {"numpy": "2"}}, plans, [VARIANT], [], len(POINTS))
    for size, each in cells.items():
        arrays.keep(grid_name(size), "key", each.arrays())
    members = np.unique(np.concatenate([each.examples.ravel() for each in cells.values()]))
    members = members[members >= 0]
    colors = np.clip(256 * activations[members, :3], 0, 255).astype(np.uint8)
    crops = np.broadcast_to(colors[:, None, None], (len(members), CROP, CROP, 3))
    about = {"ids": [f"image-{images[each]}" for each in members], "labels": ["photo"] * len(members)}
    arrays.keep("examples", "key", {"crops": crops, "samples": members.astype(np.int32)}, **about)
    arrays.describe(
        {
            "model": "Drawn <b>",
            "layer": "mixed4a",
            "images": "drawn <b>",
            "grids": list(grids),
            "labels": list(labels),
            "activations": count,
            "per_image": 4,
            "seed": 0,
            "variant": VARIANT.name,
            "places": "places",
        }
    )
    for plan in plans:
        for task in list(plan.tasks(VARIANT))[: None if not unfinished else -unfinished]:
            draw(store, plan, task.chunk, cells[int(plan.name.removeprefix("grid"))].places)
    return Atlas(store)


def finish(atlas: Atlas) -> None:
    """Write what `unfinished` has left out, as another process would."""
    store = Store(atlas.path)
    for size in atlas.grids:
        plan = plan_of(size, atlas.directions(size))
        for task in plan.tasks(VARIANT):
            if not atlas.finished(size)[list(task.units)].all():
                draw(store, plan, task.chunk, atlas.places(size))


def plan_of(size: int, directions: np.ndarray) -> LayerPlan:
    """The plan of a grid."""
    return LayerPlan(grid_name(size), len(directions), (SIZE, SIZE, 3), SIZE, 8, "key", "mark", directions=directions)


def draw(store: Store, plan: LayerPlan, chunk: int, places: np.ndarray) -> None:
    """Write a task of an atlas with images in the colors of their places."""
    task = list(plan.tasks(VARIANT))[chunk]
    size = int(plan.name.removeprefix("grid"))
    images = np.zeros((len(task.units), SIZE, SIZE, 3), np.uint8)
    for image, unit in zip(images, task.units, strict=True):
        image[:] = color_of(*places[unit], size)
    values = np.ones((len(task.units), len(POINTS)), np.float32)
    record = {
        "recipe": {"steps": 4, "image_size": SIZE},
        "fingerprint": "mark",
        "versions": {"numpy": "2"},
        "points": POINTS,
        "objectives": [f"directions[{unit}]" for unit in task.units],
        "failed": {},
    }
    store.write(task, images, values[:, -1], values, record)


def color_of(row: int, column: int, size: int) -> tuple[int, int, int]:
    """The color of a cell's image."""
    return round(255 * (column + 0.5) / size), round(255 * (row + 0.5) / size), 128
