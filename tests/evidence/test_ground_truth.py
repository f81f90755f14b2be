"""What `check` says about units whose truth is known. tests/benchmarks/trust.py has more of them, over eight seeds.

That of silent and dead units is in test_checks.py, on a smaller network.
"""

from __future__ import annotations

from typing import Any

import keras
import pytest
from benchmarks.trust import BASE, LAYERS, deceiving, drawn_pairs

from lucid_widgets import ActivationIndex, check, models
from lucid_widgets.modelzoo.emojinet.architecture import build
from lucid_widgets.modelzoo.emojinet.classes import LABELS

pytestmark = pytest.mark.slow

SIZE, COUNT, STEPS = 64, 320, 32


@pytest.fixture(scope="module")
def images() -> Any:
    return models.emoji_images(COUNT, SIZE)


@pytest.fixture(scope="module")
def index(images: Any) -> ActivationIndex:
    return ActivationIndex.build(models.EmojiNet(), images, [BASE, "logits"], path=False, verbose=False)


def verdict(model: Any, unit: str, index: ActivationIndex, steps: int = STEPS) -> tuple[str, str]:
    report = check(model, unit, index, seeds=2, steps=steps, verbose=False)
    return report.verdict, report.rule


def test_fooling_circuit_is_flagged(images: Any, index: ActivationIndex) -> None:
    model = deceiving(models.EmojiNet(), images, drawn_pairs(index, 1, 0), steps=STEPS)
    of_model = ActivationIndex.build(model, images, [BASE, "truth"], path=False, verbose=False)
    found, rule = verdict(model, "truth:0", of_model)
    assert found == "do not rely on it"
    assert "Path" in rule


def test_random_network_is_flagged(images: Any) -> None:
    keras.utils.set_random_seed(0)
    random = models.from_keras(build(len(LABELS)), image_value_range=(0, 1), name="Random")
    index = ActivationIndex.build(random, images, LAYERS[-1:], path=False, verbose=False)
    found, rule = verdict(random, f"{BASE}:7", index)
    assert found == "do not rely on it"
    assert "Control" in rule or "Path" in rule


def test_honest_class_unit_passes(index: ActivationIndex) -> None:
    key = (models.EmojiNet().labels or ()).index("key")
    assert verdict(models.EmojiNet(), f"logits:{key}", index, 48) == (
        "consistent",
        "Data, Path, Seeds and Control all agree.",
    )
