"""Readouts as layers: listed, computed, described, copied and pickled like others, in networks of every kind."""

from __future__ import annotations

import pickle
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from modelzoo.readouts.networks import pixelwise
from modelzoo.tiny_nets import evaluate, images

from lucid_widgets import ActivationIndex, objectives, readouts
from lucid_widgets.errors import ArgumentError, UnknownNameError
from lucid_widgets.modelzoo.survey.class_layer import logit_layer
from lucid_widgets.modelzoo.survey.diagram import network_diagram
from lucid_widgets.modelzoo.survey.fingerprint import fingerprint
from lucid_widgets.modelzoo.vision_models import InceptionV1, TokenGrid, from_keras
from lucid_widgets.optvis.render import render_vis
from lucid_widgets.widgets._network.in_use import UNKNOWN, NetworkInUse

DIRECTIONS = np.float32([[1, -1, 0], [0.5, 0, 2]])


def test_a_frozen_graph_gets_a_layer_and_stays_as_it_was(towers: Any) -> None:
    seen = towers.with_readout("pair", readouts.Readout(DIRECTIONS, bias=[1, -2]), after="both")
    both, pair = evaluate(seen, ["both", "pair"], images())
    np.testing.assert_allclose(both[0, 0, 0], [0, 3, 7])
    np.testing.assert_allclose(pair[0, 3, 5], [0 - 3 + 1, 14 - 2])
    names = seen.layers.names
    assert names[names.index("both") + 1] == "pair"
    assert "pair" not in towers.layers
    assert towers.readouts == ()
    layer = seen.get_layer("pair")
    assert (layer.kind, layer.channels, layer.shape) == ("readout", 2, (8, 8, 2))
    assert layer.receptive_field == towers.get_layer("both").receptive_field == 1
    assert seen != towers
    assert seen.revision != towers.revision
    assert fingerprint(seen, "both", 8) == fingerprint(towers, "both", 8)
    assert fingerprint(seen, "pair", 8) != fingerprint(seen, "both", 8)


def test_a_readout_may_read_a_readout_and_a_layer_that_is_not_listed() -> None:
    model = pixelwise(np.eye(3))
    first = model.with_readout("first", DIRECTIONS, after="hidden")
    second = first.with_readout("second", [2, 10], after="first")
    image = np.full((1, 4, 4, 3), [0.25, 0.5, 1], np.float32)
    (value,) = evaluate(second, ["second"], image)
    np.testing.assert_allclose(value[0, 0, 0], [2 * -0.25 + 10 * 2.125])
    assert [each.name for each in second.layers if each.kind == "readout"] == ["first", "second"]
    assert [each.name for each in second.readouts] == ["first", "second"]


def test_layers_without_positions_and_of_tokens() -> None:
    image = keras.Input((8, 8, 3))
    tokens = keras.layers.Reshape((4, 3), name="tokens")(keras.layers.AveragePooling2D(4)(image))
    padded = keras.layers.ZeroPadding1D((1, 0), name="padded")(tokens)
    out = keras.layers.GlobalAveragePooling1D(name="mean")(padded)
    model = from_keras(keras.Model(image, out), image_value_range=(0, 1))
    model.token_grid = TokenGrid(2, 2, extra=("class",))
    seen = model.with_readout("patches", DIRECTIONS, after="padded").with_readout("flat", DIRECTIONS, after="mean")
    picture = np.full((1, 8, 8, 3), [0.25, 0.5, 1], np.float32)
    patches, flat = evaluate(seen, ["patches", "flat"], picture)
    assert patches.shape == (1, 5, 2)
    assert flat.shape == (1, 2)
    np.testing.assert_allclose(patches[0, 3], [-0.25, 2.125])
    np.testing.assert_allclose(flat[0], [-0.25 * 4 / 5, 2.125 * 4 / 5], rtol=1e-6)
    index = ActivationIndex.build(seen, np.uint8(255 * picture), ["patches"], reduction="mean", keep=1)
    assert index["patches:1"].top[0].value == pytest.approx(2.125, abs=0.02)  # the class token does not count


def test_the_layer_of_classes_is_that_of_the_network() -> None:
    model = pixelwise(np.eye(3))
    seen = model.with_readout("pair", np.eye(2), after="logits")  # two channels, as there are two labels
    assert logit_layer(seen) == logit_layer(model) == "logits"
    diagram = network_diagram(seen)
    names = [layer.name for layer in diagram.layers]
    assert (names.index("logits"), names.index("pair")) in diagram.links


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras, when it saves
def test_pickled_and_in_a_session(towers: Any) -> None:
    for model, after in ((towers, "both"), (pixelwise(np.eye(3)), "hidden")):
        seen = model.with_readout("pair", DIRECTIONS, after=after)
        again = pickle.loads(pickle.dumps(seen))
        image = np.random.default_rng(0).random((1, 8, 8, 3), np.float32)
        (expected,) = evaluate(seen, ["pair"], image)
        np.testing.assert_allclose(evaluate(again, ["pair"], image)[0], expected)
        with tf.Graph().as_default(), tf.compat.v1.Session() as session:
            given = tf.compat.v1.placeholder(tf.float32, (None, 8, 8, 3))
            tensor = seen.import_graph(given)("pair")
            np.testing.assert_allclose(session.run(tensor, {given: image}), expected, rtol=1e-5)


def test_saved_as_a_graph(tmp_path: Any) -> None:
    seen = pixelwise(np.eye(3)).with_readout("pair", DIRECTIONS, after="hidden")
    seen.save(tmp_path / "seen.pb")
    image = np.random.default_rng(0).random((1, 8, 8, 3), np.float32)
    (expected,) = evaluate(seen, ["pair"], image)
    found = type(seen).load(tmp_path / "seen.pb")
    np.testing.assert_allclose(evaluate(found, ["pair"], image)[0], expected, rtol=1e-5)


def test_names_and_shapes_are_checked_before_anything_runs(towers: Any) -> None:
    for name in ("both", "input", "labels", "a b", "1st", 3):
        with pytest.raises(ArgumentError):
            towers.with_readout(name, DIRECTIONS, after="both")
    with pytest.raises(ArgumentError, match="reads 3 channels, but layer 'left' has 2"):
        towers.with_readout("pair", DIRECTIONS, after="left")
    with pytest.raises(ArgumentError, match="which layer it reads"):
        towers.with_readout("pair", DIRECTIONS)
    with pytest.raises(UnknownNameError, match="Did you mean 'both'"):
        towers.with_readout("pair", DIRECTIONS, after="boht")
    with pytest.raises(ArgumentError, match="NaN"):
        readouts.Readout([[np.nan]])
    with pytest.raises(ArgumentError, match="3 numbers for 2"):
        readouts.Readout(DIRECTIONS, bias=[1, 2, 3])
    with pytest.raises(UnknownNameError, match="Did you mean 'cat'"):
        readouts.Readout(DIRECTIONS, names=("cat", "dog")).index("cats")
    with pytest.raises(UnknownNameError, match="Did you mean 'pair'"):
        towers.with_readout("pair", DIRECTIONS, after="both").get_layer("pear")


@pytest.mark.slow
def test_an_image_of_a_readout_is_that_of_its_direction() -> None:
    model = pixelwise(np.eye(3))
    seen = model.with_readout("curve", [1, -1, 0], after="hidden")
    settings: dict[str, Any] = {"thresholds": (8,), "transforms": [], "use_fixed_seed": True, "verbose": False}
    of_layer = render_vis(seen, "curve:0", **settings)[-1]
    of_direction = render_vis(model, objectives.direction("hidden", [1, -1, 0]), **settings)[-1]
    np.testing.assert_allclose(of_layer, of_direction, atol=1e-4)
    assert of_layer[..., 0].mean() > of_layer[..., 1].mean()


def test_generated_code_does_not_claim_to_make_the_readout() -> None:
    seen = pixelwise(np.eye(3)).with_readout("curve", [1, -1, 0], after="hidden")
    assert NetworkInUse.of(seen).source == UNKNOWN


def test_a_direction_in_inception(models_dir: Any) -> None:
    model = InceptionV1(models_dir / "inception_v1_bvlc.pb")
    seen = model.with_readout("curve", np.eye(480)[[379, 385]], after="mixed3b")
    image = np.random.default_rng(0).random((1, 64, 64, 3), np.float32)
    mixed, curve = evaluate(seen, ["mixed3b", "curve"], image)
    np.testing.assert_allclose(curve, mixed[..., [379, 385]], rtol=1e-5)
    names = seen.layers.names
    assert names[names.index("mixed3b") + 1] == "curve"
