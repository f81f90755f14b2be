"""What a `LucidWidget` finds out about the inputs of its unit, and when, on a network with known weights."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from pages import Page
from PIL import Image
from waiting import until
from widgets.conftest import pages
from widgets.image_explorer.small import picture

from lucid_widgets import ImageExplorer, LucidWidget, models
from lucid_widgets.errors import UnknownNameError
from lucid_widgets.modelzoo.vision_models import Model
from lucid_widgets.widgets._unit import unit_inputs
from lucid_widgets.widgets._unit.strongest import MOST, strongest_inputs

__all__ = ["pages"]

CHANNELS = 20


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUCID_WIDGETS_CACHE", str(tmp_path))


def second_kernel() -> np.ndarray:
    """Weights `[3, 3, 20, 2]` from `first` to `second`; all other weights are 0.

    To channel 0: 3 at the center from channel 4, and 2 above and -4 below it from channel 7. Channels 10 to 19 have the
    weights 0.1 to 1. To channel 1: none.
    """
    kernel = np.zeros((3, 3, CHANNELS, 2), np.float32)
    kernel[1, 1, 4, 0] = 3
    kernel[0, 1, 7, 0], kernel[2, 1, 7, 0] = 2, -4
    kernel[1, 0, 10:, 0] = np.arange(1, 11) / 10
    return kernel


def network() -> Model:
    """Two convolutions with ReLUs, each of 3 x 3, over an image of 12 x 12 pixels."""
    layers = keras.layers
    made = keras.Sequential(
        [
            keras.Input((12, 12, 3)),
            layers.Conv2D(CHANNELS, 3, padding="same", use_bias=False, activation="relu", name="first"),
            layers.Conv2D(2, 3, padding="same", use_bias=False, activation="relu", name="second"),
        ]
    )
    kernel = np.zeros((3, 3, 3, CHANNELS), np.float32)
    kernel[1, 1, 0], kernel[1, 2, 2, 4] = 0.5, -1.5
    made.get_layer("first").set_weights([kernel])
    made.get_layer("second").set_weights([second_kernel()])
    return models.from_keras(made, image_value_range=(0, 1), name="Two")


def shows(widget: LucidWidget, layer: str, channel: int) -> bool:
    return (widget._inputs.get("layer"), widget._inputs.get("channel")) == (layer, channel)


def opened(objective: str = "second:0", **settings: Any) -> LucidWidget:
    return LucidWidget(network(), objective, **{"image_size": 12, "steps": 1, **settings})


def test_inputs_are_those_of_the_kernel() -> None:
    found = strongest_inputs(network(), "second", 0)
    assert found.about["from"] == "first"
    assert found.about["choices"] == ["first", "input"]
    # By length: 4.47 for channel 7, 3 for channel 4, then 1, 0.9, ... Channel 7 sums to -2.
    assert found.channels == (4, 19, 18, 17, 16, 15, 7)
    assert len(found.channels) == MOST + 1
    strongest, *_, inhibiting = found.about["rows"]
    energy = float((second_kernel()[..., 0] ** 2).sum())
    assert (strongest["excites"], strongest["sum"], strongest["share"]) == (True, 3, pytest.approx(9 / energy))
    assert (inhibiting["excites"], inhibiting["sum"]) == (False, -2)
    assert (found.about["height"], found.about["width"]) == (3, 2)
    assert strongest["map"] == [0, 0, 0, 3, 0, 0]
    assert inhibiting["map"] == [0, 2, 0, 0, 0, -4]
    assert found.about["largest"] == 4
    # Two convolutions in a row, with the ReLU between them taken as linear.
    image = strongest_inputs(network(), "second", 0, "input")
    assert image.features is None
    (blue,) = [row for row in image.about["rows"] if row["channel"] == 2]
    assert blue["sum"] == pytest.approx(-1.5 * 3)


def test_follows_the_unit_while_it_is_shown(pages: list[Page]) -> None:
    widget = opened()
    widget.channel = 1
    assert widget._inputs == {}
    widget.show_inputs = True
    until(lambda: shows(widget, "second", 1))
    assert widget._inputs["rows"] == []
    assert widget._inputs["largest"] == 0
    widget.channel = 0
    until(lambda: shows(widget, "second", 0))
    until(lambda: widget._inputs_images.get("state") == "ready")
    assert widget._inputs_images["states"] == ["made"] * (MOST + 1)
    sheet = np.asarray(Image.open(BytesIO(widget._inputs_sheet)))
    assert sheet.shape[1] == (MOST + 1) * sheet.shape[0]
    assert sheet[:, : sheet.shape[0]].std() > 10
    widget.inputs_from = "input"
    until(lambda: widget._inputs["from"] == "input")
    with widget._lock:  # under which both are published
        assert (widget._inputs_images, widget._inputs_sheet) == ({}, b"")
    with pytest.raises(UnknownNameError, match="'first'"):
        widget.inputs_from = "fist"
    # The chosen layer does not lie below this one.
    widget.inputs_from = "second"
    widget.objective = "first:4"
    until(lambda: shows(widget, "first", 4))
    assert widget._inputs["from"] == "input"
    widget.objective = "second:0 + second:1"
    assert widget._inputs == {"state": "no unit"}
    widget.show_inputs = False
    widget.objective = "second:1"
    assert widget._inputs == {"state": "no unit"}


def test_an_input_opens_on_the_canvas(pages: list[Page]) -> None:
    widget = opened(show_inputs=True)
    page = next(page for page in pages if page.comm_id == widget.comm.comm_id)
    widget.run()
    widget.wait(verbose=False)
    assert page.command("open_input", layer="first", channel=4)["ok"]
    assert (widget.layer, widget.channel) == ("first", 4)
    widget.wait(verbose=False)
    until(lambda: shows(widget, "first", 4))
    assert [each["expression"] for each in widget.runs][:1] == ['channel("second", 0)']
    widget.undo()
    assert (widget.layer, widget.channel) == ("second", 0)


def test_errors_say_why_and_can_be_tried_again(pages: list[Page], monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> Any:
        raise ValueError("out of memory")

    with monkeypatch.context() as patched:
        patched.setattr(unit_inputs, "strongest_inputs", fails)
        widget = opened(show_inputs=True)
        until(lambda: widget._inputs.get("state") == "failed")
    assert widget._inputs["message"] == "out of memory"
    page = next(page for page in pages if page.comm_id == widget.comm.comm_id)
    page.command("retry_inputs")
    until(lambda: widget._inputs.get("state") == "ready")


def test_tokens_have_no_fixed_weights(pages: list[Page]) -> None:
    image = keras.Input((8, 8, 3))
    tokens = keras.layers.Reshape((16, 4), name="tokens")(keras.layers.Conv2D(4, 2, strides=2)(image))
    attention = keras.layers.MultiHeadAttention(1, 2, name="attention")(tokens, tokens)
    made = keras.Model(image, keras.layers.Dense(2, name="scores")(keras.layers.Flatten()(attention)))
    widget = LucidWidget(
        models.from_keras(made, image_value_range=(0, 1)), "attention:1", image_size=8, show_inputs=True
    )
    until(lambda: widget._inputs.get("state") == "failed")
    assert "tokens" in widget._inputs["message"]
    assert "depends on the image" in widget._inputs["hint"]


def test_a_channel_of_an_explorer_shows_them_too(pages: list[Page]) -> None:
    """The opened channel is a workbench; what is unfolded there stays unfolded for the next channel."""
    explorer = ImageExplorer(network(), np.kron(picture()[:6, :6], np.ones((2, 2, 1))), "second", cache=False)
    explorer._analysis.runner.wait(60)
    widget = explorer.open_unit(0, run=False)
    widget.show_inputs = True
    until(lambda: shows(widget, "second", 0))
    assert explorer.open_unit(1, run=False) is widget
    until(lambda: shows(widget, "second", 1))
