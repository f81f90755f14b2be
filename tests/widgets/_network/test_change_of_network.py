"""Another network in the same widget: what is reset, what is kept, and that names and code stay true."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from pages import Page

from lucid_widgets.errors import ArgumentError, ModelError
from lucid_widgets.modelzoo.vision_models import EmojiNet, from_keras
from lucid_widgets.widgets._network.in_use import ChosenRange, NetworkInUse, Source
from lucid_widgets.widgets.lucid_widget import LucidWidget

pytestmark = pytest.mark.slow


def network(name: str, layer: str, channels: int = 3) -> Any:
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((None, None, channels)),
            keras.layers.Conv2D(5, 3, activation="relu", name=layer),
            keras.layers.GlobalAveragePooling2D(name="pool"),
            keras.layers.Dense(2, name="scores"),
        ],
        name=name,
    )


@pytest.fixture(scope="module")
def one() -> Any:
    return from_keras(network("one", "first"), (-1, 1), labels=["cat", "dog"])


@pytest.fixture(scope="module")
def other() -> Any:
    return from_keras(network("other", "second"), (0, 255))


Make = Callable[..., LucidWidget]


@pytest.fixture
def make(one: Any, pages: list[Page]) -> Make:
    return lambda objective="first:1", **kwargs: LucidWidget(
        one, objective, **{"steps": 4, "image_size": 16, "transforms": "nothing", **kwargs}
    )


def finished(widget: LucidWidget) -> LucidWidget:
    widget.run()
    assert widget.wait(120) == "done"
    return widget


def test_a_change_resets_what_depends_on_the_network_and_nothing_else(make: Make, other: Any) -> None:
    widget = make(seed=7, learning_rate=0.02)
    widget.channel = 2
    widget.model = other
    assert widget.model is other
    assert (widget.model_name, widget.title, widget.layer, widget.channel) == ("other", "other", "second", 0)
    assert [each["name"] for each in widget.layers] == list(other.layers.names)
    assert (widget.seed, widget.learning_rate, widget.steps) == (7, 0.02, 4)
    assert widget.image is None
    assert widget.status == "idle"
    assert widget._undo == {"undo": [], "redo": []}  # the objectives before are those of another network
    finished(widget)
    assert widget._frame_meta["made_by"]["model"] == "other"


def test_the_page_hears_of_it_in_one_message(make: Make, other: Any, pages: list[Page]) -> None:
    widget = make()
    before = len(pages[-1].updates)
    widget.model = other
    news = [update for update in pages[-1].updates[before:] if "model_name" in update or "layer" in update]
    assert len(news) == 1
    assert (news[0]["model_name"], news[0]["layer"]) == ("other", "second")
    assert news[0]["_labels"] == []


def test_runs_are_named_by_the_network_that_made_them(make: Make, other: Any) -> None:
    widget = finished(make())
    image = np.array(widget.image)
    widget.model = other
    finished(widget)
    assert [run["model"] for run in widget.runs] == ["one", "other"]
    assert np.array_equal(widget.run_image(widget.runs[0]["id"]), image)


def test_restoring_a_run_goes_back_to_its_network(make: Make, one: Any, other: Any) -> None:
    widget = finished(make())
    image = np.array(widget.image)
    widget.model = other
    widget.restore(widget.runs[0]["id"])
    assert widget.model is one
    assert (widget.model_name, widget.layer, widget.channel) == ("one", "first", 1)
    assert widget.status == "done"
    assert np.array_equal(np.asarray(widget.image), image)
    widget.steps = 6
    finished(widget)  # it goes on
    assert widget.current_step == 6


def test_a_network_of_other_channels_drops_what_its_images_cannot_have(make: Make) -> None:
    widget = make(alpha=True)
    widget.model = from_keras(network("gray", "only", channels=1), (0, 1))
    assert not widget.alpha
    assert finished(widget).image.shape == (1, 128, 128, 1)


@pytest.mark.parametrize("bad", ["no such network", 3, keras.layers.Dense])
def test_what_cannot_be_used_leaves_the_widget_as_it_was(make: Make, one: Any, bad: Any) -> None:
    widget = finished(make())
    image = widget.image
    with pytest.raises(ModelError):
        widget.model = bad
    assert widget.model is one
    assert widget.image is image
    assert widget.layer == "first"


def test_a_closed_widget_refuses_another_network(make: Make, other: Any) -> None:
    widget = make()
    widget.close()
    with pytest.raises(ArgumentError, match="closed"):
        widget.model = other


def test_code_gets_the_network(make: Make, other: Any) -> None:
    widget = make()
    assert "Define these before running this code: model" in widget.code
    widget.model = "EmojiNet"
    assert type(widget.model) is EmojiNet
    assert "model = models.EmojiNet()" in widget.code


@pytest.mark.parametrize(
    ("source", "chosen", "lines", "missing"),
    [
        (Source("models.InceptionV1()"), None, ["model = models.InceptionV1()"], ""),
        (Source("models.as_model(net)", "net"), None, ["model = models.as_model(net)"], "net"),
        (Source(), None, [], "model"),
        (
            Source(),
            ChosenRange(0, 255, False),
            ["model = models.as_model(model)", "model.image_value_range = (0, 255)"],
            "model",
        ),
        (
            Source("models.as_model('net.keras')"),
            ChosenRange(0.0, 1.0, True),
            ["model = models.as_model('net.keras')", "model.image_value_range = (0.0, 1.0)", "model.is_BGR = True"],
            "",
        ),
    ],
)
def test_code_of_each_source(one: Any, source: Source, chosen: Any, lines: list[str], missing: str) -> None:
    assert NetworkInUse(one, source, chosen).code() == (lines, missing)


def test_a_chosen_range_leaves_the_model_of_earlier_runs_alone(one: Any) -> None:
    changed = NetworkInUse(one).with_range(ChosenRange(0, 255, True))
    assert (changed.model.image_value_range, changed.model.is_BGR) == ((0, 255), True)
    assert (one.image_value_range, one.is_BGR) == ((-1, 1), False)
    assert changed.model.kept is not one.kept  # programs compiled for one range must not serve the other
