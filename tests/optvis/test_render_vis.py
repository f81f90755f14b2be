"""`render_vis`: Lucid's call."""

from __future__ import annotations

import logging
import sys
import types
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from optvis.tiny_network import Tiny, in_numpy, pixels

from lucid_widgets.errors import ArgumentError, NonFiniteObjectiveError, OutOfRangeError, UnknownNameError
from lucid_widgets.optvis import param, render
from lucid_widgets.optvis.engine import iteration
from lucid_widgets.optvis.engine.program import Program
from lucid_widgets.optvis.objectives import channel, deepdream
from lucid_widgets.optvis.render import iter_vis, render_vis

pytestmark = pytest.mark.slow

SIZE: dict[str, Any] = {"image_size": 8, "use_fixed_seed": True}


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[np.ndarray]:
    """What would have been shown in the notebook."""
    pictures: list[np.ndarray] = []
    monkeypatch.setattr(render, "show", pictures.append)
    return pictures


def frames_of(model: Tiny, steps: int) -> list[np.ndarray]:
    return [frame.images for frame in iter_vis(model, "conv:1", image_size=8, steps=steps, seed=0, every=1)]


@pytest.mark.parametrize(
    ("thresholds", "steps"),
    [
        ((3,), [3]),
        ((0,), [0]),
        ([5, 0, 2], [0, 2, 5]),
        ((2, 2, 4, 2), [2, 4]),
        (4, [4]),
        (np.int64(3), [3]),
        (np.arange(3), [0, 1, 2]),
        (range(1, 4), [1, 2, 3]),
        ((each for each in (2, 1)), [1, 2]),
    ],
)
def test_a_threshold_is_a_number_of_steps(model: Tiny, thresholds: Any, steps: list[int]) -> None:
    images = render_vis(model, "conv:1", thresholds=thresholds, verbose=False, **SIZE)
    frames = frames_of(model, steps[-1])
    assert len(images) == len(steps)
    for image, step in zip(images, steps, strict=True):
        assert np.array_equal(image, frames[step])
        assert image.flags.writeable


@pytest.mark.parametrize(
    ("thresholds", "kind", "message"),
    [
        ((), ArgumentError, "thresholds is empty. Expected at least one number of steps, such as (512,)."),
        ((3, -1), OutOfRangeError, "thresholds is -1. Expected a whole number from 0 up."),
        (2.5, ArgumentError, "thresholds is 2.5. Expected a whole number from 0 up."),
        ((1, "2"), ArgumentError, "thresholds is '2'."),
    ],
)
def test_rejects_invalid_thresholds(model: Tiny, thresholds: Any, kind: Any, message: str) -> None:
    with pytest.raises(kind) as error:
        render_vis(model, "conv:1", thresholds=thresholds)
    assert message in str(error.value)


def test_defaults_equal_those_of_lucid(model: Tiny) -> None:
    (images,) = render_vis(model, "conv:1", lambda: param.image(8), verbose=False, use_fixed_seed=True)
    assert np.array_equal(images, frames_of(model, 512)[-1])


def test_without_a_fixed_seed_images_differ(model: Tiny) -> None:
    one, other = (render_vis(model, "conv:1", image_size=8, thresholds=0, verbose=False)[0] for _ in range(2))
    assert not np.allclose(one, other, atol=1e-4)


def test_arguments_have_the_order_of_lucid(model: Tiny) -> None:
    start = np.zeros((1, 2, 2, 3), np.float32)
    (images,) = render_vis(
        model, lambda T: tf.reduce_sum(T("input")), pixels(start), lambda: keras.optimizers.SGD(0.25), [], (2,), None,
        False, False, True,
    )  # fmt: skip
    np.testing.assert_allclose(images, 0.5, rtol=1e-6)


def test_prints_and_shows_each_threshold(
    model: Tiny, shown: list[np.ndarray], capsys: pytest.CaptureFixture[str]
) -> None:
    start = np.random.default_rng(0).random((2, 3, 4, 3)).astype(np.float32)
    monitors = [channel("conv", 2), "conv:3", deepdream("relu")]
    images = render_vis(
        model,
        "conv:1",
        pixels(start),
        keras.optimizers.SGD(0.0),
        [],
        thresholds=(0, 12),
        print_objectives=monitors,
    )
    layers = in_numpy(start)
    means = layers["conv"].mean((0, 1, 2))
    first, *lines = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("sees: ")]
    assert first == "step 0"
    assert lines[0] == f"00: Channel [conv, 2, None]: {means[2]:7.2f}"
    assert lines[1] == f"00: Channel [conv, 3, None]: {means[3]:7.2f}"
    assert lines[2] == f"00: Deepdream [relu, None]: {np.mean(layers['relu'] ** 2):7.2f}"
    step, objective = lines[3].split(" · ")
    assert step == "step 12"
    assert float(objective.removeprefix("objective ")) == pytest.approx(means[1], rel=1e-3)
    assert lines[4] == f"12: Channel [conv, 2, None]: {means[2]:7.2f}"
    # The batch is laid out from left to right.
    assert len(shown) == 2
    np.testing.assert_array_equal(shown[0], np.concatenate([images[0][0], images[0][1]], axis=1))


@pytest.mark.parametrize(
    ("settings", "prints", "shows"), [({}, True, 1), ({"show_image": False}, True, 0), ({"verbose": False}, False, 0)]
)
def test_verbose_and_show_image_silence_the_output(
    model: Tiny,
    shown: list[np.ndarray],
    capsys: pytest.CaptureFixture[str],
    settings: Any,
    prints: bool,
    shows: int,
) -> None:
    render_vis(model, "conv:1", thresholds=(1,), **SIZE, **settings)
    assert bool(capsys.readouterr().out) == prints
    assert len(shown) == shows


@pytest.mark.parametrize(
    ("monitor", "kind"),
    [
        ("convv:1", UnknownNameError),
        ("conv:9", OutOfRangeError),
        (channel("conv", 1, batch=1), OutOfRangeError),
        (3, ArgumentError),
    ],
)
def test_checks_print_objectives_before_the_run(model: Tiny, monitor: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        render_vis(model, "conv:1", print_objectives=[monitor], **SIZE)
    assert model.asked == []


def test_an_interrupt_returns_the_current_image(
    model: Tiny,
    shown: list[np.ndarray],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(iteration, "DISPLAY_INTERVAL", 0)  # a step a call
    advance = Program.advance

    def interrupted(program: Program, state: Any, *rest: Any) -> Any:
        if state.step == 3:
            raise KeyboardInterrupt
        return advance(program, state, *rest)

    expected = frames_of(model, 3)
    monkeypatch.setattr(Program, "advance", interrupted)
    with caplog.at_level(logging.WARNING):
        images = render_vis(model, "conv:1", thresholds=(1, 100), **SIZE)
    assert [image.tolist() for image in images] == [expected[1].tolist(), expected[3].tolist()]
    assert "Interrupted after step 3" in caplog.text
    printed = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("sees: ")]
    assert [line.split(" · ")[0] for line in printed] == ["step 1", "step 3"]
    assert len(shown) == 2
    # At a threshold, the image is there already.
    assert len(render_vis(model, "conv:1", thresholds=(3, 100), verbose=False, **SIZE)) == 1


def test_an_interrupt_before_the_first_image_is_raised(model: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(Program, "start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        render_vis(model, "conv:1", verbose=False, **SIZE)


def test_a_nan_objective_raises(model: Tiny) -> None:
    with pytest.raises(NonFiniteObjectiveError, match="became nan at step 1"):
        render_vis(model, lambda T: tf.reduce_mean(T("conv")) * np.nan, verbose=False, **SIZE)


def test_the_progress_bar_appears_only_in_notebooks_and_terminals(
    model: Tiny, shown: list[np.ndarray], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def bar(**settings: Any) -> str:
        render_vis(model, "conv:1", thresholds=(2,), **SIZE, **settings)
        return capsys.readouterr().err

    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    assert bar() == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    shown_by_bar = bar()
    assert "/2" in shown_by_bar
    assert "preparing" in shown_by_bar
    assert bar(verbose=False) == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False, raising=False)
    monkeypatch.setitem(sys.modules, "ipykernel", types.ModuleType("ipykernel"))
    assert "/2" in bar()


@pytest.mark.parametrize(
    "constant",
    [lambda T: 1.0, lambda T: tf.argmax(T("dense")[0]), lambda T: tf.stop_gradient(tf.reduce_mean(T("conv")))],
)
def test_rejects_objectives_that_do_not_depend_on_the_image(model: Tiny, constant: Any) -> None:
    with pytest.raises(ArgumentError, match="does not depend on the image, so nothing would change"):
        render_vis(model, constant, thresholds=(1,), verbose=False, **SIZE)


def test_print_objectives_accepts_a_single_objective(model: Tiny, capsys: pytest.CaptureFixture[str]) -> None:
    render_vis(model, "conv:1", thresholds=(1,), print_objectives="conv:0", show_image=False, **SIZE)
    assert "01: Channel [conv, 0, None]:" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("transform", "returned"),
    [
        (lambda t: None, "'NoneType'"),
        (lambda t: t[0], "a tensor of shape (8, 8, 3)"),
        (lambda d: lambda t: t, "'function'"),
    ],
)
def test_rejects_transforms_that_do_not_return_images(model: Tiny, transform: Any, returned: str) -> None:
    with pytest.raises(ArgumentError) as raised:
        render_vis(model, "conv:1", transforms=[lambda t: t, transform], thresholds=(1,), verbose=False, **SIZE)
    assert str(raised.value).startswith(
        f"transforms[1] returned {returned}. Expected images [batch, height, width, channels]"
    )
