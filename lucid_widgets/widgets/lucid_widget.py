"""`LucidWidget`: feature visualization of a model, live in a notebook."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ClassVar

from lucid_widgets.frames import FloatArray
from lucid_widgets.misc.io.saving import save
from lucid_widgets.misc.io.scoping import expanded
from lucid_widgets.misc.io.writing import write_whole
from lucid_widgets.modelzoo.vision_models import Model
from lucid_widgets.optvis.objectives import Objective, as_objective
from lucid_widgets.optvis.transform import Transforms
from lucid_widgets.widgets._canvas.stored_image import StoredImage
from lucid_widgets.widgets._classes.run_classes import RunClasses
from lucid_widgets.widgets._core.traits import Data, Records, Text, Whole
from lucid_widgets.widgets._network.in_use import NetworkInUse
from lucid_widgets.widgets._network.network_menu import NetworkMenu
from lucid_widgets.widgets._network.network_traits import NetworkTraits
from lucid_widgets.widgets._terms.term_editor import (
    Subject,
    TermEditor,
    kinds_trait,
    labels_trait,
    problem_trait,
    terms_trait,
)
from lucid_widgets.widgets._unit import panels
from lucid_widgets.widgets._workbench import changes, presets, settings_file
from lucid_widgets.widgets._workbench.codegen import code_of, is_written
from lucid_widgets.widgets._workbench.model_run import ModelRun, in_code
from lucid_widgets.widgets._workbench.run_history import RunHistory
from lucid_widgets.widgets._workbench.run_settings import FIELDS
from lucid_widgets.widgets._workbench.settings_commands import SettingsCommands
from lucid_widgets.widgets._workbench.settings_traits import SettingsTraits
from lucid_widgets.widgets._workbench.settings_undo import SettingsUndo
from lucid_widgets.widgets.optimization_canvas import OptimizationCanvas

_OBJECTIVE = ("layer", "channel", "expression")
_KEPT = ("show_classes", *panels.KEPT)


class LucidWidget(OptimizationCanvas, NetworkTraits, SettingsTraits, panels.UnitPanelTraits):
    """Optimizes images for a channel of a model, or for any other objective, and shows them live.

    Every setting can be changed at any time, in Python or on the page; the two stay in sync.

    - `layer`, `channel`, `expression` and `terms` describe the same objective. A change takes effect within one
      compiled call, and the run continues from its image. While the objective is not a single channel, `layer` is ""
      and `channel` is -1. Terms that are unfinished or switched off appear only in `terms`.
    - `steps`, `learning_rate`, `shift`, `scale`, `rotate` and `robust_to` take effect at once. A finished run can
      continue after you raise `steps`. Changing `robust_to` takes a few seconds to compile.
    - All other settings of the image and the optimizer (`image_size`, `batch`, `parameterization`, `decorrelate`,
      `alpha`, `start_image`, `optimizer`, `seed`) need a new image: a moving run starts over, a paused run goes back
      to its initial image, and the image of a run that has ended is cleared.

    An invalid value raises an error (or shows one on the page) and changes nothing. Finished, paused and stopped runs
    are kept in `runs`, at most 24 of them and 128 MiB; `restore` goes back to one. When the cell that made
    the widget runs again, the new widget takes them over. `code` is Python that reproduces the image.
    `save_settings` and `load_settings` keep `settings` in files.

    Args:
        model: A `Model` of the zoo or its name, a Keras model, or the path of a frozen graph (`.pb`) or of a `.keras`
            file; default: EmojiNet, which is part of this package. `model` can be assigned later too.
        objective: What to maximize: "layer:channel", an expression, an `Objective`, or a function `T -> scalar`;
            default: the model's `first_look`, or channel 0 of a layer in the middle.
        steps: Number of updates, at least 1.
        image_size: Width and height in pixels, 8 to 2048; default: 128, or what the network needs.
        seed: Seed of all random numbers. The same seed gives the same image on the same machine.
        batch: Number of images that are optimized together; default: 1.
        param_f: A function that returns the image tensor. It replaces `image_size`, `batch`, `parameterization`,
            `decorrelate`, `alpha` and `start_image`, which can then not be set.
        transforms: What the image must be robust to, as for `render_vis`. A name sets `robust_to`; functions fix it.
        optimizer: A Keras optimizer, which also replaces `learning_rate`, or the name of one; default: Adam.
        images: Real images that the page can show next to it: an `ActivationIndex`, or what `ImageSet.of` accepts, such
            as a folder; default: those that come with the network. The page asks for them when they are unfolded.
        microscope: A store of `render_model`, a `Microscope` or its path: while there is no run, the widget shows what
            the store has of the objective; default: none.
        start_image: A path, a URL or an array to start from, cropped and resized to the size of the image;
            default: noise.
        relu_gradient_override: Whether units that are inactive on the initial image get a gradient, as for `iter_vis`.
        pixelated: Whether an enlarged image shows sharp pixels instead of smooth ones.
        record_every: Steps between the frames that are kept for the filmstrip and for `timelapse`; 0 keeps none. The
            frames take at most 128 MiB: when they would need more, every second one is dropped and the interval
            doubles.
        **kwargs: Any other setting by name, such as `alpha=True` or `shift=3`, and arguments of any widget, such as
            `layout`. `photo` is an image in which the page can show where the unit fires: what `ImageExplorer` accepts
            as its image. `show_inputs` unfolds which channels of an earlier layer the unit is made of.

    Raises:
        ModelError: If the model cannot be used.
        UnknownNameError: If the model does not have the layer.
        OutOfRangeError: If the channel, size, batch or number of steps is out of range.
        ExpressionError: If the text is not an objective.

    Example:
        >>> LucidWidget()
        >>> w = LucidWidget(models.InceptionV1(path="inception_v1.pb"), "mixed4a_pre_relu:476")
        >>> w.run()
        >>> w.channel = 30
        >>> w
    """

    _bundle: ClassVar[str] = "lucid_widget"
    _keywords: ClassVar[tuple[str, ...]] = (
        *("zoom", "shown", "show_classes", *panels.KEYWORDS),
        *(name for name in FIELDS if name not in ("start_image", "expression")),
    )
    _editable: ClassVar[tuple[str, ...]] = ("pixelated", "record_every", "terms", *_OBJECTIVE, *_keywords)

    presets: ClassVar[tuple[str, ...]] = tuple(presets.PRESETS)
    """Names that `use_preset` accepts."""

    layer: str = Text("", help='Layer of the channel that is maximized; "" for any other objective.')
    channel: int = Whole(-1, min=-1, help="Channel that is maximized; -1 for any other objective.")
    _channel_count: int = Whole(0, output=True, help="Number of channels of `layer`; 0 if unknown.")
    expression: str = Text("", help='The objective as Python code. "layer:channel" can be assigned too.')
    terms: list[dict[str, Any]] = terms_trait()
    problem: dict[str, str] = problem_trait()
    _term_kinds: list[dict[str, Any]] = kinds_trait()
    _labels: list[str] = labels_trait()

    runs: list[dict[str, Any]] = Records(
        output=True, help="Kept runs, the oldest first: id, step, objective and settings of each."
    )
    _runs_sheet: bytes = Data(b"", output=True, help="Thumbnails of `runs`, side by side in one image file.")

    _run_of_model: ModelRun

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
        transforms: Transforms = None,
        optimizer: Any = None,
        images: Any = None,
        microscope: Any = None,
        start_image: Any = None,
        relu_gradient_override: bool = True,
        pixelated: bool = False,
        record_every: int = 8,
        **kwargs: Any,
    ) -> None:
        network = NetworkInUse.of(model)
        self._history = self._own(RunHistory(self))
        self._live.source = self._run_of_model = self._own(
            ModelRun(
                self,
                live=self._live,
                history=self._history,
                network=network,
                objective=presets.default_objective(network.model)
                if objective is None
                else as_objective(objective, network.model),
                in_code=in_code(param_f, transforms, optimizer),
                relu_gradient_override=bool(relu_gradient_override),
            )
        )
        self._own(RunClasses(self, live=self._live, run=self._run_of_model, history=self._history))
        self._real = panels.own_panels(self, self._live, self._run_of_model, images)
        self._own(StoredImage(self, live=self._live, run=self._run_of_model, store=microscope))
        self._terms = self._own(
            TermEditor(self, subject=self._subject, accept=lambda objective: self._change({"objective": objective}))
        )
        self._own(SettingsCommands(self))
        self._undoing = self._own(SettingsUndo(self, self._change))
        self._networks = self._own(NetworkMenu(self))
        self._networks.show()
        self._terms.publish_kinds(self.model)
        self._publish(_set_in_code=list(self._run_of_model.in_code.fields))
        arguments = {"batch": batch, "start_image": start_image, "optimizer": optimizer, "robust_to": transforms}
        given = changes.first_settings(self._run_of_model, image_size, **arguments)
        more = {name: kwargs.pop(name) for name in self._keywords if name in kwargs}
        self._chosen = frozenset(more)
        self._change({"objective": self._run_of_model.objective, "steps": steps, "seed": seed, **given, **more})
        self._undoing.clear()
        self._open({"title": network.name, "pixelated": pixelated, "record_every": record_every}, kwargs)

    def __repr__(self) -> str:
        about = f"{self.model_name}, {self.expression}"
        return f"<{type(self).__name__} {about}: {self.status}, step {self.current_step} of {self.steps}>"

    @property
    def model(self) -> Model:
        """The model. Accepts everything that the argument `model` accepts.

        Another model starts with its own `first_look`. What was visualized before stays in `runs`, and `restore` goes
        back to the model of a run.
        """
        return self._run_of_model.network.model

    @model.setter
    def model(self, model: Any) -> None:
        self._networks.use(NetworkInUse.of(model))

    @property
    def objective(self) -> Objective:
        """The objective. Accepts every value that the argument `objective` accepts."""
        return self._run_of_model.objective

    @objective.setter
    def objective(self, objective: Objective | Callable[[Any], Any] | str) -> None:
        self._change({"objective": as_objective(objective, self.model)})

    @property
    def start_image(self) -> FloatArray | None:
        """The image that a run starts from, `[height, width, channels]` in [0, 1]; None for noise.

        Accepts an array, a path or a URL. Runs crop and resize it to the size of their image.
        """
        with self._lock:
            chosen = self._run_of_model.settings.start_image
        return None if chosen is None else chosen.pixels()

    @start_image.setter
    def start_image(self, image: Any) -> None:
        self._change({"start_image": image})

    # Settings as a whole.

    @property
    def code(self) -> str:
        """Python code that reproduces the image of the run that is shown, byte for byte on the same machine.

        It repeats changes of settings at the steps at which they were made. If `run` would start over, because there is
        no image yet or the settings have changed since, the code makes the image of the current settings.
        """
        with self._lock:
            run = self._run_of_model
            made, steps, note = run.in_code_now()
            return code_of(made, steps, run.in_code, [note] if note else [])

    @property
    def settings(self) -> dict[str, Any]:
        """All settings as a dict that JSON can hold. Can be assigned; an invalid value changes nothing."""
        with self._lock:
            run = self._run_of_model
            unwritten = () if is_written(run.objective) else ("expression",)
            return settings_file.to_json(run.settings, self.model.name, without=(*run.in_code.fields, *unwritten))

    @settings.setter
    def settings(self, settings: Mapping[str, Any]) -> None:
        self._change(settings_file.from_json(settings))

    def save_settings(self, path: str | os.PathLike[str]) -> None:
        """Write the settings to a JSON file, which contains the whole start image."""
        write_whole(expanded(path), settings_file.to_text(self.settings).encode())

    def load_settings(self, settings: str | os.PathLike[str] | Mapping[str, Any]) -> None:
        """Use saved settings. Settings that are not named keep their values.

        Args:
            settings: A file that `save_settings` wrote, or a dict like `settings`.

        Raises:
            ArgumentError: If a setting does not exist or its value is invalid. Nothing has changed then.
        """
        self.settings = settings if isinstance(settings, Mapping) else settings_file.read(settings)

    def use_preset(self, name: str, *, label: str | None = None) -> None:
        """Apply ready-made settings for a common question.

        Args:
            name: "channel" shows one channel, "class" one class, "deep dream" what a layer sees in a photograph,
                "interpolation" the way from one channel to the next, "diversity" the different things that excite a
                channel; "natural amplitudes" uses MaCo, "large shapes first" direct ascent, "in a photo" accentuates
                a channel in the start image, "like real images" matches the real images as soon as they are known.
            label: For "class": one of the model's labels; default: the first.

        Raises:
            UnknownNameError: If the preset or the class does not exist.
            ModelError: For "class", if the model has no labels.
            ArgumentError: For "in a photo", if there is no start image; for "like real images", if there are none.
        """
        run = self._run_of_model
        photo = partial(self._terms.image_of, run.settings.start_image)
        real = partial(self._real.strongest, self.image_size, then=partial(self.use_preset, name))
        chosen = presets.preset(name, self.model, run.objective, label, presets.Material(photo, real))
        if chosen is not None:
            with self._lock:  # a preset that waits for real images does not come after this one
                self._change({field: value for field, value in chosen.items() if field not in run.in_code.fields})
                self._real.wait_no_more()

    def undo(self) -> None:
        """Undo the last change of settings, made in Python or on the page; no effect if there is none."""
        self._undoing.undo()

    def redo(self) -> None:
        """Redo the change that `undo` undid last; no effect if there is none."""
        self._undoing.redo()

    # Kept runs.

    def restore(self, run: int) -> None:
        """Go back to a kept run: its settings, image, curve and filmstrip. `run()` continues from there.

        Args:
            run: The `id` of one of `runs`.

        Raises:
            ArgumentError: If that run is not kept.
        """
        with self._lock:
            self._refuse_if_closed()
            kept = self._history.get(run)
            fixed = (*self._run_of_model.in_code.fields, "expression")
            values = {name: getattr(kept.settings, name) for name in FIELDS if name not in fixed}
            self._live.source.give_up()
            self.stop()
            if kept.made.network.model is not self.model:
                self._networks.use(kept.made.network)
            self._change({"objective": kept.made.last_objective, **values}, start=False)
            self._run_of_model.restore(kept)

    def run_image(self, run: int) -> FloatArray:
        """The images of a kept run, `[batch, height, width, channels]` in [0, 1]."""
        return self._history.get(run).frame.images

    def run_code(self, run: int) -> str:
        """Python code that reproduces the image of a kept run, including changes of settings at their steps."""
        kept = self._history.get(run)
        return code_of(kept.made, max(1, kept.frame.step), self._run_of_model.in_code)

    def save_run(self, run: int, path: str | os.PathLike[str]) -> None:
        """Write the image of a kept run to a file; `path` as for `save`."""
        save(self.run_image(run), path)

    def forget_run(self, run: int) -> None:
        """Remove a run from `runs`."""
        self._history.forget(run)

    def _change(self, values: Mapping[str, Any], *, start: bool = True) -> None:
        """Set traits, the objective and the start image, all of them or none.

        Args:
            values: Traits by name, "objective" and "start_image".
            start: Whether a run starts over if the change needs a new image.
        """
        with self._lock:
            run, size_before = self._run_of_model, self.image_size
            names_objective = any(name in values for name in (*_OBJECTIVE, "objective"))
            checked = self._checked({k: v for k, v in values.items() if k not in ("objective", "start_image")})
            rows = self._terms.rows_from(checked.pop("terms")) if "terms" in checked else None
            changes.refuse_fixed({**values, **checked}, run)
            objective = run.objective
            if names_objective:
                objective = changes.chosen_objective(values, self.model, self.layer, self.channel, self._terms.parse)
            batch = self._batch_after(checked)
            if names_objective or "batch" in checked:
                objective.validate(self.model, batch)
            if names_objective:
                shown = self._terms.traits_showing(objective, batch)
                checked |= changes.objective_traits(objective, self.model) | shown
                checked = changes.with_possible_size(checked, self.model, objective, size_before, run.in_code)
            before, objective_before = run.settings, run.objective
            settings, more = changes.changed_settings(before, checked, values)
            needs_new_image = run.change(objective, settings, steer=start)
            with self.hold_sync():  # one message to the page
                self._commit(checked | more)
                self._undoing.note((objective_before, before), (objective, settings))
            if settings.start_image != before.start_image:
                image = settings.start_image
                self._publish(
                    _start_image_thumbnail=b"" if image is None else image.thumbnail,
                    _start_image_about={} if image is None else image.about,
                )
            if "steps" in checked:
                self._live.publish_last_step()
            if needs_new_image and start:
                run.start_over()
            self._terms.follow(rows, size_before)

    def _take_over(self, earlier: Any) -> None:
        self._run_of_model.take_over(earlier._run_of_model)
        self._change({name: getattr(earlier, name) for name in _KEPT if name not in self._chosen})

    def _batch_after(self, values: Mapping[str, Any]) -> int | None:
        """Number of images after a change; None if `param_f` decides it."""
        return None if self._run_of_model.in_code.param_f else int(values.get("batch", self.batch))

    def _subject(self) -> Subject:
        return Subject(self.model, self._run_of_model.objective, self._batch_after({}), self.image_size)

    def _name(self) -> str:
        return self._run_of_model.file_name()


__all__ = ["LucidWidget"]
