"""`LucidWidget`: a model, an objective and a canvas. The only widget that knows TensorFlow's side of the package."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any, ClassVar

from lucid_widgets._errors import ArgumentError, ModelError
from lucid_widgets._worker import Frames
from lucid_widgets.modelzoo.vision_models import Layer, Model, as_model, embedded_model
from lucid_widgets.optvis import expression, objectives, param
from lucid_widgets.optvis.objectives import Objective, as_objective
from lucid_widgets.optvis.optimizers import as_optimizer
from lucid_widgets.optvis.render import FrameIterator, iter_vis
from lucid_widgets.optvis.transform import as_transforms
from lucid_widgets.widgets._traits import Records, Text, Whole, whole
from lucid_widgets.widgets.optimization_canvas import OptimizationCanvas

IMAGE_SIZE_MIN, IMAGE_SIZE_MAX = 8, 2048
MAX_STEPS = 1_000_000
MAX_SEED = 2**32 - 1
MAX_BATCH = 64

_OBJECTIVE = ("layer", "channel", "expression")
_FROM_THE_START = ("image_size", "seed", "batch")
# Kinds of layers in which a channel is a feature in space.
_SPATIAL = frozenset({"conv", "pre_relu", "relu", "activation", "concat", "add", "norm"})
# By that share of a network's work, channels have become parts of things.
_MIDDLE = 0.6


class LucidWidget(OptimizationCanvas):
    """Feature visualization of a model, live: shows what excites a channel, or any other objective.

    Layer, channel, expression and the settings can be changed here or on the page, at any time; both stay in
    step.

    - `layer`, `channel` and `expression` take effect within one compiled call, and a run carries on from its
      picture. They always say the same thing; an expression that is not a single channel has the layer "" and
      the channel -1.
    - `steps` takes effect at once. Raising it lets a finished run go on.
    - `image_size`, `seed` and `batch` need a new picture: a run in motion starts over, a paused one goes back
      to its initial image, and one that has ended is cleared.

    A wrong value raises (or is answered on the page) and changes nothing.

    Args:
        model: A `Model` of the zoo, a Keras model, or the path of a frozen graph (`.pb`) or a `.keras` file. Unless
            given, EmojiNet, which comes with the package.
        objective: What to maximize: "layer:channel", an expression, an `Objective`, or a function `T ->
            scalar`. Unless given, the model's `first_look`, or channel 0 of a layer in the middle.
        steps: Number of updates, from 1 up.
        image_size: Width and height in pixels, 8 to 2048. None is 128, or what `param_f` decides.
        seed: The same seed gives the same pictures on the same machine.
        batch: Number of images optimized at once.
        param_f: A function that returns the image tensor. It decides size and batch itself: then `image_size`
            and `batch` have no effect, and cannot be given or changed.
        transforms: What the image must be robust to; the standard transforms unless given, `[]` for nothing.
        optimizer: A Keras optimizer; Adam with a learning rate of 0.05 unless given.
        relu_gradient_override: Wakes units that are dead on the initial image, in the first 16 steps.
        pixelated: Shows whole pixels where the picture is enlarged, instead of smoothing.
        record: Steps from one moment that is kept to the next, for the filmstrip under the picture; 0 keeps none. They
            are kept within 128 MiB: where that is full, every second one is dropped, and they are kept half as often.
        **kwargs: What all widgets take, such as `layout`.

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
    _editable: ClassVar[tuple[str, ...]] = ("pixelated", "record", "steps", *_OBJECTIVE, *_FROM_THE_START)

    model_name: str = Text("", output=True, help="The model's name.")
    layers: list[dict[str, Any]] = Records(
        output=True, help="The model's layers, in order: name, kind, channels (may be None) and share of compute."
    )
    layer: str = Text("", help='Layer of the one channel that is maximized; "" for any other objective.')
    channel: int = Whole(-1, min=-1, help="The one channel that is maximized; -1 for any other objective.")
    channel_count: int = Whole(0, output=True, help="Channels of `layer`; 0 if unknown.")
    expression: str = Text("", help='The objective as code. "layer:channel" can be assigned too.')
    steps: int = Whole(512, min=1, max=MAX_STEPS, help="Number of updates of a run.")
    image_size: int = Whole(128, min=IMAGE_SIZE_MIN, max=IMAGE_SIZE_MAX, help="Width and height in pixels.")
    seed: int = Whole(0, min=0, max=MAX_SEED, help="Where the random numbers start.")
    batch: int = Whole(1, min=1, max=MAX_BATCH, help="Number of images optimized at once.")

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
        relu_gradient_override: bool = True,
        pixelated: bool = False,
        record: int = 8,
        **kwargs: Any,
    ) -> None:
        self._model = embedded_model() if model is None else as_model(model)
        self._param_f = param_f
        self._options: dict[str, Any] = {
            "transforms": as_transforms(transforms),
            "optimizer": as_optimizer(optimizer),
            "relu_gradient_override": bool(relu_gradient_override),
        }
        if param_f is not None and not callable(param_f):
            raise ArgumentError(f"param_f is {param_f!r}.", "Expected a function, such as lambda: param.image(128).")
        self._iterator: FrameIterator | None = None
        self._objective = _default_objective(self._model) if objective is None else as_objective(objective)
        given = {"image_size": image_size, "batch": batch}
        settings = {"steps": steps, "seed": seed, **{name: v for name, v in given.items() if v is not None}}
        self._change({"objective": self._objective, **settings})
        self.set_trait("model_name", self._model.name)
        self.set_trait("layers", [asdict(layer) for layer in self._model.layers])
        super().__init__(self._make_frames, title=self._model.name, pixelated=pixelated, record=record, **kwargs)

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

    def _change(self, values: Mapping[str, Any]) -> None:
        with self._lock:
            chosen = [name for name in values if name in (*_OBJECTIVE, "objective")]
            checked = self._checked({name: value for name, value in values.items() if name != "objective"})
            self._refuse_fixed(checked)
            batch = checked.get("batch", self.batch)
            objective = self._chosen_objective(values) if chosen else self._objective
            if chosen or "batch" in checked:
                objective.validate(self._model, None if self._param_f else batch)
            if chosen:
                checked |= self._objective_traits(objective)
            anew = any(getattr(self, name) != checked.get(name, getattr(self, name)) for name in _FROM_THE_START)
            runs_on = not anew and (self._runner.in_motion or self._runner.resumable)
            if chosen and runs_on and self._iterator is not None:
                self._iterator.objective = objective
                if objective != self._objective:
                    self._progress.restart_curve()
            self._objective = objective
            self._commit(checked)
            if "steps" in checked:
                self._change_steps()
            if anew:
                self._start_anew()

    def _refuse_fixed(self, values: Mapping[str, Any]) -> None:
        fixed = [name for name in ("image_size", "batch") if name in values]
        if fixed and self._param_f is not None:
            raise ArgumentError(
                f"{fixed[0]} has no effect here.", "The function param_f decides size and batch itself."
            )

    def _chosen_objective(self, values: Mapping[str, Any]) -> Objective:
        """The objective that a change of objective, expression, layer or channel asks for."""
        if "objective" in values or "expression" in values:
            if "layer" in values or "channel" in values:
                raise ArgumentError("An expression and a layer or channel were given.", "Expected one or the other.")
            return as_objective(values["objective"] if "objective" in values else values["expression"])
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
        single = expression.single_channel(objective)
        layer, channel = single or ("", -1)
        count = self._model.get_layer(layer).channels if single else 0
        return {"layer": layer, "channel": channel, "channel_count": count or 0, "expression": repr(objective)}

    def _change_steps(self) -> None:
        self.set_trait("total_steps", self.steps)
        if self._iterator is not None:
            self._iterator.steps = self.steps

    def _start_anew(self) -> None:
        if self._runner.in_motion:
            self._start()
        elif self._runner.status == "paused":
            self._start(steps=1)
        elif self._runner.status != "idle":
            self.reset()

    # Runs.

    def _make_frames(self) -> FrameIterator:
        """The stream of one run. Called on the worker."""
        with self._lock:
            objective, steps, seed = self._objective, self.steps, self.seed
            param_f = self._param_f or partial(param.image, self.image_size, batch=self.batch)
            record = self._recording
        frames = iter_vis(self._model, objective, param_f, steps=steps, seed=seed, record=record, **self._options)
        with self._lock:
            if self._objective is not objective:
                frames.objective = self._objective
            frames.steps = self.steps
            self._iterator = frames
        return frames

    def _forget(self) -> None:
        super()._forget()
        self._iterator = None

    def _steps_to_make(self) -> int:
        return self.steps

    def _frames_for_run(self) -> Frames:
        return self._make_frames

    def _file_name(self) -> str:
        unit = f"{self.layer}-{self.channel}" if self.layer else self.expression
        return f"{self.model_name}-{unit}"


def _default_objective(model: Model) -> Objective:
    if model.first_look is not None:
        return objectives.channel(*model.first_look)
    layer = _middle_layer(model)
    return objectives.channel(layer.name, 0)


def _middle_layer(model: Model) -> Layer:
    layers = [layer for layer in model.layers if layer.channels]
    spatial = [layer for layer in layers if layer.kind in _SPATIAL] or layers
    if not spatial:
        raise ModelError(f"{model.name} has no layer with channels.", "Name the objective.")
    return next((layer for layer in spatial if layer.share >= _MIDDLE), spatial[len(spatial) // 2])
