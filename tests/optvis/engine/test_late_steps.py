"""Early and late steps: when the optimized program compiles, and how a run changes over to it."""

from __future__ import annotations

import threading
from functools import partial
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf
from optvis.tiny_network import Tiny, pixels

from lucid_widgets.errors import NonFiniteObjectiveError
from lucid_widgets.optvis import param
from lucid_widgets.optvis.objectives import Objective
from lucid_widgets.optvis.render import iter_vis
from lucid_widgets.optvis.speed.plan import MOST_EARLY_STEPS

pytestmark = pytest.mark.slow


@pytest.mark.usefixtures("fast_plan")
def test_a_thread_compiles_the_late_program_during_early_steps(model: Tiny) -> None:
    frames = iter_vis(model, "relu:1", partial(param.image, 16), steps=MOST_EARLY_STEPS + 4, every=8)
    next(frames), next(frames)
    program = frames._task[2]
    assert program._compiler is not None, "nobody compiles the late steps"
    program._compiler.join(timeout=120)
    assert program._late.ready
    *_, last = frames
    assert last.step == MOST_EARLY_STEPS + 4
    short = iter_vis(model, "conv:1", partial(param.image, 16), steps=MOST_EARLY_STEPS, every=8)
    list(short)
    assert short._task[2]._compiler is None, "a run that ends before needs no late steps"


@pytest.mark.usefixtures("fast_plan")
def test_no_thread_starts_to_compile_while_the_interpreter_ends(model: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing would wait for it, and a thread that is inside TensorFlow then aborts the process."""
    steps = MOST_EARLY_STEPS + 4
    frames = iter_vis(model, "relu:1", partial(param.image, 20), steps=steps, every=8)
    with monkeypatch.context() as ending:
        ending.setattr(threading, "main_thread", lambda: SimpleNamespace(is_alive=lambda: False))
        while frames.step < steps:
            next(frames)
    program = frames._task[2]
    assert program._compiler is None
    assert program._late.ready, "the late steps ran without being compiled"


@pytest.mark.usefixtures("fast_plan")
def test_callers_need_not_block_while_the_late_program_compiles(model: Tiny) -> None:
    frames = iter_vis(model, "relu:1", partial(param.image, 16), steps=MOST_EARLY_STEPS + 4)
    assert frames.wait_until_ready(0)
    while frames.step < MOST_EARLY_STEPS:
        next(frames)
    assert frames.step == MOST_EARLY_STEPS, "a call went beyond, where it may have to wait"
    while not frames.wait_until_ready(0.05):
        assert frames.step == MOST_EARLY_STEPS
    assert frames._task[2]._late.ready
    assert [frame.step for frame in frames][-1] == MOST_EARLY_STEPS + 4


@pytest.mark.usefixtures("fast_plan")
def test_a_new_structure_late_in_a_run_starts_with_early_steps(model: Tiny) -> None:
    frames = iter_vis(model, "relu:1", partial(param.image, 16), steps=10 * MOST_EARLY_STEPS, every=MOST_EARLY_STEPS)
    while next(frames).step < 2 * MOST_EARLY_STEPS:
        pass
    frames.objective = "conv:1"
    next(frames)
    program = frames._task[2]
    assert program._early.ready
    assert frames.step <= 3 * MOST_EARLY_STEPS


def test_a_non_finite_late_step_is_reported_with_its_number(model: Tiny) -> None:
    """Also where a call crosses from the early steps to the late ones."""
    logarithm = lambda T: tf.math.log(tf.reduce_mean(T("input")) - 0.4)  # noqa: E731
    descending = iter_vis(
        model,
        -1 * Objective(logarithm),
        pixels(np.full((1, 4, 4, 3), 0.5)),
        steps=400,
        transforms=[],
        optimizer=keras.optimizers.SGD(0.0022),
        every=MOST_EARLY_STEPS + 50,
    )
    with pytest.raises(NonFiniteObjectiveError) as caught:
        list(descending)
    assert caught.value.step > MOST_EARLY_STEPS
    assert descending.step == caught.value.step - 1
