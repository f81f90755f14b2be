"""What `check` says about units whose truth is known. tests/benchmarks/trust.py has more of them, over eight seeds.

That of silent and dead units is in test_checks.py, on a smaller network.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from benchmarks.trust import BASE, deceiving, drawn_pairs
from evidence.fewer import FEWER

from lucid_widgets import ActivationIndex, ImageSet, check, models
from lucid_widgets.evidence import Report
from lucid_widgets.evidence.checks import subjects
from lucid_widgets.modelzoo.emojinet.architecture import BLOCKS, build

pytestmark = pytest.mark.slow

SIZE, STEPS = 64, 32
CLASSES = ("flamingo", "spider", "mouse", "moon", "rose", "key", "beer", "avocado", "ghost", "monkey", "sunflower")


@pytest.fixture(autouse=True)
def fewer_comparisons(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, number in FEWER.items():
        monkeypatch.setattr(subjects, name, number)


@pytest.fixture(scope="module")
def images() -> ImageSet:
    """Six images of each class, which is enough for a unit to have real images in common."""
    drawn = models.emoji_images(960, SIZE)
    chosen = [number for number, label in enumerate(drawn.labels or ()) if label in CLASSES]
    return ImageSet.from_array(np.stack([drawn.image(number) for number in chosen]))


def checked(model: Any, unit: str, images: ImageSet, size: int = SIZE, steps: int = STEPS) -> Report:
    layers = list(dict.fromkeys([BASE if model.network.has(BASE) else unit.split(":")[0], unit.split(":")[0]]))
    index = ActivationIndex.build(model, images, layers, image_size=size, path=False, verbose=False)
    return check(model, unit, index, seeds=2, steps=steps, verbose=False)


def test_fooling_circuit_is_flagged(images: ImageSet) -> None:
    of_base = ActivationIndex.build(models.EmojiNet(), images, BASE, keep=9, path=False, verbose=False)
    model = deceiving(models.EmojiNet(), images, drawn_pairs(of_base, 1, 0), steps=STEPS, runs=1)
    report = checked(model, "truth:0", images)
    assert report.verdict == "do not rely on it"
    assert "Path" in report.rule
    # The circuit excites itself by synthetic images: only the way in which these do so gives it away.
    assert report["Data"].verdict == "consistent"


def test_random_network_is_flagged(images: ImageSet) -> None:
    keras.utils.set_random_seed(0)
    blocks = BLOCKS[:2]
    random = models.from_keras(build(4, blocks=blocks), image_value_range=(0, 1), name="Random")
    report = checked(random, f"{blocks[-1].name}:7", images, size=32, steps=16)
    assert report.verdict == "do not rely on it"
    assert "Control" in report.rule or "Path" in report.rule


def test_honest_class_unit_passes(images: ImageSet) -> None:
    flamingo = (models.EmojiNet().labels or ()).index("flamingo")
    report = checked(models.EmojiNet(), f"logits:{flamingo}", images)
    assert (report.verdict, report.rule) == ("consistent", "Data, Path, Seeds and Control all agree.")
    assert report["Seeds"].figures["steps"] == STEPS
