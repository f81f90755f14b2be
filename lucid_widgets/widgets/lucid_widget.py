"""`LucidWidget`: a model, an objective and a canvas. The only widget that knows TensorFlow's side of the package."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any, ClassVar

from lucid_widgets.errors import ArgumentError
from lucid_widgets.modelzoo.vision_models import Model, as_model, embedded_model
from lucid_widgets.optvis import objectives
from lucid_widgets.optvis.engine.optimizers import as_optimizer
from lucid_widgets.optvis.engine.state import State
from lucid_widgets.optvis.objectives import Objective, as_objective
from lucid_widgets.optvis.objectives.text import single_channel
from lucid_widgets.optvis.render import FrameIterator, iter_vis
from lucid_widgets.optvis.transform import as_transforms
from lucid_widgets.runner import Frames
from lucid_widgets.widgets._core.traits import Choice, Flag, Real, Records, Text, Whole, whole
from lucid_widgets.widgets._terms.editing import TermEditing
from lucid_widgets.widgets._workbench.presets import class_layer, default_objective
from lucid_widgets.widgets._workbench.run_settings import (
    FIELDS,
    OPTIMIZERS,
    PARAMETERIZATIONS,
    ROBUST_TO,
    InCode,
    RunSettings,
)
from lucid_widgets.widgets._workbench.start_image import StartImage
from lucid_widgets.widgets._workbench.workbench import Workbench

IMAGE_SIZE_MIN, IMAGE_SIZE_MAX = 8, 2048
MAX_STEPS = 1_000_000
MAX_SEED = 2**32 - 1
MAX_BATCH = 64

_OBJECTIVE = ("layer", "channel", "expression")
ZOOMS = ("fit", "1x", "2x")


class LucidWidget(TermEditing, Workbench):
    """Feature visualization of a model, live: shows what excites a channel, or any other objective.

    Layer, channel, expression and the settings can be changed here or on the page, at any time; both stay in
    step.

    - `layer`, `channel`, `expression` and `terms` take effect within one compiled call, and a run carries on from
      its picture. They always say the same thing; an expression that is not a single channel has the layer "" and
      the channel -1. Terms that are unfinished, or switched off, are in `terms` alone.
    - `steps`, `learning_rate`, `shift`, `scale`, `rotate` and `robust_to` take effect at once. Raising `steps` lets a
      finished run go on; another `robust_to` takes some seconds to compile.
    - All else about the image and the optimizer (`image_size`, `batch`, `parameterization`, `decorrelate`, `alpha`,
      `start_image`, `optimizer`, `seed`) needs a new picture: a run in motion starts over, a paused one goes back to
      its initial image, and one that has ended is cleared.

    A wrong value raises (or is answered on the page) and changes nothing. Runs that came to rest are kept in `runs`,
    up to 24 of them and 128 MiB: `restore` goes back to one. `code` is Python that makes the same picture, and
    `settings` are what `save_settings` and `load_settings` keep in files.

    Args:
        model: A `Model` of the zoo, a Keras model, or the path of a frozen graph (`.pb`) or a `.keras` file. Unless
            given, EmojiNet, which comes with the package.
        objective: What to maximize: "layer:channel", an expression, an `Objective`, or a function `T ->
            scalar`. Unless given, the model's `first_look`, or channel 0 of a layer in the middle.
        steps: Number of updates, from 1 up.
        image_size: Width and height in pixels, 8 to 2048. None is 128, or what `param_f` decides.
        seed: The same seed gives the same pictures on the same machine.
        batch: Number of images optimized at once.
        param_f: A function that returns the image tensor. It decides all about the image itself: then `image_size`,
            `batch`, `parameterization` and so on have no effect, and cannot be given or changed.
        transforms: What the image must be robust to, `[]` for nothing. Unless given, `robust_to` decides.
        optimizer: One of Keras, or the name of one: then `learning_rate` belongs to it. Adam unless given.
        start_image: A path, a URL or an array to start from, cut and resized to the size of the image. Unless given,
            noise.
        relu_gradient_override: Wakes units that are dead on the initial image, in the first 16 steps.
        pixelated: Shows whole pixels where the picture is enlarged, instead of smoothing.
        record_every: Steps between the frames that are kept for the filmstrip and for `timelapse`; 0 keeps none. The
            frames take at most 128 MiB: when they would need more, every second one is dropped and the interval
            doubles.
        **kwargs: Any other setting by its name, such as `alpha=True` or `shift=3`, and what all widgets take, such as
            `layout`.

    Raises:
        ModelError: If the model cannot be looked into.
        UnknownNameError: For a layer that the model does not have.
        OutOfRangeError: For a channel, size, batch or number of steps that does not exist.
        ExpressionError: For text that is no objective.

    Example:
        >>> LucidWidget()
        >>> w = LucidWidget(models.InceptionV1(path="inception_v1.pb"), "mixed4a_pre_relu:476")
        >>> w.run()
        >>> w.channel = 30
        >>> w
    """

    _bundle: ClassVar[str] = "lucid_widget"
    _keywords: ClassVar[tuple[str, ...]] = (
        *("zoom", "shown"),
        *(name for name in FIELDS if name not in ("start_image", "expression")),
    )
    _editable: ClassVar[tuple[str, ...]] = ("pixelated", "record_every", "terms", *_OBJECTIVE, *_keywords)

    model_name: str = Text("", output=True, help="The model's name.")
    layers: list[dict[str, Any]] = Records(
        output=True, help="The model's layers, in order: name, kind, channels (may be None) and share of compute."
    )
    layer: str = Text("", help='Layer of the one channel that is maximized; "" for any other objective.')
    channel: int = Whole(-1, min=-1, help="The one channel that is maximized; -1 for any other objective.")
    channel_count: int = Whole(0, output=True, help="Channels of `layer`; 0 if unknown.")
    class_layer: str = Text("", output=True, help='Layer with a channel for each label; "" for a model without labels.')
    expression: str = Text("", help='The objective as code. "layer:channel" can be assigned too.')
    steps: int = Whole(512, min=1, max=MAX_STEPS, help="Number of updates of a run.")
    seed: int = Whole(0, min=0, max=MAX_SEED, help="Where the random numbers start.")

    image_size: int = Whole(128, min=IMAGE_SIZE_MIN, max=IMAGE_SIZE_MAX, help="Width and height in pixels.")
    batch: int = Whole(1, min=1, max=MAX_BATCH, help="Number of images optimized at once.")
    parameterization: str = Choice(
        PARAMETERIZATIONS,
        "fourier",
        help='What is optimized: spatial frequencies ("fourier"), "pixels", or the weights of a small network that'
        ' paints the image ("cppn"), for which `decorrelate` and `start_image` have no effect.',
    )
    decorrelate: bool = Flag(
        True, help="Optimize colours in a space in which those of natural images are uncorrelated."
    )
    alpha: bool = Flag(False, help="Optimize opacity too, before a random background.")

    robust_to: str = Choice(
        ROBUST_TO,
        "affine",
        help='What the image must be robust to: `shift`, `scale` and `rotate` of each image ("affine"), Lucid\'s chain'
        ' of transforms ("standard"), or "nothing".',
    )
    shift: float = Real(6.0, min=0, max=256, help="Most pixels by which an image is moved along each axis.")
    scale: float = Real(0.1, min=0, max=0.9, help="Most by which its size changes: 0.1 is from 0.9 to 1.1.")
    rotate: float = Real(10.0, min=0, max=180, help="Most degrees by which it is turned.")

    optimizer: str = Choice(tuple(OPTIMIZERS), "Adam", help="Lucid's Adam, or one of Keras by name.")
    learning_rate: float = Real(
        0.05,
        min=1e-6,
        max=1e6,
        help="How far a step goes. Unless it was changed, it follows the optimizer and the parameterization.",
    )

    zoom: str = Choice(ZOOMS, "fit", help='How large the picture is shown: as there is room ("fit"), "1x" or "2x".')
    shown: int = Whole(
        -1, min=-1, max=MAX_BATCH - 1, help="Which image of the batch is shown, from 0; -1 shows all, as a grid."
    )
    set_in_code: list[str] = Records(
        output=True, help="Settings that have no effect, as `param_f`, `transforms` or `optimizer` was passed in code."
    )

    def __init__(
        self,
        model: Any = None,
        objective: Objective | Callable[[Any], Any] | str | None = None,
        *,
        steps: int = 512,
        image_size: int | None = None,
        seed: int = 0,
        batch: int | None = None,
        param_f: Callable[[], Any] | None = None,
        transforms: Callable[[Any], Any] | Iterable[Callable[[Any], Any]] | None = None,
        optimizer: Any = None,
        start_image: Any = None,
        relu_gradient_override: bool = True,
        pixelated: bool = False,
        record_every: int = 8,
        **kwargs: Any,
    ) -> None:
        self._model = embedded_model() if model is None else as_model(model)
        self._relu_gradient_override = bool(relu_gradient_override)
        self._iterator: FrameIterator | None = None
        self._recipe = RunSettings()
        self._in_code = InCode(
            param_f,
            None if transforms is None else as_transforms(transforms),
            None if optimizer is None or isinstance(optimizer, str) else as_optimizer(optimizer),
        )
        if param_f is not None and not callable(param_f):
            raise ArgumentError(f"param_f is {param_f!r}.", "Expected a function, such as lambda: param.image(128).")
        self._objective = default_objective(self._model) if objective is None else as_objective(objective)
        named = {"optimizer": optimizer} if isinstance(optimizer, str) else {}
        optional = {"image_size": image_size, "batch": batch, "start_image": start_image}
        given = {name: value for name, value in optional.items() if value is not None} | named
        more = {name: kwargs.pop(name) for name in self._keywords if name in kwargs}
        self._change({"objective": self._objective, "steps": steps, "seed": seed, **given, **more})
        self._publish_kinds(self._model)
        self.set_trait("model_name", self._model.name)
        self.set_trait("class_layer", class_layer(self._model) or "")
        self.set_trait("layers", [asdict(layer) for layer in self._model.layers])
        self.set_trait("set_in_code", list(self._in_code.fields))
        super().__init__(
            self._make_frames, title=self._model.name, pixelated=pixelated, record_every=record_every, **kwargs
        )

    def __repr__(self) -> str:
        about = f"{self.model_name}, {self.expression}"
        return f"<{type(self).__name__} {about}: {self.status}, step {self.current_step} of {self.steps}>"

    @property
    def model(self) -> Model:
        """The model that is looked into."""
        return self._model

    @property
    def objective(self) -> Objective:
        """What is maximized. Can be set to all that the argument `objective` takes."""
        return self._objective

    @objective.setter
    def objective(self, objective: Objective | Callable[[Any], Any] | str) -> None:
        self._change({"objective": as_objective(objective)})

    # Changes.

    def _editing(self) -> tuple[Model, Objective, int | None, int]:
        return self._model, self._objective, self._batch_of({}), self.image_size

    def _batch_of(self, values: Mapping[str, Any]) -> int | None:
        """The number of images after a change; None where `param_f` decides it."""
        return None if self._in_code.param_f else int(values.get("batch", self.batch))

    def _change(self, values: Mapping[str, Any], *, start: bool = True) -> None:
        """Sets traits, the objective and the start image; `start` starts over where that needs a new picture."""
        with self._lock:
            chosen = [name for name in values if name in (*_OBJECTIVE, "objective")]
            checked = self._checked({k: v for k, v in values.items() if k not in ("objective", "start_image")})
            rows = self._assigned_rows(checked.pop("terms")) if "terms" in checked else None
            size_before = self.image_size
            self._refuse_fixed(values)
            objective = self._chosen_objective(values) if chosen else self._objective
            if chosen or "batch" in checked:
                objective.validate(self._model, self._batch_of(checked))
            if chosen:
                checked |= self._objective_traits(objective) | self._terms_showing(objective, self._batch_of(checked))
            recipe = self._recipe_with(values, checked)
            before, anew = self._recipe, recipe.needs_new_picture(self._recipe)
            runs_on = start and not anew and (self._runner.in_motion or self._runner.resumable)
            if runs_on and self._iterator is not None:
                self._steer(self._iterator, before, recipe, objective)
            if recipe != before and (anew or not self._runner.in_motion):
                self._archive()
            self._objective, self._recipe = objective, recipe
            self._commit(checked)
            if recipe.start_image != before.start_image:
                self._publish_start_image(recipe.start_image)
            if "steps" in checked:
                self._change_steps()
            if anew and start:
                self._start_anew()
            self._follow(rows, size_before)

    def _refuse_fixed(self, values: Mapping[str, Any]) -> None:
        for name in values:
            owner = self._in_code.owner_of(name)
            if owner:
                raise ArgumentError(f"{name} has no effect here.", f"It was set in code, by the argument {owner}.")

    def _recipe_with(self, values: Mapping[str, Any], checked: dict[str, Any]) -> RunSettings:
        """The recipe after a change, which may bring a learning rate with it that suits what else is new."""
        new = replace(self._recipe, **{name: value for name, value in checked.items() if name in FIELDS})
        if "start_image" in values:
            image = values["start_image"]
            new = replace(new, start_image=None if image is None else StartImage.of(image))
        if "learning_rate" not in checked and self._recipe.learning_rate == self._recipe.usual_rate != new.usual_rate:
            checked["learning_rate"] = new.usual_rate
            new = replace(new, learning_rate=new.usual_rate)
        return new

    def _steer(self, frames: FrameIterator, before: RunSettings, recipe: RunSettings, objective: Objective) -> None:
        """Lets a run go on in another way."""
        if recipe.steers(before):
            self._steered |= self._progress.step > 0
        if (recipe.learning_rate, recipe.moves) != (before.learning_rate, before.moves):
            frames.setup = replace(frames.setup, transforms=self._transforms(recipe), optimizer=self._optimizer(recipe))
        if objective != frames.objective:
            frames.objective = objective
            self._progress.restart_curve()

    def _chosen_objective(self, values: Mapping[str, Any]) -> Objective:
        """The objective that a change of objective, expression, layer or channel asks for."""
        if "objective" in values or "expression" in values:
            if "layer" in values or "channel" in values:
                raise ArgumentError("An expression and a layer or channel were given.", "Expected one or the other.")
            return values["objective"] if "objective" in values else self._read(values["expression"])
        name = values.get("layer", self.layer)
        if not name:
            raise ArgumentError("There is no layer to which the channel could belong.", "Choose a layer first.")
        count = self._model.get_layer(name).channels
        last = None if count is None else count - 1
        if "channel" in values:
            return objectives.channel(name, whole("channel", values["channel"], 0, last, owner=f"layer {name!r}"))
        kept = max(self.channel, 0)
        return objectives.channel(name, kept if last is None else min(kept, last))

    def _objective_traits(self, objective: Objective) -> dict[str, Any]:
        single = single_channel(objective)
        layer, channel = single or ("", -1)
        count = self._model.get_layer(layer).channels if single else 0
        return {"layer": layer, "channel": channel, "channel_count": count or 0, "expression": repr(objective)}

    def _change_steps(self) -> None:
        self.set_trait("total_steps", self.steps)
        if self._iterator is not None:
            self._iterator.steps = self.steps

    def _start_anew(self) -> None:
        if self._runner.pausing:
            self._start(steps=0)
        elif self._runner.in_motion:
            self._start()
        elif self._runner.status != "idle":
            self.reset()

    # Runs.

    def _make_frames(self, state: State | None = None) -> FrameIterator:
        """The stream of one run, or of what follows a state of one. Called on the worker."""
        with self._lock:
            objective, recipe, record = self._objective, self._recipe, self._recording
        options: dict[str, Any] = {} if state is None else {"state": state}
        frames = iter_vis(
            self._model,
            objective,
            self._in_code.param_f or recipe.param_f(),
            steps=recipe.steps,
            seed=recipe.seed,
            record_every=record,
            transforms=self._transforms(recipe),
            optimizer=self._optimizer(recipe),
            relu_gradient_override=self._relu_gradient_override,
            **options,
        )
        with self._lock:
            self._iterator = frames
            if not self._recipe.needs_new_picture(recipe):
                self._steer(frames, recipe, self._recipe, self._objective)
            frames.steps = self.steps
        return frames

    def _transforms(self, recipe: RunSettings) -> Any:
        return recipe.transforms() if self._in_code.transforms is None else self._in_code.transforms

    def _optimizer(self, recipe: RunSettings) -> Any:
        return self._in_code.optimizer or recipe.make_optimizer()

    def _state_now(self) -> State | None:
        return getattr(self._iterator, "state", None)

    def _forget(self) -> None:
        super()._forget()
        self._iterator = None

    def _steps_to_make(self) -> int:
        return self.steps

    def _frames_for_run(self) -> Frames:
        state, self._restored = self._restored, None
        return lambda: self._make_frames(state)

    def _file_name(self) -> str:
        unit = f"{self.layer}-{self.channel}" if self.layer else self.expression
        return f"{self.model_name}-{unit}"
