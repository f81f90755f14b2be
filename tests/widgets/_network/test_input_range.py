"""The input range in the widget: shown where it was guessed, changed on the page, and true in runs and code."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from pages import Page

from lucid_widgets.modelzoo.keras.input_range import INPUT_RANGES
from lucid_widgets.modelzoo.vision_models import from_keras
from lucid_widgets.widgets._network.in_use import NetworkInUse
from lucid_widgets.widgets._network.input_range import RANGES, about_range
from lucid_widgets.widgets.lucid_widget import LucidWidget

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def network() -> Any:
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((None, None, 3)), keras.layers.Conv2D(3, 3, name="only")], name="plain")


@pytest.fixture
def widget(network: Any, pages: list[Page]) -> LucidWidget:
    model = from_keras(network)  # each test its own, although the Keras model is the same
    return LucidWidget(model, "only:1", steps=3, image_size=16, transforms="nothing")


def finished(widget: LucidWidget) -> Any:
    widget.run()
    assert widget.wait(120, verbose=False) == "done"
    return np.array(widget.image)


def test_a_guess_is_shown_with_the_ranges_to_choose_from(widget: LucidWidget) -> None:
    assert widget._input_range == {"how": "guessed", "name": "-1 to 1", "names": list(RANGES)}


def test_a_range_that_is_known_is_not_shown(network: Any, pages: list[Page]) -> None:
    assert LucidWidget()._input_range == {}
    assert LucidWidget(from_keras(network, (0, 255)))._input_range == {}


def test_grayscale_networks_have_no_convention_for_colors() -> None:
    gray = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(2, 3)])
    assert about_range(NetworkInUse(from_keras(gray)))["names"] == ["-1 to 1", "0 to 1", "0 to 255"]


def test_another_range_reaches_the_model_the_run_and_the_code(
    widget: LucidWidget, network: Any, pages: list[Page]
) -> None:
    before, guessed = finished(widget), widget.model
    assert pages[-1].command("set_input_range", name="0 to 255")["ok"]
    assert widget._input_range == {"how": "chosen", "name": "0 to 255", "names": list(RANGES)}
    assert (widget.model.image_value_range, widget.model.input_range) == ((0, 255), "declared")
    assert widget.image is None  # it was made with the other range
    image = finished(widget)
    assert not np.array_equal(image, before)
    assert "model.image_value_range = (0, 255)" in widget.code
    names: dict[str, Any] = {"model": network}
    exec(widget.code, names)
    assert np.array_equal(names["image"], image)
    # The first run goes on with the range that it was made with.
    first, second = widget.runs
    assert "image_value_range" not in widget.run_code(first["id"])
    assert "image_value_range" in widget.run_code(second["id"])
    widget.restore(first["id"])
    assert widget.model is guessed
    assert widget._input_range["how"] == "guessed"


def test_conventions_of_keras_have_their_order_of_colors(widget: LucidWidget, pages: list[Page]) -> None:
    pages[-1].command("set_input_range", name="caffe")
    assert widget.model.is_BGR
    assert widget.model.image_value_range == (INPUT_RANGES["caffe"].low, INPUT_RANGES["caffe"].high)
    assert widget._input_range["name"] == "caffe"
    assert "model.is_BGR = True" in widget.code


def test_other_names_are_refused(widget: LucidWidget, pages: list[Page]) -> None:
    reply = pages[-1].command("set_input_range", name="0 to 254")
    assert "Did you mean '0 to 255'" in reply["error"]["hint"]
    assert widget._input_range["how"] == "guessed"
