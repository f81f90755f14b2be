"""The messages about wrong inputs.

Each is a `LucidError`, raised before a step is made. `pytest tests/messages --capture=no` prints all of them,
to be read aloud.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers as L
from messages.wrong_inputs import CASES

from lucid_widgets import models
from lucid_widgets.errors import LucidError
from lucid_widgets.optvis.engine.iteration import FrameIterator


@pytest.fixture(scope="module")
def things() -> SimpleNamespace:
    network = keras.Sequential(
        [keras.Input((16, 16, 3)), L.Rescaling(1 / 255), L.Conv2D(4, 3, name="conv1"), L.Conv2D(6, 3, name="conv2")],
        name="tiny",
    )
    model = models.from_keras(network, labels=["cat", "dog", "panda"])
    return SimpleNamespace(network=network, model=model, images=np.linspace(0, 1, 3 * 256 * 3).reshape(3, 16, 16, 3))


@pytest.mark.parametrize(("wrong", "message"), CASES.values(), ids=CASES)
def test_the_message_says_what_to_do(
    wrong: Callable[[Any], Any], message: str, things: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def step(*_: Any) -> None:
        pytest.fail("A run began.")

    monkeypatch.setattr(FrameIterator, "__next__", step)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cat.png").write_bytes(b"no image")
    with pytest.raises(LucidError) as error:
        wrong(things)
    print(error.value)
    assert str(error.value) == message
    assert "\n" not in message
