"""Optimizers as pure functions of their state, so that they run inside the compiled step.

An optimizer's slots (Adam's moments, for example) are a list of tensors that the engine carries from step to step.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Hashable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from copy import deepcopy
from dataclasses import astuple, dataclass
from functools import partial
from typing import Any, ClassVar, Protocol

import keras
import tensorflow as tf

from lucid_widgets.errors import ArgumentError

Tensors = list[Any]

_LOWEST = 0.1  # learning rate after its decay, as a share of the first one


class Optimizer(Protocol):
    """The interface that the engine expects of an optimizer."""

    @property
    def structure(self) -> Hashable:
        """Everything that requires compiling again if it changes."""

    @property
    def numbers(self) -> tuple[float, ...]:
        """Numbers that can change without compiling: at least the learning rate, unless it is a schedule."""

    @property
    def lock(self) -> AbstractContextManager[Any]:
        """Held during each compiled call, because `apply` may work on variables that several runs share."""

    def start(self, params: Sequence[Any]) -> Tensors:
        """Return the slots before the first step."""

    def apply(
        self, step: Any, params: Sequence[Any], slots: Sequence[Any], grads: Sequence[Any], numbers: Sequence[Any]
    ) -> tuple[Tensors, Tensors]:
        """Return parameters and slots after a step against `grads`.

        Args:
            step: Number of the step, from 0.
            params: The parameters.
            slots: The slots.
            grads: Gradients of the quantity to minimize.
            numbers: Used in place of the optimizer's own numbers.
        """


@dataclass(frozen=True)
class Adam:
    """Adam as computed by TensorFlow 1, the optimizer that Lucid's defaults are tuned for.

    Args:
        learning_rate: Size of an update. Default: 0.05.
        beta_1: Decay of the running mean of gradients. Default: 0.9.
        beta_2: Decay of the running mean of squared gradients. Default: 0.999.
        epsilon: Added to the denominator. Default: 1e-8.
        decay_steps: Number of steps in which the learning rate falls to a tenth along a cosine; it stays there
            afterwards. Default: 0, a constant learning rate.

    Source: Kingma & Ba, "Adam", 2014, in the form given just before its section 2.1.
    """

    learning_rate: float = 0.05
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8
    decay_steps: int = 0

    lock: ClassVar[AbstractContextManager[Any]] = nullcontext()

    @property
    def structure(self) -> Hashable:
        return "Adam with decay" if self.decay_steps else "Adam"

    @property
    def numbers(self) -> tuple[float, ...]:
        count = 5 if self.decay_steps else 4
        return tuple(float(number) for number in astuple(self)[:count])

    def start(self, params: Sequence[Any]) -> Tensors:
        return [tf.zeros_like(p) for p in params] * 2

    def apply(
        self, step: Any, params: Sequence[Any], slots: Sequence[Any], grads: Sequence[Any], numbers: Sequence[Any]
    ) -> tuple[Tensors, Tensors]:
        learning_rate, beta_1, beta_2, epsilon, *decay_steps = numbers
        t = tf.cast(step, tf.float32) + 1.0
        if decay_steps:
            done = tf.minimum((t - 1) / decay_steps[0], 1)
            learning_rate *= _LOWEST + (1 - _LOWEST) * 0.5 * (1 + tf.cos(math.pi * done))
        rate = learning_rate * tf.sqrt(1 - beta_2**t) / (1 - beta_1**t)
        count = len(params)
        moved, means, squares = [], [], []
        for p, m, v, g in zip(params, slots[:count], slots[count:], grads, strict=True):
            like = partial(tf.cast, dtype=p.dtype)
            means.append(m + (g - m) * like(1 - beta_1))
            squares.append(v + (tf.square(g) - v) * like(1 - beta_2))
            moved.append(p - like(rate) * means[-1] / (tf.sqrt(squares[-1]) + like(epsilon)))
        return moved, [*means, *squares]


class KerasOptimizer:
    """A Keras optimizer as a pure function. The instance that was passed in is never changed.

    With TensorFlow, Keras optimizers can only update variables. This class therefore makes a copy of the optimizer and
    gives it separate variables: before each step they are set to the state, and after it the state is read from them.
    Between two calls they hold leftovers of whichever run came last.
    """

    def __init__(self, optimizer: Any) -> None:
        self.kind = type(optimizer)
        _refuse_end_of_training(optimizer)
        self._pristine = _copied(optimizer)
        self.config = _config_of(optimizer)
        self.lock = threading.Lock()
        self._copies: dict[Hashable, tuple[Any, list[Any], Tensors]] = {}

    @property
    def structure(self) -> Hashable:
        if not _is_described_by(self.config, self.kind):
            return self  # compared by identity
        # Keras numbers its optimizers in their names.
        ignored = ("name", "learning_rate") if self.numbers else ("name",)
        return (self.kind, repr(sorted((key, value) for key, value in self.config.items() if key not in ignored)))

    @property
    def numbers(self) -> tuple[float, ...]:
        rate = self.config.get("learning_rate")
        return (float(rate),) if isinstance(rate, (int, float)) else ()  # a schedule is part of the structure

    def start(self, params: Sequence[Any]) -> Tensors:
        _, _, slots = self._copy_for(params)
        return slots

    def apply(
        self, step: Any, params: Sequence[Any], slots: Sequence[Any], grads: Sequence[Any], numbers: Sequence[Any]
    ) -> tuple[Tensors, Tensors]:
        optimizer, scratch, _ = self._copy_for(params)
        for variable, value in zip([*scratch, *optimizer.variables], [*params, *slots], strict=True):
            variable.value.assign(value)
        for number in numbers:
            optimizer.learning_rate.assign(number)
        # Keras's training loop differentiates the scaled loss, and `apply` divides the gradients again.
        if _scales(optimizer):
            grads = [optimizer.scale_loss(g) for g in grads]
        optimizer.apply(list(grads), scratch)
        return [v.value.read_value() for v in scratch], [v.value.read_value() for v in optimizer.variables]

    def _copy_for(self, params: Sequence[Any]) -> tuple[Any, list[Any], Tensors]:
        kinds = tuple((tuple(p.shape), p.dtype.name) for p in params)
        if kinds not in self._copies:
            with tf.init_scope():  # the variables must outlive the trace that needs them
                optimizer = _copied(self._pristine)
                scratch = [keras.Variable(tf.zeros(shape, dtype), dtype=dtype) for shape, dtype in kinds]
                optimizer.build(scratch)
                slots = [tf.identity(v.value) for v in optimizer.variables]
            self._copies[kinds] = (optimizer, scratch, slots)
        return self._copies[kinds]


class SessionOptimizer:
    """An optimizer of `tf.compat.v1.train` as a pure function. The instance that was passed in is never changed.

    As for Keras optimizers, a copy with its own variables makes each update.
    """

    numbers: ClassVar[tuple[float, ...]] = ()

    def __init__(self, optimizer: Any) -> None:
        self._given = optimizer
        self.lock = threading.Lock()
        self._copies: dict[Hashable, tuple[Any, list[Any], list[Any], Tensors]] = {}

    @property
    def structure(self) -> Hashable:
        return type(self), id(self._given)  # such an optimizer has no configuration to compare

    def start(self, params: Sequence[Any]) -> Tensors:
        return self._copy_for(params)[-1]

    def apply(
        self, step: Any, params: Sequence[Any], slots: Sequence[Any], grads: Sequence[Any], numbers: Sequence[Any]
    ) -> tuple[Tensors, Tensors]:
        optimizer, scratch, variables, _ = self._copy_for(params)
        for variable, value in zip([*scratch, *variables], [*params, *slots], strict=True):
            variable.assign(value)
        optimizer.apply_gradients(zip(grads, scratch, strict=True))
        return [v.read_value() for v in scratch], [v.read_value() for v in variables]

    def _copy_for(self, params: Sequence[Any]) -> tuple[Any, list[Any], list[Any], Tensors]:
        kinds = tuple((tuple(p.shape), p.dtype.name) for p in params)
        if kinds not in self._copies:
            with tf.init_scope():
                try:
                    optimizer = deepcopy(self._given)
                except Exception as error:  # it holds tensors or variables of a graph
                    raise ArgumentError(
                        f"This {type(self._given).__name__} belongs to a graph of TensorFlow 1.",
                        "Pass a new one, whose settings are numbers: tf.compat.v1.train.AdamOptimizer(0.05).",
                    ) from error
                scratch = [tf.Variable(tf.zeros(shape, dtype)) for shape, dtype in kinds]

                def update() -> None:
                    optimizer.apply_gradients([(tf.zeros_like(v), v) for v in scratch])

                # Traced and never run: this creates the slots with their initial values.
                tf.function(update, autograph=False).get_concrete_function()
                variables = list(optimizer.variables())
                self._copies[kinds] = optimizer, scratch, variables, [tf.identity(v) for v in variables]
        return self._copies[kinds]


def _copied(optimizer: Any) -> Any:
    """Return a copy of a Keras optimizer that has not updated anything yet.

    The attributes are copied. Keras itself copies by way of `get_config`, which fails or loses arguments if the class
    or its schedule belongs to the user and does not implement it.
    """
    if optimizer.built:
        try:
            return type(optimizer).from_config(optimizer.get_config())
        except Exception as error:  # Keras and the user's class may raise anything here
            raise ArgumentError(
                f"This {type(optimizer).__name__} has been used, and its configuration does not make a new one.",
                "Pass a function that does, such as optimizer=lambda: keras.optimizers.Adam(0.05).",
            ) from error
    return _copied_fields(optimizer, {})


def _copied_fields(optimizer: Any, copies: dict[int, Any]) -> Any:
    copy = object.__new__(type(optimizer))
    copies[id(optimizer)] = copy
    for name, value in vars(optimizer).items():
        if isinstance(value, tf.distribute.Strategy):
            vars(copy)[name] = value
        elif isinstance(value, keras.optimizers.Optimizer):  # in a LossScaleOptimizer
            vars(copy)[name] = copies.get(id(value)) or _copied_fields(value, copies)
        else:
            vars(copy)[name] = deepcopy(value, copies)
    return copy


def _config_of(optimizer: Any) -> dict[str, Any]:
    try:
        return dict(optimizer.get_config())
    except Exception:  # a user's schedule may not have one
        return {}


def _is_described_by(config: Any, kind: type) -> bool:
    """Whether a configuration describes an optimizer completely: all classes in it are Keras's own."""
    return bool(config) and kind.__module__.startswith("keras.") and _has_only_keras(config)


def _has_only_keras(config: Any) -> bool:
    if isinstance(config, Mapping):
        own = "class_name" in config and not str(config.get("module")).startswith("keras.")
        return not own and all(_has_only_keras(value) for value in config.values())
    return not isinstance(config, (list, tuple)) or all(map(_has_only_keras, config))


def _scales(optimizer: Any) -> bool:
    return bool(getattr(optimizer, "loss_scale_factor", None)) or isinstance(
        optimizer, keras.optimizers.LossScaleOptimizer
    )


def _refuse_end_of_training(optimizer: Any) -> None:
    if getattr(optimizer, "use_ema", False) and not getattr(optimizer, "ema_overwrite_frequency", None):
        raise ArgumentError(
            f"{type(optimizer).__name__} was made with use_ema=True, which takes effect at the end of a training.",
            "A run has no such end. Pass ema_overwrite_frequency=10 to the optimizer as well, or leave out use_ema.",
        )


def as_optimizer(optimizer: Any) -> Optimizer:
    """Return the optimizer that `optimizer=` stands for.

    Args:
        optimizer: A Keras optimizer, an optimizer of `tf.compat.v1.train`, `Adam` of this module, or a function that
            returns one of them. None for Lucid's default, `Adam(0.05)`.

    Raises:
        ArgumentError: It is none of these.
    """
    if optimizer is None:
        return Adam()
    if isinstance(optimizer, (Adam, KerasOptimizer, SessionOptimizer)):
        return optimizer
    if isinstance(optimizer, tf.compat.v1.train.Optimizer):
        return SessionOptimizer(optimizer)
    if isinstance(optimizer, keras.optimizers.Optimizer):
        return KerasOptimizer(optimizer)
    if callable(optimizer):
        return as_optimizer(optimizer())
    raise ArgumentError(
        f"{optimizer!r} is not an optimizer.", "Expected a Keras optimizer, such as keras.optimizers.Adam(0.05)."
    )


__all__ = ["Adam", "KerasOptimizer", "Optimizer", "SessionOptimizer", "as_optimizer"]
