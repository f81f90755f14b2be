"""Effects of changing one setting on the others. Pure functions, which `LucidWidget._change` combines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.modelzoo.vision_models import Model
from lucid_widgets.optvis import objectives
from lucid_widgets.optvis.default_image import (
    COLORS,
    ImageFormat,
    default_size,
    possible_size,
    refuse_size_of_volumes,
)
from lucid_widgets.optvis.objectives import Objective
from lucid_widgets.optvis.objectives.text import single_channel
from lucid_widgets.widgets._core.traits import IMAGE_SIZE_MIN
from lucid_widgets.widgets._workbench import presets
from lucid_widgets.widgets._workbench.model_run import ModelRun
from lucid_widgets.widgets._workbench.run_settings import FIELDS, InCode, RunSettings
from lucid_widgets.widgets._workbench.settings_traits import IMAGE_SIZE_MAX
from lucid_widgets.widgets._workbench.start_image import StartImage


def refuse_fixed(values: Mapping[str, Any], run: ModelRun) -> None:
    """Raise an `ArgumentError` if an argument of the constructor, or the network, decides one of the settings."""
    for name in values:
        owner = run.in_code.owner_of(name)
        if owner:
            raise ArgumentError(f"{name} has no effect here.", f"The argument {owner} decides it.")
    sheet = run.network.model.volume_sheet
    if sheet is not None and values.get("image_size") != _within_bounds(max(sheet.sides)):
        refuse_size_of_volumes(run.network.model, values.get("image_size"))


def chosen_objective(
    values: Mapping[str, Any], model: Model, layer: str, channel: int, parse: Callable[[str], Objective]
) -> Objective:
    """The objective that a change of objective, expression, layer or channel asks for.

    Args:
        values: The change.
        model: The model.
        layer: The current layer; "" if the objective is not a single channel.
        channel: The current channel; it is kept if the new layer has it.
        parse: Parses an expression.

    Raises:
        LucidError: If the change contradicts itself, or names something that does not exist.
    """
    if "objective" in values or "expression" in values:
        if "layer" in values or "channel" in values:
            raise ArgumentError(
                "An expression and a layer or channel were given.", "Expected one of the two ways to name an objective."
            )
        return values["objective"] if "objective" in values else parse(values["expression"])
    name = values.get("layer", layer)
    if not name:
        raise ArgumentError("The channel belongs to no layer.", "Choose a layer first.")
    count = model.get_layer(name).channels
    last = None if count is None else count - 1
    if "channel" in values:
        return objectives.channel(name, whole_number("channel", values["channel"], 0, last, owner=f"layer {name!r}"))
    kept = max(channel, 0)
    return objectives.channel(name, kept if last is None else min(kept, last))


def objective_traits(objective: Objective, model: Model) -> dict[str, Any]:
    """The traits that name an objective."""
    single = single_channel(objective)
    layer, channel = single or ("", -1)
    count = model.get_layer(layer).channels if single else 0
    return {"layer": layer, "channel": channel, "_channel_count": count or 0, "expression": repr(objective)}


def first_settings(run: ModelRun, image_size: int | None, **values: Any) -> dict[str, Any]:
    """The settings that a widget begins with: those of the model's recipe, and arguments of the constructor.

    Args:
        run: The run of the widget.
        image_size: The argument; None for the default, and for what `param_f` makes.
        **values: Other arguments by the names of settings. Those that are None are not given, and for the optimizer and
            the transforms only a name is a setting.
    """
    if image_size is None and run.in_code.param_f is None:
        image_size = _within_bounds(default_size(run.network.model, run.objective))
    for name in ("optimizer", "robust_to"):
        if not isinstance(values[name], str):
            del values[name]
    given = {"image_size": image_size, **values}
    return recipe(run) | {name: value for name, value in given.items() if value is not None}


def _within_bounds(size: int) -> int:
    return min(max(size, IMAGE_SIZE_MIN), IMAGE_SIZE_MAX)


def of_network(model: Model, run: ModelRun) -> dict[str, Any]:
    """The change that follows from another network: its objective, its size, and what its images cannot have."""
    objective = presets.default_objective(model)
    values: dict[str, Any] = {"objective": objective, **_follow_recipe(model, run)}
    if run.in_code.param_f is None:
        images = ImageFormat.of(model)
        values["image_size"] = _within_bounds(default_size(model, objective))
        if images.channels != COLORS:
            values["alpha"] = False
        if images.channels not in (1, COLORS) or len(images.sizes(values["image_size"])) > 1:
            values["start_image"] = None
    return values


def recipe(run: ModelRun) -> dict[str, Any]:
    """The settings that a new widget takes from its model, without those that arguments replace."""
    usual = presets.recipe(run.network.model)
    return {name: value for name, value in usual.items() if name not in run.in_code.fields}


def _follow_recipe(model: Model, run: ModelRun) -> dict[str, Any]:
    """The settings of the other model's recipe, for those that nobody has changed."""
    before, after = recipe(run), presets.recipe(model)
    return {name: after[name] for name, value in before.items() if getattr(run.settings, name) == value}


def with_possible_size(
    checked: Mapping[str, Any], model: Model, objective: Objective, size: int, in_code: InCode
) -> dict[str, Any]:
    """A change of objective, and the network's own image size if the objective needs it and no size was given."""
    if in_code.param_f is not None or "image_size" in checked:
        return dict(checked)
    possible = possible_size(model, objective, size)
    return dict(checked) if possible == size else {**checked, "image_size": possible}


def changed_settings(
    settings: RunSettings, checked: Mapping[str, Any], values: Mapping[str, Any]
) -> tuple[RunSettings, dict[str, Any]]:
    """The settings after a change.

    A learning rate that was not changed follows the optimizer and the parameterization.

    Args:
        settings: The settings before.
        checked: Traits that change, checked.
        values: The change; it may have a `start_image`, which is no trait.

    Returns:
        The settings, and further traits that change with them.
    """
    new = replace(settings, **{name: value for name, value in checked.items() if name in FIELDS})
    if "start_image" in values:
        image = values["start_image"]
        new = replace(new, start_image=None if image is None else StartImage.of(image))
    follows = settings.learning_rate == settings.default_learning_rate
    if follows and "learning_rate" not in checked and settings.default_learning_rate != new.default_learning_rate:
        rate = new.default_learning_rate
        return replace(new, learning_rate=rate), {"learning_rate": rate}
    return new, {}
