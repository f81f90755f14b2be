"""`make_vis_T`: an optimization whose loop you write yourself, in TensorFlow 2 or in a session of TensorFlow 1.

In TensorFlow 2:

    T = make_vis_T(model, "mixed4a:152")
    for _ in range(512):
        T("vis_op")()
    show(T("input"))

In a session, as in Lucid:

    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        T = make_vis_T(model, "mixed4a:152")
        tf.compat.v1.global_variables_initializer().run()
        for _ in range(512):
            session.run([T("vis_op"), T("loss")])
        show(T("input").eval())
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any

import tensorflow as tf

from lucid_widgets.errors import ArgumentError, NonFiniteObjectiveError
from lucid_widgets.modelzoo.keras.fused import raising_units
from lucid_widgets.modelzoo.vision_models import as_model
from lucid_widgets.optvis import param, seeding
from lucid_widgets.optvis.engine.network import import_model
from lucid_widgets.optvis.engine.optimizers import as_optimizer
from lucid_widgets.optvis.engine.program import Program
from lucid_widgets.optvis.engine.program_cache import program_for
from lucid_widgets.optvis.engine.setup import Parameterization, Setup
from lucid_widgets.optvis.engine.state import State
from lucid_widgets.optvis.engine.tracing import Traced, variables_from
from lucid_widgets.optvis.objectives import as_objective, as_objectives
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.optvis.overrides import relu_overrides
from lucid_widgets.optvis.transform import Transform, Transforms, as_transforms, compose

DEFAULT_WIDTH = 128


def make_vis_T(
    model: Any,
    objective_f: Objective | Callable[[Any], Any] | str,
    param_f: Parameterization | None = None,
    optimizer: Any = None,
    transforms: Transforms = None,
    relu_gradient_override: bool = False,
) -> Callable[[str], Any]:
    """Prepare an optimization whose steps you make yourself.

    Args:
        model: Whatever `as_model` accepts: a `Model`, a Keras model, a path, or the name of a network of the zoo.
        objective_f: What to maximize: "layer:channel", an expression, an `Objective`, or a function `T -> scalar`.
        param_f: A function that returns the image tensor. Default: `lambda: param.image(128)`.
        optimizer: A Keras optimizer; in a session, an optimizer of `tf.compat.v1.train`. Default: Adam with a learning
            rate of 0.05.
        transforms: Transforms that the image should be robust to. Default: `transform.default_transforms`.
        relu_gradient_override: Redirect gradients of inactive units, as for `iter_vis`. Default: False; `render_vis`
            defaults to True, as in Lucid.

    Returns:
        `T`, a function from a name to a value:

        - `T("vis_op")` makes a step,
        - `T("loss")` is the objective's value,
        - `T("input")` is the image before transforms,
        - `T("labels")` are the model's labels,
        - `T("global_step")` is the number of steps made,
        - `T(layer)` is a layer, computed from the transformed image.

        In TensorFlow 2 these are current values, and `T("vis_op")()` makes a step and returns the objective's value.
        With a default graph (`with tf.Graph().as_default()`) they are tensors and an operation for `session.run`;
        initialize the variables first.

    Raises:
        ArgumentError: An argument is invalid.
        UnknownNameError: The model has no such layer.
        NonFiniteObjectiveError: Raised by `T("vis_op")()` when the objective becomes NaN or infinite.

    Source: Lucid's `render.make_vis_T`.
    """
    visible = as_model(model)
    objective = as_objective(objective_f, visible)
    if not tf.executing_eagerly():
        return _in_graph(visible, objective, param_f, optimizer, transforms, relu_gradient_override)
    make = partial(param.image, DEFAULT_WIDTH, batch=1) if param_f is None else param_f
    if not callable(make):
        raise ArgumentError(
            f"param_f is {type(param_f).__name__!r}.",
            "Expected a function that returns the image tensor, such as lambda: param.image(128).",
        )
    setup = Setup(make, as_transforms(transforms), as_optimizer(optimizer), relu_gradient_override)
    return _Vis(visible, objective, setup)


class _Vis:
    """`T` in TensorFlow 2."""

    def __init__(self, model: Any, objective: Objective, setup: Setup) -> None:
        self._model, self._objective, self._setup = model, objective, setup
        own: OrderedDict[Hashable, Program] = OrderedDict()
        self._program = program_for(model, objective, setup, own)
        self._state, images = self._program.start(secrets.randbits(62))
        objective.validate(model, len(images))
        self._first_late = self._program.early_steps_for(images.shape)
        self._layers: dict[str, Traced] = {}

    def __call__(self, name: str) -> Any:
        match name:
            case "vis_op":
                return self._advance
            case "loss":
                return self._program.measure(self._state, [self._objective])[0]
            case "global_step":
                return self._state.step
            case "labels":
                return self._model.labels
            case "input":
                return self._program.images(self._state)
        self._model.get_layer(name)  # an unknown layer is an error here
        if name not in self._layers:
            self._layers[name] = self._program.traced(partial(self._layer, name))
        return self._layers[name](list(self._state.params), *_when(self._state)).numpy()

    def _advance(self) -> float:
        done = self._program.advance(self._state, self._objective, 1, self._first_late)
        if done.bad_value is not None:
            raise NonFiniteObjectiveError(
                f"The objective, or its gradient, became {done.bad_value} at step {self._state.step + 1}.",
                "A smaller learning rate often helps.",
                step=self._state.step + 1,
            )
        self._state = done.state
        return float(done.objectives[0])

    def _layer(self, name: str, params: Sequence[Any], seed: Any, step: Any) -> Any:
        with seeding.scope(seed, step):
            with variables_from(params):
                images = self._setup.param_f()
            numbers = self._setup.numbers[len(self._setup.optimizer.numbers) :]
            return import_model(self._model, self._setup.transformed(images, iter(numbers)), images)(name)


def _when(state: State) -> tuple[Any, Any]:
    return seeding.seed_tensor(state.seed), tf.constant(state.step, tf.int32)


def _in_graph(
    model: Any,
    objective: Objective,
    param_f: Parameterization | None,
    optimizer: Any,
    transforms: Transforms,
    relu_gradient_override: bool,
) -> Callable[[str], Any]:
    v1 = tf.compat.v1
    chosen = make_optimizer(optimizer, [])
    transform_f = make_transform_f(transforms)
    graph_seed, _ = v1.random.get_seed(None)
    seed = seeding.seed_tensor(secrets.randbits(62) if graph_seed is None else graph_seed)
    global_step = v1.train.get_or_create_global_step()
    init_global_step = v1.variables_initializer([global_step])
    with seeding.scope(seed, tf.cast(global_step, tf.int32)), v1.variable_scope("vis", use_resource=True):
        t_image = make_t_image(param_f)
        redirects = relu_gradient_override
        with relu_overrides() if redirects else nullcontext(), raising_units() if redirects else nullcontext():
            T = import_model(model, transform_f(t_image), t_image)
            objective.validate(model, t_image.shape[0])
            loss = tf.reduce_sum(objective(T))
        vis_op = chosen.minimize(-loss, global_step=global_step)
    if v1.get_default_session() is not None:
        # Initial values of other variables may depend on the global step.
        init_global_step.run()
    ours = {
        "loss": loss,
        "vis_op": vis_op,
        "global_step": global_step,
        "init_global_step": init_global_step,
        "labels": model.labels,
        "input": t_image,
    }
    return lambda name: ours[name] if name in ours else T(name)


def make_t_image(param_f: Parameterization | Any = None) -> Any:
    """Return the image tensor of a parameterization, `[batch, height, width, channels]`.

    Args:
        param_f: A function that returns the tensor, or the tensor itself. Default: `lambda: param.image(128)`.

    Raises:
        ArgumentError: It is neither, or a tensor of another graph.

    Source: Lucid's `render.make_t_image`.
    """
    made: Any = param_f
    if not tf.is_tensor(made):
        made = param.image(DEFAULT_WIDTH) if made is None else made()
    if not tf.is_tensor(made):
        raise ArgumentError(
            f"The parameterization returned {type(made).__name__!r}.",
            "Expected a tensor, such as param.image(128) returns.",
        )
    if not tf.executing_eagerly() and made.graph is not tf.compat.v1.get_default_graph():
        raise ArgumentError(
            "The image belongs to another graph.", "Pass a function that makes the image in the current graph."
        )
    return made


def make_transform_f(transforms: Transforms) -> Transform:
    """Return one function that applies all transforms, from left to right. None stands for the default transforms.

    Source: Lucid's `render.make_transform_f`.
    """
    return compose(as_transforms(transforms))


def make_optimizer(optimizer: Any = None, args: Sequence[Any] = ()) -> Any:
    """Return the optimizer for a session.

    Args:
        optimizer: An optimizer of `tf.compat.v1.train`, or a function that returns one. Default: Adam(0.05).
        args: Arguments for that function. Default: none.

    Raises:
        ArgumentError: It is neither.

    Source: Lucid's `render.make_optimizer`.
    """
    v1 = tf.compat.v1.train
    if optimizer is None:
        return v1.AdamOptimizer(0.05)
    made = optimizer if isinstance(optimizer, v1.Optimizer) or not callable(optimizer) else optimizer(*args)
    if not isinstance(made, v1.Optimizer):
        raise ArgumentError(
            f"{type(made).__name__!r} is not an optimizer for a session.",
            "Expected an optimizer of tf.compat.v1.train, such as tf.compat.v1.train.AdamOptimizer(0.05).",
        )
    return made


def make_print_objective_func(
    print_objectives: Sequence[Objective | Callable[[Any], Any] | str] | None, T: Callable[[str], Any]
) -> Callable[[Any], None]:
    """Return a function of a session that prints the values of objectives.

    Args:
        print_objectives: The objectives; None prints nothing.
        T: The result of `make_vis_T` in a session.

    Source: Lucid's `render.make_print_objective_func`.
    """
    monitors = as_objectives(print_objectives)
    values = [tf.reduce_sum(monitor(T)) for monitor in monitors]

    def print_values(session: Any) -> None:
        for index, (monitor, value) in enumerate(zip(monitors, session.run(values), strict=True)):
            print(f"{index + 1:02d}: {monitor.description}: {value:7.2f}")

    return print_values


__all__ = ["make_optimizer", "make_print_objective_func", "make_t_image", "make_transform_f", "make_vis_T"]
