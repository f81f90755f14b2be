"""`ModelRun`: the optimization of a model as a source of frames, steered by the widget's settings while it runs."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lucid_widgets.errors import ArgumentError
from lucid_widgets.frames import Frame
from lucid_widgets.optvis.default_image import ImageFormat
from lucid_widgets.optvis.engine.optimizers import as_optimizer
from lucid_widgets.optvis.engine.state import State
from lucid_widgets.optvis.objectives import Objective
from lucid_widgets.optvis.objectives.text import single_channel
from lucid_widgets.optvis.render import FrameIterator, iter_vis
from lucid_widgets.optvis.transform import Transforms, as_transforms
from lucid_widgets.recording import Recording
from lucid_widgets.runner import Frames
from lucid_widgets.widgets._canvas.live_run import LiveRun
from lucid_widgets.widgets._core.part import Part
from lucid_widgets.widgets._network.held import let_go
from lucid_widgets.widgets._network.in_use import NetworkInUse
from lucid_widgets.widgets._workbench.kept_runs import KeptRun, about_run
from lucid_widgets.widgets._workbench.run_history import RunHistory
from lucid_widgets.widgets._workbench.run_settings import InCode, RunSettings
from lucid_widgets.widgets._workbench.steering import Made

if TYPE_CHECKING:
    from lucid_widgets.widgets._core.base import LucidBase

# A run that is replaced while it is still moving is kept only if it has made at least this number of steps.
_WORTH_KEEPING = 16
_AT_REST = frozenset({"done", "paused", "stopped"})


class ModelRun(Part):
    """Makes the frames of each run from an objective and settings, which may change while it runs.

    Args:
        widget: The owner.
        live: Runs the frames.
        history: Keeps runs that come to rest.
        network: The network.
        objective: The objective of the first run.
        in_code: Arguments of the constructor that replace settings.
        relu_gradient_override: See `iter_vis`.

    Attributes:
        on_frame: Functions that are called on the worker with each frame. The lock is held.
    """

    def __init__(
        self,
        widget: LucidBase,
        *,
        live: LiveRun,
        history: RunHistory,
        network: NetworkInUse,
        objective: Objective,
        in_code: InCode,
        relu_gradient_override: bool,
    ) -> None:
        super().__init__(widget)
        self.network, self.objective, self.settings, self.in_code = network, objective, RunSettings(), in_code
        self.iterator: FrameIterator | None = None
        self._live, self._history = live, history
        self._relu_gradient_override = relu_gradient_override
        self._id = self.last_id = 0
        # How the run was made before its present iterator, and the setups given to the iterator with their settings.
        self.on_frame: list[Callable[[Frame], object]] = []
        self._begun = Made(network, objective, self.settings)
        self._setups: list[tuple[Any, RunSettings]] = []
        self._curve_of: Objective | None = None
        self._newest: tuple[Frame, State | None] | None = None
        # The run whose image was kept when its settings were replaced.
        self._given_up: int | None = None
        # The run of the cell's next widget, which has taken over the kept runs, and the number of the run that was
        # current then and may still have to stop.
        self._taken_over: tuple[weakref.ref[ModelRun], int] | None = None

    def close(self) -> None:
        # Nothing can continue the run. IPython keeps the widgets that cells have shown, and a state may have megabytes.
        self.iterator = self._newest = None

    def let_go(self) -> None:
        for network in (self.network, self._begun.network):
            let_go(network)

    @property
    def id(self) -> int:
        """Number of the current run; 0 before the first."""
        return self._id

    @property
    def images(self) -> ImageFormat:
        """Channels and aspect ratio of the network's images."""
        return ImageFormat.of(self.network.model)

    # Interface to `LiveRun`.

    def begin(self, recording: Recording) -> Frames:
        """The stream of a new run, from its beginning."""
        self._id = self.last_id = self.last_id + 1
        self._begin(Made(self.network, self.objective, self.settings))
        return lambda: self._make_frames(recording)

    def _begin(self, made: Made) -> None:
        self.iterator = None
        self._begun, self._setups, self._curve_of, self._given_up = made, [], made.last_objective, None

    def last_step(self) -> int:
        """The step at which the run ends."""
        return self.settings.steps

    def take(self, frame: Frame) -> None:
        """Remember the optimization's state at this frame. Called between two frames, when state and frame agree."""
        self._newest = (frame, getattr(self.iterator, "state", None))
        objective = self.made.last_objective
        if objective != self._curve_of:
            self._curve_of = objective
            self._live.progress.restart_curve()
        for call in self.on_frame:
            call(frame)

    def file_name(self) -> str:
        """A name for files. It names the objective of the image, which may differ from the current one."""
        objective = self.objective if self._live.runner.frame is None else self.made.last_objective
        single = single_channel(objective)
        return f"{self.network.name}-{f'{single[0]}-{single[1]}' if single else repr(objective)}"

    def made_by(self) -> dict[str, Any]:
        """Description, for the page, of the run that made the newest frame."""
        frame = self._live.runner.frame
        return {} if frame is None else about_run(self._id, self.made, frame)

    @property
    def made(self) -> Made:
        """How the run was made so far. The current settings may differ."""
        iterator = self.iterator
        return self._begun if iterator is None else self._begun.with_changes(iterator.changes, self._setups)

    def in_code_now(self) -> tuple[Made, int, str]:
        """The run that `code` describes, its number of steps, and a note for the user ("" for none).

        This is the run whose image is shown, as it will be at its end. If the settings have changed and `run` would
        start over, it is the run with the current settings.
        """
        frame, settings, made = self._live.runner.frame, self.settings, self.made
        if frame is None or frame.step == 0:
            return Made(self.network, self.objective, settings), settings.steps, ""
        goes_on = self._live.runner.in_motion or self._live.can_go_on()
        moved = self.objective != made.last_objective or settings.steers(made.last_settings)
        over = self._live.runner.status != "done" and not goes_on
        if (moved and not goes_on) or over:
            kept = f"w.run_code({self._id}) is the code of the image that is shown." if self._is_kept() else ""
            return Made(self.network, self.objective, settings), settings.steps, kept
        if moved:
            made = made.with_steer(frame.step, self.objective, settings)
        return made, max(settings.steps, frame.step), ""

    def _is_kept(self) -> bool:
        frame = self._live.runner.frame
        return frame is not None and self._history.has(self._id, frame.step)

    def give_up(self) -> None:
        """Keep the image that is about to be forgotten, and release its optimization. Needs the lock."""
        self.archive()
        self._begun, self.iterator = self.made, None

    def settle(self) -> None:
        with self.lock:
            if not self.widget._closed and self._live.runner.status in _AT_REST:
                self.archive()

    def archive(self) -> None:
        """Keep the current image, if it was optimized at all. Needs the lock."""
        runner = self._live.runner
        frame = runner.frame
        if frame is None or frame.step == 0 or 0 in frame.images.shape:
            return
        if self._id == self._given_up or self._history.has(self._id, frame.step):
            return
        if runner.in_motion and frame.step < _WORTH_KEEPING:
            return
        newest, state = self._newest or (None, None)
        live = self._live
        made = self.made
        run = KeptRun(
            self._id,
            replace(made.last_settings, steps=self.settings.steps),
            made,
            frame,
            state if newest is frame else None,
            live.recorded,
            live.progress.copy(),
            runner.status == "done",
        )
        if self._taken_over is None or self._id != self._taken_over[1]:
            self._history.keep(run)
        elif (taker := self._taker) is not None:
            taker._inherit([run])

    # Changes. They need the lock.

    def change(self, objective: Objective, settings: RunSettings, *, steer: bool) -> bool:
        """Use another objective and other settings.

        Args:
            objective: The objective from now on.
            settings: The settings from now on.
            steer: Whether a run that can continue uses them.

        Returns:
            Whether the settings need a new image; then `start_over` should follow.

        Raises:
            LucidError: If the run refuses the change. Nothing has changed then.
        """
        if self.in_code.param_f is None:
            settings.param_f(self.images)
        runner = self._live.runner
        needs_new_image = settings.needs_new_image(self.settings)
        if steer and not needs_new_image and self.iterator is not None and (runner.in_motion or runner.resumable):
            self._steer(self.iterator, self.settings, settings, objective)
        if settings != self.settings and (needs_new_image or not runner.in_motion):
            self.archive()
        if needs_new_image:
            self._given_up = self._id  # frames that still arrive were made with the old settings
        self.objective, self.settings = objective, settings
        if self.iterator is not None:
            self.iterator.steps = settings.steps
        return needs_new_image

    def start_over(self) -> None:
        """Replace the image of a run whose settings need a new one."""
        runner = self._live.runner
        if runner.pausing:
            self._live.start(steps=0)
        elif runner.in_motion:
            self._live.start()
        elif runner.status != "idle":
            self._live.reset()

    def restore(self, kept: KeptRun) -> None:
        """Show a kept run again, so that it can continue. Its settings have been restored before."""
        if kept.state is None:
            self._live.reset()
            return
        self._id = kept.id
        self._begin(kept.made)
        self._newest = (kept.frame, kept.state)
        self._live.restore(lambda recording: lambda: self._make_frames(recording, kept.state), kept)

    def take_over(self, earlier: ModelRun) -> None:
        """Take the kept runs of another widget, its image as one of them, and what becomes of its current run."""
        with earlier.lock:
            earlier.archive()
            runs, number = earlier._history.give(), earlier.last_id
            earlier._taken_over = weakref.ref(self), earlier._id
        with self.lock:
            self.last_id = max(self.last_id, number)
        self._inherit(runs)

    @property
    def _taker(self) -> ModelRun | None:
        """The run of the cell's next widget, which has taken over the kept runs; None if there is none."""
        return None if self._taken_over is None else self._taken_over[0]()

    def _inherit(self, runs: Sequence[KeptRun]) -> None:
        """Keep runs of the widget that an earlier execution of the same cell made."""
        if (taker := self._taker) is not None:
            taker._inherit(runs)
            return
        with self.lock:
            # The cell may have made the same network again. One copy of it is enough. Another network gets a record of
            # its own, because the earlier widget releases the model in its record.
            here = self.network
            networks = [here if run.made.network.name == here.name else copy(run.made.network) for run in runs]
            self._history.take(
                replace(run, made=replace(run.made, network=network))
                for run, network in zip(runs, networks, strict=True)
            )

    def _steer(self, frames: FrameIterator, before: RunSettings, after: RunSettings, objective: Objective) -> None:
        if (after.rate, after.robustness) != (before.rate, before.robustness):
            frames.setup = replace(frames.setup, transforms=self._transforms(after), optimizer=self._optimizer(after))
            self._setups.append((frames.setup, after))
        if objective != frames.objective:
            frames.objective = objective

    # Creating a run.

    def _make_frames(self, recording: Recording, state: State | None = None) -> FrameIterator:
        """The frames of one run, from its beginning or from a state. Called on the worker."""
        with self.lock:
            begun = self._begun
        objective, settings = begun.last_objective, begun.last_settings
        options: dict[str, Any] = {} if state is None else {"state": state}
        frames = iter_vis(
            begun.network.model,
            objective,
            self.in_code.param_f or settings.param_f(self.images),
            steps=max(settings.steps, state.step if state else 0),
            seed=settings.seed,
            record_every=recording,
            transforms=self._transforms(settings),
            optimizer=self._optimizer(settings),
            relu_gradient_override=self._relu_gradient_override,
            **options,
        )
        if state is not None:
            next(frames)  # the image of the state, which is shown already
        with self.lock:
            # Making the iterator took a while; apply changes that were made meanwhile.
            self.iterator = frames
            self._setups = [(frames.setup, settings)]
            if not self.settings.needs_new_image(settings):
                self._steer(frames, settings, self.settings, self.objective)
            frames.steps = self.settings.steps
        return frames

    def _transforms(self, settings: RunSettings) -> Any:
        return settings.transforms() if self.in_code.transforms is None else self.in_code.transforms

    def _optimizer(self, settings: RunSettings) -> Any:
        return self.in_code.optimizer or settings.make_optimizer()


def in_code(
    param_f: Callable[[], Any] | None,
    transforms: Transforms,
    optimizer: Any,
) -> InCode:
    """Check the arguments of a constructor that replace settings. Names of transforms and optimizers are settings."""
    if param_f is not None and not callable(param_f):
        raise ArgumentError(f"param_f is {param_f!r}.", "Expected a function, such as lambda: param.image(128).")
    return InCode(
        param_f,
        None if transforms is None or isinstance(transforms, str) else as_transforms(transforms),
        None if optimizer is None or isinstance(optimizer, str) else as_optimizer(optimizer),
    )
