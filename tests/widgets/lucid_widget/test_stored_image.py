"""`LucidWidget(microscope=...)`: the stored image of a unit, while there is no run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from evidence.networks import whole_network

from lucid_widgets import LucidWidget, Microscope, models, render_model
from lucid_widgets.errors import ArgumentError

pytestmark = pytest.mark.slow

SETTINGS: dict[str, Any] = {"steps": 2, "image_size": 12, "batch": 3, "transforms": "nothing"}


@pytest.fixture(scope="module")
def network() -> Any:
    return whole_network()


@pytest.fixture(scope="module")
def store(network: Any, tmp_path_factory: pytest.TempPathFactory) -> Microscope:
    return render_model(network, ["first"], tmp_path_factory.mktemp("store"), negative=True, **SETTINGS)


def test_shows_what_the_store_has(network: Any, store: Microscope, tmp_path: Path) -> None:
    w = LucidWidget(network, "first:2", microscope=store.path, image_size=12)

    def shown() -> str:
        return str(w._frame_meta.get("made_by", {}).get("expression", ""))

    assert (w.status, w.current_step, shown()) == ("idle", 0, 'channel("first", 2)')
    assert w.image is not None
    assert np.array_equal(np.round(w.image[0] * 255), store.image("first:2"))
    assert w._frame_meta["step"] == 2
    w.save(tmp_path / "image.png")
    w.channel = 4
    assert np.array_equal(np.round(w.image[0] * 255), store.image("first:4"))
    w.expression = '-channel("first", 4)'
    assert np.array_equal(np.round(w.image[0] * 255), store.image("first:4", "channel negative"))
    w.objective = "second:1"  # of which the store has no image
    assert (shown(), w.image) == ("", None)
    w.objective = "first:1"
    w.steps = 1
    w.run()
    w.wait()
    assert w._frame_meta["made_by"]["id"] == 1
    w.channel = 3  # a run is there
    assert shown() == 'channel("first", 1)'
    w.reset()
    assert shown() == 'channel("first", 3)'
    assert w.runs[-1]["expression"] == 'channel("first", 1)'
    w.close()


def test_images_of_other_weights_are_not_shown(store: Microscope) -> None:
    w = LucidWidget(other_network(), "first:2", microscope=store)
    assert w.image is None
    w.close()


def test_refuses_the_store_of_another_network(store: Microscope) -> None:
    with pytest.raises(ArgumentError, match="has images of"):
        LucidWidget(microscope=store)
    with pytest.raises(ArgumentError, match="Pass a Microscope"):
        LucidWidget(whole_network(), microscope=3)


def other_network() -> Any:
    """A network with the name of `whole_network`, and other weights."""
    image = keras.Input((12, 12, 3))
    first = keras.layers.Conv2D(6, 3, strides=2, padding="same", activation="relu", name="first")
    return models.from_keras(keras.Model(image, first(image)), image_value_range=(0, 255), name="Whole")
