"""`FrameIterator`: an optimization as a stream of frames, which can be changed while it runs."""

from __future__ import annotations

import math
import re
import sys
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import tensorflow as tf

from lucid_widgets.errors import ArgumentError, ModelError, NonFiniteObjectiveError, whole_number
from lucid_widgets.frames import FloatArray, Frame
from lucid_widgets.modelzoo.base.private_names import outside_graphs
from lucid_widgets.optvis.engine import weak_gradient
from lucid_widgets.optvis.engine.call import CallResult
from lucid_widgets.optvis.engine.changes import Change
from lucid_widgets.optvis.engine.program import Program
from lucid_widgets.optvis.engine.program_cache import program_for
from lucid_widgets.optvis.engine.setup import Setup
from lucid_widgets.optvis.engine.state import State, fitting
from lucid_widgets.optvis.objectives import as_objective
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.optvis.objectives.units import with_class_indices
from lucid_widgets.recording import Recording

DISPLAY_INTERVAL = 0.1
"""Target duration of one compiled call in seconds. Pause, stop and frames are handled between calls."""


class FrameIterator(Iterator[Frame]):
    """An optimization as an iterator of `Frame`s, the initial image first; made by `iter_vis`.

    One thread may ask for frames while another changes objective, setup or steps. A caller that serves many iterators
    in turns may set `turn_seconds`, the target duration of one compiled call: it decides only which steps have a frame.
    """

    def __init__(
        self,
        model: Any,
        objective: Objective,
        setup: Setup,
        *,
        steps: int,
        seed: int,
        every: int | None,
        stops: Iterable[int] = (),
        state: State | None = None,
        recording: Recording | None = None,
        changes: Sequence[Change] = (),
    ) -> None:
        self._model = model
        self._recording = recording
        self._programs: OrderedDict[Hashable, Program] = OrderedDict()
        self._steps = steps
        self._every = every
        self._stops = sorted(stops)
        self._seed = seed
        self._resumed = state
        self._pace, self._elapsed = 1, 0.0
        self.turn_seconds = DISPLAY_INTERVAL
        self._state: State | None = None
        self._images: FloatArray | None = None
        self._closed = False
        # One attribute, so that other threads see a change completely or not at all.
        self._task = (objective, setup, self._checked(objective, setup))
        self._first_late = sys.maxsize  # until the size of the images is known
        self._moved = state is not None and state.late_from is not None
        self._used = (objective, setup)  # in the last call
        self._changes: list[Change] = []
        for change in changes:
            self._refuse_other_image(change.setup)
            change.objective.validate(model, None)
        self._planned = list(changes)
        self._watches_gradient = state is None

    @property
    def objective(self) -> Objective:
        """The objective. Setting it continues with the current image; only a different structure is compiled."""
        return self._task[0]

    @objective.setter
    def objective(self, objective: Objective | Callable[[Any], Any] | str) -> None:
        new = as_objective(objective, self._model)
        self._task = (new, self.setup, self._checked(new, self.setup))

    @property
    def setup(self) -> Setup:
        """Image and optimization. Setting it continues with the current image; new numbers compile nothing.

        Raises:
            ArgumentError: The parameterization or the optimizer slots differ, which requires a new run.
        """
        return self._task[1]

    @setup.setter
    def setup(self, setup: Setup) -> None:
        self._refuse_other_image(setup)
        self._task = (self.objective, setup, self._checked(self.objective, setup))

    @property
    def changes(self) -> tuple[Change, ...]:
        """The changes of objective and setup that have taken effect so far, each with its step."""
        return tuple(self._changes)

    @property
    def steps(self) -> int:
        """The step at which the iterator ends. Raising it lets a finished run continue."""
        return self._steps

    @steps.setter
    def steps(self, steps: int) -> None:
        self._steps = whole_number("steps", steps, 0)

    @property
    def step(self) -> int:
        """Number of steps made so far."""
        return self._state.step if self._state else 0

    @property
    def needs_compile(self) -> bool:
        """Whether the next frame takes seconds, because something must be compiled first."""
        return self._state is not None and self.step < self._steps and self._task[2].needs_compile

    @property
    def is_compiled(self) -> bool:
        """Whether the program that makes the late steps is in use, so that nothing is being compiled."""
        return self.step > self._first_late

    @property
    def recorded(self) -> tuple[Frame, ...]:
        """The frames kept so far, see `Recording`; empty without `record_every=`."""
        return self._recording.frames if self._recording else ()

    @property
    def state(self) -> State | None:
        """The current state; None before the first frame."""
        state = self._state
        return state if state is None or not self._moved else replace(state, late_from=self._first_late)

    def __iter__(self) -> FrameIterator:
        return self

    def __next__(self) -> Frame:
        """Return the frame after one more compiled call, which takes about `turn_seconds` or makes `every` steps.

        Raises:
            ModelError: The network cannot be computed on images of this size.
            NonFiniteObjectiveError: The objective, a gradient or an update is not finite.
        """
        with outside_graphs():
            return self._next_frame(None)

    def advance(self, n: int) -> Frame:
        """Return the next frame, like `next()`, but make at most `n` updates for it.

        The first frame is the initial image, which takes no update. To make exactly `n` updates, ask again for those
        that are left: `n -= frame.step - previous.step`.

        Raises:
            StopIteration: If the iterator is at its last step.
        """
        with outside_graphs():
            return self._next_frame(whole_number("n", n, 1))

    def _next_frame(self, most: int | None) -> Frame:
        if self._closed:
            raise StopIteration
        try:
            frame = self._made_frame(most)
        except StopIteration as error:
            # A function of the user raised it. It must not end the run as if all steps were made (see PEP 479).
            raise RuntimeError(
                "The model, the objective or another function of the run raised StopIteration."
            ) from error
        if frame is None:
            raise StopIteration
        if self._recording is not None:
            self._recording.add(frame)
        return frame

    def _made_frame(self, most: int | None) -> Frame | None:
        """The next frame; None after the last one."""
        began = time.perf_counter()
        if self._state is None:
            return self._first(began)
        last = self._steps  # read once: another thread may lower it at any time
        if self._state.step >= last:
            return None
        objective, setup, program = self._task
        self._use(objective, setup, program)
        fresh = program.needs_compile
        count = self._count(last, fresh)
        count = count if most is None else min(count, most)
        try:
            done = program.advance(self._state, objective, count, self._first_late, setup)
            if done.state.step < self._first_late < last:
                program.compile_ahead(done.state, objective)
        except (tf.errors.OpError, MemoryError) as error:
            raise _cannot_run(self._model, objective, self._images, self.step, error) from error
        except LookupError as error:
            without = _WITHOUT_GRADIENT.search(str(error))
            if without is None:  # not TensorFlow's, but from a function of the user
                raise
            raise ModelError(
                f"{objective!r} has no gradient: {self._model.name} computes it with {without[1]!r}, which has none.",
                "Choose a layer below that operation. For a quantized network, pass the one that it was made from.",
            ) from error
        taken = time.perf_counter() - began
        self._elapsed += taken
        if not fresh:
            self._pace = max(1, min(4 * count, round(count * self.turn_seconds / taken)))
        frame = self._frame(done)
        if frame is None:
            raise _not_finite(objective, self._state.step, done)
        if self._watches_gradient and frame.step >= weak_gradient.WATCHED_STEPS:
            self._watches_gradient = False
            if weak_gradient.is_weak(setup.optimizer, self._state):
                weak_gradient.warn(self._model, objective, self._state)
        self._follow_plan()
        return frame

    def wait_until_ready(self, timeout: float) -> bool:
        """Wait for the thread that compiles, and return whether the next frame is available without waiting for it.

        A caller with other work can call this with a short timeout instead of blocking in `next`.

        Args:
            timeout: Longest time to wait in seconds.
        """
        state, (objective, setup, program) = self._state, self._task
        if state is None or not self._first_late <= state.step < self._steps or program.needs_compile:
            return True
        # A new structure starts with early steps.
        return self._is_new_structure(objective, setup) or program.wait_for_late(state, objective, timeout)

    def close(self) -> None:
        """End the iterator. Its `state` can still be read to continue from it elsewhere."""
        self._closed = True

    def measure(self, objectives: Sequence[Objective]) -> list[float]:
        """Return the values of other objectives on the current image."""
        if self._state is None:
            raise ArgumentError("There is no image yet.", "Ask for a frame first.")
        _, setup, program = self._task
        with outside_graphs():
            return program.measure(self._state, objectives, setup)

    def _use(self, objective: Objective, setup: Setup, program: Program) -> None:
        """Record a change if the next call's objective or setup differs from the last call's."""
        before, of_before = self._used
        if objective is before and setup is of_before:
            return
        other_structure = self._is_new_structure(objective, setup)
        self._used = (objective, setup)
        if not other_structure and (objective, setup.numbers) == (before, of_before.numbers):
            return
        step = self.step
        self._changes.append(Change(step, objective, setup))
        if step and other_structure:
            # A new structure starts with early steps even if its late program is compiled already: the two programs
            # round differently, and a run must not depend on what was compiled before it.
            assert self._images is not None
            self._first_late, self._moved = step + program.early_steps_for(self._images.shape), True

    def _is_new_structure(self, objective: Objective, setup: Setup) -> bool:
        before, of_before = self._used
        return self._structure(objective, setup) != self._structure(before, of_before)

    def _structure(self, objective: Objective, setup: Setup) -> Hashable:
        return with_class_indices(objective, self._model).structure, setup.structure

    def _follow_plan(self) -> None:
        """Apply the planned changes that are due."""
        while self._planned and self._planned[0].step <= self.step:
            change = self._planned.pop(0)
            self._task = (change.objective, change.setup, self._checked(change.objective, change.setup))

    def _refuse_other_image(self, setup: Setup) -> None:
        fixed = replace(setup, transforms=self.setup.transforms, relu_gradient_override=True).structure
        if fixed != replace(self.setup, relu_gradient_override=True).structure:
            raise ArgumentError(
                "A run cannot change its parameterization, its kind of optimizer or its noise_ids.",
                "Start a new run with iter_vis().",
            )

    def _checked(self, objective: Objective, setup: Setup) -> Program:
        objective.validate(self._model, None if self._images is None else len(self._images))
        return program_for(self._model, objective, setup, self._programs)

    def _first(self, began: float) -> Frame:
        objective, _, program = self._task
        state, self._images = program.start(self._seed)
        objective.validate(self._model, len(self._images))
        self._first_late = program.early_steps_for(self._images.shape)
        if self._resumed is not None:
            state = fitting(self._resumed, state)
            self._images = program.images(state)
            self._first_late = self._resumed.late_from or self._first_late
        self._state = state
        self._follow_plan()
        self._elapsed = time.perf_counter() - began
        return Frame(state.step, None, self._images, self._elapsed)

    def _count(self, last: int, fresh: bool) -> int:
        """Return the number of steps of the next call, which ends at the next step that must be seen."""
        step = self.step
        ends = [last, *(stop for stop in self._stops if stop > step), *(change.step for change in self._planned)]
        if self._every:
            ends.append((step // self._every + 1) * self._every)
        else:
            ends.append(step + (1 if fresh else self._pace))
            if step < self._first_late:
                ends.append(self._first_late)  # the late program may have to be waited for
        kept = None if self._recording is None else self._recording.due_after(step)
        if kept is not None:
            ends.append(kept)
        return min(ends) - step

    def _frame(self, done: CallResult) -> Frame | None:
        """Return the frame of a call, or None if it made no step. A call cut short by a NaN still has a good image."""
        self._state = done.state
        if not len(done.objectives):
            return None
        self._images = done.images
        return Frame(done.state.step, float(done.objectives[-1]), done.images, self._elapsed, done.objectives)


def _not_finite(objective: Objective, step: int, done: CallResult) -> NonFiniteObjectiveError:
    if done.bad_value is not None and math.isfinite(done.bad_value):
        what = "The gradient of the objective, or the update along it, became NaN or infinite"
        early = (
            "Look for NaN in the network's weights, for the root or logarithm of zero in the objective, "
            "and for a very large weight or learning rate."
        )
    else:
        what = f"The objective became {done.bad_value}"
        early = (
            "This happens on the initial image already: "
            "look for a neuron outside its layer, or NaN in the network's weights."
        )
    cause = early if step == 0 else "A smaller learning rate or a bounded objective often helps."
    return NonFiniteObjectiveError(f"{what} at step {step + 1} of {objective!r}.", cause, step=step + 1)


_WITHOUT_GRADIENT = re.compile(r"No gradient defined for operation.*\(op type: (\w+)\)")


def _cannot_run(
    model: Any, objective: Objective, images: FloatArray | None, step: int, error: tf.errors.OpError | MemoryError
) -> ModelError:
    """Return the error for a failure that TensorFlow reports only when it runs: the image size, memory, a user's code.

    After the first step, the size of the images cannot be the cause.
    """
    message = error.message if isinstance(error, tf.errors.OpError) else str(error)
    node = re.search(r"\{\{node ([^}]*)\}\}", message)
    where = f" at {node[1].rpartition('/')[2]!r}" if node else ""
    reason = _reason(message) or type(error).__name__
    size = "" if images is None else f" for images of {images.shape[1]} x {images.shape[2]} pixels"
    if isinstance(error, (MemoryError, tf.errors.ResourceExhaustedError)) or _OUT_OF_MEMORY.search(reason):
        return ModelError(
            f"There is not enough memory to compute {objective!r} of {model.name}{size} ({reason.rstrip('.')}).",
            "Use a smaller image_size or batch.",
        )
    at_step = f" at step {step + 1}" if step else ""
    return ModelError(
        f"{model.name} cannot compute {objective!r}{size}{at_step}: TensorFlow failed{where} ({reason.rstrip('.')}).",
        "Earlier steps worked, so the images are large enough. Look for the cause in the model or the objective."
        if step
        else "Layers after a pool or reshape of fixed size need images about as large as the network was trained on.",
    )


_OUT_OF_MEMORY = re.compile(r"MemoryError|ResourceExhausted|\bOOM\b|[Oo]ut of memory")
# What TensorFlow writes around the reason: where the node was made, and the stack of a Python function.
_AROUND = (
    "Graph execution error",
    "Detected at node",
    "<stack",
    "[[{{node",
    "[Op:",
    'File "',
    "Traceback (most",
    "Hint:",
)


def _reason(message: str) -> str:
    """Return the line of TensorFlow's message that says what happened; "" if there is none."""
    lines = [line.strip() for line in message.splitlines()]
    return next((line for line in lines if line and not line.startswith(_AROUND)), "")


__all__ = ["FrameIterator"]
