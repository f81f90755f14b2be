"""`Recording`: kept frames are evenly spaced, within the limit of memory, and include the newest."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lucid_widgets.errors import LucidError
from lucid_widgets.frames import Frame
from lucid_widgets.recording import Recording

FRAME_BYTES = 2 * 2 * 3 * 4


def frame(step: int) -> Frame:
    return Frame(step, float(step), np.zeros((1, 2, 2, 3), np.float32))


def recorded(steps: Iterable[int], **settings: int) -> Recording:
    recording = Recording(**settings)
    for step in steps:
        recording.add(frame(step))
    return recording


def steps_of(recording: Recording) -> list[int]:
    return [each.step for each in recording.frames]


def test_keeps_one_frame_per_interval_and_the_newest() -> None:
    assert steps_of(recorded(range(0, 22), every=8)) == [0, 8, 16, 21]
    assert steps_of(recorded(range(0, 17), every=8)) == [0, 8, 16]
    assert steps_of(recorded(range(0, 4), every=1)) == [0, 1, 2, 3]


def test_a_late_frame_does_not_delay_the_next() -> None:
    assert steps_of(recorded([0, 5, 11, 16, 23, 24, 31], every=8)) == [0, 11, 16, 24, 31]


def test_keeps_nothing_at_an_interval_of_zero() -> None:
    recording = recorded(range(9), every=0)
    assert recording.frames == ()
    assert recording.due_after(3) is None


def test_drops_every_second_frame_when_memory_is_full() -> None:
    recording = recorded(range(0, 11), every=1, max_bytes=4 * FRAME_BYTES)
    # Four frames fit. At step 4, 0 1 2 3 4 becomes 0 2 4; at step 8, 0 2 4 6 8 becomes 0 4 8. Step 10 is the newest.
    assert recording.every == 4
    assert steps_of(recording) == [0, 4, 8, 10]


def test_keeps_a_step_that_comes_twice_once() -> None:
    recording = Recording(every=2)
    for step in (0, 0, 2, 2, 3, 3):
        recording.add(frame(step))
    assert steps_of(recording) == [0, 2, 3]


def test_due_after_is_the_next_multiple_of_the_interval() -> None:
    recording = Recording(every=8)
    assert [recording.due_after(step) for step in (0, 7, 8)] == [8, 8, 16]
    recording.every = 3
    assert recording.due_after(8) == 9


@pytest.mark.parametrize("wrong", [{"every": -1}, {"every": 2.5}, {"max_bytes": 0}])
def test_rejects_invalid_numbers(wrong: dict[str, int]) -> None:
    with pytest.raises(LucidError, match=next(iter(wrong))):
        Recording(**wrong)


@given(gaps=st.lists(st.integers(1, 9), min_size=1, max_size=200), every=st.integers(1, 12), most=st.integers(2, 9))
def test_keeps_evenly_spaced_frames_within_the_limit(gaps: list[int], every: int, most: int) -> None:
    steps = [0, *np.cumsum(gaps).tolist()]
    recording = recorded(steps, every=every, max_bytes=most * FRAME_BYTES)
    kept = steps_of(recording)
    assert kept[0] == 0
    assert kept[-1] == steps[-1]
    assert kept == sorted(set(kept))
    assert len(kept) <= most + 1  # the newest comes in addition
    spans = [step // recording.every for step in kept[1:-1]]
    assert len(set(spans)) == len(spans)  # at most one frame per interval
