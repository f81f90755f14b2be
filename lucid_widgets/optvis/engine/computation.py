"""`Computation`: what TensorFlow traces of an optimization.

Each method runs once, while TensorFlow records it. The tensors in it stand for the values of later calls.

A step computes parameterization, transforms, network, objective, gradient and optimizer. `one_step` is prepared in
little time; `advance` is a loop over steps, which runs with little overhead. The loop ends at the first step whose
objective, gradient or update is not finite, and keeps the state from before that step.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Any

import tensorflow as tf

from lucid_widgets.errors import ArgumentError, ModelError
from lucid_widgets.modelzoo.base.network import WITHOUT_BATCH
from lucid_widgets.modelzoo.base.token_grid import as_given, same_transforms, with_same_transforms
from lucid_widgets.modelzoo.keras.fused import raising_units
from lucid_widgets.modelzoo.vision_base import T
from lucid_widgets.optvis import seeding
from lucid_widgets.optvis.engine.network import import_model
from lucid_widgets.optvis.engine.setup import Setup
from lucid_widgets.optvis.engine.tracing import variables_from, variables_into
from lucid_widgets.optvis.engine.update import last_good, update
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.optvis.objectives.units import with_class_indices
from lucid_widgets.optvis.overrides.redirected_relu_grad import REDIRECTED_STEPS, relu_overrides
from lucid_widgets.optvis.speed.plan import Stage
from lucid_widgets.optvis.transform.volumes import of_volumes


class Computation:
    """The functions to trace for one structure.

    Args:
        model: A `Model`. Only a weak reference is kept, because programs are cached by model.
        objective: What to maximize; its numbers are arguments.
        setup: Image and optimization; its numbers are arguments.
    """

    def __init__(self, model: Any, objective: Objective, setup: Setup) -> None:
        self._model = weakref.ref(model)
        self._setup = setup
        self._objective = self.resolved(objective)
        # Places of the variables that add up their gradients; known once `start` has been traced, which comes first.
        self.sums: tuple[int, ...] = ()

    def resolved(self, objective: Objective) -> Objective:
        """Return an objective with the numbers that the traced functions expect: a class by its index."""
        return with_class_indices(objective, self._checked_model())

    def start(self, seed: Any) -> tuple[list[Any], Any]:
        """Return the initial values of the parameterization's variables, and the initial images."""
        with self._scope(seed, seeding.INITIAL_STEP):
            params: list[Any] = []
            sums: list[int] = []
            with variables_into(params, sums):
                images = self._make_images()
        self.sums = tuple(sums)
        if len(params) == len(sums):
            raise ArgumentError(
                "The parameterization has nothing to optimize.",
                "Expected param_f to make at least one tf.Variable; param.image(128) does.",
            )
        return params, images

    def advance(
        self,
        stage: Stage,
        params: list[Any],
        slots: list[Any],
        numbers: list[Any],
        settings: list[Any],
        seed: Any,
        first: Any,
        count: Any,
    ) -> tuple[Any, ...]:
        """Make `count` steps.

        Args:
            stage: How steps are computed.
            params: The parameterization's variables.
            slots: The optimizer's slots.
            numbers: The numbers of the objective.
            settings: The numbers of the setup: those of the optimizer, then those of the transforms.
            seed: The run's seed.
            first: Number of the first step.
            count: Number of steps.

        Returns:
            The number of steps made, the objective of the last step computed, params, slots, the objectives of all
            steps, and the images.
        """
        state = params, slots
        gradients = stage.compiled(partial(self._gradients, stage))

        def unfinished(made: Any, finite: Any, *_: Any) -> Any:
            return finite & (made < count)

        def one_step(made: Any, _: Any, __: Any, before: Any, values: Any, ___: Any) -> tuple[Any, ...]:
            params, slots = tf.nest.map_structure(lambda t, known: tf.ensure_shape(t, known.shape), before, state)
            step = first + made
            finite, value, *after = self._updated(gradients, params, slots, numbers, settings, seed, step)
            values = values.write(made, value)  # a step that fails is the last one, and its value is not counted
            return made + tf.cast(finite, tf.int32), finite, before, tuple(after), values, value

        values = tf.TensorArray(tf.float32, size=count, element_shape=[])
        made, finite, before, after, values, bad = tf.while_loop(
            unfinished, one_step, (0, True, state, state, values, 0.0), parallel_iterations=1
        )
        params, slots = last_good(finite, before, after)
        with stage.tracing_images():
            images = self.images(params, seed, first + made)
        return made, bad, params, slots, values.stack(), images

    def one_step(
        self,
        stage: Stage,
        params: list[Any],
        slots: list[Any],
        numbers: list[Any],
        settings: list[Any],
        seed: Any,
        step: Any,
    ) -> tuple[Any, ...]:
        """Make step number `step`, without a loop: TensorFlow takes half as long to prepare it.

        The other arguments are those of `advance`.

        Returns:
            Whether objective, gradients and update are finite, the objective, params and slots.
        """
        gradients = stage.compiled(partial(self._gradients, stage))
        return self._updated(gradients, params, slots, numbers, settings, seed, step)

    def _updated(
        self,
        gradients: Callable[..., Any],
        params: list[Any],
        slots: list[Any],
        numbers: list[Any],
        settings: list[Any],
        seed: Any,
        step: Any,
    ) -> tuple[Any, ...]:
        own = len(self._setup.optimizer.numbers)
        value, grads = gradients(seed, step, params, numbers, settings[own:])
        finite, moved, kept = update(
            self._setup.optimizer, step, value, params, slots, grads, settings[:own], self.sums
        )
        return finite, value, moved, kept

    def images(self, params: list[Any], seed: Any, step: Any) -> Any:
        """Return the images of a state."""
        with self._scope(seed, step), variables_from(params):
            return self._make_images()

    def measure(
        self,
        objectives: Sequence[Objective],
        params: list[Any],
        numbers: list[list[Any]],
        settings: list[Any],
        seed: Any,
        step: Any,
    ) -> list[Any]:
        """Return the values of other objectives in the same step."""
        with self._scope(seed, step):
            network, shown, images, again = self._network(params, settings[len(self._setup.optimizer.numbers) :])
            layers = with_same_transforms(network(shown), again)
            return [self._value(each, layers, images, own) for each, own in zip(objectives, numbers, strict=True)]

    def _gradients(
        self, stage: Stage, seed: Any, step: Any, params: Sequence[Any], numbers: Sequence[Any], settings: Sequence[Any]
    ) -> tuple[Any, list[Any]]:
        """Return the objective and its negative gradients with respect to `params`."""
        with self._scope(seed, step), stage.tracing_step():
            with self._redirected(stage), stage.tracing_network():
                network, shown, images, again = self._network(params, settings)
                ask = partial(self._ask, seed, step, images, again, numbers)
                layers = with_same_transforms(stage.layers(network, shown, ask), again)
                value = self._value(self._objective, layers, images, numbers)
            stage.before_gradients(params)
            # Not a tape, which ignores gradient overrides; and not tf.gradients, which pins each operation to the
            # device of another, so that TensorFlow cannot merge equal ones and prepares a fifth more of them.
            grads = tf.compat.v1.gradients(-value, list(params))
        if all(grad is None for grad in grads):
            raise ArgumentError(
                f"{self._objective!r} does not depend on the image, so nothing would change.",
                "Expected an objective with a gradient: not a constant, tf.argmax or tf.stop_gradient of everything.",
            )
        return value, [
            tf.zeros_like(p) if g is None else tf.ensure_shape(tf.convert_to_tensor(g), p.shape)
            for p, g in zip(params, grads, strict=True)
        ]

    @contextmanager
    def _redirected(self, stage: Stage) -> Iterator[None]:
        """Context in which gradients of inactive units are redirected, if the setup asks for it."""
        redirects = self._setup.relu_gradient_override
        dead = redirects and stage.first_step < REDIRECTED_STEPS
        with relu_overrides() if dead else nullcontext(), raising_units() if redirects else nullcontext():
            yield

    def _ask(
        self, seed: Any, step: Any, images: Any, again: Callable[[Any], T], numbers: Sequence[Any], layers: T
    ) -> Any:
        with self._scope(seed, step):  # a separate scope, so that draws made here do not shift later ones
            layers = with_same_transforms(layers, again)
            return self._value(self._objective, layers, images, numbers)

    def _value(self, objective: Objective, layers: T, images: Any, numbers: Sequence[Any]) -> Any:
        """Return the objective: its mean over the versions of the images that the network sees."""
        versions, batch = self._setup.versions, images.shape[0]
        if versions == 1:
            return _evaluated(objective, _with_input(layers, images), numbers)
        parts = [_with_input(_rows(layers, part * batch, batch), images) for part in range(versions)]
        return tf.add_n([_evaluated(objective, part, numbers) for part in parts]) / versions

    def _network(
        self, params: Sequence[Any], settings: Sequence[Any]
    ) -> tuple[Callable[[Any], T], Any, Any, Callable[[Any], T]]:
        """Return the network as a function of images, the images it sees, and those before the transforms.

        Last comes the function from other images to their layers, with the same random transforms.
        """
        with variables_from(params):
            images = self._make_images()
        model = self._checked_model()
        network, drawn = partial(import_model, model), seeding.draws_made()

        def seen(images: Any) -> Any:
            if model.volume_sheet is None:
                return self._setup.transformed(images, iter(settings))
            moves = bool(self._setup.transforms)
            return of_volumes(images, model.volume_sheet, lambda t: self._setup.transformed(t, iter(settings)), moves)

        def again(others: Any) -> T:
            with seeding.drawing_again(drawn):
                return network(seen(tf.ensure_shape(others, images.shape)))

        return network, seen(images), images, again

    def _checked_model(self) -> Any:
        model = self._model()
        if model is None:
            raise ModelError("The model is gone.", "Keep a reference to it while rendering.")
        return model

    def _make_images(self) -> Any:
        images = self._setup.param_f()
        if not tf.is_tensor(images) or images.shape.rank != 4:
            what = f"a tensor of shape {images.shape}" if tf.is_tensor(images) else f"{type(images).__name__!r}"
            raise ArgumentError(
                f"The parameterization returned {what}.",
                "Expected a tensor [batch, height, width, channels], such as param.image(128) returns.",
            )
        return images

    def _scope(self, seed: Any, step: Any) -> AbstractContextManager[None]:
        return seeding.scope(seed, step, self._setup.noise_ids)


def _with_input(layers: T, images: Any) -> T:
    """Return `T` whose "input" is the image before transforms."""
    return as_given(layers, lambda name: images if name == "input" else layers(name))


def _rows(layers: T, first: int, count: int) -> T:
    """Return `T` for `count` of the images, from `first` on."""

    def part(name: str) -> Any:
        t = layers(name)
        return t if name in WITHOUT_BATCH else t[first : first + count]

    rows = as_given(layers, part)
    again = same_transforms(layers)
    return rows if again is None else with_same_transforms(rows, lambda others: _rows(again(others), first, count))


def _evaluated(objective: Objective, layers: T, numbers: Sequence[Any]) -> Any:
    try:
        value = objective.evaluate(layers, iter(numbers))
    except AttributeError as error:
        if "when eager execution is enabled" not in str(error):
            raise
        raise ArgumentError(
            f"{objective!r} asks for something that only a graph of TensorFlow 1 has: {error}",
            'The number of the step is T("global_step").',
        ) from error
    if value is None:
        raise ArgumentError(
            f"{objective!r} gave None.", "Expected its function of T to return a scalar tensor: is a `return` missing?"
        )
    # A vector is summed, as TensorFlow 1's `minimize` did.
    return tf.reduce_sum(tf.cast(value, tf.float32))


__all__ = ["Computation"]
