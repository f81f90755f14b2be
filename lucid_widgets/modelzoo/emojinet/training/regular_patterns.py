"""Regular texture patterns, made of lines, cells and arcs. Edges are soft, because the textures are resampled later."""

from __future__ import annotations

import numpy as np

from lucid_widgets.modelzoo.emojinet.training.plane import (
    Pattern,
    diagonals,
    polar,
    sawtooth,
    soft_step,
    staggered_rows,
    stripes,
    triangle_wave,
)

__all__ = ["REGULAR_PATTERNS"]


def checks(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return soft_step(np.sin(np.pi * x) * np.sin(np.pi * y), 0.2)


def diamonds(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    across, down = diagonals(x, y * rng.uniform(0.6, 0.75))
    return soft_step(np.sin(np.pi * across) * np.sin(np.pi * down), 0.2)


def plaid(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    wide, thin = rng.uniform(0.2, 0.3), rng.uniform(0.03, 0.05)
    bands = [
        soft_step(wide - triangle_wave(value)) + 0.8 * soft_step(thin - triangle_wave(value + 0.5), 0.04)
        for value in (x, y)
    ]
    return (bands[0] + bands[1]) / 2


def grid(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return soft_step(rng.uniform(0.05, 0.09) - np.minimum(triangle_wave(x), triangle_wave(y)))


def cross_hatch(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    across, down = diagonals(x, y)
    return soft_step(rng.uniform(0.05, 0.1) - np.minimum(triangle_wave(across), triangle_wave(down)))


def polka_dots(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    across, down = staggered_rows(x, y)
    return soft_step(rng.uniform(0.22, 0.32) - np.hypot(sawtooth(across), sawtooth(down)))


def half_tone(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    angle = rng.uniform(0, 2 * np.pi)
    ramp = (x * np.cos(angle) + y * np.sin(angle)) / np.ptp(x) + 0.5
    return soft_step(0.05 + 0.5 * np.clip(ramp, 0, 1) - np.hypot(sawtooth(x), sawtooth(y)))


def rings(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    radius, _ = polar(x, y)
    return stripes(radius, rng)


def spiral(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    radius, angle = polar(x, y)
    arms = rng.choice([-2, -1, 1, 2])
    return stripes(radius + arms * angle / (2 * np.pi), rng)


def sunburst(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    radius, angle = polar(x, y)
    rays = int(rng.integers(7, 14))
    return soft_step((rng.uniform(0.18, 0.3) - triangle_wave(rays * angle / (2 * np.pi))) * np.minimum(radius, 1), 0.05)


def bricks(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    across, down = staggered_rows(x / 2, y)
    mortar = rng.uniform(0.05, 0.09)
    shade = 0.25 * np.sin(12.9898 * np.round(across) + 78.233 * np.round(down))
    wall = soft_step(np.minimum(2 * (0.5 - np.abs(sawtooth(across))), 0.5 - np.abs(sawtooth(down))) - mortar)
    return wall * (0.75 + shade)


def hexagons(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    height = np.sqrt(3)
    centers = [
        (np.round(x / 1), np.round(y / height) * height),
        (np.floor(x) + 0.5, (np.floor(y / height) + 0.5) * height),
    ]
    reach = [np.maximum(np.abs(x - cx), np.abs(x - cx) / 2 + np.abs(y - cy) * height / 2) for cx, cy in centers]
    return soft_step(0.5 - rng.uniform(0.05, 0.09) - np.minimum(*reach))


def triangles(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    lines = [np.floor(x * np.cos(angle) + y * np.sin(angle)) for angle in (0.5 * np.pi, np.pi * 7 / 6, np.pi * 11 / 6)]
    return np.sum(lines, 0) % 2 * 0.9


def scales(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    field = np.zeros_like(x)
    rim = rng.uniform(0.08, 0.14)
    # Later rows overlap earlier ones, like roof tiles.
    for row in range(int(np.floor(2 * y.min())) - 2, int(np.ceil(2 * y.max())) + 2):
        across = sawtooth(x + 0.5 * (row % 2))
        distance = np.hypot(across, y - row / 2)
        inside = (distance < 0.52) & (y > row / 2)
        field = np.where(inside, np.where(distance > 0.52 - rim, 0.0, 0.45 + distance), field)
    return field


def waves(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return stripes(y + rng.uniform(0.25, 0.4) * np.sin(2 * np.pi * x / rng.uniform(1.3, 2)), rng)


def zigzag(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return stripes(y + 2 * triangle_wave(x / rng.uniform(1.4, 2)), rng)


def basket_weave(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    lying = (np.floor(x) + np.floor(y)) % 2 == 0
    along, across = np.where(lying, x, y), np.where(lying, y, x)
    strands = 0.35 + 0.65 * np.abs(np.sin(np.pi * 3 * across))
    return strands * soft_step(0.5 - np.abs(along - np.floor(along) - 0.5) - 0.05)


def stars(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    across, down = staggered_rows(x, y)
    radius, angle = polar(sawtooth(across), sawtooth(down))
    spike = 2 * triangle_wave(5 * (angle + rng.uniform(-0.3, 0.3) + np.pi / 2) / (2 * np.pi))
    return soft_step(0.44 - 0.26 * spike - radius)


def crosses(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    across, down = (np.abs(sawtooth(value)) for value in staggered_rows(x, y))
    arm, half = rng.uniform(0.3, 0.38), rng.uniform(0.08, 0.12)
    upright = np.minimum(half - across, arm - down)
    return soft_step(np.maximum(upright, np.minimum(half - down, arm - across)))


def petals(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    radius, angle = polar(sawtooth(x), sawtooth(y))
    reach = 0.3 + 0.14 * np.cos(int(rng.integers(5, 8)) * angle + rng.uniform(0, 6))
    return soft_step(reach - radius) * 0.6 + soft_step(0.12 - radius) * 0.4


REGULAR_PATTERNS: dict[str, tuple[Pattern, float, float]] = {
    "horizontal stripes": (lambda x, y, rng: stripes(y, rng), 5, 12),
    "vertical stripes": (lambda x, y, rng: stripes(x, rng), 5, 12),
    "rising stripes": (lambda x, y, rng: stripes(diagonals(x, y)[0], rng), 5, 12),
    "falling stripes": (lambda x, y, rng: stripes(diagonals(x, y)[1], rng), 5, 12),
    "checks": (checks, 6, 12),
    "diamonds": (diamonds, 7, 12),
    "plaid": (plaid, 3, 6),
    "grid": (grid, 5, 9),
    "cross-hatch": (cross_hatch, 5, 9),
    "polka dots": (polka_dots, 4, 8),
    "half-tone": (half_tone, 8, 13),
    "rings": (rings, 6, 11),
    "spiral": (spiral, 6, 11),
    "sunburst": (sunburst, 2, 4),
    "bricks": (bricks, 6, 11),
    "hexagons": (hexagons, 5, 9),
    "triangles": (triangles, 5, 9),
    "scales": (scales, 4, 8),
    "horizontal waves": (waves, 5, 10),
    "zigzag": (zigzag, 5, 9),
    "basket weave": (basket_weave, 4, 7),
    "stars": (stars, 3, 6),
    "crosses": (crosses, 4, 8),
    "petals": (petals, 3, 6),
}
"""Pattern of each texture, and the smallest and largest number of periods across the image."""
