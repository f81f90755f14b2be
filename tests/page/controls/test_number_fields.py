"""Number fields of the canvas and the workbench: keys, typing, refusals and bursts of clicks."""

from __future__ import annotations

import re
from typing import Any

import pytest
from page.fake_notebook import FakeNotebook, OpenWidget
from playwright.sync_api import expect


def command_for(notebook: FakeNotebook, **args: int) -> dict[str, Any]:
    """Answer commands until the one that sets `args`. A slow machine sends earlier values before the last edit."""
    while (command := notebook.command())["args"] != args:
        notebook.reply(command)
    return command


def test_burst_of_channel_clicks_sends_the_last(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    for _ in range(4):
        notebook.part("channel-more").click()
    notebook.part("channel-less").click()
    assert notebook.part("channel").input_value() == "479"
    assert notebook.part("channel").get_attribute("data-pending") is not None
    command = command_for(notebook, channel=479)
    assert command["name"] == "set"
    notebook.change(channel=479)
    notebook.reply(command)
    expect(notebook.part("channel")).not_to_have_attribute("data-pending", re.compile(""))
    assert notebook.part("channel").input_value() == "479"


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["ArrowUp"], 477),
        (["ArrowDown", "ArrowDown"], 474),
        (["PageUp", "PageUp", "PageUp", "PageUp"], 511),
        (["PageDown"], 466),
    ],
)
def test_arrow_keys_move_the_channel_within_its_range(open_widget: OpenWidget, keys: list[str], expected: int) -> None:
    notebook = open_widget()
    notebook.part("channel").focus()
    for key in keys:
        notebook.page.keyboard.press(key)
    assert notebook.part("channel").input_value() == str(expected)
    command_for(notebook, channel=expected)
    notebook.settle()
    assert notebook.commands() == []


def test_mouse_wheel_does_not_change_numbers(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.part("channel").click()
    notebook.page.mouse.wheel(0, 300)
    notebook.page.wait_for_timeout(200)
    assert notebook.part("channel").input_value() == "476"
    assert notebook.commands() == []


@pytest.mark.parametrize("how", ["Enter", "blur"])
def test_applies_typed_number_on_enter_and_blur(open_widget: OpenWidget, how: str) -> None:
    notebook = open_widget()
    notebook.part("channel").fill("30")
    notebook.page.wait_for_timeout(200)
    assert notebook.commands() == []
    if how == "Enter":
        notebook.page.keyboard.press("Enter")
    else:
        notebook.part("seed").focus()
    assert notebook.command()["args"] == {"channel": 30}


@pytest.mark.parametrize(
    ("name", "typed", "said", "before"),
    [
        ("channel", "1000000", "Must be 0 to 511", "476"),
        ("channel", "-1", "Must be 0 to 511", "476"),
        ("channel", "eye", "Whole numbers only", "476"),
        ("image_size", "0", "Must be 8 to 2048", "256"),
        ("image_size", "7", "Must be 8 to 2048", "256"),
        ("image_size", "99999", "Must be 8 to 2048", "256"),
        ("steps", "1.5", "Whole numbers only", "512"),
        ("seed", "", "Whole numbers only", "3"),
    ],
)
def test_rejects_invalid_number_immediately(
    open_widget: OpenWidget, name: str, typed: str, said: str, before: str
) -> None:
    notebook = open_widget()
    notebook.part(name).fill(typed)
    notebook.page.keyboard.press("Enter")
    problem = notebook.page.get_by_role("alert").filter(visible=True)
    assert problem.inner_text() == said
    assert notebook.part(name).input_value() == before
    assert notebook.part(name).get_attribute("aria-describedby") == problem.get_attribute("id")
    assert notebook.commands() == []
    notebook.page.keyboard.press("ArrowUp")
    assert problem.count() == 0


def test_escape_reverts_typed_number(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.part("seed").fill("99")
    notebook.page.keyboard.press("Escape")
    assert notebook.part("seed").input_value() == "3"
    notebook.part("steps").focus()
    notebook.page.wait_for_timeout(200)
    assert notebook.commands() == []


@pytest.mark.parametrize(
    ("name", "value", "before"),
    [("channel", 30, "476"), ("image_size", 512, "256"), ("batch", 64, "1"), ("steps", 9, "512"), ("seed", 8, "3")],
)
def test_reverts_refused_number_with_reason(open_widget: OpenWidget, name: str, value: int, before: str) -> None:
    notebook = open_widget()
    notebook.part(name).fill(str(value))
    notebook.page.keyboard.press("Enter")
    command = notebook.command()
    assert (command["name"], command["args"]) == ("set", {name: value})
    assert notebook.part(name).get_attribute("data-pending") is not None
    notebook.refuse(command, "That is too much.", "Take less.")
    assert notebook.part(name).input_value() == before
    assert notebook.part(name).get_attribute("data-pending") is None
    assert notebook.part(name).get_attribute("aria-invalid") == "true"
    assert notebook.page.get_by_role("alert").filter(visible=True).inner_text() == "That is too much. Take less."
