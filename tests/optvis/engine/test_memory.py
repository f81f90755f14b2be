"""A run leaves nothing in memory once its program is dropped from the cache."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import keras
import pytest
import tensorflow as tf
from tensorflow.python.framework import ops

from lucid_widgets.modelzoo.vision_models import from_keras
from lucid_widgets.optvis.engine import program_cache
from lucid_widgets.optvis.engine.tracing import Traced
from lucid_widgets.optvis.render import iter_vis
from lucid_widgets.optvis.speed.graph_gradients import forget_gradients

pytestmark = pytest.mark.slow


def network() -> Any:
    keras.utils.set_random_seed(0)
    image = keras.Input((None, None, 3))
    # TensorFlow's silu has a custom gradient.
    return from_keras(keras.Model(image, keras.layers.Conv2D(2, 3, activation="silu", name="top")(image)))


def early_graph(frames: Any) -> Any:
    return weakref.ref(frames._task[2]._early._concrete.graph)


@pytest.mark.usefixtures("fast_plan")
def test_a_graph_is_released_when_its_program_leaves_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program_cache, "MAX_PROGRAMS", 1)
    model, graphs = network(), []
    for size in (8, 9, 10, 11):
        frames = iter_vis(model, "top:1", steps=2, image_size=size)
        list(frames)
        graphs.append(early_graph(frames))
    del frames
    gc.collect()
    assert [graph() is None for graph in graphs] == [True, True, True, False]


@pytest.mark.usefixtures("fast_plan")
def test_graphs_are_released_with_their_model() -> None:
    model = network()
    frames = iter_vis(model, "top:1", steps=2, image_size=8)
    list(frames)
    graph = early_graph(frames)
    assert graph() is not None
    del model, frames
    gc.collect()
    assert graph() is None


def test_gradients_of_other_code_stay_registered() -> None:
    @tf.custom_gradient
    def doubled(t: Any) -> Any:
        return 2 * t, lambda grad: 2 * grad

    @tf.function(autograph=False)
    def theirs(t: Any) -> Any:
        return tf.while_loop(lambda i, _: i < 2, lambda i, t: (i + 1, doubled(t)), (0, t))[1]

    graph = theirs.get_concrete_function(tf.TensorSpec([], tf.float32)).graph
    functions = graph.as_graph_def().library.function
    names = {n.attr["_gradient_op_type"].s.decode() for f in functions for n in f.node_def if n.op == "IdentityN"}
    assert names
    assert names <= set(ops.gradient_registry.list())
    before = set(ops.gradient_registry.list())
    assert float(Traced(lambda t: doubled(doubled(t)), forget_gradients)(tf.constant(1.0))) == 4
    assert set(ops.gradient_registry.list()) == before
