"""The work of one task: render a few units, and put them into the store. Runs in any process that has the model."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lucid_widgets.errors import NonFiniteObjectiveError
from lucid_widgets.frames import FloatArray
from lucid_widgets.microscope.store import Store
from lucid_widgets.microscope.tasks import COSINE_POWER, Recipe, Task
from lucid_widgets.misc.io.collapse_channels import visible_channels
from lucid_widgets.misc.io.serialize_array import UInt8Array, to_uint8
from lucid_widgets.optvis import objectives
from lucid_widgets.optvis.default_image import batch_images
from lucid_widgets.optvis.many import batch_frames
from lucid_widgets.optvis.objectives import Objective


@dataclass(frozen=True)
class Rendered:
    """What a task has made: images `[units, height, width, colors]`, their objectives, and reasons of failures."""

    images: UInt8Array
    values: FloatArray
    curves: FloatArray
    failed: dict[int, str]


def objective_of(task: Task, unit: int, place: int | None = None) -> Objective:
    """Return the objective of a unit: a channel, a neuron, or a direction.

    Args:
        task: Names the layer and the variant.
        unit: The channel.
        place: Which image of the batch; None for all.
    """
    objective: Objective
    if task.directions is not None:
        vector = task.directions[task.units.index(unit)]
        along = objectives.direction_neuron if task.variant.kind == "neuron" else objectives.direction
        objective = along(task.source, vector, cossim_pow=COSINE_POWER, batch=place)
    else:
        make = objectives.neuron if task.variant.kind == "neuron" else objectives.channel
        objective = make(task.source or task.layer, unit, batch=place)
    return objective if task.variant.sign > 0 else -1.0 * objective


def objective_text(task: Task, unit: int) -> str:
    """Return the objective of a unit as code. A direction is named, because its numbers would fill pages."""
    if task.directions is None:
        return repr(objective_of(task, unit))
    name = "direction_neuron" if task.variant.kind == "neuron" else "direction"
    sign = "" if task.variant.sign > 0 else "-"
    return f'{sign}{name}("{task.source}", directions[{unit}], cossim_pow={COSINE_POWER})'


def render_task(model: Any, task: Task, recipe: Recipe) -> Rendered:
    """Render the units of a task. The result depends on nothing but the arguments.

    A unit whose objective is not finite makes its batch fail. The batch is then halved until the unit is alone, which
    is tried once more and then listed in `failed`; all others get their images.

    Args:
        model: A `Model`.
        task: The task.
        recipe: How images are optimized.
    """
    done: dict[int, tuple[Any, float, list[float]]] = {}
    failed: dict[int, str] = {}
    waiting = [list(task.units)]
    while waiting:
        units = waiting.pop()
        try:
            images, curves = _batch(model, task, units, recipe)
        except NonFiniteObjectiveError as error:
            if len(units) > 1:
                middle = len(units) // 2
                waiting += [units[middle:], units[:middle]]
            elif units[0] not in failed:
                failed[units[0]] = str(error)
                waiting.append(units)
            continue
        for place, unit in enumerate(units):
            failed.pop(unit, None)
            done[unit] = images[place], curves[-1][place], [values[place] for values in curves]
    shape = next(iter(done.values()))[0].shape if done else None
    nothing = np.zeros((1, 1, 3) if shape is None else shape, np.uint8)
    missing = [float("nan")] * len(recipe.points)
    return Rendered(
        np.stack([done[unit][0] if unit in done else nothing for unit in task.units]),
        np.array([done[unit][1] if unit in done else np.nan for unit in task.units], np.float32),
        np.array([done[unit][2] if unit in done else missing for unit in task.units], np.float32),
        failed,
    )


def _batch(model: Any, task: Task, units: Sequence[int], recipe: Recipe) -> tuple[UInt8Array, list[list[float]]]:
    """Return the images of units, and their objectives at each point."""
    filled = [*units, *[units[0]] * (task.batch - len(units))]
    frames = batch_frames(
        model,
        [objective_of(task, unit) for unit in filled],
        batch_images(model, task.size),
        steps=recipe.steps,
        seed=task.variant.seed,
        transforms=recipe.transforms,
        optimizer=recipe.optimizer,
    )
    measured = [objective_of(task, unit, place) for place, unit in enumerate(filled)]
    frame, curves = next(frames), []
    for point in recipe.points:
        while frames.step < point:
            frame = frames.advance(point - frames.step)
        curves.append(frames.measure(measured)[: len(units)])
    frames.close()
    return levels(frame.images[: len(units)]), curves


def levels(images: FloatArray) -> UInt8Array:
    """Return images as uint8 with three colors."""
    shown = to_uint8(np.nan_to_num(visible_channels(images)[..., :3]))
    return np.ascontiguousarray(np.broadcast_to(shown, (*shown.shape[:3], 3)))


def run_task(
    model: Any, url: str, task: Task, recipe: Recipe, about: Mapping[str, Any]
) -> tuple[float, dict[int, str]]:
    """Render a task into a store. Return how many seconds it took, and the units without an image.

    Args:
        model: A `Model`.
        url: Path or URL of the store, which `Store.prepare` has made ready.
        task: The task.
        recipe: How images are optimized.
        about: What the task's record says besides, such as versions.
    """
    began = time.perf_counter()
    made = render_task(model, task, recipe)
    store = Store(url)  # opened again, because arrays may have grown since the last task of this process
    images = made.images
    if len(made.failed) == len(task.units):
        images = np.zeros((len(task.units), *store.arrays(task.layer)["images"].shape[2:]), np.uint8)
    record = {
        **about,
        "points": list(recipe.points),
        "objectives": [objective_text(task, unit) for unit in task.units],
        "failed": {str(unit): reason for unit, reason in sorted(made.failed.items())},
    }
    store.write(task, images, made.values, made.curves, record)
    return time.perf_counter() - began, made.failed


__all__ = ["Rendered", "levels", "objective_of", "objective_text", "render_task", "run_task"]
