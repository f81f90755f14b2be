"""Texture patterns made of noise or of scattered points."""

from __future__ import annotations

import numpy as np

from lucid_widgets.modelzoo.emojinet.training.plane import Pattern, noise, soft_step, two_nearest_points

__all__ = ["RANDOM_PATTERNS"]


def bubbles(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    near, _, index = two_nearest_points(x, y, rng)
    radius = rng.uniform(0.25, 0.5, index.max() + 1)[index]
    return soft_step(0.06 - np.abs(near - radius), 0.05) + 0.45 * soft_step(radius - near)


def wood(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    bend = noise(x, y, rng, 3.0)
    rings = 1.6 * np.hypot(x, 0.2 * y + rng.uniform(0.3, 1.2)) + 0.9 * bend
    late = rings - np.floor(rings)  # wood darkens within a year ring, then jumps back to light
    return 0.85 * late**1.5 + 0.15 * noise(x, y, rng, 0.8)


def marble(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    angle, strength = rng.uniform(0, np.pi), rng.uniform(2, 3)
    veins = np.sin(np.pi * (0.6 * (x * np.cos(angle) + y * np.sin(angle)) + strength * noise(x, y, rng, 2.6)))
    return np.abs(veins) ** 0.4


def clouds(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return noise(x, y, rng, 2.1)


def cells(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    near, next_nearest, index = two_nearest_points(x, y, rng)
    shade = rng.uniform(0.45, 1, index.max() + 1)[index]
    return shade * soft_step(next_nearest - near - 0.1)


def labyrinth(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    # Noise of one wavelength in all directions, cut at its median, like the coat of a zebra.
    size, periods = x.shape[0], np.ptp(x)
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None]) * size
    ring = np.exp(-(((frequency - periods) / (0.18 * periods)) ** 2))
    spectrum = ring * (rng.normal(size=ring.shape) + 1j * rng.normal(size=ring.shape))
    field = np.fft.irfft2(spectrum, s=(size, size))
    return soft_step(field / field.std(), 0.5)


def spots(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    near, _, index = two_nearest_points(x, y, rng)
    wobble = 0.12 * np.sin(9 * x + 5 * y) * np.sin(8 * y - 4 * x)
    return soft_step(rng.uniform(0.22, 0.4, index.max() + 1)[index] + wobble - near)


def confetti(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    near, _, index = two_nearest_points(x, y, rng)
    turn = rng.uniform(0, np.pi, index.max() + 1)[index]
    shade = rng.uniform(0.35, 1, index.max() + 1)[index]
    # Short bars: a point is closer along one direction than across it.
    dx, dy = np.gradient(near**2 / 2, x[0, 1] - x[0, 0], axis=1), np.gradient(near**2 / 2, y[1, 0] - y[0, 0], axis=0)
    along, across = dx * np.cos(turn) + dy * np.sin(turn), dy * np.cos(turn) - dx * np.sin(turn)
    return shade * soft_step(np.minimum(0.34 - np.abs(along), 0.1 - np.abs(across)), 0.05)


RANDOM_PATTERNS: dict[str, tuple[Pattern, float, float]] = {
    "bubbles": (bubbles, 4, 7),
    "wood": (wood, 4, 8),
    "marble": (marble, 3, 5),
    "clouds": (clouds, 3, 6),
    "cells": (cells, 4, 8),
    "labyrinth": (labyrinth, 6, 11),
    "spots": (spots, 4, 7),
    "confetti": (confetti, 5, 9),
}
"""Pattern of each texture, and the smallest and largest number of periods across the image."""
