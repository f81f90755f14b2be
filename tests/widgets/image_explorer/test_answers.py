"""The numbers that an explorer shows, compared with hand-computed ones and with the headless functions."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from pages import Page
from widgets.image_explorer.small import LABELS, MIX, WEIGHTS, answered, explorer, network, parts, picture

from lucid_widgets import models
from lucid_widgets.errors import ArgumentError, ModelError, OutOfRangeError, UnknownNameError
from lucid_widgets.optvis.engine.tracing import Traced
from lucid_widgets.widgets._explorer.packing import packed


def unpacked(about: dict[str, int], data: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Values and sums, as the page reads them."""
    channels = about["channels"]
    sums, scales = np.frombuffer(data, "<f4", 2 * channels).reshape(2, -1)
    kind = {16: "<i2", 8: "i1"}[about["bits"]]
    numbers = np.frombuffer(data, kind, offset=8 * channels)
    return numbers.reshape(about["rows"], about["columns"], channels) * scales, sums


def test_activations_and_places(pages: list[Page]) -> None:
    found = explorer()
    values, sums = unpacked(found._activations_meta, found._activations)
    np.testing.assert_allclose(values, parts(), atol=1e-4)
    np.testing.assert_allclose(sums, parts().sum((0, 1)), rtol=1e-6)
    places = found._places
    assert (places["start"], places["stride"], places["field"]) == ((1, 1), (2, 2), (2, 2))
    assert found._scores[0][:2] == [0, "fox"]
    assert found.position == [2, 2]
    assert found.shown == [2, 4]
    found.position = [0, 0]
    assert found.shown == [0, 3, 2, 4]
    found.units = [5, 1]
    assert found.shown == [5, 1]


@pytest.mark.parametrize("method", ["integrated_gradients", "grad_cam"])
def test_attribution_to_a_difference(pages: list[Page], method: str) -> None:
    found = explorer(view="class", classes=["fox", "owl"], method=method)
    values, sums = unpacked(found._why, found._why_values)
    wanted = parts() * (WEIGHTS[:, 0] - WEIGHTS[:, 1]) / 16
    np.testing.assert_allclose(values, wanted, atol=1e-4)
    np.testing.assert_allclose(sums, wanted.sum((0, 1)), atol=1e-5)
    maps = wanted.sum(-1) if method != "grad_cam" else np.maximum(wanted.sum(-1), 0)
    np.testing.assert_allclose(np.reshape(found._why["values"], (4, 4)), maps, atol=1e-4)
    assert found._explained == [0, 1]
    assert found._faith["fractions"][-1] == 1
    by_channel = wanted.sum((0, 1))
    assert found.shown == [*np.argsort(-by_channel)[: (by_channel > 0).sum()], *np.argsort(by_channel)[:1]]


def test_groups_have_maps_and_effects(pages: list[Page]) -> None:
    found = explorer(view="groups", groups=2, classes="fox")
    values, _ = unpacked(found._found_groups, found._group_maps)
    assert values.shape == (4, 4, 2)
    assert found.shown == [0, 1]
    assert found._board_of == "groups"
    effects = sum(group["effect"] for group in found._found_groups["groups"])
    assert effects == pytest.approx(float((parts() @ WEIGHTS[:, 0]).mean()), abs=0.05)


@pytest.mark.parametrize("view", ["fires", "class", "groups"])
def test_code_computes_what_is_shown(pages: list[Page], view: str) -> None:
    model = network()
    found = explorer(model, view=view, classes=["owl"], groups=2)
    found.position = [0, 1]
    names: dict[str, Any] = {"model": model, "image": picture()}
    exec(found.code.replace("model, image, 'parts', 2,", "model, image, 'parts', 2, render_steps=0,"), names)
    if view == "fires":
        np.testing.assert_allclose(names["values"], parts()[0, 1], atol=1e-6)
    elif view == "class":
        np.testing.assert_allclose(names["by_channel"], unpacked(found._why, found._why_values)[1], atol=1e-6)
        assert names["curves"].deletion_area == pytest.approx(found._faith["deletion_area"], abs=1e-4)
    else:
        shown = [group["effect"] for group in found._found_groups["groups"]]
        np.testing.assert_allclose(names["found"].effects[:, 0], shown, atol=1e-6)


def test_a_layer_without_positions_still_shows_its_channels(pages: list[Page]) -> None:
    found = explorer(layer="mean")
    assert not found._places["spatial"]
    assert found.shown == [2, 4, 0, 3, 1]
    found.view = "class"
    answered(found)
    assert found._why["values"] == []
    _, sums = unpacked(found._why, found._why_values)
    np.testing.assert_allclose(sums, parts().mean((0, 1)) * WEIGHTS[:, 0], atol=1e-5)
    found.view = "groups"
    answered(found)
    assert "has no positions" in found._problem["message"]
    found.view = "fires"
    answered(found)
    assert not found._problem


@pytest.mark.slow
def test_tokens_are_positions(pages: list[Page]) -> None:
    image = keras.Input((8, 8, 3))
    patches = keras.layers.Conv2D(6, 4, strides=4, use_bias=False, name="patches")
    tokens = keras.layers.Reshape((4, 6), name="tokens")(patches(image))
    first = keras.layers.Lambda(lambda each: keras.ops.pad(each, [[0, 0], [1, 0], [0, 0]]), name="with_class")(tokens)
    scores = keras.layers.Dense(3, use_bias=False, name="scores")
    made = keras.Model(image, scores(keras.layers.GlobalAveragePooling1D(name="mean")(first)))
    patches.set_weights([np.broadcast_to(MIX / 16, (4, 4, 3, 6)).copy()])
    scores.set_weights([WEIGHTS])
    model = models.from_keras(made, image_value_range=(0, 1), labels=LABELS, name="Tokens")
    means = picture().reshape(2, 4, 2, 4, 3).mean((1, 3)) @ MIX
    for layer, places in (("tokens", {"first_token": 0}), ("with_class", {"first_token": 1})):
        found = explorer(model, layer=layer, position=[1, 1], classes="fox")
        assert found._places.items() >= {"rows": 2, "columns": 2, "spatial": True, **places}.items()
        values, _ = unpacked(found._activations_meta, found._activations)
        np.testing.assert_allclose(values, means, atol=1e-4)
        names: dict[str, Any] = {"model": model, "image": picture()}
        exec(found.code, names)
        np.testing.assert_allclose(names["values"], means[1, 1], atol=1e-6)
        found.view = "class"
        answered(found)
        wanted = (means @ WEIGHTS[:, 0] / 5).reshape(-1)
        np.testing.assert_allclose(found._why["values"], wanted, atol=1e-3)
    # The image size is fixed, so that cells of the grid have it too.
    found.view = "sees"
    assert found.wait(verbose=False) == "done"
    assert found.images[3].shape == (8, 8, 3)


def test_another_layer_needs_one_pass_and_an_earlier_one_none(
    pages: list[Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = explorer()
    passes: list[int] = []
    call = Traced.__call__
    monkeypatch.setattr(Traced, "__call__", lambda self, *args: (passes.append(1), call(self, *args))[1])
    found.layer = "mean"
    answered(found)
    assert len(passes) == 1
    for values in ({"layer": "parts"}, {"position": [0, 0]}, {"view": "fires"}):
        found._change(values)
        answered(found)
    assert len(passes) == 1


def test_a_network_without_classes(pages: list[Page]) -> None:
    model = network(labels=None)
    model.network.before_activation = lambda name: ("nothing", "relu")
    found = explorer(model)
    assert found._scores == []
    found.view = "class"
    answered(found)
    assert "no layer that scores classes" in found._problem["message"]
    with pytest.raises(ModelError, match="no layer that scores classes"):
        found.classes = [0]


def test_wrong_input_changes_nothing(pages: list[Page]) -> None:
    found = explorer()
    before = found.position, found.layer, found.classes
    with pytest.raises(UnknownNameError, match=r"no class named 'foks'.*fox"):
        found.classes = "foks"
    with pytest.raises(OutOfRangeError, match="row is 4"):
        found.position = [4, 0]
    with pytest.raises(UnknownNameError, match="no layer named 'part'"):
        found.layer = "part"
    with pytest.raises(OutOfRangeError, match="unit is 6"):
        found.units = [6]
    for image, message in (
        (picture()[..., :2], "2 channels"),
        (picture() * 255, "range"),
        (picture()[:4], "8 x 4 pixels"),
        (np.zeros(3), "shape"),
    ):
        with pytest.raises(ArgumentError, match=message):
            found.image = image
    assert (found.position, found.layer, found.classes) == before
    np.testing.assert_array_equal(found.image, picture())


def test_large_layers_are_averaged_into_blocks() -> None:
    values = np.random.default_rng(0).uniform(-1, 1, (50, 41, 1000)).astype(np.float32)
    about, data = packed(values)
    assert (about["block"], about["bits"]) == (2, 8)
    found, sums = unpacked(about, data)
    np.testing.assert_allclose(found[0, 0], values[:2, :2].mean((0, 1)), atol=0.01)
    np.testing.assert_allclose(found[24, 20], values[48:, 40:].mean((0, 1)), atol=0.01)
    np.testing.assert_allclose(sums, values.sum((0, 1)), rtol=1e-3, atol=1e-3)


def test_labels_are_those_of_the_model() -> None:
    assert list(network().labels) == list(LABELS)
