"""Optimizers as pure functions of their state, so that they run inside the compiled step.

An optimizer's slots (Adam's moments, for example) are a list of tensors that the engine carries from step to step.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import astuple, dataclass
from functools import partial
from typing import Any, ClassVar, Protocol

import keras
import tensorflow as tf

from lucid_widgets.errors import ArgumentError

Tensors = list[Any]


class Optimizer(Protocol):
    """What the engine needs from an optimizer."""

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

    Source: Kingma & Ba, "Adam", 2014, in the form given just before its section 2.1.
    """

    learning_rate: float = 0.05
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8

    lock: ClassVar[AbstractContextManager[Any]] = nullcontext()

    @property
    def structure(self) -> Hashable:
        return "Adam"

    @property
    def numbers(self) -> tuple[float, ...]:
        return tuple(float(number) for number in astuple(self))

    def start(self, params: Sequence[Any]) -> Tensors:
        return [tf.zeros_like(p) for p in params] * 2

    def apply(
        self, step: Any, params: Sequence[Any], slots: Sequence[Any], grads: Sequence[Any], numbers: Sequence[Any]
    ) -> tuple[Tensors, Tensors]:
        learning_rate, beta_1, beta_2, epsilon = numbers
        t = tf.cast(step, tf.float32) + 1.0
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
        self.config = optimizer.get_config()
        self.lock = threading.Lock()
        self._copies: dict[Hashable, tuple[Any, list[Any], Tensors]] = {}

    @property
    def structure(self) -> Hashable:
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
        optimizer.apply(list(grads), scratch)
        return [v.value.read_value() for v in scratch], [v.value.read_value() for v in optimizer.variables]

    def _copy_for(self, params: Sequence[Any]) -> tuple[Any, list[Any], Tensors]:
        kinds = tuple((tuple(p.shape), p.dtype.name) for p in params)
        if kinds not in self._copies:
            with tf.init_scope():  # the variables must outlive the trace that needs them
                optimizer = self.kind.from_config(self.config)
                scratch = [keras.Variable(tf.zeros(shape, dtype), dtype=dtype) for shape, dtype in kinds]
                optimizer.build(scratch)
                slots = [tf.identity(v.value) for v in optimizer.variables]
            self._copies[kinds] = (optimizer, scratch, slots)
        return self._copies[kinds]


def as_optimizer(optimizer: Any) -> Optimizer:
    """Return the optimizer that `optimizer=` stands for.

    Args:
        optimizer: A Keras optimizer, `Adam` of this module, or a function that returns one of them. None for Lucid's
            default, `Adam(0.05)`.

    Raises:
        ArgumentError: It is none of these.
    """
    if optimizer is None:
        return Adam()
    if isinstance(optimizer, (Adam, KerasOptimizer)):
        return optimizer
    if isinstance(optimizer, keras.optimizers.Optimizer):
        return KerasOptimizer(optimizer)
    if callable(optimizer):
        return as_optimizer(optimizer())
    raise ArgumentError(
        f"{optimizer!r} is not an optimizer.", "Expected a Keras optimizer, such as keras.optimizers.Adam(0.05)."
    )


__all__ = ["Adam", "KerasOptimizer", "Optimizer", "as_optimizer"]
