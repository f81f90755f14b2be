"""What a network computes, as one checksum: the same for the same, another for another."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import keras
import numpy as np
import pytest

from lucid_widgets.errors import UnknownNameError
from lucid_widgets.modelzoo.survey.fingerprint import fingerprint
from lucid_widgets.modelzoo.vision_models import EmojiNet, from_keras


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


def test_the_same_network_built_twice_has_the_same_one() -> None:
    assert fingerprint(from_keras(network()), "late", 16) == fingerprint(from_keras(network()), "late", 16)


def test_another_process_finds_the_same_one() -> None:
    script = """
from lucid_widgets.modelzoo.survey.fingerprint import fingerprint
from lucid_widgets.modelzoo.vision_models import EmojiNet
print(fingerprint(EmojiNet(), "mixed3a", 32))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == fingerprint(EmojiNet(), "mixed3a", 32)


def test_whatever_changes_what_is_computed_changes_it() -> None:
    whole = network()
    base = fingerprint(from_keras(whole), "late", 16)
    found = {
        "another seed": fingerprint(from_keras(network(1)), "late", 16),
        "another activation": fingerprint(from_keras(network(activation="elu")), "late", 16),
        "another layer": fingerprint(from_keras(whole), "early", 16),
        "another size": fingerprint(from_keras(whole), "late", 24),
        "fed otherwise": fingerprint(from_keras(network(), image_value_range=(0, 255)), "late", 16),
        "other channels": fingerprint(from_keras(network(), is_BGR=True), "late", 16),
    }
    moments = whole.layers[1]
    moments.set_weights([each + np.float32(0.001) for each in moments.get_weights()])
    found["trained on"] = fingerprint(from_keras(whole), "late", 16)
    assert None not in found.values()
    assert len({base, *found.values()}) == 1 + len(found), found


def test_what_lies_above_the_layer_does_not_count() -> None:
    whole = network()
    before = fingerprint(from_keras(whole), "early", 16)
    whole.layers[-1].set_weights([-each for each in whole.layers[-1].get_weights()])
    assert fingerprint(from_keras(whole), "early", 16) == before


def test_a_layer_that_is_not_there_is_an_error() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'late'"):
        fingerprint(from_keras(network()), "lat", 16)
