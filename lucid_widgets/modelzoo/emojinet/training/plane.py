"""Building blocks of the texture patterns: functions of coordinates `x` and `y`, counted in periods of the pattern."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

__all__ = [
    "Pattern",
    "diagonals",
    "noise",
    "polar",
    "sawtooth",
    "soft_step",
    "staggered_rows",
    "stripes",
    "triangle_wave",
    "two_nearest_points",
]

Pattern = Callable[[np.ndarray, np.ndarray, np.random.Generator], np.ndarray]
"""From coordinates `x` and `y`, counted in periods, and a random generator to values, of which [0, 1] is kept."""


def soft_step(value: np.ndarray, softness: float = 0.06) -> np.ndarray:
    """Return 0 below zero and 1 above, with a soft edge of this width between."""
    return np.clip(value / softness + 0.5, 0, 1)


def triangle_wave(value: np.ndarray) -> np.ndarray:
    """Return the distance to the nearest whole number, 0 to 0.5: a triangle wave of period 1."""
    return np.abs(value - np.round(value))


def sawtooth(value: np.ndarray) -> np.ndarray:
    """Return the offset from the nearest whole number, -0.5 to 0.5: a sawtooth wave of period 1."""
    return value - np.round(value)


def stripes(value: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return one stripe of random width per period of `value`."""
    return soft_step(rng.uniform(0.18, 0.32) - triangle_wave(value))


def polar(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return radius and angle."""
    return np.hypot(x, y), np.arctan2(y, x)


def staggered_rows(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shift every other row of cells by half a cell."""
    return x + 0.5 * (np.round(y) % 2), y


def noise(x: np.ndarray, y: np.ndarray, rng: np.random.Generator, exponent: float) -> np.ndarray:
    """Return noise with a spectrum of 1 / frequency ** exponent, equalized to [0, 1]."""
    size = x.shape[0]
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None]) * size
    periods = np.ptp(x)
    amplitude = 1 / np.maximum(frequency, periods / 2) ** exponent
    spectrum = rng.normal(size=frequency.shape) + 1j * rng.normal(size=frequency.shape)
    field = np.fft.irfft2(spectrum * amplitude, s=(size, size))
    return np.argsort(np.argsort(field, axis=None)).reshape(size, size) / field.size


def two_nearest_points(
    x: np.ndarray, y: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the distances to the two nearest of scattered points, one point per cell, and the index of the nearest."""
    lowest = np.floor([x.min(), y.min()]).astype(int) - 1
    counts = np.ceil([x.max(), y.max()]).astype(int) + 1 - lowest
    cells = np.stack(np.meshgrid(*(np.arange(count) for count in counts), indexing="ij"), -1).reshape(-1, 2)
    points = lowest + cells + rng.uniform(0.15, 0.85, cells.shape)
    squared = (x[..., None] - points[:, 0]) ** 2 + (y[..., None] - points[:, 1]) ** 2
    nearest = np.argpartition(squared, 1, axis=-1)[..., :2]
    pair = np.sqrt(np.take_along_axis(squared, nearest, -1))
    first = np.argmin(pair, -1)
    return pair.min(-1), pair.max(-1), np.take_along_axis(nearest, first[..., None], -1)[..., 0]


def diagonals(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return coordinates rotated by 45 degrees."""
    return (x + y) / np.sqrt(2), (x - y) / np.sqrt(2)
