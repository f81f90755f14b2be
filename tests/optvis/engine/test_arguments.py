"""Arguments of `iter_vis`: which are accepted, and how the others are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from optvis.engine.runs import BLACK
from optvis.tiny_network import Tiny, pixels

from lucid_widgets.errors import (
    ArgumentError,
    ExpressionError,
    ModelError,
    OutOfRangeError,
)
from lucid_widgets.optvis.engine.iteration import FrameIterator
from lucid_widgets.optvis.render import iter_vis
from lucid_widgets.optvis.transform import standard_transforms

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ({"image_size": 0}, OutOfRangeError, "image_size is 0. Expected a whole number from 1 up."),
        ({"image_size": -3}, OutOfRangeError, "image_size is -3."),
        ({"image_size": 7.5}, ArgumentError, "image_size is 7.5. Expected a whole number from 1 up."),
        ({"steps": -1}, OutOfRangeError, "steps is -1. Expected a whole number from 0 up."),
        ({"steps": None}, ArgumentError, "steps is None. Expected a whole number from 0 up."),
        ({"every": 0}, OutOfRangeError, "every is 0. Expected a whole number from 1 up."),
        ({"seed": None}, ArgumentError, "seed is None. Expected a whole number."),
        ({"transforms": 3}, ArgumentError, "transforms is 3. Expected a list such as"),
        ({"optimizer": 0.05}, ArgumentError, "0.05 is not an optimizer."),
        ({"param_f": pixels(BLACK), "image_size": 8}, ArgumentError, "Both param_f and image_size were passed."),
        ({"param_f": 64}, ArgumentError, "param_f is 64. Expected a function that returns the image tensor, such"),
        ({"param_f": tf.zeros([1, 2, 2, 3])}, ArgumentError, "param_f is a tensor. Expected a function that returns"),
        ({"objective": ""}, ExpressionError, "The objective is empty."),
        ({"model": 3}, ModelError, "'int' is not a model."),
    ],
    ids=lambda each: " ".join(map(str, each)) if isinstance(each, dict) else None,
)
def test_rejects_invalid_arguments(model: Tiny, arguments: Any, kind: Any, message: str) -> None:
    with pytest.raises(kind) as error:
        iter_vis(**{"model": model, "objective": "conv:0", **arguments})
    assert message in str(error.value)
    assert model.asked == []


def test_accepts_numpy_integers(model: Tiny) -> None:
    frames = iter_vis(model, "conv:0", steps=np.int64(2), seed=np.uint8(3), image_size=np.int32(4), every=np.int16(2))
    assert isinstance(frames, FrameIterator)
    assert [frame.step for frame in frames] == [0, 2]


@pytest.mark.parametrize("steps", [-1, 1.5])
def test_rejects_invalid_steps(model: Tiny, steps: Any) -> None:
    frames = iter_vis(model, "conv:0", steps=7)
    with pytest.raises((OutOfRangeError, ArgumentError), match="steps is"):
        frames.steps = steps
    assert frames.steps == 7


def test_an_image_too_small_for_the_network_is_explained(model: Tiny) -> None:
    def too_deep(T: Any) -> tf.Tensor:
        # Like the fixed pool before GoogLeNet's classifier; behind Lucid's transforms the size is known only when it
        # runs.
        return tf.reduce_mean(tf.nn.avg_pool2d(T("conv"), 64, 1, "VALID"))

    frames = iter_vis(model, too_deep, steps=1, image_size=16, transforms=standard_transforms)
    assert next(frames).step == 0
    with pytest.raises(ModelError, match=r"for images of 16 x 16 pixels: TensorFlow failed at 'AvgPool2D'") as caught:
        next(frames)
    assert "as large as the network was trained on" in caught.value.hint
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("keyword", "suggestion"),
    [("record", "record_every"), ("image_numbers", "noise_ids"), ("step", "steps"), ("optimiser", "optimizer")],
)
def test_an_unknown_keyword_is_an_error_that_suggests_a_known_one(model: Tiny, keyword: str, suggestion: str) -> None:
    with pytest.raises(
        TypeError, match=rf"iter_vis\(\) got an unexpected keyword argument '{keyword}'\. Did you mean "
    ) as error:
        iter_vis(model, "conv:0", **{keyword: 1})
    assert repr(suggestion) in str(error.value)


def failing_after(steps: int, error: BaseException) -> Any:
    """A function for `tf.py_function` that returns its argument, and raises an error after some calls."""
    calls: list[None] = []

    def call(values: Any) -> Any:
        calls.append(None)
        if len(calls) > steps:
            raise error
        return values

    return call


@pytest.mark.parametrize(
    ("error", "message", "hint"),
    [
        (
            RuntimeError("the sensor is gone"),
            r"at step 4: .*\(RuntimeError: the sensor is gone\)",
            "Earlier steps worked",
        ),
        (MemoryError("x"), r"not enough memory .*\(MemoryError: x\)", "smaller image_size or batch"),
        (
            tf.errors.ResourceExhaustedError(None, None, "OOM"),
            r"not enough memory .*OOM",
            "smaller image_size or batch",
        ),
    ],
    ids=["sensor", "memory", "resources"],
)
def test_an_error_in_a_later_step_is_named(model: Tiny, error: BaseException, message: str, hint: str) -> None:
    function = failing_after(3, error)

    def objective(T: Any) -> tf.Tensor:
        values = T("conv")
        return tf.reduce_mean(values) + 0 * tf.py_function(
            function, [tf.stop_gradient(tf.reduce_mean(values))], tf.float32
        )

    with pytest.raises(ModelError, match=message) as caught:
        list(iter_vis(model, objective, steps=9, every=1, image_size=4))
    assert hint in caught.value.hint


def test_too_little_memory_for_a_transform_is_named(model: Tiny) -> None:
    def needs_much(_: Any) -> Any:
        raise MemoryError("Unable to allocate 9 GiB")

    with pytest.raises(ModelError, match=r"not enough memory .*\(Unable to allocate 9 GiB\)") as caught:
        list(iter_vis(model, "conv:0", steps=3, image_size=4, transforms=[needs_much]))
    assert caught.value.hint == "Use a smaller image_size or batch."


@pytest.mark.parametrize("place", ["transform", "objective"])
def test_a_function_that_raises_stop_iteration_does_not_end_a_run_as_done(model: Tiny, place: str) -> None:
    def raises(_: Any) -> Any:
        raise StopIteration

    transforms = [raises] if place == "transform" else []
    frames = iter_vis(model, raises if place == "objective" else "conv:0", steps=3, image_size=4, transforms=transforms)
    with pytest.raises(RuntimeError, match="raised StopIteration"):
        list(frames)
