"""Layers of tokens, `[batch, tokens, channels]`, as transformers have them."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from lucid_widgets.errors import ModelError, OutOfRangeError
from lucid_widgets.evidence.passes.reductions import Reduction
from lucid_widgets.modelzoo.base.token_grid import TokenGrid
from lucid_widgets.modelzoo.get_activations import get_activations
from lucid_widgets.modelzoo.graphdef.saved_model import from_saved_model
from lucid_widgets.modelzoo.keras.model import from_keras
from lucid_widgets.optvis import objectives
from lucid_widgets.optvis.render import iter_vis

IMAGE = np.random.default_rng(0).random((2, 8, 8, 3)).astype(np.float32)


def transformer() -> Any:
    """A vision transformer with one block."""
    keras.utils.set_random_seed(0)
    image = keras.Input((8, 8, 3))
    patches = keras.layers.Conv2D(6, 4, strides=4, name="patches")(image)
    tokens = keras.layers.Reshape((4, 6), name="tokens")(patches)
    attended = keras.layers.MultiHeadAttention(2, 3, name="attention")(tokens, tokens)
    added = keras.layers.Add(name="block")([tokens, attended])
    mlp = keras.layers.Dense(6, activation="gelu", name="mlp")(added)
    return keras.Model(image, keras.layers.Dense(3, name="logits")(keras.layers.GlobalAveragePooling1D()(mlp)))


@pytest.fixture(scope="module")
def model() -> Any:
    return from_keras(transformer(), image_value_range=(0, 1))


def value(model: Any, objective: Any) -> float:
    return float(tf.function(lambda image: objective(model.import_graph(image)))(IMAGE))


def test_layers_of_tokens_are_listed(model: Any) -> None:
    assert {"patches", "tokens", "attention", "block", "mlp", "logits"} <= set(model.layers.names)
    assert model.layers["mlp"].shape == (4, 6)
    assert model.layers["mlp"].channels == 6


@pytest.mark.slow
def test_objectives_of_tokens(model: Any) -> None:
    mlp = get_activations(model, "mlp", IMAGE)
    assert mlp.shape == (2, 4, 6)
    assert value(model, objectives.channel("mlp", 5)) == pytest.approx(mlp[..., 5].mean(), abs=1e-5)
    assert value(model, objectives.neuron("mlp", 5, row=0, column=1)) == pytest.approx(mlp[:, 1, 5].mean(), abs=1e-5)
    assert value(model, objectives.neuron("mlp", 5)) == pytest.approx(mlp[:, 3, 5].mean(), abs=1e-5)
    direction = np.arange(6, dtype=np.float32)
    assert value(model, objectives.direction("mlp", direction)) == pytest.approx((mlp @ direction).mean(), abs=1e-4)
    np.testing.assert_allclose(get_activations(model, "mlp", IMAGE, center_only=True), mlp[:, 2], atol=1e-6)
    with pytest.raises(OutOfRangeError):
        objectives.channel("mlp", 6).validate(model)


def with_extra_tokens() -> Any:
    """A vision transformer with a class token and a register before its patches."""
    keras.utils.set_random_seed(0)
    image = keras.Input((8, 8, 3))
    patches = keras.layers.Conv2D(6, 4, strides=4)(image)
    tokens = keras.layers.ZeroPadding1D((2, 0), name="tokens")(keras.layers.Reshape((4, 6))(patches))
    attended = keras.layers.MultiHeadAttention(2, 3, name="attention")(tokens, tokens)
    return from_keras(keras.Model(image, keras.layers.Add(name="block")([tokens, attended])), (0, 1))


@pytest.mark.slow
def test_class_and_register_tokens_are_known(model: Any) -> None:
    assert model.token_grid == TokenGrid(2, 2)
    extra = with_extra_tokens()
    assert extra.token_grid == TokenGrid(2, 2, ("class", "register0"))
    block = get_activations(extra, "block", IMAGE)
    # The patches alone.
    assert value(extra, objectives.channel("block", 4)) == pytest.approx(block[:, 2:, 4].mean(), abs=1e-6)
    assert value(extra, objectives.neuron("block", 4, row=1, column=0)) == pytest.approx(block[:, 4, 4].mean())
    # The other tokens too.
    assert value(extra, objectives.token("block", 1, 4)) == pytest.approx(block[:, 1, 4].mean(), abs=1e-6)
    assert value(extra, objectives.token("block", 0)) == pytest.approx((block[:, 0] ** 2).mean(), abs=1e-6)
    with pytest.raises(OutOfRangeError, match="6"):
        objectives.token("block", 6).validate(extra)
    before = extra.revision
    extra.token_grid = TokenGrid(1, 6)
    assert extra.revision != before
    assert value(extra, objectives.channel("block", 4)) == pytest.approx(block[..., 4].mean(), abs=1e-6)


def test_attention_weights(model: Any) -> None:
    layer = model.keras_model.get_layer("attention")
    tokens = get_activations(model, "tokens", IMAGE)
    weights = np.asarray(layer(tokens, tokens, return_attention_scores=True)[1])  # [batch, heads, from, to]
    assert value(model, objectives.attention("attention", 1, 0, 2)) == pytest.approx(weights[:, 1, 0, 2].mean())
    assert value(model, objectives.attention("attention", 1, to_token=2)) == pytest.approx(weights[:, 1, :, 2].mean())
    itself = np.diagonal(weights[:, 0], axis1=1, axis2=2).mean()
    assert value(model, objectives.attention("attention", 0)) == pytest.approx(itself)
    assert model.get_layer("attention:scores").shape == (2, 4, 4)
    with pytest.raises(OutOfRangeError):
        objectives.attention("attention", 2, 0, 1).validate(model)
    with pytest.raises(ModelError, match="shows no attention weights"):
        objectives.attention("mlp", 0, 0, 1).validate(model)
    with pytest.raises(ModelError, match="has no tokens"):
        objectives.token("patches", 0).validate(model)


def test_the_evidence_looks_at_patches() -> None:
    extra = with_extra_tokens()
    block = get_activations(extra, "block", IMAGE)
    values, positions = Reduction().apply("block", tf.constant(block), extra.token_grid)
    np.testing.assert_allclose(values, block[:, 2:].max(1))
    np.testing.assert_array_equal(positions, block[:, 2:].argmax(1))


@pytest.mark.slow
def test_a_run_climbs(model: Any) -> None:
    first, *_, last = iter_vis(model, "mlp:5", steps=16, image_size=8, every=8, transforms=[])
    assert first.step == 0
    assert last.objective is not None
    assert last.objective > value(model, objectives.channel("mlp", 5))


@pytest.mark.slow
def test_graphs_of_transformers_list_their_tokens(tmp_path: Any) -> None:
    network = transformer()
    network.export(tmp_path / "net", verbose=False)
    graph = from_saved_model(tmp_path / "net", image_value_range=(0, 1))
    tokens = [layer for layer in graph.layers if layer.shape == (4, 6)]
    assert tokens
    assert all(layer.shape[0] in (2, 4, 6, 3) for layer in graph.layers if layer.shape)
    expected = tf.function(lambda image: network(image * 1.0))(IMAGE)
    last = next(layer.name for layer in reversed(graph.layers) if layer.shape == (3,))
    np.testing.assert_allclose(get_activations(graph, last, IMAGE), expected, atol=1e-5)
