"""`SeededDraws`: random tensors for one batch of scenes, the same in eager and compiled code."""

from __future__ import annotations

import tensorflow as tf

__all__ = ["SeededDraws"]


class SeededDraws:
    """Random tensors that depend on the seed and on the order of the calls only.

    Args:
        seed: Two int32 numbers.
    """

    def __init__(self, seed: tf.Tensor) -> None:
        self._seed = seed
        self._calls = 0

    def _next(self) -> tf.Tensor:
        self._calls += 1
        return tf.random.fold_in(self._seed, self._calls)

    def uniform(self, shape: int | tuple[int, ...], low: float, high: float) -> tf.Tensor:
        """Draw numbers between `low` and `high`."""
        return tf.random.stateless_uniform(_shape(shape), self._next(), low, high)

    def normal(self, shape: int | tuple[int, ...]) -> tf.Tensor:
        """Draw numbers with mean 0 and variance 1."""
        return tf.random.stateless_normal(_shape(shape), self._next())

    def whole(self, count: int, below: int) -> tf.Tensor:
        """Draw `count` int32 numbers from 0 to `below - 1`."""
        return tf.random.stateless_uniform((count,), self._next(), 0, below, tf.int32)

    def order(self, count: int) -> tf.Tensor:
        """Draw a permutation of `count` elements."""
        return tf.argsort(self.uniform(count, 0, 1))

    def chance(self, count: int, probability: float) -> tf.Tensor:
        """Draw `count` numbers, each 1 with this probability, else 0."""
        return tf.cast(self.uniform(count, 0, 1) < probability, tf.float32)


def _shape(shape: int | tuple[int, ...]) -> tuple[int, ...]:
    return (shape,) if isinstance(shape, int) else shape
