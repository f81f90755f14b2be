"""The engine: one compiled call that advances an optimization by any number of steps.

A `Program` is what was compiled: a function from state to state, made once for each *structure* (layers, kind of
objective, image size, batch, transforms). A `State` is the numbers that it changes. Channel indices and weights are
fed to the program as tensors, so changing them compiles nothing.

Inside the call, a loop does for each step: parameterization, transforms, network, objective, gradient, optimizer. It
stops by itself at the first step whose objective, gradient or update is not finite, before it has changed anything.

The loop is compiled twice. The first form is quick to compile and makes the first steps, in which dead ReLUs may have
to be woken. Meanwhile a thread compiles the second, which is quick to run, and makes all others.
"""

from __future__ import annotations

import contextlib
import re
import threading
import weakref
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.errors import ArgumentError, ModelError
from lucid_widgets.frames import FloatArray
from lucid_widgets.modelzoo.graphdef.substitutes import substituting
from lucid_widgets.optvis import seeding
from lucid_widgets.optvis.engine.network import import_model
from lucid_widgets.optvis.engine.setup import Setup
from lucid_widgets.optvis.engine.state import State
from lucid_widgets.optvis.engine.tracing import Traced, variables_from, variables_into
from lucid_widgets.optvis.engine.update import last_good, update
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.optvis.overrides import gradient_override_map, relu_overrides
from lucid_widgets.optvis.speed import devices, precision, xla
from lucid_widgets.optvis.speed.cpu_kernels import EARLY_GRADIENTS, SUBSTITUTES, as_one, late_gradients
from lucid_widgets.optvis.speed.microbatches import in_microbatches, microbatch_count


@dataclass(frozen=True)
class Advance:
    """What one compiled call did.

    Attributes:
        state: The state after the last good step.
        images: `[batch, height, width, channels]` made from that state.
        objectives: The objective's value at each step made.
        bad_value: Where a step's objective, gradient or update was not finite: the objective's value at that step,
            which was not made. None where all went well.
    """

    state: State
    images: FloatArray
    objectives: FloatArray
    bad_value: float | None


EARLY_STEPS = 64
"""Steps made by a program that is quick to compile, while a thread compiles the one that is quick to run."""


class Program:
    """A compiled optimization; made by `programs.program_for`."""

    def __init__(self, model: Any, objective: Objective, setup: Setup) -> None:
        # Weak: programs are kept by model, and would otherwise keep their own key alive.
        self._model = weakref.ref(model)
        self._objective = objective
        self._setup = setup
        self._overrides = relu_overrides if setup.relu_gradient_override else nullcontext
        self._start = Traced(self._trace_start)
        self._show = Traced(self._trace_images)
        self._early = Traced(partial(self._trace_advance, True))
        self._late = Traced(partial(self._trace_advance, False))
        # On a CPU, convolutions take XLA longer than TensorFlow.
        self._whole = devices.has_gpu() if setup.jit_compile is None else setup.jit_compile
        self._ahead: threading.Thread | None = None
        self._measured: tuple[Hashable, Any] = None, None

    @property
    def needs_compile(self) -> bool:
        """Whether the next call of `advance` will take seconds."""
        return not (self._early.ready or self._late.ready)

    def start(self, seed: int) -> tuple[State, FloatArray]:
        """The state before the first step, and the initial images."""
        params, images = self._start(seeding.seed_tensor(seed))
        slots = self._setup.optimizer.start(params)
        return State(seed, 0, tuple(params), tuple(slots)), images.numpy()

    def advance(
        self, state: State, objective: Objective, count: int, setup: Setup | None = None, early: int = EARLY_STEPS
    ) -> Advance:
        """Makes `count` steps, or as many as have a finite objective, gradient and update.

        Args:
            state: Where to begin.
            objective: Has the structure that the program was made for; its numbers may be others.
            count: Number of steps.
            setup: Likewise; the one that the program was made for unless given.
            early: The step from which on the program runs that takes longer to compile. The two round otherwise, so
                that it must be the same for runs that shall be equal.
        """
        numbers = _as_tensors(objective.numbers), _as_tensors((setup or self._setup).numbers)
        before = min(count, max(0, early - state.step))
        if before == count:
            return self._run(self._early, state, numbers, count)
        first = self._run(self._early, state, numbers, before) if before else None
        if first is not None and first.bad_value is not None:
            return first
        self.late_is_ready(state, objective, None)
        rest = self._run(self._late, first.state if first else state, numbers, count - before)
        values = rest.objectives if first is None else np.concatenate([first.objectives, rest.objectives])
        return replace(rest, objectives=values)

    def _run(self, program: Traced, state: State, numbers: tuple[list[Any], list[Any]], count: int) -> Advance:
        with self._setup.optimizer.turn, _xla_errors():
            made, bad, params, slots, values, images = program(*self._arguments(state, numbers, count))
        steps = int(made)
        return Advance(
            State(state.seed, state.step + steps, tuple(params), tuple(slots)),
            images.numpy(),
            values.numpy()[:steps],
            None if steps == count else float(bad),
        )

    def _arguments(self, state: State, numbers: tuple[list[Any], list[Any]], count: int) -> tuple[Any, ...]:
        return (
            list(state.params),
            list(state.slots),
            *numbers,
            seeding.seed_tensor(state.seed),
            tf.constant(state.step, tf.int32),
            tf.constant(count, tf.int32),
        )

    def compile_ahead(self, state: State, objective: Objective) -> None:
        """Starts a thread that compiles what late steps need, unless that was done before."""
        if self._ahead is not None or self._late.ready:
            return
        numbers = _as_tensors(objective.numbers), _as_tensors(self._setup.numbers)

        def compile_late() -> None:
            # An error comes up again where the program is run.
            with contextlib.suppress(Exception):
                self._prepare_late(state, numbers)

        self._ahead = threading.Thread(target=compile_late, name="compiler")
        self._ahead.start()

    def _prepare_late(self, state: State, numbers: tuple[list[Any], list[Any]]) -> None:
        try:
            # XLA compiles a step when it is first made; this one is thrown away.
            self._run(self._late, state, numbers, 1)
        except ArgumentError:
            if self._setup.jit_compile is not None or not self._whole:
                raise
            # Nobody asked for XLA by name, and something here is unknown to it.
            self._whole = False
            self._late = Traced(partial(self._trace_advance, False))
            self._prepare_late(state, numbers)

    def late_is_ready(self, state: State, objective: Objective, timeout: float | None) -> bool:
        """Whether late steps can be made without waiting, after at most `timeout` seconds; has them compiled if not.

        Where `timeout` is None, it waits for as long as that takes.
        """
        self.compile_ahead(state, objective)
        if self._ahead is None:
            return True
        self._ahead.join(timeout)
        return not self._ahead.is_alive()

    def images(self, state: State) -> FloatArray:
        """The images of a state."""
        step = tf.constant(state.step, tf.int32)
        images: FloatArray = self._show(list(state.params), seeding.seed_tensor(state.seed), step).numpy()
        return images

    def measure(self, state: State, objectives: Sequence[Objective], setup: Setup | None = None) -> list[float]:
        """The values of other objectives on the images as they are, with the random transforms of the next step."""
        structure = tuple(objective.structure for objective in objectives)
        last, measure = self._measured
        if structure != last:
            measure = Traced(partial(self._trace_measure, objectives))
            self._measured = structure, measure
        values = measure(
            list(state.params),
            [_as_tensors(objective.numbers) for objective in objectives],
            _as_tensors((setup or self._setup).numbers),
            seeding.seed_tensor(state.seed),
            tf.constant(state.step, tf.int32),
        )
        return [float(value) for value in values]

    # What is traced. Each runs once, while TensorFlow records; the tensors in it stand for values of later calls.

    def _trace_start(self, seed: Any) -> tuple[list[Any], Any]:
        with self._scope(seed, seeding.INITIAL_STEP):
            params: list[Any] = []
            with variables_into(params):
                images = self._images()
        if not params:
            raise ArgumentError(
                "The parameterization has nothing to optimize.",
                "Expected param_f to make at least one tf.Variable; param.image(128) does.",
            )
        return params, images

    def _trace_advance(
        self,
        early: bool,
        params: list[Any],
        slots: list[Any],
        numbers: list[Any],
        settings: list[Any],
        seed: Any,
        first: Any,
        count: Any,
    ) -> tuple[Any, ...]:
        state = params, slots
        own = len(self._setup.optimizer.numbers)
        of_optimizer, of_transforms = settings[:own], settings[own:]

        gradients: Callable[..., Any] = partial(self._gradients, early)
        if not early and self._whole and self._setup.jit_compile is None:
            self._whole = xla.one_more_whole()
        if not early and self._whole:
            gradients = tf.function(gradients, jit_compile=True, autograph=False)
        else:
            gradients = as_one(gradients)

        def unfinished(made: Any, finite: Any, *_: Any) -> Any:
            return finite & (made < count)

        def one_step(made: Any, _: Any, __: Any, before: Any, values: Any, ___: Any) -> tuple[Any, ...]:
            params, slots = tf.nest.map_structure(lambda t, known: tf.ensure_shape(t, known.shape), before, state)
            step = first + made
            value, grads = gradients(seed, step, params, numbers, of_transforms)
            finite, *after = update(self._setup.optimizer, step, value, params, slots, grads, of_optimizer)
            values = values.write(made, value)  # a step that fails is the last, and its value is not counted
            return made + tf.cast(finite, tf.int32), finite, before, tuple(after), values, value

        values = tf.TensorArray(tf.float32, size=count, element_shape=[])
        made, finite, before, after, values, bad = tf.while_loop(
            unfinished, one_step, (0, True, state, state, values, 0.0), parallel_iterations=1
        )
        params, slots = last_good(finite, before, after)
        with xla.compiling("nothing" if early or devices.has_gpu() else "parts"):
            images = self._trace_images(params, seed, first + made)
        return made, bad, params, slots, values.stack(), images

    def _trace_images(self, params: list[Any], seed: Any, step: Any) -> Any:
        with self._scope(seed, step), variables_from(params):
            return self._images()

    def _trace_measure(
        self,
        objectives: Sequence[Objective],
        params: list[Any],
        numbers: list[list[Any]],
        settings: list[Any],
        seed: Any,
        step: Any,
    ) -> list[Any]:
        with self._scope(seed, step):
            T = self._network(params, settings[len(self._setup.optimizer.numbers) :])
            return [_evaluated(each, T, own) for each, own in zip(objectives, numbers, strict=True)]

    def _scope(self, seed: Any, step: Any) -> AbstractContextManager[None]:
        return seeding.scope(seed, step, self._setup.noise_ids)

    def _gradients(
        self, early: bool, seed: Any, step: Any, params: Sequence[Any], numbers: Sequence[Any], settings: Sequence[Any]
    ) -> tuple[Any, list[Any]]:
        parts: xla.Scope = "nothing" if early or devices.has_gpu() else "parts"
        with self._scope(seed, step), xla.compiling("whole" if self._whole and not early else parts):
            # Redirection ends long before the late steps begin.
            with self._overrides() if early else nullcontext(), _faster_gradients(early):
                T = self._network(params, settings, partial(self._ask, seed, step, numbers))
                value = _evaluated(self._objective, T, numbers)
            # tf.gradients, not a tape: only it heeds the overrides.
            grads = tf.gradients(-value, list(params))
        if all(grad is None for grad in grads):
            raise ArgumentError(
                f"{self._objective!r} does not depend on the image, so nothing would change.",
                "Expected a quantity with a gradient: no constant, no tf.argmax, no tf.stop_gradient around all of it.",
            )
        return value, [
            tf.zeros_like(p) if g is None else tf.ensure_shape(tf.convert_to_tensor(g), p.shape)
            for p, g in zip(params, grads, strict=True)
        ]

    def _ask(self, seed: Any, step: Any, numbers: Sequence[Any], T: Callable[[str], Any]) -> Any:
        with self._scope(seed, step):  # of its own: what is drawn here counts nowhere
            return _evaluated(self._objective, T, numbers)

    def _network(
        self, params: Sequence[Any], settings: Sequence[Any], ask: Callable[[Callable[[str], Any]], Any] | None = None
    ) -> Callable[[str], Any]:
        """The layers, in the run's precision where `ask` says which; else in float32."""
        model = self._model()
        if model is None:
            raise ModelError("The model is gone.", "Keep a reference to it for as long as it is looked into.")
        with variables_from(params):
            images = self._images()
        shown = self._setup.transformed(images, iter(settings))
        T = import_model(model, shown, images)
        if ask is None:
            return T
        if precision.chosen(self._setup.precision) != "float32":
            return precision.rounded(partial(import_model, model), T, shown, ask)

        def network(some: Any) -> Callable[[str], Any]:
            with substituting(SUBSTITUTES):
                return import_model(model, some, images)

        return in_microbatches(network, shown, microbatch_count(shown, lambda like: ask(import_model(model, like))))

    def _images(self) -> Any:
        images = self._setup.param_f()
        if not tf.is_tensor(images) or images.shape.rank != 4:
            what = f"a tensor of shape {images.shape}" if tf.is_tensor(images) else f"{type(images).__name__!r}"
            raise ArgumentError(
                f"The parameterization returned {what}.",
                "Expected a tensor [batch, height, width, channels], such as param.image(128) returns.",
            )
        return images


def _faster_gradients(early: bool) -> AbstractContextManager[None]:
    """The same gradients by quicker operations, where those are quicker: on a CPU."""
    if devices.has_gpu() or xla.compiles_whole():
        return nullcontext()
    return gradient_override_map(EARLY_GRADIENTS if early else late_gradients())


@contextlib.contextmanager
def _xla_errors() -> Iterator[None]:
    try:
        yield
    except (tf.errors.InvalidArgumentError, tf.errors.UnimplementedError) as error:
        if "XLA" not in str(error) and "compil" not in str(error):
            raise
        unknown = re.search(r"Detected at node \S*?([^\s/]+) defined", str(error))
        raise ArgumentError(
            f"XLA cannot compile this run{f', which uses {unknown[1]}' if unknown else ''}.",
            "Pass jit_compile=False, or transforms of a fixed size, such as transform.default_transforms.",
        ) from error


def _evaluated(objective: Objective, T: Callable[[str], Any], numbers: Sequence[Any]) -> Any:
    value = objective.evaluate(T, iter(numbers))
    if value is None:
        raise ArgumentError(
            f"{objective!r} gave None.", "Expected its function of T to return a scalar tensor: is a `return` missing?"
        )
    # An objective of several numbers is their sum, as it was to TensorFlow 1's `minimize`.
    return tf.reduce_sum(tf.cast(value, tf.float32))


def _as_tensors(numbers: Sequence[Any]) -> list[Any]:
    # Arrays have a type of their own.
    kinds = {int: tf.int32, float: tf.float32}
    return [tf.constant(n, kinds.get(type(n))) for n in numbers]


__all__ = ["Advance", "Program"]
