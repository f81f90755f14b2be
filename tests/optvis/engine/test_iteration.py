"""Frames of `iter_vis`: their steps and contents, and how a caller changes the run between them."""

from __future__ import annotations

import threading
from functools import partial
from typing import Any

import numpy as np
import pytest
from optvis.engine.runs import brightness, by_tenths, mean
from optvis.tiny_network import Tiny, in_numpy

from lucid_widgets.errors import (
    ArgumentError,
    ExpressionError,
    OutOfRangeError,
    UnknownNameError,
)
from lucid_widgets.optvis import param
from lucid_widgets.optvis.engine import iteration
from lucid_widgets.optvis.engine.program import Program
from lucid_widgets.optvis.objectives import channel, deepdream
from lucid_widgets.optvis.render import iter_vis
from lucid_widgets.runner import Runner

pytestmark = pytest.mark.slow


def test_frames_hold_step_images_and_objectives(model: Tiny) -> None:
    frames = list(iter_vis(model, mean, steps=5, every=2, **by_tenths()))
    assert [frame.step for frame in frames] == [0, 2, 4, 5]
    assert brightness(frames) == [0, 0.2, 0.4, 0.5]
    assert [frame.objective for frame in frames] == [None, *(pytest.approx(x, abs=1e-6) for x in (0.1, 0.3, 0.4))]
    assert [frame.objectives.round(5).tolist() for frame in frames] == [
        [],
        pytest.approx([0, 0.1], abs=1e-5),
        pytest.approx([0.2, 0.3], abs=1e-5),
        pytest.approx([0.4], abs=1e-5),
    ]
    elapsed = [frame.elapsed for frame in frames]
    assert elapsed == sorted(elapsed)
    assert 0 < elapsed[0] < elapsed[-1]
    assert all(frame.images.dtype == np.float32 and frame.images.shape == (1, 2, 2, 3) for frame in frames)


def test_zero_steps_yield_the_initial_image(model: Tiny) -> None:
    frames = iter_vis(model, "conv:1", steps=0)
    (first,) = frames
    assert first.images.shape == (1, 128, 128, 3)
    assert first.images.std() == pytest.approx(0.0028, abs=5e-4)
    with pytest.raises(StopIteration):
        next(frames)


@pytest.mark.parametrize("relu_gradient_override", [True, False])
def test_frames_do_not_depend_on_every(model: Tiny, relu_gradient_override: bool) -> None:
    def run(every: int | None) -> dict[int, np.ndarray]:
        frames = iter_vis(
            model,
            "relu:1",
            steps=24,
            image_size=16,
            seed=7,
            every=every,
            relu_gradient_override=relu_gradient_override,
        )
        return {frame.step: frame.images for frame in frames}

    all_of_them = run(1)
    assert list(all_of_them) == list(range(25))
    for every in (5, 12, None):
        some = run(every)
        assert {0, 24} <= set(some)
        for step, images in some.items():
            assert np.array_equal(images, all_of_them[step])


def test_the_seed_decides_the_image(model: Tiny) -> None:
    def last(seed: int) -> np.ndarray:
        *_, frame = iter_vis(model, "conv:1", steps=3, image_size=8, seed=seed, every=3)
        return frame.images

    assert np.array_equal(last(1), last(1))
    for other in (0, -1, 2**40 + 1):
        assert not np.allclose(last(1), last(other), atol=1e-4)


@pytest.mark.parametrize("size", [1, 7, 16])
def test_works_at_any_image_size(model: Tiny, size: int) -> None:
    *_, last = iter_vis(model, "conv:1", steps=2, image_size=size)
    assert last.images.shape == (1, size, size, 3)
    assert np.isfinite(last.images).all()


def test_objectives_of_a_batch_move_only_their_image(model: Tiny) -> None:
    objective = channel("conv", 0, batch=0) - channel("conv", 0, batch=1)
    make = lambda: param.image(8, batch=3)  # noqa: E731
    first, *_, last = iter_vis(model, objective, make, steps=10, transforms=[])
    moved = (in_numpy(last.images)["conv"] - in_numpy(first.images)["conv"])[..., 0].mean((1, 2))
    assert moved[0] > 0.03
    assert moved[1] < -0.03
    assert moved[2] == pytest.approx(0, abs=1e-6)


def test_calls_grow_until_they_take_the_display_interval(model: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    def steps(interval: float) -> list[int]:
        monkeypatch.setattr(iteration, "DISPLAY_INTERVAL", interval)
        return [frame.step for frame in iter_vis(model, mean, steps=30, **by_tenths())]

    # The first call compiles, so its time says nothing about the speed.
    assert steps(1e9) == [0, 1, 2, 6, 22, 30]
    assert steps(0) == list(range(31))


def test_shorter_turns_make_the_same_frames(model: Tiny) -> None:
    def run(seconds: float) -> dict[int, np.ndarray]:
        frames = iter_vis(model, "relu:1", steps=24, image_size=16, seed=3)
        frames.turn_seconds = seconds
        return {frame.step: frame.images for frame in frames}

    short, long = run(0), run(1e9)
    assert list(short) == list(range(25))
    assert len(long) < len(short)
    for step, images in long.items():
        assert np.array_equal(images, short[step])


def test_frames_stay_multiples_of_every_after_a_shorter_call(model: Tiny) -> None:
    frames = iter_vis(model, mean, steps=3, every=2, **by_tenths())
    assert [frame.step for frame in frames] == [0, 2, 3]
    frames.steps = 7
    assert [frame.step for frame in frames] == [4, 6, 7]


def test_advance_makes_at_most_n_updates(model: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(iteration, "DISPLAY_INTERVAL", 1e9)
    alone = {frame.step: frame for frame in iter_vis(model, mean, steps=24, every=1, **by_tenths())}
    frames = iter_vis(model, mean, steps=24, record_every=5, **by_tenths())
    made = [frames.advance(3), *(frames.advance(n) for n in (1, 1, 3, 100, 2))]
    assert [frame.step for frame in made] == [0, 1, 2, 5, 10, 12]
    for frame in made:
        np.testing.assert_array_equal(frame.images, alone[frame.step].images)
    assert [frame.step for frame in frames.recorded] == [0, 5, 10, 12]
    assert next(frames).step == 15
    frames.steps = 15
    with pytest.raises(StopIteration):
        frames.advance(1)


@pytest.mark.parametrize("n", [0, -1, 1.5, "2"])
def test_advance_rejects_other_than_positive_whole_numbers(model: Tiny, n: Any) -> None:
    frames = iter_vis(model, mean, steps=3, **by_tenths())
    with pytest.raises((ArgumentError, OutOfRangeError), match="Expected a whole number from 1 up"):
        frames.advance(n)


def test_runner_steps_an_optimization_by_exactly_n_updates(model: Tiny) -> None:
    steps: list[int] = []
    runner = Runner(lambda frame: steps.append(frame.step))
    frames = iter_vis(model, mean, steps=40, **by_tenths())
    ends = []
    for n in (1, 1, 1, 1, 1, 10, 3):
        runner.step(n, frames=frames)
        assert runner.wait() == "paused"
        assert runner.frame is not None
        ends.append(runner.frame.step)
    assert ends == [1, 2, 3, 4, 5, 15, 18]
    assert steps[:6] == [0, 1, 2, 3, 4, 5]
    runner.close()


def test_raising_steps_continues_a_finished_run(model: Tiny) -> None:
    frames = iter_vis(model, mean, steps=2, every=1, **by_tenths())
    assert brightness(list(frames)) == [0, 0.1, 0.2]
    assert list(frames) == []
    frames.steps = 4
    assert brightness(list(frames)) == [0.3, 0.4]
    frames.steps = 1
    assert list(frames) == []
    assert (frames.step, frames.steps) == (4, 1)


def test_lowering_steps_does_not_break_a_call_in_preparation(model: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = iter_vis(model, mean, steps=9, every=9, **by_tenths())
    next(frames)
    frames.steps = 3
    next(frames)
    frames.steps = 9

    def lowered(program: Program) -> bool:
        frames.steps = 1  # as another thread might, just now
        return False

    monkeypatch.setattr(Program, "needs_compile", property(lowered))
    assert next(frames).step == 9
    assert list(frames) == []


def test_close_ends_the_iterator_and_keeps_its_state(model: Tiny) -> None:
    frames = iter_vis(model, mean, steps=9, every=1, **by_tenths())
    assert frames.state is None
    next(frames), next(frames)
    frames.close()
    assert list(frames) == []
    frames.steps = 20
    assert list(frames) == []
    assert frames.state.step == frames.step == 1


def test_a_new_objective_continues_from_the_current_image(model: Tiny) -> None:
    frames = iter_vis(model, mean, steps=6, every=1, **by_tenths())
    for _ in range(4):
        next(frames)
    frames.objective = lambda T: -mean(T)
    assert frames.needs_compile
    assert brightness(list(frames)) == [0.2, 0.1, 0.0]


def test_another_thread_may_set_the_objective(model: Tiny) -> None:
    frames = iter_vis(model, "input:0", steps=400, every=1, **by_tenths())
    seen = []
    reached, changed = threading.Event(), threading.Event()

    def steer() -> None:
        reached.wait(60)
        frames.objective = "input:2"
        changed.set()

    thread = threading.Thread(target=steer)
    thread.start()
    for frame in frames:
        seen.append(frame)
        if frame.step == 5:
            reached.set()
            changed.wait(60)
        if frame.step == 12:
            break
    thread.join()
    assert repr(frames.objective) == 'channel("input", 2)'
    # The gradient of one of three channels is three times as large.
    red, green, blue = np.moveaxis(seen[-1].images, -1, 0)
    np.testing.assert_allclose(red, 5 * 0.3, rtol=1e-5)
    np.testing.assert_allclose(blue, 7 * 0.3, rtol=1e-5)
    assert not green.any()
    assert [frame.step for frame in seen] == list(range(13))


def test_an_invalid_objective_changes_nothing(model: Tiny) -> None:
    frames = iter_vis(model, "conv:0", steps=3, image_size=4, every=1)
    next(frames)
    for wrong, kind in (
        ("convv:0", UnknownNameError),
        ("conv:9", OutOfRangeError),
        ("conv:", ExpressionError),
        (channel("conv", 0, batch=1), OutOfRangeError),
        (3, ArgumentError),
    ):
        with pytest.raises(kind):
            frames.objective = wrong
    assert frames.objective == channel("conv", 0)
    assert next(frames).step == 1


def test_needs_compile_tells_whether_the_next_frame_compiles(model: Tiny) -> None:
    make = partial(param.image, 4)
    frames = iter_vis(model, "conv:0", make, steps=2, every=1, transforms=[])
    assert not frames.needs_compile  # the initial image is quick
    next(frames)
    assert frames.needs_compile
    next(frames)
    assert not frames.needs_compile
    frames.objective = "relu:0"
    assert frames.needs_compile
    frames.steps = 1
    assert not frames.needs_compile  # nothing is left to do
    again = iter_vis(model, "conv:3", make, steps=2, every=1, transforms=[])
    next(again)
    assert not again.needs_compile


def test_measure_requires_a_first_frame(model: Tiny) -> None:
    with pytest.raises(ArgumentError, match="There is no image yet"):
        iter_vis(model, "conv:0").measure([deepdream("conv")])


def test_recorded_frames_do_not_depend_on_calls(model: Tiny) -> None:
    alone = {frame.step: frame for frame in iter_vis(model, mean, steps=21, every=1, **by_tenths())}
    frames = iter_vis(model, mean, steps=21, record_every=5, **by_tenths())
    for _ in frames:
        pass
    assert [frame.step for frame in frames.recorded] == [0, 5, 10, 15, 20, 21]
    for frame in frames.recorded:
        np.testing.assert_array_equal(frame.images, alone[frame.step].images)


def test_records_nothing_by_default(model: Tiny) -> None:
    frames = iter_vis(model, mean, steps=2, **by_tenths())
    assert len(list(frames)) >= 2
    assert frames.recorded == ()
