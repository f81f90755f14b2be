"""Substitutes for operations of a frozen graph: where they are used, how often, and what else is built."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from modelzoo.tiny_nets import RIGHT, conv, graph_def, images, placeholder, write

from lucid_widgets.modelzoo.base.substitutes import active, substituting
from lucid_widgets.modelzoo.vision_models import GraphDefModel, from_graphdef


@pytest.fixture
def model(tmp_path: Path) -> GraphDefModel:
    """For pixels (1/4, 1/2, 1), `sum` is 7/4 - 1, `first` its ReLU, and `second` the ReLU of twice `first`."""

    def build() -> None:
        image = placeholder()
        total = tf.identity(conv(image, RIGHT, "sum_conv") - 1, name="sum")
        first = tf.nn.relu(total, name="first")
        with tf.control_dependencies([total]):
            second = tf.nn.relu(first * 2, name="second")
        tf.add_n([total, first, second], name="all")

    return from_graphdef(write(graph_def(build), tmp_path / "net.pb"), image_value_range=(0, 1))


def evaluated(
    model: GraphDefModel, names: list[str], substitute: Callable[..., Any] | None, late: bool = False
) -> tuple[list[float], list[str]]:
    """Values of the layers, and the types of the imported operations."""

    @tf.function(autograph=False, input_signature=[tf.TensorSpec([1, 8, 8, 3], tf.float32)])
    def compute(image: Any) -> Any:
        with substituting({"Relu": substitute} if substitute else {}):
            T = model.import_graph(image)
            made = None if late else [T(name) for name in names]
        return made or [T(name) for name in names]

    graph = compute.get_concrete_function().graph
    kinds = [op.type for op in graph.get_operations() if op.name.startswith("import/")]
    return [float(value[0, 0, 0, 0]) for value in compute(images())], kinds


def tripled(node: Any, image: Any) -> Any:
    assert node.op == "Relu"
    return 3 * image


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("order", [1, -1])
def test_substitutes_replace_operations(model: GraphDefModel, order: int, late: bool) -> None:
    numbers, kinds = evaluated(model, ["first", "second", "all"][::order], tripled, late)
    assert numbers[::order] == [2.25, 13.5, 0.75 + 2.25 + 13.5]
    assert "Relu" not in kinds
    assert kinds.count("Conv2D") == 1, "a node below two substitutes must be built once"


def test_each_substitute_is_built_once(model: GraphDefModel) -> None:
    built = []

    def substitute(node: Any, image: Any) -> Any:
        built.append(node.name)
        return tf.nn.relu(image)

    numbers, kinds = evaluated(model, ["all", "second", "first"], substitute)
    assert numbers == [3.0, 1.5, 0.75]
    assert sorted(built) == ["first", "second"]
    assert kinds.count("Relu") == 2


def test_substitutes_of_other_layers_are_not_built(model: GraphDefModel) -> None:
    def refuse(node: Any, image: Any) -> Any:
        raise AssertionError(node.name)

    assert evaluated(model, ["sum"], refuse)[0] == [0.75]


def test_substitute_may_decline(model: GraphDefModel) -> None:
    asked = []

    def substitute(node: Any, image: Any) -> Any:
        asked.append(node.name)
        return tripled(node, image) if node.name == "second" else None

    numbers, kinds = evaluated(model, ["first", "all"], substitute)
    assert numbers == [0.75, 0.75 + 0.75 + 4.5]
    assert kinds.count("Relu") == 1
    assert sorted(asked) == ["first", "second"]


def test_input_map_takes_precedence(model: GraphDefModel) -> None:
    @tf.function(autograph=False, input_signature=[tf.TensorSpec([1, 8, 8, 3], tf.float32)])
    def compute(image: Any) -> Any:
        with substituting({"Relu": tripled}):
            return model.import_graph(image, input_map={"first": 5 * tf.ones([1, 8, 8, 1])})("second")

    np.testing.assert_array_equal(compute(images()), 30 * np.ones([1, 8, 8, 1]))


def test_substitutes_end_with_the_context(model: GraphDefModel) -> None:
    with pytest.raises(ZeroDivisionError), substituting({"Relu": tripled}):
        raise ZeroDivisionError
    assert not active()
    assert evaluated(model, ["all"], None)[0] == [3.0]
