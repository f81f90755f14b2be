"""Runs that fail: what the error reports, which frames come before it, and how the run continues."""

from __future__ import annotations

import collections

import keras
import numpy as np
import pytest
import tensorflow as tf
from optvis.engine.runs import brightness, by_tenths, mean, replaced_above
from optvis.tiny_network import Tiny

from lucid_widgets.errors import NonFiniteObjectiveError
from lucid_widgets.frames import Frame
from lucid_widgets.optvis.engine.iteration import FrameIterator
from lucid_widgets.optvis.objectives import neuron
from lucid_widgets.optvis.render import iter_vis

pytestmark = pytest.mark.slow


def until_error(frames: FrameIterator) -> tuple[list[Frame], NonFiniteObjectiveError]:
    """Return the frames before the failure, and the error."""
    seen: list[Frame] = []
    with pytest.raises(NonFiniteObjectiveError) as error:
        collections.deque(map(seen.append, frames))
    return seen, error.value


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(("every", "steps"), [(1, [0, 1, 2, 3, 4]), (3, [0, 3, 4]), (4, [0, 4]), (10, [0, 4])])
def test_a_non_finite_objective_ends_the_run_at_its_step(
    model: Tiny, value: float, every: int, steps: list[int]
) -> None:
    frames = iter_vis(model, replaced_above(0.35, value), steps=20, every=every, **by_tenths())
    # Four steps are made; the fifth finds the mean at 0.4.
    seen, error = until_error(frames)
    assert error.step == 5
    assert str(error).startswith(f"The objective became {value} at step 5 of Objective(<lambda>).")
    assert "A smaller learning rate or a bounded objective often helps." in error.hint
    assert [frame.step for frame in seen] == steps
    assert brightness(seen) == [step / 10 for step in steps]
    objectives = np.concatenate([frame.objectives for frame in seen])
    np.testing.assert_allclose(objectives, [0, 0.1, 0.2, 0.3], atol=1e-6)
    assert frames.step == 4


def test_nan_on_the_initial_image_is_reported_as_such(model: Tiny) -> None:
    frames = iter_vis(model, neuron("conv", 0, x=99), steps=20, image_size=4)
    first = next(frames)
    for _ in range(2):
        with pytest.raises(NonFiniteObjectiveError) as error:
            next(frames)
        assert error.value.step == 1
        assert str(error.value).startswith('The objective became nan at step 1 of neuron("conv", 0, x=99).')
        assert "This happens on the initial image already: look for a neuron outside its layer" in error.value.hint
    frames.objective = "conv:0"
    assert next(frames).step == 1
    assert first.step == 0


@pytest.mark.parametrize("clipped", [None, 1.0])
def test_an_infinite_gradient_ends_the_run(model: Tiny, clipped: float | None) -> None:
    # The square root has an infinite slope at zero, which clipping would hide.
    settings = by_tenths(optimizer=keras.optimizers.SGD(1.2, clipvalue=clipped))
    frames = iter_vis(model, lambda T: tf.reduce_sum(tf.sqrt(T("input"))), steps=3, **settings)
    next(frames)
    with pytest.raises(NonFiniteObjectiveError) as error:
        next(frames)
    assert error.value.step == 1
    assert "The gradient of the objective, or the update along it, became NaN or infinite at step 1" in str(error.value)
    assert "for the root or logarithm of zero in the objective" in error.value.hint
    assert not frames.state.params[0].numpy().any()


def test_an_update_that_overflows_is_not_applied(model: Tiny) -> None:
    settings = by_tenths(optimizer=keras.optimizers.SGD(1e38))
    frames = iter_vis(model, lambda T: 1e3 * tf.reduce_sum(T("input")), steps=3, every=3, **settings)
    assert brightness([next(frames)]) == [0]
    with pytest.raises(NonFiniteObjectiveError) as error:
        next(frames)
    assert error.value.step == 1
    assert not frames.state.params[0].numpy().any()


def test_a_run_can_continue_after_an_error(model: Tiny) -> None:
    frames = iter_vis(model, replaced_above(0.15, np.nan), steps=20, every=1, **by_tenths())
    with pytest.raises(NonFiniteObjectiveError):
        list(frames)
    frames.objective = mean
    frames.steps = 4
    assert brightness(list(frames)) == [0.3, 0.4]
