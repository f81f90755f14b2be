"""Stateless random numbers, folded from (seed, step, draw, image).

Everything random in an optimization asks this module, never a generator with a state of its own. So the same seed
gives the same frames however the steps are cut into calls, and a paused, stopped and resumed run continues exactly.
A draw's place in that order is fixed when the step is traced; its value is a function of the step's number.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import tensorflow as tf

from lucid_widgets.errors import ArgumentError

INITIAL_STEP = -1
"""The step number under which initial values are drawn, so that they share no numbers with step 0."""

_MASK = 0x7FFFFFFF
_active = threading.local()


class _Scope:
    def __init__(self, seed: Any, step: Any, images: Sequence[int] | None) -> None:
        self.step = step
        self.images = images
        self.key = tf.random.experimental.stateless_fold_in(seed, tf.cast(step, tf.int32))
        self.draws = 0


def seed_tensor(seed: int) -> Any:
    """The run's seed, any Python integer, as the `[2]` int32 tensor that stateless operations take."""
    return tf.constant([seed & _MASK, (seed >> 31) & _MASK], tf.int32)


@contextlib.contextmanager
def scope(seed: Any, step: Any, images: Sequence[int] | None = None) -> Iterator[None]:
    """Within it, draws are a function of `seed` (from `seed_tensor`), `step`, and their order.

    Args:
        seed: The run's seed.
        step: The number of the step.
        images: The number under which each image of the batch draws; 0, 1, 2 and so on unless given.
    """
    outer = getattr(_active, "scope", None)
    _active.scope = _Scope(seed, step, images)
    try:
        yield
    finally:
        _active.scope = outer


def current_step() -> Any | None:
    """The number of the step being traced, a scalar int tensor; None outside an optimization."""
    current = getattr(_active, "scope", None)
    return None if current is None else current.step


def next_key(seed: int | None = None) -> Any:
    """A fresh `[2]` int32 key for the next draw.

    Args:
        seed: Replaces the run's seed for this draw, as the `seed=` of Lucid's transforms does: the draw then depends
            on this number and the step alone.
    """
    current = getattr(_active, "scope", None)
    if current is None:
        # Outside an optimization (a parameterization tried in a cell) TensorFlow's own generator decides,
        # so `tf.random.set_seed` works as anywhere else.
        return tf.random.uniform([2], 0, _MASK, tf.int32) if seed is None else seed_tensor(seed)
    if seed is not None:
        return tf.random.experimental.stateless_fold_in(seed_tensor(seed), tf.cast(current.step, tf.int32))
    current.draws += 1
    return tf.random.experimental.stateless_fold_in(current.key, current.draws)


def uniform(shape: Sequence[int], low: float = 0.0, high: float = 1.0, *, seed: int | None = None) -> Any:
    """Float32 numbers in [low, high)."""
    return tf.random.stateless_uniform(shape, next_key(seed), low, high)


def integers(shape: Sequence[int], high: Any, *, seed: int | None = None) -> Any:
    """Int32 numbers in [0, high); `high` may be a tensor."""
    return tf.random.stateless_uniform(shape, next_key(seed), 0, tf.cast(high, tf.int32), tf.int32)


def uniform_images(batch: int, count: int) -> Any:
    """Float32 numbers in [0, 1), `[batch, count]`; those of an image depend on its number, not on the batch."""
    numbers = _image_numbers(batch)
    # Philox counts: a longer draw begins with the numbers of a shorter one. So one operation serves all images.
    rows = tf.random.stateless_uniform([max(numbers) + 1, count], next_key(), alg="philox")
    return rows if numbers == list(range(batch)) else tf.gather(rows, numbers)


def normal_images(batch: int, shape: Sequence[int], sd: float) -> Any:
    """Gaussian noise `[batch, *shape]` in which image i depends on the seed and on i, not on the size of the batch."""
    key = next_key()

    def one(index: Any) -> Any:
        return tf.random.stateless_normal(shape, tf.random.experimental.stateless_fold_in(key, index), 0.0, sd)

    return tf.map_fn(one, tf.constant(_image_numbers(batch)), fn_output_signature=tf.TensorSpec(shape, tf.float32))


def _image_numbers(batch: int) -> list[int]:
    current = getattr(_active, "scope", None)
    if current is None or current.images is None:
        return list(range(batch))
    if len(current.images) != batch:
        raise ArgumentError(
            f"image_numbers has {len(current.images)} numbers, and the parameterization makes {batch} images.",
            "Expected one number for each image.",
        )
    return list(current.images)


def lazily(make: Callable[[], Any]) -> Callable[[], Any]:
    """Makes `make`, an initial value, draw one fixed number of keys whether or not it is called.

    A variable's initial value is computed only when a run starts, not in every traced step; without this, the draws
    after it would shift by as many as it makes.
    """
    current = getattr(_active, "scope", None)
    if current is None:
        return make
    current.draws += 1
    place = current.draws

    def value() -> Any:
        inner = getattr(_active, "scope", None)
        if inner is None:
            return make()
        before, inner.draws = inner.draws, place << 16
        try:
            return make()
        finally:
            inner.draws = before

    return value
