"""`Program`: a compiled optimization, a function from state to state.

A program is made once per *structure* (layers, kind of objective, image size, batch, transforms). Channel indices and
weights are fed to it as tensors, so changing them compiles nothing.

The steps are compiled twice. The early program compiles quickly and makes the first steps, in which dead ReLUs may have
to be redirected. Meanwhile a thread compiles the late program, which runs fast and makes all other steps. The speed
plan decides how each of them computes a step.
"""

from __future__ import annotations

import atexit
import contextlib
import threading
import weakref
from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.frames import FloatArray
from lucid_widgets.optvis import seeding
from lucid_widgets.optvis.engine.call import CallResult
from lucid_widgets.optvis.engine.computation import Computation
from lucid_widgets.optvis.engine.setup import Setup
from lucid_widgets.optvis.engine.state import State
from lucid_widgets.optvis.engine.tracing import Traced
from lucid_widgets.optvis.engine.update import optimized
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.optvis.speed.plan import SpeedPlan

Numbers = tuple[list[Any], list[Any]]
"""The numbers of an objective and of a setup, as tensors."""


class Program:
    """A compiled optimization; made by `program_cache.program_for`.

    Args:
        model: A `Model`. The program keeps only a weak reference to it.
        objective: What to maximize; its numbers do not matter.
        setup: Image and optimization; its numbers do not matter.
        plan: How steps are made fast.
    """

    def __init__(self, model: Any, objective: Objective, setup: Setup, plan: SpeedPlan) -> None:
        self._setup = setup
        self._plan = plan
        self._computation = Computation(model, objective, setup)
        self._start = self.traced(self._computation.start)
        self._show = self.traced(self._computation.images)
        self._early = self.traced(self._step_early)
        self._late = self.traced(self._advance_late)
        self._compiler: threading.Thread | None = None
        self._measured: tuple[Hashable, Any] = None, None

    def early_steps_for(self, shape: Sequence[int]) -> int:
        """Return the number of steps that the early program makes at the start of a run.

        Args:
            shape: Shape of the images, `[batch, height, width, channels]`.
        """
        return self._plan.early_steps_for(shape)

    @property
    def needs_compile(self) -> bool:
        """Whether the next call of `advance` will take seconds."""
        return not (self._early.ready or self._late.ready)

    def traced(self, function: Callable[..., Any]) -> Traced:
        """Return a function that is traced under the program's plan."""
        return Traced(function, self._plan.finished)

    def start(self, seed: int) -> tuple[State, FloatArray]:
        """Return the state before the first step, and the initial images."""
        params, images = self._start(seeding.seed_tensor(seed))
        slots = self._setup.optimizer.start(optimized(params, self._computation.sums))
        return State(seed, 0, tuple(params), tuple(slots)), images.numpy()

    def advance(
        self, state: State, objective: Objective, count: int, first_late: int, setup: Setup | None = None
    ) -> CallResult:
        """Make `count` steps, or fewer if an objective, gradient or update is not finite.

        Args:
            state: The state to begin with.
            objective: An objective of the program's structure; its numbers may differ.
            count: Number of steps.
            first_late: First step made by the late program. The two programs round differently, so runs that must be
                equal need the same value, such as `early_steps_for(shape)`.
            setup: A setup of the program's structure; its numbers may differ. Default: None, the program's own.
        """
        numbers = self._numbers(objective, setup)
        before = min(count, max(0, first_late - state.step))
        first = self._run_early(state, numbers, before) if before else None
        if first is not None and before == count:
            return first
        if first is not None and first.bad_value is not None:
            return first
        self.wait_for_late(state, objective, None)
        return self._run_late(first.state if first else state, numbers, count - before).after(first)

    def compile_ahead(self, state: State, objective: Objective) -> None:
        """Start a thread that compiles the late program, unless it is compiled or being compiled.

        A thread that is still inside TensorFlow when the interpreter has ended aborts the process. Once the interpreter
        is ending, nothing waits for a new thread, so the late program is then compiled when it first runs.
        """
        if self._compiler is not None or self._late.ready or not threading.main_thread().is_alive():
            return
        numbers = self._numbers(objective)

        def compile_late() -> None:
            # An error is raised again when the program runs.
            with contextlib.suppress(Exception):
                self._prepare_late(state, numbers)

        self._compiler = threading.Thread(target=compile_late, name="compiler", daemon=True)
        self._compiler.start()
        _compilers.add(self._compiler)

    def wait_for_late(self, state: State, objective: Objective, timeout: float | None) -> bool:
        """Wait for the late program, and return whether it is ready.

        Args:
            state: A state, for the arguments' shapes.
            objective: An objective of the program's structure.
            timeout: Longest time to wait in seconds; None for as long as it takes.
        """
        self.compile_ahead(state, objective)
        if self._compiler is None:
            return True
        self._compiler.join(timeout)
        return not self._compiler.is_alive()

    def images(self, state: State) -> FloatArray:
        """Return the images of a state."""
        step = tf.constant(state.step, tf.int32)
        images: FloatArray = self._show(list(state.params), seeding.seed_tensor(state.seed), step).numpy()
        return images

    def measure(self, state: State, objectives: Sequence[Objective], setup: Setup | None = None) -> list[float]:
        """Return the values of other objectives on the current images, with the random transforms of the next step."""
        objectives = [self._computation.resolved(objective) for objective in objectives]
        structure = tuple(objective.structure for objective in objectives)
        last, measure = self._measured
        if structure != last:
            measure = self.traced(partial(self._computation.measure, objectives))
            self._measured = structure, measure
        values = measure(
            list(state.params),
            [_as_tensors(objective.numbers) for objective in objectives],
            _as_tensors((setup or self._setup).numbers),
            seeding.seed_tensor(state.seed),
            tf.constant(state.step, tf.int32),
        )
        return [float(value) for value in values]

    def _numbers(self, objective: Objective, setup: Setup | None = None) -> Numbers:
        return _as_tensors(self._computation.resolved(objective).numbers), _as_tensors((setup or self._setup).numbers)

    def _step_early(self, *args: Any) -> tuple[Any, ...]:
        return self._computation.one_step(self._plan.early(), *args)

    def _advance_late(self, *args: Any) -> tuple[Any, ...]:
        return self._computation.advance(self._plan.late(), *args)

    def _run_early(self, state: State, numbers: Numbers, count: int) -> CallResult:
        values: list[float] = []
        bad = None
        with self._setup.optimizer.lock, self._plan.running():
            seed = seeding.seed_tensor(state.seed)
            while len(values) < count and bad is None:
                finite, value, params, slots = self._early(
                    list(state.params), list(state.slots), *numbers, seed, tf.constant(state.step, tf.int32)
                )
                if finite:
                    state = State(state.seed, state.step + 1, tuple(params), tuple(slots))
                    values.append(float(value))
                else:
                    bad = float(value)
            return CallResult(state, self.images(state), np.array(values, np.float32), bad)

    def _run_late(self, state: State, numbers: Numbers, count: int) -> CallResult:
        with self._setup.optimizer.lock, self._plan.running():
            made, bad, params, slots, values, images = self._late(
                list(state.params),
                list(state.slots),
                *numbers,
                seeding.seed_tensor(state.seed),
                tf.constant(state.step, tf.int32),
                tf.constant(count, tf.int32),
            )
        steps = int(made)
        return CallResult(
            State(state.seed, state.step + steps, tuple(params), tuple(slots)),
            images.numpy(),
            values.numpy()[:steps],
            None if steps == count else float(bad),
        )

    def _prepare_late(self, state: State, numbers: Numbers) -> None:
        try:
            # XLA compiles a step when it first runs, so one step is made and discarded.
            self._run_late(state, numbers, 1)
        except ArgumentError:
            simpler = self._plan.without_whole_steps()
            if simpler is None:
                raise
            self._plan = simpler
            self._late = self.traced(self._advance_late)
            self._prepare_late(state, numbers)


_compilers: weakref.WeakSet[threading.Thread] = weakref.WeakSet()


@atexit.register
def _wait_for_compilers() -> None:
    """Wait until no thread is inside TensorFlow any more.

    Python itself would miss a thread that another one is just starting.
    """
    for thread in list(_compilers):
        thread.join()


def _as_tensors(numbers: Sequence[Any]) -> list[Any]:
    # Arrays keep their own dtype.
    kinds = {int: tf.int32, float: tf.float32}
    return [tf.constant(n, kinds.get(type(n))) for n in numbers]


__all__ = ["Program"]
