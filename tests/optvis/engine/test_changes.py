"""Changes during a run: the iterator notes them, and `changes=` repeats them byte for byte."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from optvis.tiny_network import Tiny

from lucid_widgets.errors import ArgumentError, UnknownNameError
from lucid_widgets.optvis import param
from lucid_widgets.optvis.engine.optimizers import Adam
from lucid_widgets.optvis.engine.state import State
from lucid_widgets.optvis.render import iter_vis
from lucid_widgets.optvis.speed.plan import MOST_EARLY_STEPS

pytestmark = pytest.mark.slow

SMALL = partial(param.image, 8)


def run(model: Tiny, objective: str = "relu:1", **settings: Any) -> Any:
    return iter_vis(model, objective, SMALL, **{"steps": MOST_EARLY_STEPS + 12, "seed": 3, **settings})


def last(frames: Any) -> np.ndarray:
    *_, frame = frames
    return frame.images


def until(frames: Any, step: int) -> None:
    while frames.step < step:
        frames.advance(step - frames.step) if frames.state else next(frames)


def test_changes_repeat_a_steered_run_byte_for_byte(model: Tiny) -> None:
    frames = run(model)
    until(frames, 5)
    frames.objective = "conv:2"
    until(frames, 9)
    frames.setup = type(frames.setup)(SMALL, frames.setup.transforms, Adam(0.01))
    until(frames, 11)
    frames.objective = "relu:1"  # compiled already, unlike on its first use
    steered = last(frames)
    assert [change.step for change in frames.changes] == [5, 9, 11]
    assert [repr(change.objective) for change in frames.changes] == [
        'channel("conv", 2)',
        'channel("conv", 2)',
        'channel("relu", 1)',
    ]
    again = run(
        model,
        changes={11: {"objective": "relu:1"}, 5: {"objective": "conv:2"}, 9: {"optimizer": Adam(0.01)}},
    )
    assert last(again).tobytes() == steered.tobytes()
    assert last(run(model)).tobytes() != steered.tobytes()


def test_a_run_continues_after_a_change_of_structure_as_if_it_had_never_stopped(model: Tiny, tmp_path: Any) -> None:
    steps = MOST_EARLY_STEPS + 20
    whole = last(run(model, steps=steps, changes={6: {"objective": "conv:2"}}))
    frames = run(model, steps=steps, changes={6: {"objective": "conv:2"}})
    until(frames, 10)
    assert frames.state.late_from == 6 + MOST_EARLY_STEPS
    frames.state.save(tmp_path / "state.npz")
    continued = run(model, "conv:2", steps=steps, state=State.load(tmp_path / "state.npz"))
    assert last(continued).tobytes() == whole.tobytes()


def test_going_back_before_the_next_step_is_no_change(model: Tiny) -> None:
    frames = run(model, steps=4)
    until(frames, 2)
    before = frames.objective
    frames.objective = "conv:2"
    frames.objective = before
    last(frames)
    assert frames.changes == ()


def test_rejects_what_cannot_change_during_a_run(model: Tiny) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'objective'"):
        run(model, changes={1: {"objectiv": "relu:1"}})
    with pytest.raises(ArgumentError, match="changes is"):
        run(model, changes=[("objective", "relu:1")])
    with pytest.raises(UnknownNameError, match="relu2"):
        run(model, changes={1: {"objective": "relu2:1"}})
