"""Style losses computed by hand, and optimized by the engine."""

from __future__ import annotations

from functools import partial
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from lucid_widgets.errors import ArgumentError, UnknownNameError
from lucid_widgets.modelzoo.vision_models import from_keras
from lucid_widgets.optvis import objectives, param
from lucid_widgets.optvis.render import iter_vis
from lucid_widgets.optvis.style import StyleLoss, gram_style, mean_l1_loss, mean_l2_loss

pytestmark = pytest.mark.slow

RNG = np.random.default_rng(2)


def tiny() -> keras.Model:
    keras.utils.set_random_seed(1)
    return keras.Sequential(
        [
            keras.Input((None, None, 3)),
            keras.layers.Conv2D(4, 3, activation="tanh", name="low"),
            keras.layers.Conv2D(5, 3, strides=2, activation="tanh", name="high"),
        ]
    )


def test_gram_matrix_is_a_mean_over_positions_and_images() -> None:
    acts = RNG.normal(size=(2, 3, 4, 5)).astype(np.float32)
    rows = acts.reshape(-1, 5)
    np.testing.assert_allclose(gram_style(tf.constant(acts)), rows.T @ rows / 24, rtol=1e-5)


def test_mean_l1_and_l2_loss() -> None:
    a, b = tf.constant([[1.0, 2], [3, 4]]), tf.constant([[1.0, 0], [3, 7]])
    assert float(mean_l1_loss(a, b)) == pytest.approx(5 / 4)
    assert float(mean_l2_loss(a, b)) == pytest.approx(np.sqrt(13 / 4))
    with tf.GradientTape() as tape:
        tape.watch(a)
        same = mean_l2_loss(a, tf.identity(a))
    assert float(same) == 0
    assert np.isfinite(tape.gradient(same, a)).all()


def test_style_loss_is_a_sum_over_layers_and_zero_for_the_same_image() -> None:
    network, image, other = tiny(), *RNG.random((2, 12, 14, 3)).astype(np.float32)
    model = from_keras(network, image_value_range=(0, 1))
    style = StyleLoss(["low", "high"]).set_style(model, image)

    @tf.function(autograph=False)
    def losses(t: Any) -> Any:
        return style.style_loss(model.import_graph(t)), style.style_losses(model.import_graph(t))

    assert float(losses(image)[0]) == pytest.approx(0, abs=1e-6)
    total, each = losses(other)
    low = network.layers[0](image[None]), network.layers[0](other[None])
    expected = float(mean_l1_loss(*map(gram_style, low)))
    assert float(each[0]) == pytest.approx(expected, rel=1e-4)
    assert float(total) == pytest.approx(float(sum(each)), rel=1e-5)


def test_optimization_reduces_the_style_loss() -> None:
    model = from_keras(tiny(), image_value_range=(0, 1))
    # Other tests draw from RNG too, in an order that depends on which are run.
    image = np.random.default_rng(0).random((16, 16, 3))
    style = StyleLoss(["low", "high"]).set_style(model, image)
    objective = style.objective - 1e-4 * objectives.L1(constant=0.5)
    frames = list(iter_vis(model, objective, partial(param.image, 16), steps=60, every=1, transforms=[]))
    assert frames[-1].objective > 0.6 * frames[1].objective
    assert "Style ['low', 'high']" in objective.description


def test_moving_average_over_steps() -> None:
    image, others = RNG.random((8, 8, 3)), RNG.random((3, 8, 8, 3)).astype(np.float32)
    model = from_keras(tiny(), image_value_range=(0, 1))
    style = StyleLoss(["low"], ema_decay=0.75).set_style(model, image)
    plain = StyleLoss(["low"]).set_style(model, image)

    @tf.function(autograph=False)
    def effective(t: Any) -> Any:
        T = model.import_graph(t)
        (averaged,), (own,) = style.effective_grams(T), plain.effective_grams(T)
        return averaged, own, tf.gradients(averaged[0, 1], t)[0], tf.gradients(own[0, 1], t)[0]

    owns = []
    for count, other in enumerate(others, 1):
        averaged, own, grad, own_grad = effective(other)
        owns.append(own.numpy())
        weights = 0.75 ** np.arange(count)[::-1]
        np.testing.assert_allclose(averaged, np.average(owns, axis=0, weights=weights), rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(grad, own_grad, rtol=1e-5)
    style.set_style(model, image)
    np.testing.assert_allclose(effective(others[2])[0], owns[2], rtol=1e-4, atol=1e-6)


def test_moving_average_during_an_optimization() -> None:
    model = from_keras(tiny(), image_value_range=(0, 1))
    style = StyleLoss(["low"], ema_decay=0.5, loss_func=mean_l2_loss).set_style(model, RNG.random((16, 16, 3)))
    *_, last = iter_vis(model, style.objective, partial(param.image, 16), steps=40, transforms=[])
    assert last.objective > -0.05
    assert float(style._weight) == pytest.approx(1)


def test_rejects_invalid_arguments() -> None:
    model = from_keras(tiny())
    for layers in ("low", [], [tf.zeros(3)]):
        with pytest.raises(ArgumentError, match="Expected a list of layer names"):
            StyleLoss(layers)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match=r"ema_decay of StyleLoss\(\) is 1\."):
        StyleLoss(["low"], ema_decay=1)
    with pytest.raises(ArgumentError, match="No style was set"):
        StyleLoss(["low"]).style_losses(lambda name: tf.zeros((1, 2, 2, 3)))
    with pytest.raises(UnknownNameError, match="Did you mean 'low'"):
        StyleLoss(["lo"]).set_style(model, np.zeros((8, 8, 3)))
