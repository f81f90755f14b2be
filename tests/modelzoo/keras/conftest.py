"""Fixtures for the tests of Keras models."""

from __future__ import annotations

import keras
import pytest
from modelzoo.keras.towers import towers_model
from modelzoo.tiny_nets import VALUE_RANGE

from lucid_widgets.modelzoo.vision_models import KerasModel, from_keras


@pytest.fixture
def restart_layer_numbering() -> None:
    """Layers that the test does not name are called as in a new process."""
    keras.utils.clear_session()


@pytest.fixture
def towers() -> KerasModel:
    return from_keras(towers_model(), image_value_range=VALUE_RANGE)
