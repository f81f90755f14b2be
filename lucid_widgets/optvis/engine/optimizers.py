"""Optimizers as pure functions of their state, so that they run inside the compiled step.

What an optimizer remembers (its slots) is a list of tensors that the engine carries from step to step.
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
    """What the engine asks of an optimizer."""

    @property
    def structure(self) -> Hashable:
        """What has to be compiled."""

    @property
    def numbers(self) -> tuple[float, ...]:
        """What can change without compiling anything: the learning rate, at least where it is a number."""

    @property
    def turn(self) -> AbstractContextManager[Any]:
        """Held during each compiled call: excludes others where `apply` works on variables."""

    def start(self, params: Sequence[Any]) -> Tensors:
        """The slots before the first step."""

    def apply(
        self, step: Any, params: Sequence[Any], slots: Sequence[Any], grads: Sequence[Any], numbers: Sequence[Any]
    ) -> tuple[Tensors, Tensors]:
        """Parameters and slots after a step against `grads`; `step` counts from 0, `numbers` stand for its own."""


@dataclass(frozen=True)
class Adam:
    """Adam as TensorFlow 1 computed it, the optimizer that Lucid's defaults are tuned for.

    Source: Kingma & Ba, "Adam", 2014, in the form given just before its section 2.1.
    """

    learning_rate: float = 0.05
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8

    turn: ClassVar[AbstractContextManager[Any]] = nullcontext()

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
    """A Keras optimizer as a pure function; the instance that was passed in stays as it is.

    With TensorFlow, Keras optimizers change variables and cannot do otherwise. So an own copy of the optimizer gets
    variables of its own to work on: before each step they are set to the state, after it the state is read from them.
    What they hold between two calls is left over from whichever run was last.
    """

    def __init__(self, optimizer: Any) -> None:
        self.kind = type(optimizer)
        self.config = optimizer.get_config()
        self.turn = threading.Lock()
        self._copies: dict[Hashable, tuple[Any, list[Any], Tensors]] = {}

    @property
    def structure(self) -> Hashable:
        # Keras counts its optimizers in their names.
        aside = ("name", "learning_rate") if self.numbers else ("name",)
        return (self.kind, repr(sorted((key, value) for key, value in self.config.items() if key not in aside)))

    @property
    def numbers(self) -> tuple[float, ...]:
        rate = self.config.get("learning_rate")
        return (float(rate),) if isinstance(rate, (int, float)) else ()  # a schedule is a configuration

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
            with tf.init_scope():  # its variables must outlive the trace that asks for them
                optimizer = self.kind.from_config(self.config)
                scratch = [keras.Variable(tf.zeros(shape, dtype), dtype=dtype) for shape, dtype in kinds]
                optimizer.build(scratch)
                slots = [tf.identity(v.value) for v in optimizer.variables]
            self._copies[kinds] = (optimizer, scratch, slots)
        return self._copies[kinds]


def as_optimizer(optimizer: Any) -> Optimizer:
    """What `optimizer=` means: None Lucid's default, an instance (ours or Keras') itself, a function what it returns.

    Raises:
        ArgumentError: For anything else.
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
        f"{optimizer!r} is not an optimizer.", "Expected one of Keras, such as keras.optimizers.Adam(0.05)."
    )
