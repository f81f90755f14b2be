"""Micro-batches give the numbers of the whole batch, for any layers and any split."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from optvis.tiny_network import Tiny

from lucid_widgets.modelzoo.vision_models import EmojiNet
from lucid_widgets.optvis import objectives, param, transform
from lucid_widgets.optvis.engine.network import import_model
from lucid_widgets.optvis.render import iter_vis
from lucid_widgets.optvis.speed import devices, microbatches, plan, xla
from lucid_widgets.optvis.speed.microbatches import bytes_held, in_microbatches, microbatch_count
from lucid_widgets.optvis.speed.plan import FEWEST_EARLY_STEPS

pytestmark = pytest.mark.slow

IMAGES = np.random.default_rng(2).random((7, 12, 12, 3)).astype(np.float32)
RUN = partial(tf.function, autograph=False)


@pytest.mark.parametrize("number", [1, 2, 3, 7])
def test_layers_and_gradients_equal_those_of_the_whole_batch(model: Tiny, number: int) -> None:
    @RUN(input_signature=[tf.TensorSpec(IMAGES.shape, tf.float32)])
    def both(images: Any) -> Any:
        results = []
        for count in (1, number):
            T = in_microbatches(partial(import_model, model), images, count)
            value = tf.reduce_sum(T("relu") ** 2) + tf.reduce_mean(T("conv")[..., 0]) + tf.reduce_sum(T("input")[3])
            results.append((T("relu"), value, tf.gradients(value, images)[0]))
        return results

    whole, sliced = both(IMAGES)
    for one, other in zip(whole, sliced, strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-5, atol=1e-6)


def test_microbatches_are_even_and_run_one_after_the_other(model: Tiny) -> None:
    seen: list[int] = []

    def network(images: Any) -> Any:
        seen.append(images.shape[0])
        return import_model(model, images)

    @RUN(input_signature=[tf.TensorSpec(IMAGES.shape, tf.float32)])
    def ask(images: Any) -> Any:
        T = in_microbatches(network, images, 3)
        return T("relu"), T("relu"), T("conv")

    graph = ask.get_concrete_function().graph
    assert seen == [2, 2, 3]
    waiting = [op for op in graph.get_operations() if op.control_inputs and op.type == "EnsureShape"]
    assert len([op for op in waiting if "split" in op.inputs[0].name]) == 2, "each but the first waits for another"


def test_tensors_without_one_row_per_image_use_the_whole_batch() -> None:
    def network(images: Any) -> Any:
        answers = {
            "sum": tf.reduce_sum(images),
            "means": tf.reduce_mean(images, [0, 1, 2]),
            "names": ["a", "b"],
            "rows": tf.reduce_mean(images, [1, 2]),
        }
        return answers.__getitem__

    @RUN(input_signature=[tf.TensorSpec(IMAGES.shape, tf.float32)])
    def ask(images: Any) -> Any:
        T = in_microbatches(network, images, 2)
        assert T("names") == ["a", "b"]
        return [T(name) for name in ("rows", "sum", "means", "rows")]

    rows, total, means, again = ask(IMAGES)
    np.testing.assert_allclose(rows, IMAGES.mean((1, 2)), rtol=1e-5)
    np.testing.assert_allclose(total, IMAGES.sum(), rtol=1e-5)
    np.testing.assert_allclose(means, IMAGES.mean((0, 1, 2)), rtol=1e-5)
    np.testing.assert_array_equal(rows, again)


def test_an_objective_may_ask_for_layers_in_a_branch(model: Tiny) -> None:
    @RUN(input_signature=[tf.TensorSpec(IMAGES.shape, tf.float32), tf.TensorSpec([], tf.bool)])
    def ask(images: Any, which: Any) -> Any:
        T = in_microbatches(partial(import_model, model), images, 2)
        value = tf.cond(which, lambda: tf.reduce_sum(T("relu")), lambda: tf.constant(0.0))
        return value, tf.reduce_sum(T("relu"))

    value, expected = ask(IMAGES, True)
    assert float(value) == pytest.approx(float(expected), rel=1e-6)


def test_bytes_held_counts_all_tensors() -> None:
    # The filled tensor, its square and the sum; TensorFlow may store the first as a constant.
    held = bytes_held(lambda: tf.reduce_sum(tf.square(tf.fill([2, 5], 3.0))))
    assert 40 < held <= 2 * 40 + 4 + 8 + 4 + 16


def test_the_number_of_microbatches_follows_from_their_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "uses_onednn", lambda: False)
    monkeypatch.setattr(microbatches, "bytes_held", lambda forward: 800)

    @RUN
    def number(count: int, scope: Any, most: int) -> Any:
        monkeypatch.setattr(microbatches, "MICROBATCH_BYTES", most)
        with xla.compiling(scope):
            return microbatch_count(tf.zeros([count, 2, 2, 3]), lambda images: tf.reduce_sum(images))

    def found(count: int, most: int, scope: Any = "parts") -> int:
        return int(number(count, scope, most))

    assert found(8, 800) == 1
    assert found(8, 400) == 2
    assert found(8, 300) == 3  # three images fit
    assert found(8, 1) == 4  # never fewer than two images
    assert found(2, 1) == 1
    assert found(64, 1) == microbatches.MAX_MICROBATCHES
    assert found(8, 1, "nothing") == found(8, 1, "whole") == 1
    monkeypatch.setattr(devices, "uses_onednn", lambda: True)
    assert found(12, 1) == 1


def shaken(T: Any) -> Any:
    """An objective that draws random numbers."""
    return tf.reduce_mean(transform.jitter(4)(T("mixed3a"))[..., 3])


@pytest.mark.parametrize(
    "objective",
    [
        objectives.channel("mixed3a", 3) - 10 * objectives.diversity("conv2d1"),
        objectives.channel("mixed3a", 3) + 0.1 * (objectives.alignment("conv2d0") + objectives.alignment("conv2d1")),
        shaken,
    ],
)
def test_late_steps_equal_those_of_the_whole_batch(
    objective: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(plan, "MOST_EARLY_STEPS", FEWEST_EARLY_STEPS)

    def last() -> Any:
        frames = iter_vis(EmojiNet(), objective, partial(param.image, 32, batch=6), steps=FEWEST_EARLY_STEPS + 4)
        *_, frame = frames
        return frame

    whole = last()
    numbers = []
    monkeypatch.setattr(devices, "uses_onednn", lambda: False)
    monkeypatch.setattr(microbatches, "MICROBATCH_BYTES", 1_500_000)
    cut = microbatches.in_microbatches
    monkeypatch.setattr(
        "lucid_widgets.optvis.speed.plan.in_microbatches", lambda *args: numbers.append(args[2]) or cut(*args)
    )
    sliced = last()
    assert numbers[-1] in (2, 3)
    assert set(numbers[:-1]) <= {1, numbers[-1]}
    assert sliced.objective == pytest.approx(whole.objective, rel=1e-3)
    np.testing.assert_allclose(sliced.images, whole.images, atol=2e-3)
    # TensorFlow reports a graph that it cannot sort on the descriptor, below Python.
    assert not re.findall("topological|CYCLE", capfd.readouterr().err)
