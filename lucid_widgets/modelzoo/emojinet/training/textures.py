"""Drawing the procedural textures: patterns in [0, 1], which `scenes` then colors and warps."""

from __future__ import annotations

import numpy as np

from lucid_widgets.modelzoo.emojinet.classes import TEXTURES
from lucid_widgets.modelzoo.emojinet.training.random_patterns import RANDOM_PATTERNS
from lucid_widgets.modelzoo.emojinet.training.regular_patterns import REGULAR_PATTERNS

__all__ = ["draw_textures"]

_CENTERED = frozenset({"rings", "spiral", "sunburst"})


def draw_textures(count: int, seed: int, size: int = 160) -> np.ndarray:
    """Draw variants of every texture class.

    Args:
        count: Number of variants per class.
        seed: Seed of everything that varies.
        size: Side of a texture, in pixels.

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
    pattern, fewest, most = (REGULAR_PATTERNS | RANDOM_PATTERNS)[name]
    periods = rng.uniform(fewest, most)
    positions = (np.arange(size) + 0.5) / size - 0.5
    y, x = np.meshgrid(positions * periods, positions * periods, indexing="ij")
    # A slow warp of the plane, like that of cloth or a bent page.
    bend, phases = rng.uniform(0, 0.035) * periods, rng.uniform(0, 2 * np.pi, 2)
    waves = 2 * np.pi / periods * rng.uniform(0.5, 1.5, 2)
    x, y = x + bend * np.sin(waves[0] * y + phases[0]), y + bend * np.sin(waves[1] * x + phases[1])
    shift = rng.uniform(-0.06, 0.06, 2) * periods if name in _CENTERED else rng.uniform(0, 1, 2)
    field = pattern(x + shift[0], y + shift[1], rng)
    return np.round(255 * np.clip(field, 0, 1)).astype(np.uint8)
