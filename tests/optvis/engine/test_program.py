"""The compiled step: its numbers, its variables, and how a run resumes from a saved state."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from optvis.engine.runs import FROM_START, START, adam_towards_target, closeness, program
from optvis.tiny_network import WEIGHTS, Counted, Tiny, in_numpy, pixels

from lucid_widgets.errors import ArgumentError
from lucid_widgets.optvis import param, seeding
from lucid_widgets.optvis.engine.state import State
from lucid_widgets.optvis.objectives import Objective, as_objective, channel, deepdream
from lucid_widgets.optvis.render import iter_vis
from lucid_widgets.optvis.speed.plan import SpeedPlan
from lucid_widgets.optvis.transform import standard_transforms

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("every", [1, 2, 5])
def test_a_run_follows_its_formulas(model: Tiny, every: int) -> None:
    images, values = adam_towards_target(5)
    step = 0
    for frame in iter_vis(model, closeness, pixels(START), steps=5, transforms=[], every=every):
        np.testing.assert_allclose(frame.images, images[frame.step], atol=1e-5)
        np.testing.assert_allclose(frame.objectives, values[step : frame.step], rtol=1e-5)
        assert frame.objective == (None if frame.step == 0 else pytest.approx(values[frame.step - 1], rel=1e-5))
        step = frame.step
    assert step == 5


def test_the_gradient_goes_through_the_network(model: Tiny) -> None:
    frames = iter_vis(model, "conv:3", pixels(START), steps=1, transforms=[], optimizer=keras.optimizers.SGD(1.0))
    _, after = frames
    # The mean over 2 x 3 x 2 positions of (2 * image - 1) @ WEIGHTS.
    np.testing.assert_allclose(after.images - START, np.broadcast_to(2 * WEIGHTS[:, 3] / 12, START.shape), atol=1e-6)
    assert after.objective == pytest.approx(in_numpy(START)["conv"][..., 3].mean(), rel=1e-5)


def test_operations_are_not_pinned_to_each_other(model: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    # TensorFlow merges no two equal operations that must be on the devices of different others.
    graphs: list[Any] = []
    monkeypatch.setattr(SpeedPlan, "finished", lambda self, graph: graphs.append(graph))
    list(iter_vis(model, "relu:1", param_f=pixels(START), steps=1))
    nodes = [node for graph in graphs for node in graph.as_graph_def().node]
    assert any(node.name.startswith("gradients/") for node in nodes)
    assert [node.name for node in nodes if "_class" in node.attr] == []


def test_the_objective_sees_transformed_layers_and_the_image_itself(model: Tiny) -> None:
    brighter = lambda t: t + 1  # noqa: E731
    _, after = iter_vis(model, "conv:0", pixels(START), steps=1, transforms=[brighter])
    assert after.objective == pytest.approx(in_numpy(START + 1)["conv"][..., 0].mean(), rel=1e-5)
    _, after = iter_vis(model, "input:0", pixels(START), steps=1, transforms=[brighter])
    assert after.objective == pytest.approx(START[..., 0].mean(), rel=1e-5)


def test_a_vector_objective_is_summed(model: Tiny) -> None:
    _, after = iter_vis(model, lambda T: T("dense")[:, 1], pixels(START), steps=1, transforms=[])
    assert after.objective == pytest.approx(in_numpy(START)["dense"][:, 1].sum(), rel=1e-5)


def test_dead_units_move_only_with_the_override(model: Tiny) -> None:
    def moved(override: bool) -> float:
        *_, last = iter_vis(
            model, "dead:0", pixels(START), steps=3, transforms=[], relu_gradient_override=override, every=1
        )
        return float(np.abs(last.images - START).max())

    assert moved(False) == 0
    assert moved(True) > 0.1


@pytest.mark.parametrize("optimizer", [None, keras.optimizers.SGD(0.5, momentum=0.9)])
def test_a_resumed_run_equals_an_unbroken_one(model: Tiny, optimizer: Any, tmp_path: Path) -> None:
    make = partial(param.image, 16)
    settings: dict[str, Any] = {"steps": 12, "seed": 5, "optimizer": optimizer, "every": 1}
    unbroken = list(iter_vis(model, "relu:1", make, **settings))
    frames = iter_vis(model, "relu:1", make, **settings)
    while next(frames).step < 7:
        pass
    state = frames.state
    frames.close()
    assert (state.step, state.seed) == (7, 5)
    other = iter_vis(model, "relu:1", make, **settings)  # another run of the same program in between
    list(other)
    state.save(tmp_path / "state.npz")
    for where in (state, State.load(tmp_path / "state.npz")):
        first, *rest = iter_vis(model, "relu:1", make, **settings | {"seed": 99}, state=where)
        assert (first.step, first.objective) == (7, None)
        for resumed, frame in zip([first, *rest], unbroken[7:], strict=True):
            assert np.array_equal(resumed.images, frame.images)
            assert resumed.objective in (None, frame.objective)


def test_advance_does_not_change_its_state(model: Tiny) -> None:
    compiled = program(model, closeness)
    state, images = compiled.start(0)
    np.testing.assert_array_equal(images, START)
    first = compiled.advance(state, as_objective(closeness), 3, 96)
    again = compiled.advance(state, as_objective(closeness), 3, 96)
    assert np.array_equal(first.images, again.images)
    assert state.step == 0
    np.testing.assert_array_equal(state.params[0], START)


def test_variables_that_are_not_trainable_keep_their_value(model: Tiny) -> None:
    def make() -> Any:
        scale = tf.Variable(3, trainable=False)
        shift = tf.Variable(np.full(3, 0.25, np.float32), trainable=False)
        return tf.Variable(START) * tf.cast(scale, tf.float32) + shift

    frames = iter_vis(model, "conv:3", make, steps=1, transforms=[], optimizer=keras.optimizers.SGD(1.0))
    first, second = frames
    np.testing.assert_allclose(first.images, 3 * START + 0.25, atol=1e-6)
    assert len(frames.state.params) == 1
    expected = 3 * 3 * 2 * WEIGHTS[:, 3] / 12
    np.testing.assert_allclose(second.images - first.images, np.broadcast_to(expected, START.shape), atol=1e-5)


def test_variables_may_have_different_dtypes(model: Tiny) -> None:
    def make() -> Any:
        one, other = tf.Variable(START), tf.Variable(np.zeros((2, 1, 1, 3)))
        return one + tf.cast(other, tf.float32)

    frames = iter_vis(model, closeness, make, steps=3, transforms=[], every=1)
    images = [frame.images for frame in frames]
    one, other = frames.state.params
    assert (one.dtype, other.dtype) == (tf.float32, tf.float64)
    np.testing.assert_allclose(images[-1], one + tf.cast(other, tf.float32), atol=1e-6)
    assert np.abs(other).max() > 0.1


def test_a_parameterization_draws_random_numbers_in_each_step(model: Tiny) -> None:
    def make() -> Any:
        shade = seeding.uniform([])
        return tf.Variable(np.zeros((1, 1, 1, 3), np.float32)) + shade

    def shades(every: int) -> tuple[list[float], dict[int, float]]:
        """The image's brightness as each step saw it, and in the frames."""
        frames = list(
            iter_vis(model, "input:0", make, steps=6, transforms=[], every=every, optimizer=keras.optimizers.SGD(0.0))
        )
        seen = np.concatenate([frame.objectives for frame in frames]).tolist()
        return seen, {frame.step: frame.images[0, 0, 0, 0] for frame in frames}

    (seen, shown), (seen_in_fewer, shown_in_fewer) = shades(1), shades(4)
    assert len(set(seen)) == 6
    assert len(set(shown.values())) == 7
    assert seen == seen_in_fewer
    assert shown_in_fewer == {step: shown[step] for step in (0, 4, 6)}


@pytest.mark.parametrize(
    ("param_f", "message"),
    [
        (lambda: tf.zeros([1, 4, 4, 3]), "The parameterization has nothing to optimize. Expected param_f to make at"),
        (lambda: np.zeros([1, 4, 4, 3]), "The parameterization returned 'ndarray'. Expected a tensor [batch, height,"),
        (lambda: None, "The parameterization returned 'NoneType'."),
        (lambda: tf.Variable(np.zeros([4, 4, 3], np.float32)) + 0, "returned a tensor of shape (4, 4, 3)."),
    ],
)
def test_rejects_invalid_parameterizations(model: Tiny, param_f: Any, message: str) -> None:
    with pytest.raises(ArgumentError) as error:
        next(iter_vis(model, "conv:1", param_f))
    assert message in str(error.value)


def test_rejects_a_parameterization_whose_variables_change(model: Tiny) -> None:
    made = []

    def grows() -> Any:
        made.append(0)
        return sum(tf.Variable(START) for _ in made)

    frames = iter_vis(model, "conv:1", grows)
    next(frames)
    with pytest.raises(ArgumentError, match="made more variables than when it was first called"):
        next(frames)


def test_an_objective_that_returns_none_is_an_error(model: Tiny) -> None:
    def forgotten(T: Any) -> Any:
        T("conv")

    with pytest.raises(ArgumentError, match=r"Objective\(forgotten\) gave None. .* is a `return` missing\?"):
        list(iter_vis(model, forgotten, pixels(START)))


def test_measure_evaluates_other_objectives_on_the_image(model: Tiny) -> None:
    traced = Counted(pixels(START))
    frames = iter_vis(model, "conv:1", traced, steps=3, transforms=[], every=1)
    next(frames)
    layers = in_numpy(START)
    expected = [layers["conv"][..., 2].mean(), (layers["dense"] ** 2).mean(), layers["dense"].sum()]
    monitors = [channel("conv", 2), deepdream("dense"), Objective(lambda T: T("dense"))]
    assert frames.measure(monitors) == pytest.approx(expected, rel=1e-5)
    calls = traced.calls
    layers = in_numpy(next(frames).images)
    step = traced.calls - calls
    expected = [layers["conv"][..., 3].mean(), (layers["dense"] ** 2).mean(), layers["dense"].sum()]
    assert frames.measure([channel("conv", 3), *monitors[1:]]) == pytest.approx(expected, rel=1e-5)
    assert traced.calls == calls + step
    assert frames.measure([deepdream("relu")]) == pytest.approx([(layers["relu"] ** 2).mean()], rel=1e-5)


def test_standard_transforms_follow_the_seed(model: Tiny) -> None:
    def values(seed: int) -> list[float]:
        frames = iter_vis(model, "conv:1", FROM_START, steps=4, seed=seed, every=1, transforms=standard_transforms)
        return [frame.objective for frame in frames if frame.step]

    assert values(0) == values(0)
    assert values(0) != values(1)


def test_rejects_the_state_of_another_run_or_file(model: Tiny, tmp_path: Path) -> None:
    frames = iter_vis(model, "relu:1", partial(param.image, 16), steps=1)
    next(frames)
    with pytest.raises(ArgumentError, match="its parameterization holds"):
        next(iter_vis(model, "relu:1", partial(param.image, 8), state=frames.state))
    with pytest.raises(ArgumentError, match="its optimizer holds"):
        next(iter_vis(model, "relu:1", partial(param.image, 16), state=frames.state, optimizer=keras.optimizers.SGD()))
    (tmp_path / "other.npz").write_bytes(b"nothing of the kind")
    with pytest.raises(ArgumentError, match="is not the state of an optimization"):
        State.load(tmp_path / "other.npz")


@pytest.mark.parametrize("transforms", [None, []])
def test_noise_ids_render_an_image_of_a_batch_alone(model: Tiny, transforms: Any) -> None:
    objective = sum((channel("relu", unit, batch=unit) for unit in range(1, 4)), channel("relu", 0, batch=0))
    *_, together = iter_vis(model, objective, partial(param.image, 16, batch=4), steps=12, transforms=transforms)
    for unit in range(4):
        *_, alone = iter_vis(
            model,
            channel("relu", unit),
            partial(param.image, 16),
            steps=12,
            transforms=transforms,
            noise_ids=[unit],
        )
        np.testing.assert_allclose(together.images[unit], alone.images[0], atol=1e-4)
    with pytest.raises(ArgumentError, match="noise_ids has 1 numbers"):
        next(iter_vis(model, "relu:1", partial(param.image, 16, batch=4), noise_ids=[1]))
