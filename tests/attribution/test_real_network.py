"""Attributions on GoogLeNet and a photograph of a dog and a cat."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lucid_widgets import attribution
from lucid_widgets.attribution import Method
from lucid_widgets.modelzoo.vision_models import InceptionV1

pytestmark = pytest.mark.models

SIDE = 14
CENTERS = (np.arange(SIDE) + 0.5) / SIDE
DOG = np.outer((CENTERS > 0.14) & (CENTERS < 0.90), (CENTERS > 0.10) & (CENTERS < 0.62))
CAT = np.outer((CENTERS > 0.42) & (CENTERS < 0.90), (CENTERS > 0.63) & (CENTERS < 0.90))
DOG_OR_CAT = ("golden retriever", "tiger cat")


@pytest.fixture(scope="module")
def inception(models_dir: Path) -> InceptionV1:
    return InceptionV1(models_dir / "inception_v1_bvlc.pb")


@pytest.fixture(scope="module")
def photograph(models_dir: Path) -> np.ndarray:
    image = Image.open(models_dir / "dog_cat.jpg").convert("RGB")
    return np.asarray(image.resize((224, 224), Image.Resampling.LANCZOS))


def shares(values: np.ndarray) -> tuple[float, float]:
    """Share of the positive mass on the dog, and share of the negative mass on the cat."""
    positive, negative = np.maximum(values, 0), np.maximum(-values, 0)
    return float((positive * DOG).sum() / positive.sum()), float((negative * CAT).sum() / negative.sum())


@pytest.mark.parametrize(
    ("method", "steps", "on_dog", "on_cat", "error"),
    [
        ("integrated_gradients", 64, 0.89, 0.61, 0.01),
        ("integrated_gradients", 16, 0.89, 0.61, 0.036),
        ("gradient_x_activation", 1, 0.76, 0.55, 1.0),
    ],
)
def test_finds_the_dog_and_the_cat(
    inception: InceptionV1,
    photograph: np.ndarray,
    method: Method,
    steps: int,
    on_dog: float,
    on_cat: float,
    error: float,
) -> None:
    found = attribution.spatial_attribution(inception, photograph, "mixed4d", DOG_OR_CAT, method=method, steps=steps)
    dog, cat = shares(found.values)
    assert round(dog, 2) >= on_dog
    assert round(cat, 2) >= on_cat
    assert found.error <= error


def test_deleting_what_integrated_gradients_rank_first_removes_the_dog(
    inception: InceptionV1, photograph: np.ndarray
) -> None:
    found = attribution.spatial_attribution(inception, photograph, "mixed4d", "golden retriever")
    curves = attribution.faithfulness(inception, photograph, found, points=33, random_orders=1)
    assert curves.deletion[0] == pytest.approx(0.57, abs=0.01)
    assert curves.deletion_area <= 0.10
    assert curves.insertion_area > 0.55
    assert curves.random_deletion_area > 0.3
