"""The caption of the image names the run that made it, whatever the settings are by now."""

from __future__ import annotations

from typing import Any

import pytest
from page.fake_notebook import MADE_BY, FakeNotebook, OpenWidget
from playwright.sync_api import expect

DONE: dict[str, Any] = {"status": "done", "current_step": 512, "objective_value": 2.531}
META = {"id": 1, "step": 512, "objective": 2.531, "rows": 1, "columns": 1, "made_by": MADE_BY}
MOVED = {"channel": 56, "expression": 'channel("mixed4a", 56)'}


def finished(open_widget: OpenWidget, **traits: Any) -> FakeNotebook:
    notebook = open_widget(**{**DONE, "_frame_meta": META, **traits})
    notebook.frame(2, step=512, objective=2.531, status="done", lossless=True, made_by=MADE_BY)
    notebook.shown(2)
    return notebook


def test_caption_names_what_made_the_image(open_widget: OpenWidget) -> None:
    notebook = finished(open_widget)
    caption = notebook.part("caption")
    assert caption.inner_text().split("\n") == ["mixed4a:476", "2.531 · step 512 · seed 3 · InceptionV1"]
    expect(notebook.part("primary")).to_have_text("Run again")


@pytest.mark.parametrize(("status", "button"), [("done", "Run"), ("paused", "Resume")])
def test_after_the_controls_have_moved_on_it_says_so(open_widget: OpenWidget, status: str, button: str) -> None:
    notebook = finished(open_widget)
    height = notebook.page.evaluate("document.querySelector('.lucidw').getBoundingClientRect().height")
    notebook.change(**MOVED, status=status)
    caption = notebook.part("caption")
    assert caption.inner_text().split("\n") == ["Shows mixed4a:476", f"press {button} for mixed4a:56"]
    # The number in the panel belongs to the image, too.
    expect(notebook.page.locator(".lucidw-headline")).to_have_text("mixed4a:4762.531")
    expect(notebook.part("canvas")).to_have_attribute("aria-label", "Visualization of mixed4a:476 after 512 steps")
    expect(notebook.part("primary")).to_have_text(button)
    assert notebook.page.evaluate("document.querySelector('.lucidw').getBoundingClientRect().height") == height
    notebook.change(expression=MADE_BY["expression"], channel=476, shift=2)
    expect(caption).to_contain_text(f"press {button} to apply the new settings")


def test_names_the_objective_of_an_earlier_step_of_a_steered_run(open_widget: OpenWidget) -> None:
    steered = {
        **MADE_BY,
        **MOVED,
        "steered": True,
        "objectives": [[0, 'channel("mixed4a", 476)'], [8, 'channel("mixed4a", 56)']],
    }
    film = {"steps": [0, 8, 16], "objectives": [None, 1.25, 3.5], "width": 4, "height": 4}
    notebook = open_widget(**DONE, **MOVED, _filmstrip=film)
    notebook.frame(2, step=16, objective=3.5, status="done", made_by=steered)
    notebook.shown(2)
    caption = notebook.part("caption")
    assert caption.inner_text().split("\n") == ["mixed4a:56", "3.500 · step 16 · seed 3 · steered · InceptionV1"]
    notebook.page.evaluate(
        "async () => host.change({ _filmstrip_sheet: new DataView((await plain('red', 12, 4)).buffer) })"
    )
    notebook.part("filmstrip").locator("[data-step='8']").click()
    expect(caption).to_contain_text("1.250 · step 8")
    expect(caption.locator("strong")).to_have_text("mixed4a:476")


def test_there_is_no_caption_without_an_image(open_widget: OpenWidget) -> None:
    expect(open_widget().part("caption")).to_be_hidden()


def test_progress_and_objective_belong_to_the_drawn_image(open_widget: OpenWidget) -> None:
    notebook = open_widget(status="running", current_step=0, total_steps=512)
    notebook.frame(2, step=0, objective=None, status="running", made_by=MADE_BY)
    notebook.shown(2)
    notebook.change(current_step=12, objective_value=1.5)
    notebook.frame(3, step=40, objective=2.25, status="running", made_by=MADE_BY)
    notebook.shown(3)
    expect(notebook.part("caption")).to_contain_text("2.250 · step 40")
    expect(notebook.part("count")).to_have_text("40 / 512")
    expect(notebook.part("objective")).to_have_text("2.250")
    notebook.change(current_step=48, objective_value=2.5)
    expect(notebook.part("count")).to_have_text("40 / 512")
    # The next run has no image yet.
    notebook.change(current_step=0, objective_value=None, status="compiling")
    expect(notebook.part("count")).to_have_text("0 / 512")
    notebook.change(current_step=64, objective_value=3, status="paused")
    expect(notebook.part("count")).to_have_text("64 / 512")
