"""The classes that the network sees belong to the image that is shown, whatever the settings are by now."""

from __future__ import annotations

from typing import Any

import pytest
from page.fake_notebook import MADE_BY, RUN, FakeNotebook, OpenWidget
from playwright.sync_api import Locator, expect

ROWS = [
    [7, "ladybug", 0.6213],
    [12, "beetle, a long name that has no room", 0.11],
    [3, "fly", 0.04],
    [99, "ant", 0.002],
]
LAST = [[[301, "lamp", 1.0], [7, "ladybug", 0.0], [1, "a", 0.0], [2, "b", 0.0], [3, "c", 0.0]]]


def entry(step: int, rows: Any = None, run: int = 1) -> dict[str, Any]:
    return {"key": [run, step], "rows": [[*ROWS, [5, "class 5", 0.001]]] if rows is None else rows}


def shown(open_widget: OpenWidget, step: int, **traits: Any) -> FakeNotebook:
    notebook = open_widget(**traits)
    notebook.frame(2, step=step, status=traits.get("status", "idle"), made_by=MADE_BY)
    notebook.shown(2)
    return notebook


def lines(notebook: FakeNotebook) -> list[str]:
    texts: list[str] = notebook.part("seen").evaluate(
        """(list) => [...list.querySelectorAll(".lucidw-seen-row")].map((row) =>
          [...row.children].map((each) => each.textContent).join(" "))"""
    )
    return texts


def row(notebook: FakeNotebook, index: int) -> Locator:
    return notebook.part("seen").locator(".lucidw-seen-row").nth(index)


def test_lists_five_classes_with_their_probabilities(open_widget: OpenWidget) -> None:
    notebook = shown(open_widget, 64, status="done", _classes=[entry(64)])
    assert lines(notebook) == ["ladybug 62 %", f"{ROWS[1][1]} 11 %", "fly 4 %", "ant <1 %", "class 5 <1 %"]
    expect(notebook.part("seen-when")).to_have_text("step 64")
    expect(notebook.part("seen")).to_have_attribute("aria-label", "Top classes, step 64")
    share = row(notebook, 0).evaluate("(row) => row.style.getPropertyValue('--share')")
    assert float(share.removesuffix("%")) == pytest.approx(62.13)
    notebook.change(_classes=[entry(64, LAST)])
    assert lines(notebook)[:2] == ["lamp 100 %", "ladybug 0 %"]
    # They are news at each frame, which no screen reader should have to read out.
    assert (
        notebook.page.evaluate("document.querySelector('[data-lucidw=seen]').closest('[aria-live], [role=status]')")
        is None
    )


def test_while_a_run_moves_the_newest_result_says_its_step(open_widget: OpenWidget) -> None:
    notebook = shown(open_widget, 72, status="running", _classes=[entry(64), entry(8, LAST, run=2)])
    expect(notebook.part("seen-when")).to_have_text("step 64")
    assert lines(notebook)[0] == "ladybug 62 %"
    assert notebook.commands("classes") == []


def test_at_rest_the_page_asks_for_the_image_that_it_shows(open_widget: OpenWidget) -> None:
    notebook = shown(open_widget, 72, status="paused", _classes=[])
    assert lines(notebook) == ["– "] * 5
    command = notebook.command("classes")
    assert command["args"] == {"key": [1, 72]}
    notebook.change(expression='channel("mixed4a", 3)', channel=3)
    assert notebook.commands("classes") == []  # once
    notebook.change(_classes=[entry(72)])
    assert lines(notebook)[0] == "ladybug 62 %"


def test_a_page_without_a_kernel_says_nothing_of_it_unasked(open_widget: OpenWidget) -> None:
    notebook = shown(open_widget, 72, status="done", _classes=[], held=True)
    notebook.page.evaluate("() => { host.isSilent = true; }")
    notebook.pass_time(5_000)
    assert notebook.commands("classes")
    notebook.pass_time(20_000)
    expect(notebook.part("busy-notice")).to_be_hidden()


def test_an_earlier_moment_shows_its_own_classes(open_widget: OpenWidget) -> None:
    film = {"steps": [0, 8, 16], "objectives": [None, 1.25, 3.5], "width": 4, "height": 4}
    notebook = shown(open_widget, 16, status="done", _filmstrip=film, _classes=[entry(16)])
    notebook.page.evaluate(
        "async () => host.change({ _filmstrip_sheet: new DataView((await plain('red', 12, 4)).buffer) })"
    )
    notebook.part("filmstrip").locator("[data-step='8']").click()
    expect(notebook.part("seen-when")).to_have_text("")
    assert lines(notebook) == ["– "] * 5
    assert notebook.command("classes")["args"] == {"key": [1, 8]}
    notebook.change(_classes=[entry(16), entry(8, LAST)])
    expect(notebook.part("seen-when")).to_have_text("step 8")
    assert lines(notebook)[0] == "lamp 100 %"
    notebook.part("newest").click()
    expect(notebook.part("seen-when")).to_have_text("step 16")


def test_a_batch_shows_the_mean_or_one_image(open_widget: OpenWidget) -> None:
    rows = [entry(8)["rows"][0], *LAST, entry(8)["rows"][0]]
    notebook = shown(open_widget, 8, status="done", batch=2, _classes=[entry(8, rows)])
    expect(notebook.part("seen-when")).to_have_text("step 8 · mean of 2")
    notebook.change(shown=0)
    expect(notebook.part("seen-when")).to_have_text("step 8")
    assert lines(notebook)[0] == "lamp 100 %"


def test_a_class_becomes_the_objective(open_widget: OpenWidget) -> None:
    notebook = shown(open_widget, 8, status="running", _classes=[entry(8)])
    row(notebook, 1).click()
    assert notebook.command("maximize_class")["args"] == {"index": 12}
    row(notebook, 0).focus()
    notebook.page.keyboard.press("ArrowDown")
    notebook.page.keyboard.press("End")
    # Under the fingers of somebody who is choosing, nothing changes.
    notebook.change(_classes=[entry(8, LAST)])
    expect(row(notebook, 4)).to_be_focused()
    assert lines(notebook)[4] == "class 5 <1 %"
    notebook.page.keyboard.press("Enter")
    assert notebook.command("maximize_class")["args"] == {"index": 5}
    notebook.change(_classes=[entry(8, LAST)])
    assert lines(notebook)[0] == "lamp 100 %"
    assert notebook.part("seen").locator("[tabindex='0']").count() == 1


def test_folding_switches_it_off_and_is_remembered(open_widget: OpenWidget) -> None:
    notebook = shown(open_widget, 8, status="done", _classes=[])
    notebook.command("classes")
    group = notebook.part("group-seen")
    group.locator("summary").click()
    assert notebook.command("set")["args"] == {"show_classes": False}
    notebook.change(show_classes=False, seed=4)
    expect(notebook.part("seen")).to_be_hidden()
    notebook.frame(3, step=9, status="done", made_by=MADE_BY)
    notebook.shown(3)
    assert notebook.commands("classes") == []
    notebook.change(show_classes=True)
    expect(notebook.part("seen")).to_be_visible()
    assert notebook.command("classes")["args"] == {"key": [1, 9]}


def test_there_is_nothing_without_a_class_layer(open_widget: OpenWidget) -> None:
    notebook = shown(open_widget, 8, status="done", _class_rows=0)
    expect(notebook.part("group-seen")).to_be_hidden()
    assert notebook.commands("classes") == []


def test_an_image_size_without_classes_says_so_in_the_same_place(open_widget: OpenWidget) -> None:
    notebook = shown(open_widget, 8, status="done", _classes=[])
    height = notebook.part("group-seen").evaluate("(group) => group.offsetHeight")
    notebook.change(_classes=[entry(8, [])])
    expect(notebook.part("group-seen")).to_contain_text("cannot compute its classes at this image size")
    assert notebook.part("group-seen").evaluate("(group) => group.offsetHeight") == height
    notebook.change(_classes=[entry(8)])
    assert notebook.part("group-seen").evaluate("(group) => group.offsetHeight") == height
    assert all(
        size >= 24
        for size in notebook.part("seen").evaluate("(list) => [...list.children].map((row) => row.offsetHeight)")
    )


def test_a_compared_run_shows_its_own_classes(open_widget: OpenWidget) -> None:
    notebook = shown(open_widget, 8, status="done", runs=[RUN], _classes=[entry(8)])
    notebook.page.locator("[data-lucidw='runs'] [role='option']").first.click()
    assert notebook.command("classes")["args"] == {"key": [1, 512]}
    notebook.change(_classes=[entry(8), entry(512, LAST)])
    expect(notebook.part("run-seen")).to_contain_text("lamp100 %")
    assert lines(notebook)[0] == "ladybug 62 %"
    assert notebook.part("run-seen").locator("button").count() == 0
