"""`Workbench`: what a widget can do with its settings and its runs as a whole. `LucidWidget` says what they are."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from lucid_widgets.errors import ArgumentError, ExpressionError
from lucid_widgets.frames import FloatArray, Frame
from lucid_widgets.misc.io.saving import save
from lucid_widgets.modelzoo.emojinet import EmojiNet
from lucid_widgets.modelzoo.vision_models import Model
from lucid_widgets.optvis.engine.state import State
from lucid_widgets.optvis.objectives import Objective
from lucid_widgets.optvis.objectives.text import parse
from lucid_widgets.widgets._canvas.encoded_frame import EncodedFrame
from lucid_widgets.widgets._core.base import Command, Reply
from lucid_widgets.widgets._core.traits import Data, Record, Records
from lucid_widgets.widgets._core.uploads import Uploads
from lucid_widgets.widgets._workbench import codegen, presets, settings_file
from lucid_widgets.widgets._workbench.run_history import KeptRun, KeptRuns
from lucid_widgets.widgets._workbench.run_settings import FIELDS, InCode, RunSettings
from lucid_widgets.widgets._workbench.start_image import StartImage
from lucid_widgets.widgets.optimization_canvas import OptimizationCanvas

# Steps from which on a picture is kept that gives way to another while it is still being made.
_WORTH_KEEPING = 16
_AT_REST = frozenset({"done", "paused", "stopped"})


class Workbench(OptimizationCanvas):
    """Presets, code, settings in files, the history of runs, and files that come from the page."""

    presets: ClassVar[tuple[str, ...]] = tuple(presets.PRESETS)
    """Names that `use_preset` takes."""

    runs: list[dict[str, Any]] = Records(
        output=True, help="Runs so far, the oldest first: id, step, objective and settings of each."
    )
    runs_sheet: bytes = Data(b"", output=True, help="Pictures of `runs` in small, side by side in one image file.")
    start_image_about: dict[str, Any] = Record(
        output=True, help="About `start_image`: name, width and height. Empty where a run starts from noise."
    )
    start_image_small: bytes = Data(b"", output=True, help="`start_image` in small, an image file.")

    # What a subclass has.
    _model: Model
    _objective: Objective
    _recipe: RunSettings
    _in_code: InCode

    def _change(self, values: Mapping[str, Any], *, start: bool = True) -> None:
        raise NotImplementedError

    def _prepare(self) -> None:
        super()._prepare()
        self._kept_runs = KeptRuns()
        self._uploads = Uploads()
        self._run_id = self._runs_made = 0
        self._steered = False
        self._restored: State | None = None
        self._newest_state: tuple[Frame, State | None] | None = None

    # Settings as a whole.

    @property
    def start_image(self) -> FloatArray | None:
        """The picture that a run starts from, `[height, width, channels]` in [0, 1]; None for noise.

        Can be set to an array, a path or a URL. It is cut and resized to the size of the image.
        """
        with self._lock:
            chosen = self._recipe.start_image
        return None if chosen is None else chosen.pixels()

    @start_image.setter
    def start_image(self, image: Any) -> None:
        self._change({"start_image": image})

    @property
    def code(self) -> str:
        """Python that makes the picture of these settings, the same byte for byte on the same machine."""
        with self._lock:
            return self._code_of(self._recipe, self._objective)

    @property
    def settings(self) -> dict[str, Any]:
        """All settings as JSON can hold them. Can be set; what is wrong raises and changes nothing."""
        with self._lock:
            own = self._in_code.fields
            unwritten = () if _is_written(self._objective) else ("expression",)
            return settings_file.to_json(self._recipe, self._model.name, without=(*own, *unwritten))

    @settings.setter
    def settings(self, settings: Mapping[str, Any]) -> None:
        self._change(settings_file.from_json(settings))

    def save_settings(self, path: str | os.PathLike[str]) -> None:
        """Writes the settings to a JSON file.

        Args:
            path: The file. A start image is in it as a whole.
        """
        Path(path).write_text(settings_file.to_text(self.settings), encoding="utf-8")

    def load_settings(self, settings: str | os.PathLike[str] | Mapping[str, Any]) -> None:
        """Takes over settings; those that are not named stay as they are.

        Args:
            settings: A file that `save_settings` wrote, or a dict as `settings` is.

        Raises:
            ArgumentError: For a setting that does not exist, or cannot have its value. Nothing has changed then.
        """
        self.settings = settings if isinstance(settings, Mapping) else settings_file.read(settings)

    def use_preset(self, name: str, *, label: str | None = None) -> None:
        """Takes over the settings that answer a question.

        Args:
            name: "channel" shows one channel, "class" a class, "deep dream" makes a photograph dream, "interpolation"
                goes from one channel to the next, "diversity" shows the different things that excite one channel.
            label: For "class": one of the model's labels.

        Raises:
            UnknownNameError: There is no such preset or class.
            ModelError: For "class", where the model has no labels.
        """
        chosen = presets.preset(name, self._model, self._objective, label)
        own = self._in_code.fields
        self._change({field: value for field, value in chosen.items() if field not in own})

    # Runs.

    def restore(self, run: int) -> None:
        """Goes back to an earlier run: its settings, and its picture, from which `run()` goes on.

        Args:
            run: The `id` of one of `runs`.

        Raises:
            ArgumentError: It is not kept.
        """
        with self._lock:
            kept = self._kept_runs.get(run)
            own = (*self._in_code.fields, "expression")
            values = {name: getattr(kept.recipe, name) for name in FIELDS if name not in own}
            self._archive()
            self._runner.stop()
            self._change({"objective": kept.objective, **values}, start=False)
            if kept.state is None:
                self.reset()
                return
            self._restored = kept.state
            self._start(steps=0)
            self._run_id, self._steered = kept.id, kept.steered

    def run_image(self, run: int) -> FloatArray:
        """The images of an earlier run, `[batch, height, width, channels]` in [0, 1]."""
        with self._lock:
            return self._kept_runs.get(run).frame.images

    def run_code(self, run: int) -> str:
        """Python that makes the picture of an earlier run."""
        with self._lock:
            kept = self._kept_runs.get(run)
            made = RunSettings(**{**vars(kept.recipe), "steps": max(1, kept.frame.step)})
            notes = ["Settings were changed while that run was running, so its own picture was another."]
            return self._code_of(made, kept.objective, notes if kept.steered else [])

    def save_run(self, run: int, path: str | os.PathLike[str]) -> None:
        """Writes the picture of an earlier run to a file; `path` as for `save`."""
        save(self.run_image(run), path)

    def forget_run(self, run: int) -> None:
        """Removes an earlier run from the history."""
        with self._lock:
            self._kept_runs.forget(run)
            self._publish_runs()

    # What the page can do.

    def _commands(self) -> Mapping[str, Command]:
        return {
            **super()._commands(),
            "preset": self.use_preset,
            "find_class": lambda query="": Reply(presets.find_classes(self._model, str(query)), []),
            "code": lambda run=None: Reply(self.code if run is None else self.run_code(run), []),
            "settings": lambda: Reply(settings_file.to_text(self.settings), []),
            "upload": self._upload,
            "remove_start_image": lambda: self._change({"start_image": None}),
            "restore": self.restore,
            "run_picture": self._run_picture,
            "forget_run": self.forget_run,
        }

    def _upload(self, kind: Any, name: Any, **piece: Any) -> None:
        """A piece of a file: a picture to start from, or settings."""
        whole = self._uploads.add(**piece)
        if whole is None:
            return
        called = str(name)[:200]
        if kind == "settings":
            self.settings = settings_file.from_text(whole, called)
        else:
            self._change({"start_image": StartImage.of_bytes(whole, called)})

    def _run_picture(self, run: Any) -> Reply:
        with self._lock:
            frame = self._kept_runs.get(run).frame
        picture = EncodedFrame(0, frame, lossless=True)
        return Reply({**picture.meta, "filename": f"{self._model.name}-run{run}-{frame.step}.png"}, [picture.encoded()])

    # How the history comes about.

    def _keep(self, frame: Frame) -> None:
        super()._keep(frame)
        with self._lock:
            self._newest_state = (frame, self._state_now())

    def _state_now(self) -> State | None:
        """Where the run is; asked on the worker, between two frames."""
        raise NotImplementedError

    def _settle(self) -> None:
        super()._settle()
        with self._lock:
            if not self._closed and self._runner.status in _AT_REST:
                self._archive()

    def _start(self, *, steps: int | None = None) -> None:
        self._archive()
        self._run_id = self._runs_made = self._runs_made + 1
        self._steered = False
        super()._start(steps=steps)

    def reset(self) -> None:
        """Ends the run and forgets the picture; in the history it stays."""
        with self._lock:
            self._archive()
            super().reset()

    def _archive(self) -> None:
        """Keeps the picture that is there, if it was optimized at all. Needs the lock."""
        frame = self._runner.frame
        known = next((run for run in self._kept_runs if run.id == self._run_id), None)
        if frame is None or frame.step == 0 or 0 in frame.images.shape or (known and known.frame.step == frame.step):
            return
        if self._runner.in_motion and frame.step < _WORTH_KEEPING:
            return
        newest, state = self._newest_state or (None, None)
        self._kept_runs.keep(
            KeptRun(
                self._run_id,
                self._recipe,
                self._objective,
                frame,
                state if newest is frame else None,
                self._steered,
            )
        )
        self._publish_runs()

    def _publish_runs(self) -> None:
        with self.hold_sync():
            self.set_trait("runs_sheet", self._kept_runs.sheet())
            self.set_trait("runs", [run.about for run in self._kept_runs])

    def _publish_start_image(self, chosen: StartImage | None) -> None:
        with self.hold_sync():
            self.set_trait("start_image_small", b"" if chosen is None else chosen.thumbnail)
            self.set_trait("start_image_about", {} if chosen is None else chosen.about)

    def _code_of(self, recipe: RunSettings, objective: Objective, notes: list[str] | None = None) -> str:
        model = "models.EmojiNet()" if type(self._model) is EmojiNet else ""
        return codegen.code(
            recipe, model=model, in_code=self._in_code, written=_is_written(objective), notes=notes or []
        )


def _is_written(objective: Objective) -> bool:
    """Whether the objective's text says all about it: a function of the user's own, or an array, is not in it."""
    try:
        return parse(repr(objective)) == objective
    except (ExpressionError, ArgumentError):
        return False


__all__ = ["Workbench"]
