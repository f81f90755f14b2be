"""Who gets a picture, and when: the accounts alone, with a clock that the test turns."""

from __future__ import annotations

import pytest

from lucid_widgets.widgets._core.flow_control import FRAME_SECONDS, GRACE_SECONDS, MAX_CLIENTS, FlowControl


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def flow(clock: Clock) -> FlowControl:
    return FlowControl(clock=clock)


def test_a_want_is_answered_at_once_if_there_is_something_newer(flow: FlowControl) -> None:
    assert flow.want("a", 3, 4, moving=True)
    assert not flow.publish(5, moving=True)


def test_a_want_for_what_is_not_there_yet_is_a_credit_for_one_picture(flow: FlowControl) -> None:
    assert not flow.want("a", 4, 4, moving=True)
    assert flow.publish(5, moving=True)
    assert not flow.publish(6, moving=True)


def test_nothing_is_sent_to_nobody(flow: FlowControl) -> None:
    assert not flow.publish(1, moving=True)
    flow.hello("a")
    assert not flow.publish(2, moving=True)


def test_no_page_gets_more_than_fifteen_pictures_a_second(flow: FlowControl, clock: Clock) -> None:
    sent = 0
    flow.want("a", 0, 0, moving=True)
    for newest in range(1, 1001):  # ten seconds of a hundred pictures each, acknowledged at once
        clock.now += 0.01
        if flow.publish(newest, moving=True):
            sent += 1
            sent += flow.want("a", newest, newest, moving=True)
    assert 130 <= sent <= 151


def test_a_want_that_comes_too_early_is_answered_by_the_next_picture_in_time(flow: FlowControl, clock: Clock) -> None:
    assert flow.want("a", 0, 1, moving=True)
    clock.now += FRAME_SECONDS / 2
    assert not flow.want("a", 1, 2, moving=True)
    assert not flow.publish(3, moving=True)
    clock.now += FRAME_SECONDS
    assert flow.publish(4, moving=True)


def test_at_rest_there_is_no_limit_as_nothing_follows(flow: FlowControl, clock: Clock) -> None:
    assert flow.want("a", 0, 1, moving=True)
    clock.now += 0.001
    assert flow.want("a", 1, 2, moving=False)
    flow.want("a", 2, 2, moving=False)
    assert flow.publish(3, moving=False)


def test_a_slow_page_is_sent_the_newest_only(flow: FlowControl, clock: Clock) -> None:
    assert flow.want("a", 0, 1, moving=True)
    for newest in range(2, 9):
        clock.now += 0.1
        assert not flow.publish(newest, moving=True)
    assert flow.want("a", 1, 8, moving=True)


def test_an_unacknowledged_picture_is_followed_by_one_each_second_for_a_minute(flow: FlowControl, clock: Clock) -> None:
    flow.want("a", 0, 1, moving=True)
    newest, times = 1, []
    for tick in range(1, 1000):
        clock.now = 1000 + tick / 10
        newest += 1
        if flow.publish(newest, moving=True):
            times.append(tick / 10)
    assert times == [float(second) for second in range(1, 61)]
    assert flow.want("a", 1, newest, moving=True)


def test_a_page_that_acknowledged_is_not_sent_unasked(flow: FlowControl, clock: Clock) -> None:
    flow.want("a", 0, 1, moving=True)
    flow.want("a", 1, 1, moving=True)
    flow.hidden("a")
    clock.now += 5
    assert not flow.publish(2, moving=True)


def test_a_hidden_page_gets_nothing_until_it_asks(flow: FlowControl, clock: Clock) -> None:
    flow.want("a", 0, 1, moving=True)
    flow.hidden("a")
    for newest in range(2, 50):
        clock.now += 1
        assert not flow.publish(newest, moving=True)
    assert flow.want("a", 1, 49, moving=True)


def test_a_sent_picture_settles_the_credit_of_all_pages(flow: FlowControl) -> None:
    flow.want("a", 1, 1, moving=True)
    flow.want("b", 1, 1, moving=True)
    assert flow.publish(2, moving=True)
    assert not flow.publish(3, moving=True)


def test_one_page_that_asks_is_enough(flow: FlowControl, clock: Clock) -> None:
    flow.hello("asleep")
    flow.hidden("asleep")
    flow.want("awake", 1, 1, moving=True)
    assert flow.publish(2, moving=True)


def test_where_pushing_is_ruled_out_only_wants_are_answered(clock: Clock) -> None:
    flow = FlowControl(push=False, clock=clock)
    assert not flow.want("a", 1, 1, moving=True)
    assert not flow.publish(2, moving=True)
    assert flow.want("a", 1, 2, moving=True)
    clock.now += 2
    assert not flow.publish(3, moving=True)
    assert flow.want("a", 2, 3, moving=True)


def test_the_last_good_bye_during_a_run_ends_it_after_a_grace(flow: FlowControl, clock: Clock) -> None:
    flow.hello("a")
    flow.hello("b")
    flow.bye("a", moving=True)
    clock.now += 10
    assert not flow.abandoned
    flow.bye("b", moving=True)
    assert not flow.abandoned
    clock.now += GRACE_SECONDS
    assert flow.abandoned


@pytest.mark.parametrize("comes_back", ["hello", "want", "hidden"])
def test_a_page_that_comes_within_the_grace_keeps_the_run(comes_back: str, flow: FlowControl, clock: Clock) -> None:
    flow.hello("a")
    flow.bye("a", moving=True)
    clock.now += 1
    if comes_back == "want":
        flow.want("b", 0, 0, moving=True)
    else:
        getattr(flow, comes_back)("b")
    clock.now += 60
    assert not flow.abandoned


def test_a_good_bye_while_nothing_runs_means_nothing(flow: FlowControl, clock: Clock) -> None:
    flow.hello("a")
    flow.bye("a", moving=False)
    clock.now += 60
    assert not flow.abandoned


def test_starting_from_python_forgives_a_good_bye(flow: FlowControl, clock: Clock) -> None:
    flow.hello("a")
    flow.bye("a", moving=True)
    flow.forgive()
    clock.now += 60
    assert not flow.abandoned


def test_a_stranger_cannot_end_a_run(flow: FlowControl, clock: Clock) -> None:
    flow.bye("nobody", moving=True)
    clock.now += 60
    assert not flow.abandoned


def test_vanished_and_hidden_pages_never_end_a_run(flow: FlowControl, clock: Clock) -> None:
    flow.hello("vanished")
    flow.hidden("hidden")
    clock.now += 3600
    assert not flow.abandoned


def test_the_page_before_a_reload_does_not_count_for_ever(flow: FlowControl, clock: Clock) -> None:
    flow.hello("before")
    clock.now += 61
    flow.hello("after")
    flow.bye("after", moving=True)
    clock.now += GRACE_SECONDS
    assert flow.abandoned


def test_memory_is_bounded(flow: FlowControl, clock: Clock) -> None:
    for number in range(10 * MAX_CLIENTS):
        clock.now += 1
        flow.want(f"page {number}", 0, 0, moving=True)
    assert len(flow._clients) == MAX_CLIENTS
    assert f"page {10 * MAX_CLIENTS - 1}" in flow._clients
