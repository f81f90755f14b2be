"""Stores that no network has rendered, for tests of what reads them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from lucid_widgets import ActivationIndex, Microscope
from lucid_widgets.evidence.fields import Field
from lucid_widgets.evidence.statistics import Statistics
from lucid_widgets.microscope.store import Store
from lucid_widgets.microscope.tasks import LayerPlan, Task, Variant
from lucid_widgets.misc.io.serialize_array import encode_jpeg

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


def drawn_index(values: dict[str, np.ndarray], labels: Sequence[int]) -> ActivationIndex:
    """An index of black images, with the values of units that are given.

    Args:
        values: The values of each layer, `[images, channels]`.
        labels: The label of each image, 0 for "cat" or 1 for "dog".
    """
    together = np.concatenate(list(values.values()), 1).astype(np.float32)
    count, units = together.shape
    empty = Statistics.empty(units, 1, 2, np.arange(count))
    is_of = np.eye(2)[list(labels)]
    statistics = replace(
        empty,
        count=np.array(count),
        top_values=together.max(0)[:, None],
        top_images=together.argmax(0).astype(np.int32)[:, None],
        sums=together.sum(0, dtype=np.float64),
        squares=(together.astype(np.float64) ** 2).sum(0),
        label_sums=is_of.T @ np.maximum(together, 0),
        label_counts=is_of.sum(0).astype(np.int64),
        sample_values=together,
    )
    image = np.frombuffer(encode_jpeg(np.zeros((8, 8, 3), np.uint8)), np.uint8)
    kept = {
        "kept_indices": np.arange(count),
        "kept_ends": np.arange(1, count + 1) * len(image),
        "kept_data": np.tile(image, count),
        "image_ids": np.frombuffer(json.dumps([f"{each}.png" for each in range(count)]).encode(), np.uint8),
        "image_labels": np.array(labels),
    }
    field = Field((1, 1), (8, 8)).to_json()
    layers = [{"name": name, "channels": each.shape[1], "field": field} for name, each in values.items()]
    about = {"model": "Drawn <b>", "images": "drawn", "layers": layers, "labels": ["cat", "dog"], "size": [8, 8]}
    return ActivationIndex(about, {**statistics.arrays(), **kept})


FIGURED = {
    # Selectivities 1, 0.5, 0, NaN (never positive) and 1/3: (largest - other) / (largest + other) of the labels' means.
    "low": np.array([[4, 3, 2, -1, 0], [4, 3, 2, -1, 2], [0, 1, 2, -1, 1], [0, 1, 2, -1, 3]], np.float32),
    "high": np.array([[9, 1], [9, 1], [1, 1], [1, 1]], np.float32),
}
"""Values for `drawn_index`, with the labels 0, 0, 1, 1: the selectivities of "high" are 0.8 and 0."""
