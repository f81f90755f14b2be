"""Each private name of TensorFlow or Keras is removed in turn: there is an error that names it, or a fallback."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from modelzoo.tiny_nets import evaluate, graph_def, images, placeholder, write

from lucid_widgets.errors import ModelError
from lucid_widgets.modelzoo.base import private_names
from lucid_widgets.modelzoo.survey.fingerprint import fingerprint
from lucid_widgets.modelzoo.vision_models import from_graphdef, from_keras


def functional() -> Any:
    image = keras.Input((8, 8, 3))
    return keras.Model(image, keras.layers.ReLU(name="relu")(image))


class Subclassed(keras.Model):
    def call(self, image: Any) -> Any:
        return keras.ops.relu(image)


def test_missing_freezing_function_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private_names, "_freeze", None)
    with pytest.raises(ModelError, match=r"^TensorFlow .* has no convert_variables_to_constants_v2.* Install another"):
        from_keras(functional()).save("net.pb")
    with pytest.raises(ModelError, match="convert_variables_to_constants_v2"):
        from_keras(Subclassed())


@pytest.mark.parametrize("name", ["_keras_history", "_inbound_nodes", "arguments", "fill_in"])
def test_missing_record_of_calls_is_named(name: str) -> None:
    operation, node = SimpleNamespace(), SimpleNamespace(arguments=SimpleNamespace(fill_in=lambda values: ((), values)))
    tensor = SimpleNamespace(_keras_history=(operation, 0, 0))
    operation._inbound_nodes = [node]
    assert private_names.recorded_call(tensor) == (operation, node)
    assert private_names.repeated_arguments(node, {1: 2}) == ((), {1: 2})
    for owner in (tensor, operation, node, node.arguments):
        if hasattr(owner, name):
            delattr(owner, name)
    with pytest.raises(ModelError, match=rf"^Keras .* has no {name}, which this needs\. Install another version"):
        private_names.repeated_arguments(private_names.recorded_call(tensor).node, {})


@pytest.mark.parametrize("name", ["captured", "is_function_graph"])
def test_graphs_work_without_shared_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    weights = np.random.default_rng(0).normal(size=(3, 3, 3, 200)).astype(np.float32)  # large enough to be shared
    build = lambda: tf.nn.conv2d(placeholder(), tf.constant(weights), 1, "SAME", name="conv")  # noqa: E731
    path = write(graph_def(build), tmp_path / "net.pb")
    expected = evaluate(from_graphdef(path), ["conv"], images())
    monkeypatch.setattr(f"lucid_widgets.modelzoo.graphdef.lazy_import.{name}", lambda *_: None)
    np.testing.assert_allclose(evaluate(from_graphdef(path), ["conv"], images())[0], expected[0], rtol=1e-5)


def test_layers_with_usual_names_need_no_scopes_of_keras(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = evaluate(from_keras(functional()), ["relu"], images())
    monkeypatch.setattr(private_names, "_keras_scope", None)
    np.testing.assert_array_equal(evaluate(from_keras(functional()), ["relu"], images())[0], expected[0])


def test_networks_have_no_fingerprint_without_captures(monkeypatch: pytest.MonkeyPatch) -> None:
    model = from_keras(functional())
    assert fingerprint(model, "relu", 8) is not None
    assert private_names.captures(SimpleNamespace()) is None
    monkeypatch.setattr("lucid_widgets.modelzoo.survey.fingerprint.captures", lambda graph: None)
    assert fingerprint(model, "relu", 8) is None


def test_function_graphs_are_recognized_without_building_function() -> None:
    class Graph:
        pass

    assert private_names.is_function_graph(Graph())
    assert not private_names.is_function_graph(tf.Graph())
    assert tf.function(lambda: tf.constant(private_names.is_function_graph(tf.compat.v1.get_default_graph())))()
