"""`Subjects`: everything that the checks compare, rendered and measured once."""

from __future__ import annotations

import warnings
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from lucid_widgets.errors import GradientWarning
from lucid_widgets.evidence.checks.recipe import PLAIN, Recipe
from lucid_widgets.evidence.checks.shuffled import shuffled
from lucid_widgets.evidence.checks.similarity import in_common, layers_from, relative, spatial_layers
from lucid_widgets.evidence.index import ActivationIndex
from lucid_widgets.evidence.measuring import unit_values
from lucid_widgets.evidence.passes.reductions import Reduction
from lucid_widgets.evidence.unit import UnitEvidence
from lucid_widgets.frames import FloatArray, Frame
from lucid_widgets.optvis import param
from lucid_widgets.optvis.many import batch_frames
from lucid_widgets.optvis.objectives.batch import diversity
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.optvis.render import iter_vis

OTHERS = 4
"""Number of other units of the layer whose visualizations are made for comparison."""

TRANSFORMS = 64
"""Number of fixed transforms of the common evaluator."""

ORDINARY = 256
"""Most real images that do not excite the unit with which the visualization is compared."""

LOOKED_AT = 1024
"""Most real images that the network with shuffled weights looks at."""

UNITS = 128
"""Most of its units for which the images that excite them most are compared."""

ALIKE = 0.5
"""Least ratio of two activations that count as alike."""

FOUND = 0.99
"""Quantile of the real images that a visualization reaches if the optimization found what excites the unit."""

AGAIN = 10_007
"""Added to the seed if the optimization has not converged. Other seeds are then tried, as many as before."""

LONGER = 4
"""How many times as many steps they get, and all other visualizations of the check."""

LEAST_SEEDS = 2
"""Fewest visualizations that can be compared with each other."""

TOP = 9

PARTS = ("seeds", "diversity", "other units", "pixels", "control", "comparison")
"""What takes long, in order."""

_CHUNK = 64
_LEAST_VALUE = 1e-3
_SHIFT, _TURN, _ZOOM = 0.06, 6.0, 0.06
_image: Any = param.image


@dataclass(frozen=True, eq=False)
class Subjects:
    """Images of a unit, and images to compare them with, `[images, height, width, channels]`.

    Attributes:
        own: One visualization per seed, without the seeds that got stuck.
        stuck: Number of seeds whose visualization excites the unit less than `ALIKE` times as much as the best one.
        steps: Number of steps of all visualizations.
        diverse: Visualizations that were optimized together, to differ as far as the unit lets them.
        others: Visualizations of other units.
        pixels: A visualization with pixels as parameterization.
        control: Visualizations from the network with shuffled weights; None if it has none.
        chance: How much the real images of units of that network have in common, one figure per unit of the layer.
        noise: White noise.
        top: The real images that excite the unit most.
    """

    model: Any
    unit: UnitEvidence
    own: FloatArray
    stuck: int
    steps: int
    diverse: FloatArray
    others: FloatArray
    pixels: FloatArray
    control: FloatArray | None
    chance: npt.NDArray[np.float64]
    noise: FloatArray
    top: FloatArray

    @property
    def index(self) -> ActivationIndex:
        """The index."""
        return self.unit.index

    def values(self, layers: Sequence[str]) -> dict[str, dict[str, FloatArray]]:
        """Return the values of all units of some layers, by the name of the images, then by layer."""
        names = ("own", "diverse", "others", "pixels", "control", "noise", "top")
        groups = {name: images for name in names if (images := getattr(self, name)) is not None}
        found: dict[str, dict[str, FloatArray]] = {name: {} for name in groups}
        # By one program for all images of a shape: to trace the network takes longer than to look at the images.
        for shape in dict.fromkeys(images.shape[1:] for images in groups.values()):
            alike = {name: images for name, images in groups.items() if images.shape[1:] == shape}
            ends = np.cumsum([len(images) for images in alike.values()])[:-1]
            values = unit_values(self.model, layers, np.concatenate(list(alike.values())))
            for layer, of_layer in values.items():
                for name, part in zip(alike, np.split(of_layer, ends), strict=True):
                    found[name][layer] = part
        return found

    def evaluated(self, images: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the unit's value in images, and its mean under 64 fixed transforms, both `[images]`."""
        layer, count = self.unit.layer, len(images)
        together = np.concatenate([images, *(_transformed(image) for image in images)])
        values = unit_values(self.model, [layer], together)[layer][:, self.unit.channel]
        return values[:count], values[count:].reshape(count, TRANSFORMS).mean(1)


def make_subjects(
    model: Any,
    objective: Objective,
    unit: UnitEvidence,
    *,
    seeds: int,
    steps: int,
    size: tuple[int, int],
    seed: int,
    recipe: Recipe = PLAIN,
) -> Generator[str, None, Subjects]:
    """Render everything, and return it. Yields the name of what is being rendered, several times per second.

    Args:
        model: A `Model`.
        objective: The objective, a single channel.
        unit: The evidence about it.
        seeds: Number of seeds.
        steps: Number of steps per image; `LONGER` times as many if the optimization has not converged after them.
        size: Height and width of the images.
        seed: First seed.
        recipe: How to make all visualizations but the one with pixels.
    """
    height, width = size
    channels = model.image_shape[-1] or 3
    options = {} if channels == 3 else {"channels": channels}
    plain = partial(_image, width, height, **options)
    make = plain if recipe.param_f is None else partial(recipe.param_f, width, height)
    wanted = recipe.objective(model, unit.layer, unit.channel)
    random = np.random.default_rng(seed)

    def rendered(
        name: str, of: Any, parameterization: Any, what: Objective = wanted, seed: int = seed
    ) -> Generator[str, None, FloatArray]:
        frames = iter_vis(of, what, parameterization, steps=steps, seed=seed, **recipe.options)
        return (yield from _last_image(name, frames))

    def values_of(images: FloatArray, *reduction: Reduction) -> FloatArray:
        values: FloatArray = unit_values(model, [unit.layer], images, *reduction)[unit.layer][:, unit.channel]
        return values

    several = partial(make, batch=seeds)
    tried = yield from rendered(PARTS[0], model, several)
    reached = values_of(tried)
    if not (unit.is_dead or has_converged(reached, unit.max)):
        # What a unit sees cannot be told from an image that excites it less than real images do.
        steps *= LONGER
        tried = yield from rendered(PARTS[0], model, several, seed=seed + AGAIN)
        reached = values_of(tried)
    alike = excite(reached)
    own = tried[np.flatnonzero(alike)[np.argsort(-reached[alike], kind="stable")]]
    value = float(np.mean(values_of(own, Reduction("mean"))))
    apart = diverse(wanted, compared_at(unit), seeds, value)
    differing = yield from rendered(PARTS[1], model, several, apart)
    objectives = [recipe.objective(model, unit.layer, other) for other in _others(unit)]
    frames = batch_frames(model, objectives, lambda batch: make(batch=batch), steps=steps, seed=seed, **recipe.options)
    others = yield from _last_image(PARTS[2], frames)
    in_pixels = iter_vis(model, objective, partial(plain, batch=1, fft=False), steps=steps, seed=seed)
    pixels = yield from _last_image(PARTS[3], in_pixels)
    top = _real(unit, channels)
    yield PARTS[4]
    replaced = shuffled(model, np.rint(255 * _colored(top)).astype(np.uint8), seed)
    control, chance = None, np.zeros(0)
    if replaced is not None and replaced.network.has(unit.layer):
        chance = yield from _chance(replaced, unit)
        again = recipe.objective(replaced, unit.layer, unit.channel)
        control = yield from rendered(PARTS[4], replaced, partial(make, batch=2), again)
    noise = random.uniform(0, 1, (2, height, width, channels)).astype(np.float32)
    yield PARTS[5]
    return Subjects(
        model, unit, own, int((~alike).sum()), steps, differing, others, pixels, control, chance, noise, top
    )


def diverse(objective: Objective, layer: str, count: int, value: float) -> Objective:
    """Return an objective for `count` images that differ in the textures of a layer.

    Images that are all alike lose as much as they gain by exciting the unit.

    Args:
        objective: The objective of the unit.
        layer: The layer in which the images are compared.
        count: Number of images.
        value: The objective that images reach without diversity.
    """
    return objective - max(value, _LEAST_VALUE) / max(1, count - 1) * diversity(layer)


def excite(values: FloatArray) -> npt.NDArray[np.bool_]:
    """Return which visualizations excite a unit about as much as the best one.

    The others got stuck at a local optimum, which tells about the optimization and not about the unit.

    Args:
        values: The unit's values, `[images]`.
    """
    best = float(values.max(initial=0))
    return np.asarray(values >= ALIKE * best if best > 0 else np.ones(len(values), bool))


def has_converged(values: FloatArray, highest: float) -> bool:
    """Return whether the optimization found what excites a unit.

    Nothing keeps it from exciting the unit more than every real image, and from doing so again.

    Args:
        values: The unit's values in the visualizations, `[images]`.
        highest: Its largest value in a real image.
    """
    return float(values.max(initial=-np.inf)) >= highest and int(excite(values).sum()) >= LEAST_SEEDS


def compared_at(unit: UnitEvidence) -> str:
    """Return the layer at which visualizations of a unit are compared: its own, or the next one with positions."""
    return layers_from(unit.index, unit.layer)[0]


def _last_image(name: str, frames: Iterator[Frame]) -> Generator[str, None, FloatArray]:
    last: Frame | None = None
    while True:
        yield name
        with warnings.catch_warnings():
            # Of units that are dead on the image. The report says so.
            warnings.simplefilter("ignore", GradientWarning)
            frame = next(frames, None)
        if frame is None:
            break
        last = frame
    return np.zeros((0, 1, 1, 3), np.float32) if last is None else last.images.copy()


def ordinary_values(unit: UnitEvidence, layer: str) -> FloatArray:
    """Return the values of a layer in images of the sample that hardly excite a unit, `[images, channels]`.

    "Hardly" is less than half as much as its top images do, counted from the mean of all images.
    """
    sample = unit.index.statistics.sample_values
    own = sample[:, unit.index.numbers(unit.layer)][:, unit.channel]
    strong = float(np.mean([shown.value for shown in unit.top[:TOP]]))
    rows = _hardly_excite(own, unit.mean, strong)
    found: FloatArray = sample[rows][:, unit.index.numbers(layer)]
    return found


def _hardly_excite(values: FloatArray, mean: float, strong: float) -> npt.NDArray[np.intp]:
    """At most `ORDINARY` images whose value is less than half as far above the mean as that of the top images."""
    rows = np.flatnonzero(values < mean + ALIKE * (strong - mean))  # false for an image that was skipped
    return rows[np.linspace(0, len(rows) - 1, min(ORDINARY, len(rows))).astype(int)]


def _chance(shuffled: Any, unit: UnitEvidence) -> Generator[str, None, npt.NDArray[np.float64]]:
    """Measure what the real images of units have in common in a network with shuffled weights. Yields as it goes on."""
    index, layer = unit.index, compared_at(unit)
    kept: list[int] = index._kept.indices.tolist()
    chosen = [kept[place] for place in np.linspace(0, len(kept) - 1, min(LOOKED_AT, len(kept))).astype(int)]
    found: list[dict[str, FloatArray]] = []
    for start in range(0, len(chosen), _CHUNK):
        images = np.stack([index.image(each) for each in chosen[start : start + _CHUNK]])
        found.append(unit_values(shuffled, list(dict.fromkeys([unit.layer, layer])), images))
        yield PARTS[4]
    of_units, channels = (np.concatenate([each[name] for each in found]) for name in (unit.layer, layer))
    figures = []
    for number in np.linspace(0, of_units.shape[1] - 1, min(UNITS, of_units.shape[1])).astype(int):
        values = of_units[:, number]
        order = np.argsort(-values, kind="stable")[:TOP]
        rows = _hardly_excite(values, float(values.mean()), float(values[order].mean()))
        images_of_unit = relative(channels, channels.mean(0), int(number) if layer == unit.layer else None)
        figures.append(in_common(images_of_unit[order], images_of_unit[rows]))
    return np.array([figure for figure in figures if figure is not None], np.float64)


def compared_layers(unit: UnitEvidence) -> list[str]:
    """Return the layers that are compared: those with positions, or the unit's own if there are none."""
    return spatial_layers(unit.index) or [unit.layer]


def _others(unit: UnitEvidence) -> list[int]:
    """Other channels of the layer that are not dead: the same for all seeds, which then share a compiled program."""
    random = np.random.default_rng(unit.channel)
    dead = {unit.channel, *unit.index.dead(unit.layer)}
    alive = [number for number in range(unit.index.channels(unit.layer)) if number not in dead]
    if not alive:
        alive = [number for number in range(unit.index.channels(unit.layer)) if number != unit.channel] or [
            unit.channel
        ]
    return [int(each) for each in random.permutation(alive)[:OTHERS]]


def _real(unit: UnitEvidence, channels: int) -> FloatArray:
    levels = np.stack([unit.image(shown) for shown in unit.top[:TOP]])
    images: FloatArray = levels.astype(np.float32) / np.float32(255)
    return images.mean(-1, keepdims=True) if channels == 1 else images


def _colored(images: FloatArray) -> FloatArray:
    return np.repeat(images, 3, -1) if images.shape[-1] == 1 else images


def _transformed(image: FloatArray) -> FloatArray:
    """An image under `TRANSFORMS` shifts, rotations and scales, which are the same for all images."""
    random = np.random.default_rng(0)
    height, width = image.shape[:2]
    levels = np.rint(255 * np.clip(image, 0, 1)).astype(np.uint8)
    mode_image = Image.fromarray(levels[..., 0] if levels.shape[-1] == 1 else levels)
    fill = tuple(int(each) for each in levels.reshape(-1, levels.shape[-1]).mean(0))
    found = []
    for _ in range(TRANSFORMS):
        down, across = random.uniform(-_SHIFT, _SHIFT, 2) * (height, width)
        turn, zoom = np.deg2rad(random.uniform(-_TURN, _TURN)), 1 + random.uniform(-_ZOOM, _ZOOM)
        cos, sin = np.cos(turn) / zoom, np.sin(turn) / zoom
        x, y = (width - 1) / 2, (height - 1) / 2
        matrix = (
            cos,
            sin,
            x - cos * (x + across) - sin * (y + down),
            -sin,
            cos,
            y + sin * (x + across) - cos * (y + down),
        )
        moved = mode_image.transform(
            (width, height),
            Image.Transform.AFFINE,
            matrix,
            Image.Resampling.BILINEAR,
            fillcolor=fill[0] if len(fill) == 1 else fill,
        )
        found.append(np.asarray(moved, np.float32).reshape(height, width, -1) / 255)
    return np.stack(found)


__all__ = ["ALIKE", "FOUND", "LEAST_SEEDS", "PARTS", "Subjects", "compared_layers", "make_subjects", "ordinary_values"]
