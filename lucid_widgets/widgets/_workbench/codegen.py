"""A recipe as Python that makes the same picture, byte for byte."""

from __future__ import annotations

from collections.abc import Sequence

from lucid_widgets.optvis.render import DEFAULT_IMAGE_SIZE
from lucid_widgets.widgets._workbench.run_settings import InCode, RunSettings

NOTHING = InCode()


def code(
    recipe: RunSettings, *, model: str = "", in_code: InCode = NOTHING, written: bool = True, notes: Sequence[str] = ()
) -> str:
    """Python text that runs as it stands and leaves the picture in `image`.

    Args:
        recipe: The settings.
        model: Code that makes the model; "" where only the person's own code can.
        in_code: What the person's own code decides instead of the recipe; the text names what has to be there.
        written: Whether the objective can be written down; if not, the person's own code has it.
        notes: Sentences to put on top, as comments.
    """
    modules = {"iter_vis"}
    lines: list[str] = []
    given = [] if model else ["model"]
    if model:
        modules.add("models")
        lines.append(f"model = {model}")
    start = recipe.start_image if in_code.param_f is None and recipe.starts_from_image else None
    if start is not None:
        modules.add("load")
        alpha = ", alpha=True" if recipe.alpha else ""
        source = f"load({(start.place or start.name)!r})" if start.name else "start_image"
        given += [] if start.name else ["start_image"]
        if start.name and not start.place:
            notes = [*notes, f"{start.name} is the picture that was dropped on the page: put it beside this notebook."]
        lines.append(f"start = fit_image({source}, {recipe.image_size}{alpha})")
    arguments = [repr(recipe.expression)] if written else ["objective"]
    given += [] if written else ["objective"]

    if in_code.param_f is not None:
        arguments.append("param_f")
        given.append("param_f")
    elif recipe.parameterization == "cppn" or recipe.batch != 1 or recipe.image_options() or start is not None:
        modules.add("param")
        arguments.append(f"lambda: {_image(recipe)}")
    elif recipe.image_size != DEFAULT_IMAGE_SIZE:
        arguments.append(f"image_size={recipe.image_size}")

    arguments += [f"steps={recipe.steps}", f"seed={recipe.seed}"]
    if in_code.transforms is not None:
        arguments.append("transforms=transforms")
        given.append("transforms")
    elif (chain := _chain(recipe)) is not None:
        modules |= {"transform"} if "transform." in chain else set()
        arguments.append(f"transforms={chain}")
    keras = ours = False
    if in_code.optimizer is not None:
        arguments.append("optimizer=optimizer")
        given.append("optimizer")
    elif (recipe.optimizer, recipe.learning_rate) != ("Adam", RunSettings.learning_rate):
        ours, keras = recipe.optimizer == "Adam", recipe.optimizer != "Adam"
        home = "" if ours else "keras.optimizers."
        arguments.append(f"optimizer={home}{recipe.optimizer}({recipe.learning_rate!r})")

    imports = ["import keras"] if keras else []
    imports.append(f"from lucid_widgets import {', '.join(sorted(modules))}")
    imports += ["from lucid_widgets.misc.io import fit_image"] if start is not None else []
    imports += ["from lucid_widgets.optvis.engine.optimizers import Adam"] if ours else []
    if given:
        notes = [*notes, f"Set in code, and to be there before this runs: {', '.join(given)}."]
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


def _image(recipe: RunSettings) -> str:
    if recipe.parameterization == "cppn":
        batch = f", batch={recipe.batch}" if recipe.batch != 1 else ""
        return f"param.cppn({recipe.image_size}{batch}{', num_output_channels=4' if recipe.alpha else ''})"
    options = {"batch": recipe.batch} if recipe.batch != 1 else {}
    named = [f"{name}={value!r}" for name, value in {**options, **recipe.image_options()}.items()]
    named += ["init_val=start"] if recipe.starts_from_image else []
    return f"param.image({', '.join([str(recipe.image_size), *named])})"


def _chain(recipe: RunSettings) -> str | None:
    """The transforms; None for those that are there unless others are given."""
    usual = RunSettings()
    moves = {name: getattr(recipe, name) for name in ("shift", "scale", "rotate")}
    if recipe.robust_to == "affine":
        named = [f"{name}={value!r}" for name, value in moves.items() if value != getattr(usual, name)]
        if not named and not recipe.alpha:
            return None
        parts = [f"transform.random_affine({', '.join(named)})"]
    else:
        parts = ["*transform.standard_transforms"] if recipe.robust_to == "standard" else []
    parts = [*(["transform.collapse_alpha_random()"] if recipe.alpha else []), *parts]
    return f"[{', '.join(parts)}]"


__all__ = ["code"]
