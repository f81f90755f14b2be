"""Stores that no network has rendered, for tests of what reads them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lucid_widgets import Microscope
from lucid_widgets.microscope.store import Store
from lucid_widgets.microscope.tasks import LayerPlan, Task, Variant

SIZE = 8
POINTS = [0, 2, 4]


def drawn_store(folder: Path, layers: dict[str, int], *, labels: dict[str, list[str]] | None = None) -> Microscope:
    """A store with images of random colors. Unit 1 of each layer has failed, and the last task is missing.

    Args:
        folder: Where to put it.
        layers: Number of channels, by layer.
        labels: Labels of channels, by layer.
    """
    store = Store(folder)
    plans = [plan_of(name, count, (labels or {}).get(name, ())) for name, count in layers.items()]
    about = {"model": "Drawn <b>", "versions": {"numpy": "2"}}
    store.prepare(about, plans, [Variant()], list(layers), len(POINTS))
    for number, plan in enumerate(plans):
        for task in list(plan.tasks(Variant()))[:-1]:
            draw(store, task, seed=100 * number + task.chunk)
    return Microscope(store)


def plan_of(name: str, channels: int, labels: Sequence[str] = ()) -> LayerPlan:
    """The plan of a layer of `drawn_store`."""
    return LayerPlan(name, channels, (SIZE, SIZE, 3), SIZE, 4, name, "mark", labels=tuple(labels))


def draw(store: Store, task: Task, *, seed: int) -> None:
    """Write a task with images of random colors."""
    random = np.random.default_rng(seed)
    units = task.units
    images = random.integers(0, 256, (len(units), SIZE, SIZE, 3)).astype(np.uint8)
    curves = np.cumsum(random.random((len(units), len(POINTS))), 1).astype(np.float32)
    record = {
        "recipe": {"steps": 4, "image_size": SIZE},
        "fingerprint": "mark",
        "versions": {"numpy": "2"},
        "points": POINTS,
        "objectives": [f'channel("{task.layer}", {unit})' for unit in units],
        "failed": {"1": "It became inf."} if 1 in units else {},
    }
    store.write(task, images, curves[:, -1], curves, record)
