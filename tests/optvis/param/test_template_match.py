"""The judge of planted shortcuts, on images made by hand. tests/benchmarks/fidelity/planted.py uses it."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.fidelity.template_match import FAINTEST, peak, resized, separation

SIDE = 12


def patch() -> np.ndarray:
    """A magenta disc on lime."""
    rows, columns = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    return np.where((np.hypot(rows, columns) < 4.5)[..., None], [0.9, 0.1, 0.8], [0.5, 0.95, 0.1])


def noise(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(size=(48, 48, 3))


def test_finds_the_patch_at_any_position_size_and_contrast() -> None:
    for row, column in ((0, 0), (36, 36), (7, 20)):
        image = noise()
        image[row : row + SIDE, column : column + SIDE] = patch()
        assert peak(image, patch()) == pytest.approx(1)
    large = noise()
    large[5 : 5 + 2 * SIDE, 9 : 9 + 2 * SIDE] = resized(patch(), 2 * SIDE)
    assert peak(large, patch()) == pytest.approx(1)
    faint = np.full((48, 48, 3), 0.4)
    faint[4 : 4 + SIDE, 4 : 4 + SIDE] += 2 * FAINTEST * (patch() - 0.5)
    assert peak(faint, patch(), [1.0]) == pytest.approx(1)


def test_is_not_fooled_by_colors_shapes_or_faint_marks() -> None:
    assert peak(np.full((48, 48, 3), [0.9, 0.1, 0.8]), patch()) == 0
    assert max(peak(noise(seed), patch()) for seed in range(5)) < 0.5
    swapped = noise()
    swapped[8 : 8 + SIDE, 8 : 8 + SIDE] = patch()[..., [1, 0, 2]]  # lime on magenta
    gray = noise()
    gray[8 : 8 + SIDE, 8 : 8 + SIDE] = patch().mean(-1, keepdims=True)
    assert max(peak(swapped, patch()), peak(gray, patch())) < 0.75
    faint = np.full((48, 48, 3), 0.4)
    faint[4 : 4 + SIDE, 4 : 4 + SIDE] += 0.5 * FAINTEST * (patch() - 0.5)
    assert peak(faint, patch(), [1.0]) == 0


def test_half_of_the_patch_matches_half() -> None:
    """By hand: the match of a part p with the template t, both with mean 0, is p.t / (|p| |t|)."""
    image = np.full((SIDE, SIDE, 3), patch().mean((0, 1)))
    image[:, : SIDE // 2] = patch()[:, : SIDE // 2]
    part, whole = image - image.mean((0, 1)), patch() - patch().mean((0, 1))
    expected = (part * whole).sum() / np.linalg.norm(part) / np.linalg.norm(whole)
    assert peak(image, patch(), [1.0]) == pytest.approx(expected)
    assert expected == pytest.approx(0.5**0.5, abs=0.02)


def test_separation_is_the_probability_of_a_greater_value() -> None:
    assert separation([3, 4], [1, 2]) == 1
    assert separation([1, 2], [1, 2]) == 0.5
    assert separation([0, 3], [1, 2]) == 0.5
    assert separation([2], [1, 2, 3, 4]) == pytest.approx(1.5 / 4)
