"""Flow control with a fake clock: which page gets an image, and when."""

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


def test_answers_a_want_at_once_if_there_is_a_newer_image(flow: FlowControl) -> None:
    assert flow.want("a", 3, 4, moving=True)
    assert not flow.publish(5, moving=True)


def test_early_want_is_a_credit_for_one_image(flow: FlowControl) -> None:
    assert not flow.want("a", 4, 4, moving=True)
    assert flow.publish(5, moving=True)
    assert not flow.publish(6, moving=True)


def test_sends_nothing_without_pages(flow: FlowControl) -> None:
    assert not flow.publish(1, moving=True)
    flow.hello("a")
    assert not flow.publish(2, moving=True)


def test_sends_at_most_fifteen_images_per_second(flow: FlowControl, clock: Clock) -> None:
    sent = 0
    flow.want("a", 0, 0, moving=True)
    for newest in range(1, 1001):  # ten seconds with 100 images each, acknowledged at once
        clock.now += 0.01
        if flow.publish(newest, moving=True):
            sent += 1
            sent += flow.want("a", newest, newest, moving=True)
    assert 130 <= sent <= 151


def test_want_within_the_shortest_interval_is_answered_later(flow: FlowControl, clock: Clock) -> None:
    assert flow.want("a", 0, 1, moving=True)
    clock.now += FRAME_SECONDS / 2
    assert not flow.want("a", 1, 2, moving=True)
    assert not flow.publish(3, moving=True)
    clock.now += FRAME_SECONDS
    assert flow.publish(4, moving=True)


def test_rate_is_not_limited_at_rest(flow: FlowControl, clock: Clock) -> None:
    assert flow.want("a", 0, 1, moving=True)
    clock.now += 0.001
    assert flow.want("a", 1, 2, moving=False)
    flow.want("a", 2, 2, moving=False)
    assert flow.publish(3, moving=False)


def test_slow_page_gets_only_the_newest_image(flow: FlowControl, clock: Clock) -> None:
    assert flow.want("a", 0, 1, moving=True)
    for newest in range(2, 9):
        clock.now += 0.1
        assert not flow.publish(newest, moving=True)
    assert flow.want("a", 1, 8, moving=True)


def test_resends_each_second_for_a_minute_without_acknowledgment(flow: FlowControl, clock: Clock) -> None:
    flow.want("a", 0, 1, moving=True)
    newest, times = 1, []
    for tick in range(1, 1000):
        clock.now = 1000 + tick / 10
        newest += 1
        if flow.publish(newest, moving=True):
            times.append(tick / 10)
    assert times == [float(second) for second in range(1, 61)]
    assert flow.want("a", 1, newest, moving=True)


def test_repeated_wants_add_no_image_to_the_one_on_its_way(flow: FlowControl, clock: Clock) -> None:
    """A page whose answers take three seconds, and which repeats its want every two."""
    sent: dict[int, float] = {}
    flow.want("a", 0, 0, moving=True)
    shown = 0
    repeat = clock.now + 2
    for newest in range(1, 601):  # a minute
        clock.now += 0.1
        due = flow.publish(newest, moving=True)
        arrived = [image for image, at in sent.items() if clock.now - at >= 3 and image > shown]
        if arrived:
            shown = max(arrived)
        if arrived or clock.now >= repeat:
            repeat = clock.now + 2
            due = flow.want("a", shown, newest, moving=True) or due
        if due:
            sent[newest] = clock.now
    times = [at - 1000 for at in sent.values()]
    # Until the first answer, one image a second; then the next one when the last has been drawn.
    assert len([at for at in times if at < 6]) <= 5
    assert 15 <= len([at for at in times if at >= 6]) <= 19


def test_numbers_are_as_far_apart_as_answers(flow: FlowControl, clock: Clock) -> None:
    flow.want("a", 0, 1, moving=True)
    assert flow.is_time(0.25, clock.now - 0.3)
    for seen in range(1, 6):
        clock.now += 3
        flow.want("a", seen, seen + 1, moving=True)
    assert not flow.is_time(0.25, clock.now - 2.9)
    assert flow.is_time(0.25, clock.now - 3.1)
    clock.now += 0.1  # one quick answer is enough: those before may have waited for a running cell
    flow.want("a", 6, 7, moving=True)
    assert flow.is_time(0.25, clock.now - 0.3)


def test_a_lost_image_is_replaced_at_once_when_the_run_rests(flow: FlowControl) -> None:
    assert flow.want("a", 0, 1, moving=True)
    assert not flow.want("a", 0, 2, moving=True)
    assert flow.want("a", 0, 2, moving=False)


def test_acknowledging_page_gets_nothing_unrequested(flow: FlowControl, clock: Clock) -> None:
    flow.want("a", 0, 1, moving=True)
    flow.want("a", 1, 1, moving=True)
    flow.hidden("a")
    clock.now += 5
    assert not flow.publish(2, moving=True)


def test_hidden_page_gets_nothing_until_it_asks(flow: FlowControl, clock: Clock) -> None:
    flow.want("a", 0, 1, moving=True)
    flow.hidden("a")
    for newest in range(2, 50):
        clock.now += 1
        assert not flow.publish(newest, moving=True)
    assert flow.want("a", 1, 49, moving=True)


def test_sent_image_uses_the_credit_of_all_pages(flow: FlowControl) -> None:
    flow.want("a", 1, 1, moving=True)
    flow.want("b", 1, 1, moving=True)
    assert flow.publish(2, moving=True)
    assert not flow.publish(3, moving=True)


def test_one_asking_page_is_enough(flow: FlowControl, clock: Clock) -> None:
    flow.hello("asleep")
    flow.hidden("asleep")
    flow.want("awake", 1, 1, moving=True)
    assert flow.publish(2, moving=True)


def test_without_push_only_wants_are_answered(clock: Clock) -> None:
    flow = FlowControl(push=False, clock=clock)
    assert not flow.want("a", 1, 1, moving=True)
    assert not flow.publish(2, moving=True)
    assert flow.want("a", 1, 2, moving=True)
    clock.now += 2
    assert not flow.publish(3, moving=True)
    assert flow.want("a", 2, 3, moving=True)


def test_last_goodbye_ends_the_run_after_the_grace_period(flow: FlowControl, clock: Clock) -> None:
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
def test_page_that_returns_in_time_keeps_the_run(comes_back: str, flow: FlowControl, clock: Clock) -> None:
    flow.hello("a")
    flow.bye("a", moving=True)
    clock.now += 1
    if comes_back == "want":
        flow.want("b", 0, 0, moving=True)
    else:
        getattr(flow, comes_back)("b")
    clock.now += 60
    assert not flow.abandoned


def test_goodbye_has_no_effect_while_nothing_runs(flow: FlowControl, clock: Clock) -> None:
    flow.hello("a")
    flow.bye("a", moving=False)
    clock.now += 60
    assert not flow.abandoned


def test_run_from_python_cancels_a_goodbye(flow: FlowControl, clock: Clock) -> None:
    flow.hello("a")
    flow.bye("a", moving=True)
    flow.forgive()
    clock.now += 60
    assert not flow.abandoned


def test_unknown_page_cannot_end_a_run(flow: FlowControl, clock: Clock) -> None:
    flow.bye("nobody", moving=True)
    clock.now += 60
    assert not flow.abandoned


def test_vanished_and_hidden_pages_never_end_a_run(flow: FlowControl, clock: Clock) -> None:
    flow.hello("vanished")
    flow.hidden("hidden")
    clock.now += 3600
    assert not flow.abandoned


def test_page_before_a_reload_is_forgotten(flow: FlowControl, clock: Clock) -> None:
    flow.hello("before")
    clock.now += 61
    flow.hello("after")
    flow.bye("after", moving=True)
    clock.now += GRACE_SECONDS
    assert flow.abandoned


def test_number_of_pages_is_bounded(flow: FlowControl, clock: Clock) -> None:
    for number in range(10 * MAX_CLIENTS):
        clock.now += 1
        flow.want(f"page {number}", 0, 0, moving=True)
    assert len(flow._clients) == MAX_CLIENTS
    assert f"page {10 * MAX_CLIENTS - 1}" in flow._clients


def test_publishes_less_often_while_no_page_answers_and_least_without_a_page(flow: FlowControl, clock: Clock) -> None:
    last = clock.now
    clock.now += 1
    assert not flow.is_time(1, last)  # there is no page
    flow.hello("a")
    assert flow.is_time(1, last)
    last, clock.now = clock.now + 1, clock.now + 4.9
    assert not flow.is_time(1, last)  # the page has not said anything since the last publication
    clock.now += 0.1
    assert flow.is_time(1, last)
    flow.hidden("a")
    assert not flow.is_time(1, last)
    clock.now = last + 30
    assert flow.is_time(1, last)
