"""The compiled step: its numbers, what it compiles and when, and where it can be picked up again."""

from __future__ import annotations

import gc
import threading
import weakref
from collections import OrderedDict
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from optvis.tiny_network import WEIGHTS, Counted, Tiny, in_numpy, pixels

from lucid_widgets.errors import ArgumentError, ModelError, NonFiniteObjectiveError
from lucid_widgets.optvis import param, seeding
from lucid_widgets.optvis.engine import program_cache
from lucid_widgets.optvis.engine.optimizers import Adam, as_optimizer
from lucid_widgets.optvis.engine.program import Program
from lucid_widgets.optvis.engine.program_cache import program_for
from lucid_widgets.optvis.engine.setup import Setup
from lucid_widgets.optvis.engine.state import State
from lucid_widgets.optvis.objectives import Objective, as_objective, channel, deepdream, neuron, wrap_objective
from lucid_widgets.optvis.render import iter_vis
from lucid_widgets.optvis.speed.plan import EARLY_STEPS
from lucid_widgets.optvis.transform import jitter, random_affine, standard_transforms

pytestmark = pytest.mark.slow

START = np.random.default_rng(0).random((2, 3, 2, 3)).astype(np.float32)
FROM_START = pixels(START)
OURS = partial(param.image, 3)
"""What programs are shared for: made of the package's own functions alone."""
TARGET = np.asarray([0.2, 0.5, 0.9], np.float32)


def program(model: Tiny, objective: Any = "conv:1", param_f: Any = FROM_START, **settings: Any) -> Program:
    own = settings.pop("own", OrderedDict())
    setup = Setup(**{"param_f": param_f, "transforms": (), "optimizer": Adam(), **settings})
    return program_for(model, as_objective(objective), setup, own)


def closeness(T: Any) -> Any:
    return -tf.reduce_sum(tf.square(T("input") - TARGET))


def adam_towards_target(steps: int) -> tuple[list[np.ndarray], list[float]]:
    """Images and objective values of Adam (TensorFlow 1's form) on `closeness`, in NumPy."""
    image, mean, square = START.astype(np.float64), 0.0, 0.0
    images, values = [image], []
    for t in range(1, steps + 1):
        values.append(-np.sum((image - TARGET) ** 2))
        grad = 2 * (image - TARGET)
        mean, square = 0.9 * mean + 0.1 * grad, 0.999 * square + 0.001 * grad**2
        rate = 0.05 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        image = image - rate * mean / (np.sqrt(square) + 1e-8)
        images.append(image)
    return images, values


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


def test_builds_only_the_layers_of_the_objective(model: Tiny) -> None:
    list(iter_vis(model, channel("relu", 0), pixels(START), steps=1, transforms=[]))
    assert set(model.asked) == {"relu"}


def test_only_a_different_layer_traces_again(model: Tiny) -> None:
    traced = Counted(pixels(START))
    objective = channel("conv", 0) - 0.5 * neuron("conv", 1, 0, 1, batch=0)
    frames = iter_vis(model, objective, traced, steps=60, transforms=[], every=1, optimizer=keras.optimizers.SGD(0.0))
    next(frames)
    assert traced.calls == 1
    conv = in_numpy(START)["conv"]

    def value() -> float:
        return next(frames).objective

    assert value() == pytest.approx(conv[..., 0].mean() - 0.5 * conv[0, 0, 1, 1], rel=1e-5)
    calls = traced.calls
    frames.objective = channel("conv", 3) - -2 * neuron("conv", 2, 2, 0, batch=1)
    assert not frames.needs_compile
    assert value() == pytest.approx(conv[..., 3].mean() + 2 * conv[1, 2, 0, 2], rel=1e-5)
    frames.objective = objective
    assert value() == pytest.approx(conv[..., 0].mean() - 0.5 * conv[0, 0, 1, 1], rel=1e-5)
    assert traced.calls == calls

    frames.objective = "relu:2"
    assert frames.needs_compile
    assert value() == pytest.approx(in_numpy(START)["relu"][..., 2].mean(), rel=1e-5)
    assert traced.calls > calls
    # And back: what was compiled once is kept.
    calls = traced.calls
    frames.objective = objective
    assert not frames.needs_compile
    value()
    assert traced.calls == calls


def test_equal_structures_share_a_program(model: Tiny) -> None:
    assert program(model, param_f=OURS) is program(model, "conv:3", OURS)
    make = partial(param.image, 16)
    assert program(model, param_f=make) is program(model, param_f=partial(param.image, 16))
    assert program(model, param_f=make) is not program(model, param_f=partial(param.image, 17))
    assert program(model, param_f=make) is not program(model, param_f=partial(param.image, 16, batch=2))
    arrays = [partial(param.pixel_image, (1, 1, 1, 3), init_val=np.full((1, 1, 1, 3), each)) for each in (0, 0, 1)]
    assert program(model, param_f=arrays[0]) is program(model, param_f=arrays[1])
    assert program(model, param_f=arrays[0]) is not program(model, param_f=arrays[2])


@pytest.mark.parametrize(
    "other",
    [
        {"objective": "relu:1"},
        {"objective": deepdream("conv")},
        {"transforms": (jitter(1),)},
        {"optimizer": Adam(0.1)},
        {"relu_gradient_override": False},
        {"param_f": pixels(START)},
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_different_structures_do_not_share_a_program(model: Tiny, other: Any) -> None:
    assert program(model) is not program(model, **other)


def test_two_models_do_not_share_a_program(model: Tiny) -> None:
    assert program(model) is not program(Tiny())


def test_threads_trace_a_shared_program_once(model: Tiny) -> None:
    alone = Tiny()
    list(iter_vis(alone, "conv:1", OURS, steps=1, transforms=[]))
    runs = [iter_vis(model, f"conv:{i}", OURS, steps=2, transforms=[], every=1) for i in range(4)]
    ready = threading.Barrier(len(runs))

    def go(frames: Any) -> None:
        next(frames)
        ready.wait()
        next(frames)

    threads = [threading.Thread(target=go, args=(frames,)) for frames in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [frames.step for frames in runs] == [1] * 4
    assert model.asked == alone.asked  # the layer is built while tracing


def test_programs_of_package_functions_are_shared_between_runs(model: Tiny) -> None:
    same = {"param_f": partial(param.image, 3), "transforms": standard_transforms, "optimizer": Adam()}
    assert program(model, "conv:1", **same) is program(model, "conv:0", **same)
    assert program(model, "conv:1", **same) is not program(model, "relu:1", **same)


def test_user_functions_are_traced_again_in_each_run(model: Tiny) -> None:
    size = 4

    def sized() -> Any:
        return param.image(size)

    def brightness(T: Any) -> Any:
        return tf.reduce_mean(T("input")) * size

    @wrap_objective
    def scaled(layer: str) -> Any:
        return lambda T: tf.reduce_mean(T(layer)) * size

    def darker(t: Any) -> Any:
        return t / size

    before = [next(iter_vis(model, "conv:1", sized, steps=1)).images.shape]
    settings: list[dict[str, Any]] = [
        {"objective": brightness},
        {"objective": scaled("relu")},
        {"objective": channel("conv", 1), "transforms": [darker]},
    ]
    first = [list(iter_vis(model, **each, image_size=4, steps=1))[-1].objective for each in settings]
    size = 8
    assert [*before, next(iter_vis(model, "conv:1", sized, steps=1)).images.shape] == [(1, 4, 4, 3), (1, 8, 8, 3)]
    second = [list(iter_vis(model, **each, image_size=4, steps=1))[-1].objective for each in settings]
    assert second[:2] == pytest.approx([2 * value for value in first[:2]])
    assert second[2] != first[2]


def test_user_functions_are_traced_once_within_a_run(model: Tiny) -> None:
    counted = Counted(pixels(START))
    frames = iter_vis(model, "conv:1", counted, steps=9, transforms=[], every=1)
    next(frames), next(frames)
    calls = counted.calls
    frames.objective = "conv:2"
    next(frames)
    frames.objective = "relu:2"
    next(frames)
    frames.objective = "conv:0"
    next(frames)
    # Only the other layer was compiled.
    assert counted.calls - calls == calls - 1


def test_the_least_recently_used_program_is_dropped_first(model: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program_cache, "MAX_PROGRAMS", 3)
    made = partial(program, model, param_f=OURS)
    first, second, third = (made(transforms=[random_affine(margin=margin)]) for margin in range(3))
    assert made(transforms=[random_affine(margin=0)]) is first
    made(transforms=[random_affine(margin=3)])
    assert made(transforms=[random_affine(margin=0)]) is first
    assert made(transforms=[random_affine(margin=2)]) is third
    assert made(transforms=[random_affine(margin=1)]) is not second


def test_a_run_survives_the_loss_of_its_cached_program(model: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program_cache, "MAX_PROGRAMS", 1)
    frames = iter_vis(model, closeness, pixels(START), steps=4, transforms=[], every=2)
    next(frames), next(frames)
    program(model, "relu:0", OURS)
    np.testing.assert_allclose(next(frames).images, adam_towards_target(4)[0][-1], atol=1e-5)


def test_programs_are_released_with_their_model() -> None:
    model = Tiny()
    frames = iter_vis(model, "conv:1", OURS, steps=1, transforms=[])
    list(frames)
    gone, kept = weakref.ref(model), weakref.ref(program(model, param_f=OURS))
    count = len(program_cache._shared)
    del model
    gc.collect()
    assert gone() is not None  # the iterator still needs it
    del frames
    gc.collect()
    assert gone() is None
    assert kept() is None
    assert len(program_cache._shared) < count


def test_a_program_without_its_model_is_an_error() -> None:
    model = Tiny()
    orphan = program(model)
    state, _ = orphan.start(0)
    del model
    gc.collect()
    with pytest.raises(ModelError, match=r"The model is gone\. Keep a reference to it"):
        orphan.advance(state, as_objective("conv:1"), 1)


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
    first = compiled.advance(state, as_objective(closeness), 3)
    again = compiled.advance(state, as_objective(closeness), 3)
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


def test_numbers_of_custom_objectives_are_fed_as_tensors(model: Tiny) -> None:
    traces = []

    @wrap_objective(numbers=("power",))
    def scaled(power: int) -> Any:
        def inner(T: Any) -> Any:
            traces.append(power)
            return tf.reduce_mean(T("input")) * tf.cast(power, tf.float32)

        return inner

    frames = iter_vis(
        model, scaled(2), pixels(START), steps=9, transforms=[], every=1, optimizer=keras.optimizers.SGD(0.0)
    )
    next(frames)
    assert next(frames).objective == pytest.approx(2 * START.mean(), rel=1e-5)
    count = len(traces)
    frames.objective = scaled(5)
    assert next(frames).objective == pytest.approx(5 * START.mean(), rel=1e-5)
    assert len(traces) == count


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


def test_numbers_of_optimizer_and_transforms_compile_nothing(model: Tiny) -> None:
    counted = Counted(OURS)
    frames = iter_vis(model, "conv:1", counted, steps=9, transforms=[random_affine()], every=1)
    next(frames), next(frames)
    calls = counted.calls
    frames.setup = replace(frames.setup, optimizer=Adam(0.0), transforms=[random_affine(shift=0, scale=0, rotate=0)])
    still = next(frames)
    assert counted.calls == calls
    # Without random numbers and at a learning rate of zero, nothing moves and the objective stays what it is.
    following = [next(frames) for _ in range(2)]
    assert all(np.array_equal(frame.images, still.images) for frame in following)
    assert following[0].objective == following[1].objective
    with pytest.raises(ArgumentError, match="cannot change its parameterization"):
        frames.setup = replace(frames.setup, optimizer=as_optimizer(keras.optimizers.SGD()))


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


@pytest.mark.usefixtures("fast_plan")
def test_a_thread_compiles_the_late_program_during_early_steps(model: Tiny) -> None:
    frames = iter_vis(model, "relu:1", partial(param.image, 16), steps=EARLY_STEPS + 4, every=8)
    next(frames), next(frames)
    program = frames._task[2]
    assert program._compiler is not None, "nobody compiles the late steps"
    program._compiler.join(timeout=120)
    assert program._late.ready
    *_, last = frames
    assert last.step == EARLY_STEPS + 4
    short = iter_vis(model, "conv:1", partial(param.image, 16), steps=EARLY_STEPS, every=8)
    list(short)
    assert short._task[2]._compiler is None, "a run that ends before needs no late steps"


@pytest.mark.usefixtures("fast_plan")
def test_callers_need_not_block_while_the_late_program_compiles(model: Tiny) -> None:
    frames = iter_vis(model, "relu:1", partial(param.image, 16), steps=EARLY_STEPS + 4)
    assert frames.wait_until_ready(0)
    while frames.step < EARLY_STEPS:
        next(frames)
    assert frames.step == EARLY_STEPS, "a call went beyond, where it may have to wait"
    while not frames.wait_until_ready(0.05):
        assert frames.step == EARLY_STEPS
    assert frames._task[2]._late.ready
    assert [frame.step for frame in frames][-1] == EARLY_STEPS + 4


@pytest.mark.usefixtures("fast_plan")
def test_a_new_structure_late_in_a_run_starts_with_early_steps(model: Tiny) -> None:
    frames = iter_vis(model, "relu:1", partial(param.image, 16), steps=10 * EARLY_STEPS, every=EARLY_STEPS)
    while next(frames).step < 2 * EARLY_STEPS:
        pass
    frames.objective = "conv:1"
    next(frames)
    program = frames._task[2]
    assert program._early.ready
    assert frames.step <= 3 * EARLY_STEPS


def test_a_non_finite_late_step_is_reported_with_its_number(model: Tiny) -> None:
    """Also where a call crosses from the early steps to the late ones."""
    logarithm = lambda T: tf.math.log(tf.reduce_mean(T("input")) - 0.4)  # noqa: E731
    descending = iter_vis(
        model,
        -1 * Objective(logarithm),
        pixels(np.full((1, 4, 4, 3), 0.5)),
        steps=400,
        transforms=[],
        optimizer=keras.optimizers.SGD(0.003),
        every=EARLY_STEPS + 50,
    )
    with pytest.raises(NonFiniteObjectiveError) as caught:
        list(descending)
    assert caught.value.step > EARLY_STEPS
    assert descending.step == caught.value.step - 1
