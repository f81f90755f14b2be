"""Procedural textures: functions from a plane to values between 0 and 1, which `scenes` then colours and warps.

Every pattern takes the coordinates `x` and `y` of a grid, counted in its own periods, and a random generator for
what varies within its class. Edges are soft, about a pixel wide, because they are resampled later.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lucid_widgets.modelzoo.emojinet.classes import TEXTURES

__all__ = ["draw_textures"]

Pattern = Callable[[np.ndarray, np.ndarray, np.random.Generator], np.ndarray]


def draw_textures(count: int, seed: int, size: int = 160) -> np.ndarray:
    """Some variants of every texture class.

    Args:
        count: Variants of each class.
        seed: Other seeds give other variants.
        size: Their side, in pixels.

    Returns:
        uint8 `[len(TEXTURES), count, size, size]`, in the order of `classes.TEXTURES`.

    Example:
        >>> draw_textures(2, seed=0, size=64).shape
        (32, 2, 64, 64)
    """
    generators = np.random.default_rng(seed).spawn(len(TEXTURES) * count)
    fields = [
        _draw(name, generators[index * count + variant], size)
        for index, name in enumerate(TEXTURES)
        for variant in range(count)
    ]
    return np.stack(fields).reshape(len(TEXTURES), count, size, size)


def _draw(name: str, rng: np.random.Generator, size: int) -> np.ndarray:
    pattern, fewest, most = _PATTERNS[name]
    periods = rng.uniform(fewest, most)
    steps = (np.arange(size) + 0.5) / size - 0.5
    y, x = np.meshgrid(steps * periods, steps * periods, indexing="ij")
    # A slow warp of the plane, as cloth or a bent page would show.
    bend, phases = rng.uniform(0, 0.035) * periods, rng.uniform(0, 2 * np.pi, 2)
    waves = 2 * np.pi / periods * rng.uniform(0.5, 1.5, 2)
    x, y = x + bend * np.sin(waves[0] * y + phases[0]), y + bend * np.sin(waves[1] * x + phases[1])
    centred = name in _CENTRED
    shift = rng.uniform(-0.06, 0.06, 2) * periods if centred else rng.uniform(0, 1, 2)
    field = pattern(x + shift[0], y + shift[1], rng)
    return np.round(255 * np.clip(field, 0, 1)).astype(np.uint8)


def _step(value: np.ndarray, softness: float = 0.06) -> np.ndarray:
    """0 below zero, 1 above, with a soft edge."""
    return np.clip(value / softness + 0.5, 0, 1)


def _saw(value: np.ndarray) -> np.ndarray:
    """The distance to the nearest whole number: 0 to 0.5."""
    return np.abs(value - np.round(value))


def _cell(value: np.ndarray) -> np.ndarray:
    """The place within a period: -0.5 to 0.5."""
    return value - np.round(value)


def _stripes(value: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return _step(rng.uniform(0.18, 0.32) - _saw(value))


def _polar(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.hypot(x, y), np.arctan2(y, x)


def _rows(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The plane in rows of cells, every other row shifted by half a cell."""
    return x + 0.5 * (np.round(y) % 2), y


def _noise(x: np.ndarray, y: np.ndarray, rng: np.random.Generator, exponent: float) -> np.ndarray:
    """Noise with a spectrum of 1 / frequency ** exponent, equalized to 0 to 1."""
    size = x.shape[0]
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None]) * size
    periods = np.ptp(x)
    amplitude = 1 / np.maximum(frequency, periods / 2) ** exponent
    spectrum = rng.normal(size=frequency.shape) + 1j * rng.normal(size=frequency.shape)
    field = np.fft.irfft2(spectrum * amplitude, s=(size, size))
    return np.argsort(np.argsort(field, axis=None)).reshape(size, size) / field.size


def _nearest_two(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distances to the two nearest of scattered points, one to a cell, and the index of the nearest."""
    lowest = np.floor([x.min(), y.min()]).astype(int) - 1
    counts = np.ceil([x.max(), y.max()]).astype(int) + 1 - lowest
    cells = np.stack(np.meshgrid(*(np.arange(count) for count in counts), indexing="ij"), -1).reshape(-1, 2)
    points = lowest + cells + rng.uniform(0.15, 0.85, cells.shape)
    squared = (x[..., None] - points[:, 0]) ** 2 + (y[..., None] - points[:, 1]) ** 2
    nearest = np.argpartition(squared, 1, axis=-1)[..., :2]
    pair = np.sqrt(np.take_along_axis(squared, nearest, -1))
    first = np.argmin(pair, -1)
    return pair.min(-1), pair.max(-1), np.take_along_axis(nearest, first[..., None], -1)[..., 0]


def _diagonals(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return (x + y) / np.sqrt(2), (x - y) / np.sqrt(2)


def _checks(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return _step(np.sin(np.pi * x) * np.sin(np.pi * y), 0.2)


def _diamonds(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    across, down = _diagonals(x, y * rng.uniform(0.6, 0.75))
    return _step(np.sin(np.pi * across) * np.sin(np.pi * down), 0.2)


def _plaid(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    wide, thin = rng.uniform(0.2, 0.3), rng.uniform(0.03, 0.05)
    bands = [_step(wide - _saw(value)) + 0.8 * _step(thin - _saw(value + 0.5), 0.04) for value in (x, y)]
    return (bands[0] + bands[1]) / 2


def _grid(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return _step(rng.uniform(0.05, 0.09) - np.minimum(_saw(x), _saw(y)))


def _cross_hatch(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    across, down = _diagonals(x, y)
    return _step(rng.uniform(0.05, 0.1) - np.minimum(_saw(across), _saw(down)))


def _polka_dots(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    across, down = _rows(x, y)
    return _step(rng.uniform(0.22, 0.32) - np.hypot(_cell(across), _cell(down)))


def _half_tone(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    angle = rng.uniform(0, 2 * np.pi)
    ramp = (x * np.cos(angle) + y * np.sin(angle)) / np.ptp(x) + 0.5
    return _step(0.05 + 0.5 * np.clip(ramp, 0, 1) - np.hypot(_cell(x), _cell(y)))


def _bubbles(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    near, _, index = _nearest_two(x, y, rng)
    radius = rng.uniform(0.25, 0.5, index.max() + 1)[index]
    return _step(0.06 - np.abs(near - radius), 0.05) + 0.45 * _step(radius - near)


def _rings(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    radius, _ = _polar(x, y)
    return _stripes(radius, rng)


def _spiral(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    radius, angle = _polar(x, y)
    arms = rng.choice([-2, -1, 1, 2])
    return _stripes(radius + arms * angle / (2 * np.pi), rng)


def _sunburst(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    radius, angle = _polar(x, y)
    rays = int(rng.integers(7, 14))
    return _step((rng.uniform(0.18, 0.3) - _saw(rays * angle / (2 * np.pi))) * np.minimum(radius, 1), 0.05)


def _bricks(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    across, down = _rows(x / 2, y)
    mortar = rng.uniform(0.05, 0.09)
    shade = 0.25 * np.sin(12.9898 * np.round(across) + 78.233 * np.round(down))
    wall = _step(np.minimum(2 * (0.5 - np.abs(_cell(across))), 0.5 - np.abs(_cell(down))) - mortar)
    return wall * (0.75 + shade)


def _hexagons(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    height = np.sqrt(3)
    centres = [
        (np.round(x / 1), np.round(y / height) * height),
        (np.floor(x) + 0.5, (np.floor(y / height) + 0.5) * height),
    ]
    reach = [np.maximum(np.abs(x - cx), np.abs(x - cx) / 2 + np.abs(y - cy) * height / 2) for cx, cy in centres]
    return _step(0.5 - rng.uniform(0.05, 0.09) - np.minimum(*reach))


def _triangles(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    lines = [np.floor(x * np.cos(angle) + y * np.sin(angle)) for angle in (0.5 * np.pi, np.pi * 7 / 6, np.pi * 11 / 6)]
    return np.sum(lines, 0) % 2 * 0.9


def _scales(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    field = np.zeros_like(x)
    rim = rng.uniform(0.08, 0.14)
    # Later rows lie over earlier ones, as roof tiles do.
    for row in range(int(np.floor(2 * y.min())) - 2, int(np.ceil(2 * y.max())) + 2):
        across = _cell(x + 0.5 * (row % 2))
        distance = np.hypot(across, y - row / 2)
        inside = (distance < 0.52) & (y > row / 2)
        field = np.where(inside, np.where(distance > 0.52 - rim, 0.0, 0.45 + distance), field)
    return field


def _waves(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return _stripes(y + rng.uniform(0.25, 0.4) * np.sin(2 * np.pi * x / rng.uniform(1.3, 2)), rng)


def _zigzag(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return _stripes(y + 2 * _saw(x / rng.uniform(1.4, 2)), rng)


def _basket_weave(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    lying = (np.floor(x) + np.floor(y)) % 2 == 0
    along, across = np.where(lying, x, y), np.where(lying, y, x)
    strands = 0.35 + 0.65 * np.abs(np.sin(np.pi * 3 * across))
    return strands * _step(0.5 - np.abs(along - np.floor(along) - 0.5) - 0.05)


def _stars(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    across, down = _rows(x, y)
    radius, angle = _polar(_cell(across), _cell(down))
    spike = 2 * _saw(5 * (angle + rng.uniform(-0.3, 0.3) + np.pi / 2) / (2 * np.pi))
    return _step(0.44 - 0.26 * spike - radius)


def _crosses(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    across, down = (np.abs(_cell(value)) for value in _rows(x, y))
    arm, half = rng.uniform(0.3, 0.38), rng.uniform(0.08, 0.12)
    upright = np.minimum(half - across, arm - down)
    return _step(np.maximum(upright, np.minimum(half - down, arm - across)))


def _petals(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    radius, angle = _polar(_cell(x), _cell(y))
    reach = 0.3 + 0.14 * np.cos(int(rng.integers(5, 8)) * angle + rng.uniform(0, 6))
    return _step(reach - radius) * 0.6 + _step(0.12 - radius) * 0.4


def _wood(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    bend = _noise(x, y, rng, 3.0)
    rings = 1.6 * np.hypot(x, 0.2 * y + rng.uniform(0.3, 1.2)) + 0.9 * bend
    late = rings - np.floor(rings)  # wood darkens through the year, then begins anew
    return 0.85 * late**1.5 + 0.15 * _noise(x, y, rng, 0.8)


def _marble(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    angle, strength = rng.uniform(0, np.pi), rng.uniform(2, 3)
    veins = np.sin(np.pi * (0.6 * (x * np.cos(angle) + y * np.sin(angle)) + strength * _noise(x, y, rng, 2.6)))
    return np.abs(veins) ** 0.4


def _clouds(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return _noise(x, y, rng, 2.1)


def _cells(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    near, next_nearest, index = _nearest_two(x, y, rng)
    shade = rng.uniform(0.45, 1, index.max() + 1)[index]
    return shade * _step(next_nearest - near - 0.1)


def _labyrinth(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    # Noise of one wavelength in all directions, cut at its median, as zebras and corals grow it.
    size, periods = x.shape[0], np.ptp(x)
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None]) * size
    ring = np.exp(-(((frequency - periods) / (0.18 * periods)) ** 2))
    spectrum = ring * (rng.normal(size=ring.shape) + 1j * rng.normal(size=ring.shape))
    field = np.fft.irfft2(spectrum, s=(size, size))
    return _step(field / field.std(), 0.5)


def _spots(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    near, _, index = _nearest_two(x, y, rng)
    wobble = 0.12 * np.sin(9 * x + 5 * y) * np.sin(8 * y - 4 * x)
    return _step(rng.uniform(0.22, 0.4, index.max() + 1)[index] + wobble - near)


def _confetti(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    near, _, index = _nearest_two(x, y, rng)
    turn = rng.uniform(0, np.pi, index.max() + 1)[index]
    shade = rng.uniform(0.35, 1, index.max() + 1)[index]
    # Short bars: the distance to the point along one direction counts for less than across it.
    dx, dy = np.gradient(near**2 / 2, x[0, 1] - x[0, 0], axis=1), np.gradient(near**2 / 2, y[1, 0] - y[0, 0], axis=0)
    along, across = dx * np.cos(turn) + dy * np.sin(turn), dy * np.cos(turn) - dx * np.sin(turn)
    return shade * _step(np.minimum(0.34 - np.abs(along), 0.1 - np.abs(across)), 0.05)


# Name -> the pattern, and between how many and how many periods fit into the field.
_PATTERNS: dict[str, tuple[Pattern, float, float]] = {
    "horizontal stripes": (lambda x, y, rng: _stripes(y, rng), 5, 12),
    "vertical stripes": (lambda x, y, rng: _stripes(x, rng), 5, 12),
    "rising stripes": (lambda x, y, rng: _stripes(_diagonals(x, y)[0], rng), 5, 12),
    "falling stripes": (lambda x, y, rng: _stripes(_diagonals(x, y)[1], rng), 5, 12),
    "checks": (_checks, 6, 12),
    "diamonds": (_diamonds, 7, 12),
    "plaid": (_plaid, 3, 6),
    "grid": (_grid, 5, 9),
    "cross-hatch": (_cross_hatch, 5, 9),
    "polka dots": (_polka_dots, 4, 8),
    "half-tone": (_half_tone, 8, 13),
    "bubbles": (_bubbles, 4, 7),
    "rings": (_rings, 6, 11),
    "spiral": (_spiral, 6, 11),
    "sunburst": (_sunburst, 2, 4),
    "bricks": (_bricks, 6, 11),
    "hexagons": (_hexagons, 5, 9),
    "triangles": (_triangles, 5, 9),
    "scales": (_scales, 4, 8),
    "horizontal waves": (_waves, 5, 10),
    "zigzag": (_zigzag, 5, 9),
    "basket weave": (_basket_weave, 4, 7),
    "stars": (_stars, 3, 6),
    "crosses": (_crosses, 4, 8),
    "petals": (_petals, 3, 6),
    "wood": (_wood, 4, 8),
    "marble": (_marble, 3, 5),
    "clouds": (_clouds, 3, 6),
    "cells": (_cells, 4, 8),
    "labyrinth": (_labyrinth, 6, 11),
    "spots": (_spots, 4, 7),
    "confetti": (_confetti, 5, 9),
}
_CENTRED = frozenset({"rings", "spiral", "sunburst"})
