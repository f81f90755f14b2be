"""bfloat16: close to float32, used only in expensive operations, and the default only on GPUs that are fast at it."""

from __future__ import annotations

from functools import partial
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.modelzoo.vision_models import from_keras
from lucid_widgets.optvis import param
from lucid_widgets.optvis.render import iter_vis
from lucid_widgets.optvis.speed import precision
from lucid_widgets.optvis.speed.plan import MOST_EARLY_STEPS
from lucid_widgets.optvis.speed.precision import chosen, in_bfloat16, in_low_precision

pytestmark = pytest.mark.slow

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def model() -> Any:
    keras.utils.set_random_seed(0)
    image = keras.Input((12, 12, 3))
    x = keras.layers.Conv2D(8, 3, padding="same", activation="relu", name="bottom")(image)
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(8, 3, name="middle")(x))
    return from_keras(keras.Model(image, keras.layers.Dense(5, name="top")(x)))


def as_bfloat16(t: Any) -> np.ndarray:
    return tf.cast(tf.cast(t, tf.bfloat16), tf.float32).numpy()


def test_products_are_bfloat16_and_results_float32() -> None:
    x, w = RNG.normal(size=(3, 4)).astype(np.float32), RNG.normal(size=(4, 2)).astype(np.float32)

    @tf.function(autograph=False)
    def product(x: Any) -> Any:
        return tf.nn.relu(tf.linalg.matmul(x, w)) + x[:, :2]

    graph = product.get_concrete_function(tf.TensorSpec([3, 4], tf.float32)).graph
    definition = in_bfloat16(graph.as_graph_def())

    @tf.function(autograph=False)
    def same_in_bfloat16(x: Any) -> Any:
        return tf.graph_util.import_graph_def(definition, {graph.inputs[0].name: x}, [graph.outputs[0].name])[0]

    expected = np.maximum(as_bfloat16(as_bfloat16(x) @ as_bfloat16(w)), 0) + x[:, :2]
    result = same_in_bfloat16(tf.constant(x))
    assert result.dtype == tf.float32
    np.testing.assert_allclose(result, expected, atol=0.02)
    assert not np.array_equal(result, product(tf.constant(x)))
    types = {op.type: op.get_attr("T") for op in graph.get_operations() if op.type in ("MatMul", "Relu")}
    assert types == {"MatMul": tf.float32, "Relu": tf.float32}, "the graph itself stays as it is"


def test_layers_share_their_operations_and_have_gradients(model: Any) -> None:
    images = tf.constant(RNG.random((2, 12, 12, 3)), tf.float32)
    found: dict[str, int] = {}

    @tf.function(autograph=False)
    def layers(images: Any, low: bool) -> Any:
        T = model.import_graph(images)
        if low:
            T = in_low_precision(model.import_graph, images, lambda ask: [ask("top"), ask("bottom"), ask("input")])
            made = [T("bottom"), T("top")]
            for op in T("top").graph.get_operations():
                if op.name.startswith("low_precision/") and op.type in ("Conv2D", "MatMul"):
                    found[op.type] = found.get(op.type, 0) + 1
                    assert op.get_attr("T") == tf.bfloat16
        else:
            made = [T("bottom"), T("top")]
        return [*made, tf.gradients(tf.reduce_sum(made[1] ** 2), images)[0]]

    # The gradient is compared as a whole: rounding can move an activation across the ReLU's zero.
    for full, low, bound in zip(layers(images, False), layers(images, True), [0.01, 0.01, 0.15], strict=True):
        assert low.dtype == tf.float32
        assert np.linalg.norm(low - full) < bound * np.linalg.norm(full)
    assert found == {"Conv2D": 2, "MatMul": 1}


def test_a_bfloat16_run_is_close_and_does_not_depend_on_calls(model: Any) -> None:
    run = partial(iter_vis, model, "middle:1", partial(param.image, 12), steps=MOST_EARLY_STEPS + 8, seed=3)
    *_, full = run()
    *_, low = run(precision="bfloat16")
    *_, by_fives = run(precision="bfloat16", every=5)
    assert full.objective is not None
    assert low.objective == pytest.approx(full.objective, rel=0.05)
    assert low.objective != full.objective
    assert np.array_equal(low.images, by_fives.images)
    *_, same = run(precision="float32")
    assert np.array_equal(same.images, full.images), "on a CPU, nothing is rounded unless that is asked for"


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [([], "float32"), ([(9, 0)], "bfloat16"), ([(8, 0), (7, 5)], "float32"), ([None], "float32")],
)
def test_the_default_follows_from_the_devices(
    capabilities: list[Any], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: capabilities if kind == "GPU" else ["cpu"])
    details = {None: {}} | {known: {"compute_capability": known} for known in capabilities if known}
    monkeypatch.setattr(tf.config.experimental, "get_device_details", lambda gpu: details[gpu])
    assert chosen(None) == expected
    assert [chosen(each) for each in precision.PRECISIONS] == ["float32", "bfloat16"], "all of it can be overruled"


def test_rejects_other_precisions(model: Any) -> None:
    with pytest.raises(ArgumentError, match=r"precision is 'float16'. Expected 'float32', 'bfloat16' or None."):
        iter_vis(model, "middle:1", precision="float16")
