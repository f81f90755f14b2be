"""Fingerprints: equal for equal computations, different for different ones."""

from __future__ import annotations

import subprocess
from typing import Any

import keras
import numpy as np
import pytest

from lucid_widgets.errors import UnknownNameError
from lucid_widgets.modelzoo.survey.fingerprint import fingerprint
from lucid_widgets.modelzoo.vision_models import EmojiNet, from_keras

pytestmark = pytest.mark.slow


def network(seed: int = 0, *, activation: str = "relu") -> Any:
    keras.utils.set_random_seed(seed)
    return keras.Sequential(
        [
            keras.Input((None, None, 3)),
            keras.layers.Conv2D(4, 3, activation=activation, name="early"),
            keras.layers.BatchNormalization(),
            keras.layers.Conv2D(6, 1, name="late"),
        ]
    )


def test_rebuilt_network_has_the_same_fingerprint() -> None:
    assert fingerprint(from_keras(network()), "late", 16) == fingerprint(from_keras(network()), "late", 16)


def test_another_process_computes_the_same_fingerprint(warm_python: list[str]) -> None:
    script = """
from lucid_widgets.modelzoo.survey.fingerprint import fingerprint
from lucid_widgets.modelzoo.vision_models import EmojiNet
print(fingerprint(EmojiNet(), "mixed3a", 32))
"""
    done = subprocess.run([*warm_python, "-c", script], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == fingerprint(EmojiNet(), "mixed3a", 32)


def test_any_change_of_the_computation_changes_the_fingerprint() -> None:
    whole = network()
    base = fingerprint(from_keras(whole), "late", 16)
    found = {
        "another seed": fingerprint(from_keras(network(1)), "late", 16),
        "another activation": fingerprint(from_keras(network(activation="elu")), "late", 16),
        "another layer": fingerprint(from_keras(whole), "early", 16),
        "another size": fingerprint(from_keras(whole), "late", 24),
        "another range": fingerprint(from_keras(network(), image_value_range=(0, 255)), "late", 16),
        "another channel order": fingerprint(from_keras(network(), is_BGR=True), "late", 16),
    }
    moments = whole.layers[1]
    moments.set_weights([each + np.float32(0.001) for each in moments.get_weights()])
    found["further training"] = fingerprint(from_keras(whole), "late", 16)
    assert None not in found.values()
    assert len({base, *found.values()}) == 1 + len(found), found


def test_layers_above_do_not_change_the_fingerprint() -> None:
    whole = network()
    before = fingerprint(from_keras(whole), "early", 16)
    whole.layers[-1].set_weights([-each for each in whole.layers[-1].get_weights()])
    assert fingerprint(from_keras(whole), "early", 16) == before


def test_rejects_unknown_layer() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'late'"):
        fingerprint(from_keras(network()), "lat", 16)
