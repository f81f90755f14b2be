"""`check`: whether a visualization of a unit can be trusted."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.evidence.checks.lines import control_line, data_line, method_line, path_line, seeds_line
from lucid_widgets.evidence.checks.recipe import PLAIN, Recipe
from lucid_widgets.evidence.checks.subjects import PARTS, compared_layers, make_subjects
from lucid_widgets.evidence.index import ActivationIndex
from lucid_widgets.evidence.report import ORDER, Line, Report, Verdict
from lucid_widgets.misc.environment import shows_progress
from lucid_widgets.misc.waiting import ProgressBar, ticking
from lucid_widgets.modelzoo.adapt import as_model
from lucid_widgets.optvis.objectives import as_objective
from lucid_widgets.optvis.objectives.text import single_channel

DECISIVE = ("Data", "Path", "Seeds", "Control")
"""Checks that can decide the verdict alone. That of the method cannot: pixels are a weak parameterization."""


def check(
    model: Any,
    objective: Any,
    index: ActivationIndex,
    *,
    seeds: int = 4,
    steps: int = 128,
    image_size: int | None = None,
    seed: int = 0,
    recipe: Recipe | None = None,
    verbose: bool = True,
) -> Report:
    """Measure whether the visualization of a unit shows what real images excite it.

    - *Data*: the activation of the visualization, compared with those of the real images.
    - *Seeds*: whether visualizations from different seeds are more alike than those of different units; and how far
      they still agree, and excite the unit, when they are made to differ. A unit with several meanings shows them.
    - *Method*: whether another parameterization, pixels, excites the unit as much, judged by one evaluator.
    - *Path*: whether the network processes the visualization like the real images that excite the unit most, layer by
      layer, next to visualizations of other units and to noise.
    - *Control*: whether a network with shuffled weights gives something similar.

    Args:
        model: Whatever `as_model` accepts.
        objective: The unit: "layer:channel", or the objective for it.
        index: An index of this network that has the layer, and better all layers.
        seeds: Number of seeds, at least 2; default: 4.
        steps: Number of steps per image; default: 128. If no seed then excites the unit as much as the strongest real
            image, or all but one got stuck, other seeds are tried, and all visualizations get four times as many.
        image_size: Width and height of the visualizations; default: the size of the index.
        seed: First seed; default: 0. The same seed gives the same report on the same machine.
        recipe: How the visualizations that are checked are made; default: as by `render_vis`. The one with pixels, of
            the line *Method*, stays as it is.
        verbose: Whether a notebook or a terminal shows a progress bar; default: True.

    Returns:
        A report with a line for each check, a verdict, and the rule that decided it.

    Raises:
        ArgumentError: The objective is not a single channel, or the index is stale.
        UnknownNameError: The index does not have the layer.

    Example:
        >>> report = check(model, "mixed5b:56", index)
        >>> report.verdict, report["Path"].figures["late"]

    Source: path similarity after Geirhos et al., "Don't trust your eyes", ICML 2024; shuffled weights after Adebayo et
    al., "Sanity Checks for Saliency Maps", NeurIPS 2018.
    """
    steps_of_check = iter_check(
        model, objective, index, seeds=seeds, steps=steps, image_size=image_size, seed=seed, recipe=recipe
    )
    hidden = not (verbose and shows_progress())
    with ProgressBar(total=len(PARTS), unit="part", leave=False, disable=hidden) as bar, ticking(bar):
        while True:
            try:
                name = next(steps_of_check)
            except StopIteration as end:
                report: Report = end.value
                return report
            bar.update(PARTS.index(name) - bar.n)
            bar.set_description_str(name, refresh=False)


def iter_check(
    model: Any,
    objective: Any,
    index: ActivationIndex,
    *,
    seeds: int,
    steps: int,
    image_size: int | None,
    seed: int,
    recipe: Recipe | None = None,
) -> Generator[str, None, Report]:
    """Do what `check` does, step by step. Yields the name of the part that is under way, and returns the report."""
    visible = as_model(model)
    wanted = as_objective(objective, visible)
    single = single_channel(wanted)
    if single is None:
        raise ArgumentError(f"{wanted!r} is not a single channel.", "Pass a unit such as 'mixed4a:56'.")
    count = whole_number("seeds", seeds, 2)
    number_of_steps = whole_number("steps", steps, 1)
    index.require(visible)
    unit = index[single]
    side = None if image_size is None else whole_number("image_size", image_size, 1)
    size = index.size if side is None else (side, side)
    subjects = yield from make_subjects(
        visible, wanted, unit, seeds=count, steps=number_of_steps, size=size, seed=seed, recipe=recipe or PLAIN
    )
    layers = compared_layers(unit)
    values = subjects.values(list(dict.fromkeys([*layers, unit.layer])))
    fourier, pixels = subjects.evaluated(subjects.own), subjects.evaluated(subjects.pixels)
    lines = (
        data_line(subjects, fourier[0]),
        seeds_line(subjects, values),
        method_line(fourier, pixels),
        path_line(subjects, values, layers),
        control_line(subjects, values),
    )
    verdict, rule = judged(lines)
    settings = {"seeds": count, "steps": number_of_steps, "image_size": list(size), "seed": seed}
    about = index.about
    return Report(unit.name, str(about["model"]), str(about["images"]), len(index), verdict, rule, lines, settings)


def judged(lines: Sequence[Line]) -> tuple[Verdict, str]:
    """Return the verdict, and the rule that decided it.

    One decisive check that fails is enough for "do not rely on it". Everything else but agreement of all is "mixed".
    """
    failed = [line.name for line in lines if line.verdict == ORDER[2] and line.name in DECISIVE]
    if failed:
        return ORDER[2], f"{_names(failed)} failed, and one such check is enough."
    unsure = [line.name for line in lines if line.verdict != ORDER[0] and line.name in DECISIVE]
    if unsure:
        return ORDER[1], f"{_names(unsure)} {'is' if len(unsure) == 1 else 'are'} not clear, and no check failed."
    return ORDER[0], f"{_names(DECISIVE)} all agree."


def _names(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


__all__ = ["check", "iter_check", "judged"]
