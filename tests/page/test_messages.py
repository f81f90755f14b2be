"""Messages go when their cause is gone, move nothing, and say what happened."""

from __future__ import annotations

import pytest
from page.fake_notebook import FAILED, FakeNotebook, OpenWidget
from playwright.sync_api import expect

# Measured from the widget's corner, because typing scrolls the page.
BOXES = """() => {
  const { top, height } = document.querySelector(".lucidw").getBoundingClientRect();
  const parts = [".lucidw-header", ".lucidw-view", ".lucidw-left", ".lucidw-right", ".lucidw-footer"];
  const boxes = parts.map((part) => document.querySelector(part).getBoundingClientRect());
  return [height, ...boxes.flatMap((box) => [box.top - top, box.height].map(Math.round))];
}"""


def refused(notebook: FakeNotebook, name: str, typed: str) -> None:
    notebook.part(name).fill(typed)
    notebook.part(name).press("Enter")


def test_a_refused_number_is_forgotten_when_the_field_is_left(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    before = notebook.page.evaluate(BOXES)
    message = notebook.page.get_by_text("Must be 0 to 511")
    refused(notebook, "channel", "9999")
    expect(message).to_be_visible()
    assert notebook.page.evaluate(BOXES) == before
    notebook.part("reset").focus()
    expect(message).to_be_hidden()
    refused(notebook, "channel", "9999")
    notebook.part("channel").press("4")  # typing again
    expect(message).to_be_hidden()
    refused(notebook, "channel", "9999")
    notebook.change(channel=7)  # a valid value from Python
    expect(message).to_be_hidden()
    assert notebook.part("channel").get_attribute("aria-invalid") is None


def test_a_number_refused_on_leaving_is_explained_for_a_while(open_widget: OpenWidget) -> None:
    notebook = open_widget(held=True)
    notebook.part("channel").fill("9999")
    notebook.part("reset").focus()
    message = notebook.page.get_by_text("Must be 0 to 511")
    notebook.pass_time(4000)
    expect(message).to_be_visible()
    notebook.pass_time(2000)
    expect(message).to_be_hidden()


def test_there_is_no_channel_message_without_a_channel(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    refused(notebook, "channel", "x")
    notebook.change(layer="", channel=-1, _channel_count=0, expression='deepdream("mixed4a")')
    expect(notebook.part("channel")).to_be_hidden()
    expect(notebook.page.get_by_text("Whole numbers only")).to_be_hidden()


def test_refusals_and_failures_move_nothing(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    before = notebook.page.evaluate(BOXES)
    notebook.part("expression").fill("channel(")
    notebook.part("expression").press("Enter")
    notebook.refuse(notebook.command(), "')' is missing.", "Close the parenthesis.")
    expect(notebook.page.get_by_text("')' is missing.")).to_be_visible()
    notebook.part("primary").click()
    notebook.refuse(notebook.command(), "Not now.")
    expect(notebook.part("refused")).to_be_visible()
    notebook.change(**FAILED)
    expect(notebook.part("error").first).to_be_visible()
    assert notebook.page.evaluate(BOXES) == before


def test_says_that_a_layer_has_no_such_channel(open_widget: OpenWidget) -> None:
    notebook = open_widget(held=True)
    notebook.change(layer="mixed3a", channel=255, _channel_count=256, expression='channel("mixed3a", 255)')
    note = notebook.part("clamped")
    expect(note).to_have_text("mixed3a has no channel 476. This is its last one, 255.")
    notebook.change(channel=254)
    expect(note).to_be_hidden()


@pytest.mark.parametrize("goes_on", ["click", "key", "time"])
def test_note_about_a_clamped_channel_leaves_the_controls_below_it(open_widget: OpenWidget, goes_on: str) -> None:
    notebook = open_widget(held=True)
    notebook.change(layer="mixed3a", channel=255, _channel_count=256, expression='channel("mixed3a", 255)')
    note = notebook.part("clamped")
    notebook.pass_time(7000)
    expect(note).to_be_visible()
    if goes_on == "click":
        notebook.part("layer-search").click()
    elif goes_on == "key":
        notebook.part("layers").press("ArrowDown")
    else:
        notebook.pass_time(2000)
    expect(note).to_be_hidden()


def test_names_another_cell_only_if_the_kernel_is_known_to_run(open_widget: OpenWidget) -> None:
    notebook = open_widget(host="lab", held=True)
    notebook.page.evaluate("host.kernel = { status: 'idle' }")
    notebook.part("primary").click()
    notebook.pass_time(2000)
    notice = notebook.part("busy-notice")
    expect(notice).to_have_text("Waiting for the kernel. It runs the command as soon as it is free.")
    notebook.page.evaluate("host.kernel.status = 'busy'")
    notebook.change(current_step=1)
    expect(notice).to_have_text("Another cell is running. The kernel runs the command as soon as it ends.")
