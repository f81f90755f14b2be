"""Run settings as Python code that makes the same image, byte for byte."""

from __future__ import annotations

from collections.abc import Sequence

from lucid_widgets.errors import ArgumentError, ExpressionError
from lucid_widgets.modelzoo.emojinet import EmojiNet
from lucid_widgets.modelzoo.vision_models import Model
from lucid_widgets.optvis.objectives import Objective
from lucid_widgets.optvis.objectives.text import parse
from lucid_widgets.optvis.render import DEFAULT_IMAGE_SIZE
from lucid_widgets.widgets._workbench.run_settings import InCode, RunSettings

NOTHING = InCode()


def code_of(
    model: Model, settings: RunSettings, objective: Objective, in_code: InCode, notes: Sequence[str] = ()
) -> str:
    """Python code for a run.

    Args:
        model: The model.
        settings: The settings of the run.
        objective: The objective of the run.
        in_code: What the user's code decides instead of the settings.
        notes: Sentences to put at the top, as comments.
    """
    made_by = "models.EmojiNet()" if type(model) is EmojiNet else ""
    return code(settings, model=made_by, in_code=in_code, written=is_written(objective), notes=notes)


def is_written(objective: Objective) -> bool:
    """Whether the text of an objective is complete. It is not if it contains a user's function or an array."""
    try:
        return parse(repr(objective)) == objective
    except (ExpressionError, ArgumentError):
        return False


def code(
    settings: RunSettings,
    *,
    model: str = "",
    in_code: InCode = NOTHING,
    written: bool = True,
    notes: Sequence[str] = (),
) -> str:
    """Python code that runs as it is and leaves the image in `image`.

    Args:
        settings: The settings.
        model: Code that makes the model; "" if only the user's code has it.
        in_code: What the user's code decides instead of the settings. A comment names what must be defined.
        written: Whether the expression is complete; if not, the user's code must define `objective`.
        notes: Sentences to put at the top, as comments.
    """
    modules = {"iter_vis"}
    lines: list[str] = []
    given = [] if model else ["model"]
    if model:
        modules.add("models")
        lines.append(f"model = {model}")
    start = settings.start_image if in_code.param_f is None and settings.starts_from_image else None
    if start is not None:
        modules.add("load")
        alpha = ", alpha=True" if settings.alpha else ""
        source = f"load({(start.place or start.name)!r})" if start.name else "start_image"
        given += [] if start.name else ["start_image"]
        if start.name and not start.place:
            notes = [*notes, f"{start.name} was uploaded on the page: put it next to this notebook."]
        lines.append(f"start = fit_image({source}, {settings.image_size}{alpha})")
    arguments = [repr(settings.expression)] if written else ["objective"]
    given += [] if written else ["objective"]

    if in_code.param_f is not None:
        arguments.append("param_f")
        given.append("param_f")
    elif settings.parameterization == "cppn" or settings.batch != 1 or settings.image_options() or start is not None:
        modules.add("param")
        arguments.append(f"lambda: {_image(settings)}")
    elif settings.image_size != DEFAULT_IMAGE_SIZE:
        arguments.append(f"image_size={settings.image_size}")

    arguments += [f"steps={settings.steps}", f"seed={settings.seed}"]
    if in_code.transforms is not None:
        arguments.append("transforms=transforms")
        given.append("transforms")
    elif (chain := _chain(settings)) is not None:
        modules |= {"transform"} if "transform." in chain else set()
        arguments.append(f"transforms={chain}")
    keras = ours = False
    if in_code.optimizer is not None:
        arguments.append("optimizer=optimizer")
        given.append("optimizer")
    elif (settings.optimizer, settings.learning_rate) != ("Adam", RunSettings.learning_rate):
        ours, keras = settings.optimizer == "Adam", settings.optimizer != "Adam"
        home = "" if ours else "keras.optimizers."
        arguments.append(f"optimizer={home}{settings.optimizer}({settings.learning_rate!r})")

    imports = ["import keras"] if keras else []
    imports.append(f"from lucid_widgets import {', '.join(sorted(modules))}")
    imports += ["from lucid_widgets.misc.io import fit_image"] if start is not None else []
    imports += ["from lucid_widgets.optvis.engine.optimizers import Adam"] if ours else []
    if given:
        notes = [*notes, f"Define these before running this code: {', '.join(given)}."]
    call = "".join(f"    {argument},\n" for argument in ["model", *arguments])
    return "\n".join(
        [
            *(f"# {note}" for note in notes),
            *imports,
            "",
            *lines,
            f"for frame in iter_vis(\n{call}):",
            "    pass",
            "image = frame.images",
            "",
        ]
    )


def _image(settings: RunSettings) -> str:
    if settings.parameterization == "cppn":
        batch = f", batch={settings.batch}" if settings.batch != 1 else ""
        return f"param.cppn({settings.image_size}{batch}{', num_output_channels=4' if settings.alpha else ''})"
    options = {"batch": settings.batch} if settings.batch != 1 else {}
    named = [f"{name}={value!r}" for name, value in {**options, **settings.image_options()}.items()]
    named += ["init_val=start"] if settings.starts_from_image else []
    return f"param.image({', '.join([str(settings.image_size), *named])})"


def _chain(settings: RunSettings) -> str | None:
    """Code of the transforms; None for the default ones."""
    default = RunSettings()
    ranges = {name: getattr(settings, name) for name in ("shift", "scale", "rotate")}
    if settings.robust_to == "affine":
        named = [f"{name}={value!r}" for name, value in ranges.items() if value != getattr(default, name)]
        if not named and not settings.alpha:
            return None
        parts = [f"transform.random_affine({', '.join(named)})"]
    else:
        parts = ["*transform.standard_transforms"] if settings.robust_to == "standard" else []
    parts = [*(["transform.collapse_alpha_random()"] if settings.alpha else []), *parts]
    return f"[{', '.join(parts)}]"


__all__ = ["code", "code_of", "is_written"]
