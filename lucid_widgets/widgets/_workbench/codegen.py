"""A run as Python code that makes the same image, byte for byte, with changes of settings at their steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lucid_widgets.errors import ArgumentError, ExpressionError
from lucid_widgets.misc.outside import in_code
from lucid_widgets.optvis.default_image import COLORS, ImageFormat, default_size
from lucid_widgets.optvis.objectives import Objective
from lucid_widgets.optvis.objectives.text import parse
from lucid_widgets.optvis.transform import random_affine, random_roll
from lucid_widgets.widgets._network.in_use import NetworkInUse
from lucid_widgets.widgets._workbench.run_settings import NO_START, InCode, RunSettings
from lucid_widgets.widgets._workbench.steering import Made, Steer

NOTHING = InCode()

_BACKGROUND, _IGNORED = "transform.collapse_alpha_random()", "transform.ignore_alpha()"
_TOKENS = replace(random_affine(), shift=random_roll.distance)  # the amounts of `transform.token_transforms`


def code_of(made: Made, steps: int, in_code: InCode = NOTHING, notes: Sequence[str] = ()) -> str:
    """Python code that runs as it is and leaves the image of a run in `image`.

    Args:
        made: How the run was made. Changes at or after its last step are left out.
        steps: Its number of steps.
        in_code: Arguments that replace settings. A comment in the code names those that must be defined.
        notes: Sentences to put at the top, as comments.
    """
    model = made.network.model
    script = _Script(made.network, in_code, ImageFormat.of(model), default_size(model, made.objective))
    return script.written(made, steps, notes)


def is_written(objective: Objective) -> bool:
    """Whether the text of an objective is complete. It is not if it contains a user's function or an array."""
    try:
        return parse(repr(objective)) == objective
    except (ExpressionError, ArgumentError):
        return False


@dataclass
class _Script:
    """The parts of the code while it is put together.

    Attributes:
        network: The network.
        in_code: Arguments that replace settings.
        images: Channels and aspect ratio of the model's images.
        usual_size: Size of the image if the code does not name one.
        modules: What to import from the package.
        more_imports: Other imports.
        lines: Statements before the call.
        given: Names that the user's code must define.
    """

    network: NetworkInUse
    in_code: InCode
    images: ImageFormat
    usual_size: int
    modules: set[str] = field(default_factory=lambda: {"iter_vis"})
    more_imports: set[str] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)
    given: list[str] = field(default_factory=list)

    def written(self, made: Made, steps: int, notes: Sequence[str]) -> str:
        settings, steers = made.settings, [steer for steer in made.steers if steer.step < steps]
        notes = list(notes)
        statements, variable = self.network.code()
        self.modules |= {"models"} if any("models." in each for each in statements) else set()
        self.lines += statements
        self.given += [variable] if variable else []
        starts_from_image = self.in_code.param_f is None and settings.starts_from_image
        if starts_from_image:
            notes += self._start(settings)
        arguments = [self._objective(made.objective, "objective"), *self._image(settings, starts_from_image)]
        arguments += [f"steps={steps}", f"seed={settings.seed}"]
        background = _IGNORED if settings.parameterization == "maco" else _BACKGROUND
        draws = settings.alpha and background == _BACKGROUND
        if draws and any(steer.settings.robustness != settings.robustness for steer in steers):
            # One object, because each call makes a different transform.
            background = "background"
            self.modules.add("transform")
            self.lines.append(f"background = {_BACKGROUND}")
        if self.in_code.transforms is not None:
            arguments.append("transforms=transforms")
            self.given.append("transforms")
        elif (chain := self._chain(settings, background)) is not None:
            arguments.append(f"transforms={chain}")
        if self.in_code.optimizer is not None:
            arguments.append("optimizer=optimizer")
            self.given.append("optimizer")
        elif (settings.optimizer, settings.learning_rate) != ("Adam", RunSettings.learning_rate):
            arguments.append(f"optimizer={self._optimizer(settings)}")
        if steers:
            arguments.append(self._changes(made, steers, background))
        if self.given:
            notes.append(f"Define these before running this code: {', '.join(dict.fromkeys(self.given))}.")
        return self._together(notes, arguments)

    def _together(self, notes: Sequence[str], arguments: Sequence[str]) -> str:
        keras = {each for each in self.more_imports if each.startswith("import")}
        imports = [*keras, f"from lucid_widgets import {', '.join(sorted(self.modules))}"]
        imports += sorted(self.more_imports - keras)
        call = "".join(f"    {argument},\n" for argument in ["model", *arguments])
        return "\n".join(
            [
                *(f"# {in_code(note)}" for note in notes),
                *imports,
                "",
                *self.lines,
                f"for frame in iter_vis(\n{call}):",
                "    pass",
                "image = frame.images",
                "",
            ]
        )

    def _start(self, settings: RunSettings) -> list[str]:
        """Write how the start image is made, and return notes about it."""
        image = settings.start_image
        assert image is not None
        self.modules.add("load")
        self.more_imports.add("from lucid_widgets.misc.io import fit_image")
        source = f"load({(image.place or image.name)!r})" if image.name else "start_image"
        self.given += [] if image.name else ["start_image"]
        alpha = ", alpha=True" if settings.alpha else ""
        self.lines.append(f"start = fit_image({source}, {settings.image_size}{alpha})")
        uploaded = image.name and not image.place
        return [f"{image.name!r} was uploaded on the page: put it next to this notebook."] if uploaded else []

    def _objective(self, objective: Objective, name: str) -> str:
        """The text of an objective, or the name under which the user must define it."""
        if is_written(objective):
            return repr(repr(objective))
        self.given.append(name)
        return name

    def _image(self, settings: RunSettings, starts_from_image: bool) -> list[str]:
        if self.in_code.param_f is not None:
            self.given.append("param_f")
            return ["param_f"]
        special = settings.parameterization in NO_START
        if special or settings.batch != 1 or settings.image_options() or starts_from_image:
            self.modules.add("param")
            return [f"lambda: {_parameterization(settings, self.images)}"]
        usual = settings.image_size == self.usual_size or self.images.volume is not None
        return [] if usual else [f"image_size={settings.image_size}"]

    def _optimizer(self, settings: RunSettings) -> str:
        ours = settings.optimizer in ("Adam", "AdamCosine")
        self.more_imports.add("from lucid_widgets.optvis.engine.optimizers import Adam" if ours else "import keras")
        rate, decay_steps = settings.rate
        falling = f", decay_steps={decay_steps}" if decay_steps else ""
        return f"{'Adam' if ours else f'keras.optimizers.{settings.optimizer}'}({rate!r}{falling})"

    def _chain(self, settings: RunSettings, background: str) -> str | None:
        """Code of the transforms; None for the default ones."""
        usual: Any = random_affine() if settings.robust_to == "affine" else _TOKENS
        ranges = {name: getattr(settings, name) for name in ("shift", "scale", "rotate")}
        named = {name: f"{name}={value!r}" for name, value in ranges.items() if value != getattr(usual, name)}
        if settings.robust_to == "affine":
            if not named and not settings.alpha:
                return None
            parts = [f"transform.random_affine({', '.join(named.values())})"]
        elif settings.robust_to == "tokens" and named:
            turned = ", ".join(["shift=0", *(text for name, text in named.items() if name != "shift")])
            roll = repr(settings.shift) if "shift" in named else ""
            parts = ["transform.smooth_gradient()", f"transform.random_roll({roll})"]
            parts += [f"transform.random_affine({turned})", "transform.random_color()"]
        else:
            chains = {
                "standard": ["*transform.standard_transforms"],
                "crops": ["transform.random_crops()"],
                "tokens": ["*transform.token_transforms"],
            }
            parts = chains.get(settings.robust_to, [])
        parts = [*([background] if settings.alpha else []), *parts]
        self.modules |= {"transform"} if any("transform." in part for part in parts) else set()
        return f"[{', '.join(parts)}]"

    def _changes(self, made: Made, steers: Sequence[Steer], background: str) -> str:
        """The argument `changes`: only what differs from before, at each step."""
        objective, settings = made.objective, made.settings
        rows: list[str] = []
        for steer in steers:
            new: list[str] = []
            if steer.objective != objective:
                new.append(f'"objective": {self._objective(steer.objective, f"objective_{steer.step}")}')
            if steer.settings.robustness != settings.robustness:
                new.append(f'"transforms": {self._chain(steer.settings, background) or repr("affine")}')
            if steer.settings.rate != settings.rate:
                new.append(f'"optimizer": {self._optimizer(steer.settings)}')
            objective, settings = steer.objective, steer.settings
            rows += [f"        {steer.step}: {{{', '.join(new)}}},\n"] if new else []
        return f"changes={{\n{''.join(rows)}    }}"


def _parameterization(settings: RunSettings, images: ImageFormat) -> str:
    if settings.parameterization == "cppn":
        batch = f", batch={settings.batch}" if settings.batch != 1 else ""
        depth = 4 if settings.alpha else images.channels
        return f"param.cppn({settings.image_size}{batch}{f', num_output_channels={depth}' if depth != COLORS else ''})"
    options = {"batch": settings.batch} if settings.batch != 1 else {}
    if settings.parameterization in NO_START:
        own = {**options, **({"alpha": True} if settings.alpha else {})}
        given = [*map(str, images.sizes(settings.image_size)), *(f"{name}={value}" for name, value in own.items())]
        return f"param.{settings.parameterization}({', '.join(given)})"
    named = [f"{name}={value!r}" for name, value in {**options, **settings.image_options(), **images.options}.items()]
    named += ["init_val=start"] if settings.starts_from_image else []
    return f"param.{images.make.__name__}({', '.join([*map(str, images.sizes(settings.image_size)), *named])})"


__all__ = ["code_of", "is_written"]
