"""Stateless random numbers, folded from (seed, step, draw, image).

All random numbers of an optimization come from this module, never from a generator with its own state. The same seed
therefore gives the same frames however steps are grouped into calls, and a run that is stopped and resumed continues
exactly. The order of draws is fixed when a step is traced; each value is a function of the step number.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import tensorflow as tf

from lucid_widgets.errors import ArgumentError

INITIAL_STEP = -1
"""The step number used for initial values, which therefore share no random numbers with step 0."""

_MASK = 0x7FFFFFFF
_active = threading.local()


class _Scope:
    def __init__(self, seed: Any, step: Any, noise_ids: Sequence[int] | None) -> None:
        self.step = step
        self.noise_ids = noise_ids
        self.key = tf.random.experimental.stateless_fold_in(seed, tf.cast(step, tf.int32))
        self.draws = 0


def seed_tensor(seed: int) -> Any:
    """Return a seed (any Python integer) as the `[2]` int32 tensor that stateless operations take."""
    return tf.constant([seed & _MASK, (seed >> 31) & _MASK], tf.int32)


@contextlib.contextmanager
def scope(seed: Any, step: Any, noise_ids: Sequence[int] | None = None) -> Iterator[None]:
    """Make draws inside the `with` block a function of `seed`, `step` and their order.

    Args:
        seed: The run's seed, from `seed_tensor`.
        step: The step number.
        noise_ids: One number per image of the batch; images with the same number get the same random numbers.
            Default: 0, 1, 2, ...
    """
    outer = getattr(_active, "scope", None)
    _active.scope = _Scope(seed, step, noise_ids)
    try:
        yield
    finally:
        _active.scope = outer


def current_step() -> Any | None:
    """Return the number of the step being traced as a scalar int tensor, or None outside an optimization."""
    current = getattr(_active, "scope", None)
    return None if current is None else current.step


def next_key(seed: int | None = None) -> Any:
    """Return a new `[2]` int32 key for the next draw.

    Args:
        seed: Replaces the run's seed for this draw, as `seed=` of Lucid's transforms does. The draw then depends only
            on this number and the step. Default: None, the run's seed.
    """
    current = getattr(_active, "scope", None)
    if current is None:
        # Outside an optimization, as when a parameterization is tried in a cell, TensorFlow's own generator is used,
        # so that `tf.random.set_seed` works as usual.
        return tf.random.uniform([2], 0, _MASK, tf.int32) if seed is None else seed_tensor(seed)
    if seed is not None:
        return tf.random.experimental.stateless_fold_in(seed_tensor(seed), tf.cast(current.step, tf.int32))
    current.draws += 1
    return tf.random.experimental.stateless_fold_in(current.key, current.draws)


def draws_made() -> int:
    """Return the number of draws made so far in the current `scope`, for `drawing_again`; 0 outside of one."""
    current = getattr(_active, "scope", None)
    return 0 if current is None else current.draws


@contextlib.contextmanager
def drawing_again(draws: int) -> Iterator[None]:
    """Repeat earlier draws of the current `scope` in the `with` block. Draws after the block are not affected.

    Args:
        draws: The result of `draws_made` before the first draw to repeat.
    """
    current = getattr(_active, "scope", None)
    if current is None:
        yield
        return
    before, current.draws = current.draws, draws
    try:
        yield
    finally:
        current.draws = before


def uniform(shape: Sequence[int], low: float = 0.0, high: float = 1.0, *, seed: int | None = None) -> Any:
    """Return float32 numbers in [low, high)."""
    return tf.random.stateless_uniform(shape, next_key(seed), low, high)


def integers(shape: Sequence[int], high: Any, *, seed: int | None = None) -> Any:
    """Return int32 numbers in [0, high); `high` may be a tensor."""
    return tf.random.stateless_uniform(shape, next_key(seed), 0, tf.cast(high, tf.int32), tf.int32)


def uniform_images(batch: int, count: int) -> Any:
    """Return float32 numbers in [0, 1), `[batch, count]`. A row depends on its noise id, not on the batch size."""
    ids = _noise_ids(batch)
    # Philox is a counter: a longer draw begins with the numbers of a shorter one, so one operation serves all images.
    rows = tf.random.stateless_uniform([max(ids) + 1, count], next_key(), alg="philox")
    return rows if ids == list(range(batch)) else tf.gather(rows, ids)


def normal_images(batch: int, shape: Sequence[int], sd: float) -> Any:
    """Return Gaussian noise `[batch, *shape]`. A row depends on its noise id, not on the batch size."""
    key = next_key()

    def one(index: Any) -> Any:
        return tf.random.stateless_normal(shape, tf.random.experimental.stateless_fold_in(key, index), 0.0, sd)

    return tf.map_fn(one, tf.constant(_noise_ids(batch)), fn_output_signature=tf.TensorSpec(shape, tf.float32))


def image_keys(batch: int) -> list[Any]:
    """Return a key per image for one draw. A key depends on the image's noise id; id 0 has the key of `next_key`."""
    key = next_key()
    return [tf.random.experimental.stateless_fold_in(key, each) if each else key for each in _noise_ids(batch)]


def _noise_ids(batch: int) -> list[int]:
    current = getattr(_active, "scope", None)
    if current is None or current.noise_ids is None:
        return list(range(batch))
    if len(current.noise_ids) != batch:
        raise ArgumentError(
            f"noise_ids has {len(current.noise_ids)} numbers, but the parameterization makes {batch} images.",
            "Expected one number per image.",
        )
    return list(current.noise_ids)


def lazily(make: Callable[[], Any]) -> Callable[[], Any]:
    """Return a version of `make` (an initial value) that uses up exactly one draw, whether or not it is called.

    A variable's initial value is computed only when a run starts, not in every traced step. Without this, the draws
    that follow it would shift by the number of draws it makes.
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


__all__ = [
    "INITIAL_STEP",
    "current_step",
    "drawing_again",
    "draws_made",
    "image_keys",
    "integers",
    "lazily",
    "next_key",
    "normal_images",
    "scope",
    "seed_tensor",
    "uniform",
    "uniform_images",
]
