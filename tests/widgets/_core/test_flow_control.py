"""Who gets a picture, and when: the accounts alone, with a clock that the test turns."""

from __future__ import annotations

import pytest

from lucid_widgets.widgets._core.flow_control import FRAME_SECONDS, GRACE_SECONDS, MAX_CLIENTS, Stream


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stream(clock: Clock) -> Stream:
    return Stream(clock=clock)


def test_a_want_is_answered_at_once_if_there_is_something_newer(stream: Stream) -> None:
    assert stream.want("a", 3, 4, moving=True)
    assert not stream.publish(5, moving=True)


def test_a_want_for_what_is_not_there_yet_is_a_credit_for_one_picture(stream: Stream) -> None:
    assert not stream.want("a", 4, 4, moving=True)
    assert stream.publish(5, moving=True)
    assert not stream.publish(6, moving=True)


def test_nothing_is_sent_to_nobody(stream: Stream) -> None:
    assert not stream.publish(1, moving=True)
    stream.hello("a")
    assert not stream.publish(2, moving=True)


def test_no_page_gets_more_than_fifteen_pictures_a_second(stream: Stream, clock: Clock) -> None:
    sent = 0
    stream.want("a", 0, 0, moving=True)
    for newest in range(1, 1001):  # ten seconds of a hundred pictures each, acknowledged at once
        clock.now += 0.01
        if stream.publish(newest, moving=True):
            sent += 1
            sent += stream.want("a", newest, newest, moving=True)
    assert 130 <= sent <= 151


def test_a_want_that_comes_too_early_is_answered_by_the_next_picture_in_time(stream: Stream, clock: Clock) -> None:
    assert stream.want("a", 0, 1, moving=True)
    clock.now += FRAME_SECONDS / 2
    assert not stream.want("a", 1, 2, moving=True)
    assert not stream.publish(3, moving=True)
    clock.now += FRAME_SECONDS
    assert stream.publish(4, moving=True)


def test_at_rest_there_is_no_limit_as_nothing_follows(stream: Stream, clock: Clock) -> None:
    assert stream.want("a", 0, 1, moving=True)
    clock.now += 0.001
    assert stream.want("a", 1, 2, moving=False)
    stream.want("a", 2, 2, moving=False)
    assert stream.publish(3, moving=False)


def test_a_slow_page_is_sent_the_newest_only(stream: Stream, clock: Clock) -> None:
    assert stream.want("a", 0, 1, moving=True)
    for newest in range(2, 9):
        clock.now += 0.1
        assert not stream.publish(newest, moving=True)
    assert stream.want("a", 1, 8, moving=True)


def test_an_unacknowledged_picture_is_followed_by_one_each_second_for_a_minute(stream: Stream, clock: Clock) -> None:
    stream.want("a", 0, 1, moving=True)
    newest, times = 1, []
    for tick in range(1, 1000):
        clock.now = 1000 + tick / 10
        newest += 1
        if stream.publish(newest, moving=True):
            times.append(tick / 10)
    assert times == [float(second) for second in range(1, 61)]
    assert stream.want("a", 1, newest, moving=True)


def test_a_page_that_acknowledged_is_not_sent_unasked(stream: Stream, clock: Clock) -> None:
    stream.want("a", 0, 1, moving=True)
    stream.want("a", 1, 1, moving=True)
    stream.hidden("a")
    clock.now += 5
    assert not stream.publish(2, moving=True)


def test_a_hidden_page_gets_nothing_until_it_asks(stream: Stream, clock: Clock) -> None:
    stream.want("a", 0, 1, moving=True)
    stream.hidden("a")
    for newest in range(2, 50):
        clock.now += 1
        assert not stream.publish(newest, moving=True)
    assert stream.want("a", 1, 49, moving=True)


def test_a_sent_picture_settles_the_credit_of_all_pages(stream: Stream) -> None:
    stream.want("a", 1, 1, moving=True)
    stream.want("b", 1, 1, moving=True)
    assert stream.publish(2, moving=True)
    assert not stream.publish(3, moving=True)


def test_one_page_that_asks_is_enough(stream: Stream, clock: Clock) -> None:
    stream.hello("asleep")
    stream.hidden("asleep")
    stream.want("awake", 1, 1, moving=True)
    assert stream.publish(2, moving=True)


def test_where_pushing_is_ruled_out_only_wants_are_answered(clock: Clock) -> None:
    stream = Stream(push=False, clock=clock)
    assert not stream.want("a", 1, 1, moving=True)
    assert not stream.publish(2, moving=True)
    assert stream.want("a", 1, 2, moving=True)
    clock.now += 2
    assert not stream.publish(3, moving=True)
    assert stream.want("a", 2, 3, moving=True)


def test_the_last_good_bye_during_a_run_ends_it_after_a_grace(stream: Stream, clock: Clock) -> None:
    stream.hello("a")
    stream.hello("b")
    stream.bye("a", moving=True)
    clock.now += 10
    assert not stream.abandoned
    stream.bye("b", moving=True)
    assert not stream.abandoned
    clock.now += GRACE_SECONDS
    assert stream.abandoned


@pytest.mark.parametrize("comes_back", ["hello", "want", "hidden"])
def test_a_page_that_comes_within_the_grace_keeps_the_run(comes_back: str, stream: Stream, clock: Clock) -> None:
    stream.hello("a")
    stream.bye("a", moving=True)
    clock.now += 1
    if comes_back == "want":
        stream.want("b", 0, 0, moving=True)
    else:
        getattr(stream, comes_back)("b")
    clock.now += 60
    assert not stream.abandoned


def test_a_good_bye_while_nothing_runs_means_nothing(stream: Stream, clock: Clock) -> None:
    stream.hello("a")
    stream.bye("a", moving=False)
    clock.now += 60
    assert not stream.abandoned


def test_starting_from_python_forgives_a_good_bye(stream: Stream, clock: Clock) -> None:
    stream.hello("a")
    stream.bye("a", moving=True)
    stream.forgive()
    clock.now += 60
    assert not stream.abandoned


def test_a_stranger_cannot_end_a_run(stream: Stream, clock: Clock) -> None:
    stream.bye("nobody", moving=True)
    clock.now += 60
    assert not stream.abandoned


def test_vanished_and_hidden_pages_never_end_a_run(stream: Stream, clock: Clock) -> None:
    stream.hello("vanished")
    stream.hidden("hidden")
    clock.now += 3600
    assert not stream.abandoned


def test_the_page_before_a_reload_does_not_count_for_ever(stream: Stream, clock: Clock) -> None:
    stream.hello("before")
    clock.now += 61
    stream.hello("after")
    stream.bye("after", moving=True)
    clock.now += GRACE_SECONDS
    assert stream.abandoned


def test_memory_is_bounded(stream: Stream, clock: Clock) -> None:
    for number in range(10 * MAX_CLIENTS):
        clock.now += 1
        stream.want(f"page {number}", 0, 0, moving=True)
    assert len(stream._clients) == MAX_CLIENTS
    assert f"page {10 * MAX_CLIENTS - 1}" in stream._clients
