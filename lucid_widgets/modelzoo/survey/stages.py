"""`survey_stages`: the stages of a network (groups of successive layers), and the connections between them.

If the names of the layers name stages, those are used. If not, a stage ends where the width and height of the
activations have changed by a factor of about two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import sqrt
from typing import Any

from lucid_widgets.modelzoo.survey.connections import Connections, WholeGraph
from lucid_widgets.modelzoo.survey.layer import Layer
from lucid_widgets.modelzoo.survey.stage_names import PRE, shared_name, stage_keys, without_shared_prefix

__all__ = ["MOST_STAGES", "Stage", "StageMap", "survey_stages"]

MOST_STAGES = 24
"""Most stages. If a network has more, neighboring stages are joined."""

_NEW_SIZE = sqrt(2)
_KEPT = "stages"
_JOINS = ("concat", "add")
_PASSING = ("pool", "softmax", "pad", "reshape", "dropout", "other")


@dataclass(frozen=True)
class Stage:
    """A group of successive layers.

    Attributes:
        name: Common part of the layers' names, such as `mixed4`; empty if only the size tells the stage apart.
        first: Index of its first layer in `model.layers`.
        count: Number of its layers.
        layer: Name of the layer that represents the stage: its last one that computes something.
        channels: Number of channels of that layer.
        size: Height and width of that layer at the network's own image size; None if it has none, or the network takes
            images of any size.
        reduction: Height of the image divided by that of the layer; None if unknown.
        branches: Largest number of branches that are joined within the stage: 4 for an Inception module, 1 for a chain.
        residual: Whether a layer of the stage adds an earlier one to its input.
    """

    name: str
    first: int
    count: int
    layer: str = ""
    channels: int | None = None
    size: tuple[int, int] | None = None
    reduction: int | None = None
    branches: int = 1
    residual: bool = False


@dataclass(frozen=True)
class StageMap:
    """The stages of a network.

    Attributes:
        stages: The stages, in the order of the network. Every layer is in one.
        links: Pairs of indices `(from, to)` of stages that are connected; -1 is the image. Sorted, and empty if the
            connections are unknown.
    """

    stages: tuple[Stage, ...] = ()
    links: tuple[tuple[int, int], ...] = ()


def survey_stages(model: Any) -> StageMap:
    """Return the stages of a model. The result is kept with the model.

    Args:
        model: A `Model`.

    Example:
        >>> [stage.name for stage in survey_stages(models.EmojiNet()).stages]
        ['conv2d', 'mixed3', 'mixed4', 'mixed5', 'avgpool – probs']
    """
    if _KEPT not in model.kept:
        layers = list(model.browsable_layers)
        model.kept[_KEPT] = divide(layers, model.network.whole_graph([layer.name for layer in layers]))
    found: StageMap = model.kept[_KEPT]
    return found


def divide(layers: Sequence[Layer], whole: WholeGraph | None = None) -> StageMap:
    """Divide layers into stages.

    Args:
        layers: The layers, in the order of the network.
        whole: The network's graph; default: unknown, so there are no links, branches and reductions.
    """
    if not layers:
        return StageMap()
    sizes = [_size(layer) or (whole.size(layer.name) if whole else None) for layer in layers]
    found = _at_most(MOST_STAGES, _by_name(layers, sizes) or _by_size(layers, sizes), layers)
    stages = tuple(_described(stage, layers, whole) for stage in found)
    if whole is None:
        return StageMap(stages)
    places = {layer.name: place for place, stage in enumerate(stages) for layer in _of(stage, layers)}
    flow = Connections(whole, places)
    stages = tuple(
        replace(stage, branches=flow.branches.get(place, 1), residual=place in flow.residual)
        for place, stage in enumerate(stages)
    )
    return StageMap(stages, tuple(sorted(flow.links)))


# Division.


def _by_name(layers: Sequence[Layer], sizes: Sequence[tuple[int, int] | None]) -> list[Stage] | None:
    """Return the stages that the layers' names name; None if there are none, or too many to be useful."""
    names = without_shared_prefix([layer.name for layer in layers])
    for depth in (None, 1):
        keys = stage_keys(names, depth=depth)
        if sum(key is not None for key in keys) * 2 < len(keys):
            continue
        stages = _tidied(_runs(keys, layers, sizes), names)
        distinct = len({key for key in keys if key is not None})
        rows = [_rows(stage, layers) for stage in stages]
        many = len(stages) > MOST_STAGES or len(stages) > 1.25 * distinct + 3
        if len(stages) >= 3 and not many and sum(rows) >= 2 * len(rows) and max(rows) <= 0.8 * sum(rows):
            return stages
    return None


def _runs(
    keys: Sequence[str | None], layers: Sequence[Layer], sizes: Sequence[tuple[int, int] | None]
) -> list[tuple[str | None, Stage]]:
    """Return runs of layers with the same key. A layer without one continues a run if its activations are similar."""
    runs: list[tuple[str | None, Stage]] = []
    for place, key in enumerate(keys):
        last = runs[-1] if runs else None
        alike = place > 0 and _axes(layers[place], sizes[place]) == _axes(layers[place - 1], sizes[place - 1])
        if last is not None and (key == last[0] if key is not None else alike):
            runs[-1] = last[0], replace(last[1], count=last[1].count + 1)
        else:
            runs.append((key, Stage(key or "", place, 1)))
    return runs


def _tidied(runs: Sequence[tuple[str | None, Stage]], names: Sequence[str]) -> list[Stage]:
    """Give names to stages without a key, and join single layers without a number to a neighbor."""
    stages: list[Stage] = []
    waiting = 0  # layers that begin the next stage
    for place, (key, stage) in enumerate(runs):
        stage = replace(stage, first=stage.first - waiting, count=stage.count + waiting)
        own = [PRE.sub("", name) for name in names[stage.first : stage.first + stage.count]]
        single, last = len(set(own)) == 1, place == len(runs) - 1
        numbered = key is not None and key[-1:].isdigit()
        waiting = 0
        if single and not numbered and stages and key is not None:
            stages[-1] = replace(stages[-1], count=stages[-1].count + stage.count)
        elif single and not last and key is None:
            waiting = stage.count
        else:
            stages.append(stage if numbered else replace(stage, name=shared_name(own)))
    return stages


def _by_size(layers: Sequence[Layer], sizes: Sequence[tuple[int, int] | None]) -> list[Stage]:
    """Stages that end where the size has changed by more than the square root of two since they began."""
    stages: list[Stage] = []
    begun: tuple[int, int] | None = None
    for place, (layer, size) in enumerate(zip(layers, sizes, strict=True)):
        same = stages and _axes(layer, size) == _axes(layers[place - 1], sizes[place - 1])
        if same and _alike(size, begun):
            stages[-1] = replace(stages[-1], count=stages[-1].count + 1)
        else:
            begun = size
            stages.append(Stage("", place, 1))
    return [
        replace(stage, name="" if sizes[stage.first] else shared_name([layer.name for layer in _of(stage, layers)]))
        for stage in _without_excursions(stages, layers, sizes)
    ]


def _without_excursions(
    stages: Sequence[Stage], layers: Sequence[Layer], sizes: Sequence[tuple[int, int] | None]
) -> list[Stage]:
    """Join stages that a short stage of another size separates, such as a branch that has a smaller size."""
    joined: list[Stage] = []
    for stage in stages:
        joined.append(stage)
        while len(joined) > 2:
            before, between, after = joined[-3:]
            begins = before.first, after.first
            kinds = {_axes(layers[place], sizes[place]) for place in begins}
            if 3 * between.count >= before.count + after.count or len(kinds) > 1:
                break
            if not _alike(*(sizes[place] for place in begins)):
                break
            joined[-3:] = [replace(before, count=before.count + between.count + after.count)]
    return joined


def _at_most(most: int, stages: Sequence[Stage], layers: Sequence[Layer]) -> list[Stage]:
    """Join neighbors, so that there are at most `most` stages with about as many layers each."""
    if len(stages) <= most:
        return list(stages)
    joined = []
    for _, group in groupby(stages, key=lambda stage: stage.first * most // len(layers)):
        first, *others = group
        last = others[-1] if others else first
        count = last.first + last.count - first.first
        name = f"{layers[first.first].name} – {layers[first.first + count - 1].name}"
        joined.append(replace(first, count=count, name=name if others else first.name))
    return joined


# Description.


def _described(stage: Stage, layers: Sequence[Layer], whole: WholeGraph | None) -> Stage:
    own = list(_of(stage, layers))
    shown = [layer for layer in own if layer.channels] or own
    # The last layer that computes something, rather than one that prepares the next stage. Where only the size tells
    # the stages apart, a branch of the next stage may come last.
    joins = [] if stage.name else [layer for layer in shown if layer.kind in _JOINS]
    end = next((layer for layer in reversed(joins or shown) if layer.kind not in _PASSING), shown[-1])
    return replace(
        stage,
        size=_size(end),
        reduction=whole.reduction(end.name) if whole else None,
        channels=end.channels,
        layer=end.name,
    )


def _of(stage: Stage, layers: Sequence[Layer]) -> Sequence[Layer]:
    return layers[stage.first : stage.first + stage.count]


def _rows(stage: Stage, layers: Sequence[Layer]) -> int:
    """Number of layers, where one before and after its activation function counts once."""
    return len({PRE.sub("", layer.name) for layer in _of(stage, layers)})


def _size(layer: Layer) -> tuple[int, int] | None:
    height, width = (layer.shape or ())[:2] if len(layer.shape or ()) == 3 else (None, None)
    return None if height is None or width is None else (height, width)


def _alike(size: tuple[int, int] | None, other: tuple[int, int] | None) -> bool:
    """Whether two sizes differ by less than the square root of two. Unknown sizes are alike."""
    if size is None or other is None:
        return True
    return all(1 / _NEW_SIZE < a / b < _NEW_SIZE for a, b in zip(size, other, strict=True))


def _axes(layer: Layer, size: tuple[int, int] | None) -> int:
    """Number of axes of one image's activations that are longer than 1. Vectors and tokens differ from images."""
    if size == (1, 1):
        return 1
    return 3 if size is not None or layer.shape is None else len(layer.shape)
