"""The run so far, in small: what it says, where it leads, and what is left when there is no kernel to ask."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from page.fake_notebook import FakeNotebook, OpenWidget
from PIL import Image
from playwright.sync_api import expect

COLOURS = [(250, 10, 20), (20, 240, 30), (30, 20, 230), (200, 200, 10)]
STEPS = [0, 8, 16, 1024]


def sheet(colours: list[tuple[int, int, int]]) -> str:
    picture = Image.new("RGB", (6 * len(colours), 6))
    for index, colour in enumerate(colours):
        picture.paste(colour, (6 * index, 0, 6 * index + 6, 6))
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", lossless=True)
    return base64.b64encode(buffer.getvalue()).decode()


def film(notebook: FakeNotebook, steps: list[int] = STEPS) -> None:
    """Python publishes the strip."""
    about: dict[str, Any] = {
        "steps": steps,
        "objectives": [None, 8.0, 16.0, 974.62][: len(steps)],
        "width": 6,
        "height": 6,
    }
    notebook.page.evaluate(
        """([film, data]) => {
          const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
          host.change({ film_sheet: new DataView(bytes.buffer), film });
        }""",
        [about, sheet(COLOURS[: len(steps)])],
    )
    notebook.settle()


@pytest.fixture
def notebook(open_widget: OpenWidget) -> FakeNotebook:
    opened = open_widget(status="running", step=1024)
    opened.frame(1, colour="rgb(10, 200, 30)", size=(8, 8), step=1024)
    opened.shown(1)
    film(opened)
    return opened


def held(notebook: FakeNotebook, step: int) -> None:
    notebook.wait(f"document.querySelector('canvas[data-lucidw=canvas]').dataset.held === '{step}'")


def test_no_strip_where_nothing_was_kept(open_widget: OpenWidget) -> None:
    expect(open_widget().part("film")).to_be_hidden()


def test_each_moment_has_a_name_and_the_newest_is_the_chosen_one(notebook: FakeNotebook) -> None:
    options = notebook.page.get_by_role("listbox", name="The run so far").get_by_role("option")
    assert [each.get_attribute("aria-label") for each in options.all()] == [
        "Step 0",
        "Step 8, objective 8.000",
        "Step 16, objective 16.00",
        "Step 1024, objective 974.6",
    ]
    assert [each.get_attribute("aria-selected") for each in options.all()] == ["false", "false", "false", "true"]
    assert options.last.inner_text() == "1024"


def test_a_moment_is_shown_small_at_once_and_large_when_the_kernel_answers(notebook: FakeNotebook) -> None:
    notebook.page.get_by_role("option", name="Step 8").click()
    held(notebook, 8)
    assert notebook.pixel() == [*COLOURS[1], 255]
    command = notebook.command()
    assert (command["name"], command["args"]) == ("moment", {"step": 8})
    notebook.page.evaluate(
        """async ({ rid }) => host.deliver(
          { type: "reply", rid, ok: true, value: { mime: "image/png" } }, [await plain("rgb(1, 2, 3)", 8, 8)])""",
        command,
    )
    notebook.wait(
        "document.querySelector('canvas[data-lucidw=canvas]').getContext('2d').getImageData(1, 1, 1, 1).data[2] === 3"
    )
    assert notebook.pixel() == [1, 2, 3, 255]
    assert "after 8 steps" in (notebook.part("canvas").get_attribute("aria-label") or "")


def test_the_run_goes_on_behind_a_moment_and_newest_leads_back(notebook: FakeNotebook) -> None:
    notebook.page.get_by_role("option", name="Step 16").click()
    held(notebook, 16)
    notebook.frame(2, colour="rgb(9, 8, 7)", size=(8, 8), step=1032)
    notebook.shown(2)
    assert notebook.pixel() == [*COLOURS[2], 255]
    notebook.part("newest").click()
    notebook.settle()
    assert notebook.pixel() == [9, 8, 7, 255]
    expect(notebook.part("newest")).to_be_hidden()


def test_keys_move_along_the_strip(notebook: FakeNotebook) -> None:
    notebook.page.get_by_role("option", name="Step 1024").focus()
    keyboard = notebook.page.keyboard
    keyboard.press("ArrowLeft")
    held(notebook, 16)
    assert notebook.page.evaluate("document.activeElement.dataset.step") == "16"
    keyboard.press("Home")
    held(notebook, 0)
    keyboard.press("ArrowLeft")
    held(notebook, 0)
    keyboard.press("Escape")
    notebook.wait("!('held' in document.querySelector('canvas[data-lucidw=canvas]').dataset)")
    assert notebook.page.evaluate("document.activeElement.dataset.step") == "1024"


def test_a_moment_that_was_thinned_out_gives_way_to_the_newest(notebook: FakeNotebook) -> None:
    notebook.page.get_by_role("option", name="Step 8").click()
    held(notebook, 8)
    film(notebook, [0, 16])
    notebook.wait("!('held' in document.querySelector('canvas[data-lucidw=canvas]').dataset)")
    assert notebook.pixel() == [10, 200, 30, 255]


def test_a_reset_takes_the_strip_away(notebook: FakeNotebook) -> None:
    notebook.change(film={}, step=0, status="idle")
    expect(notebook.part("film")).to_be_hidden()


@pytest.mark.parametrize("width", [320, 640, 1400])
def test_a_long_strip_scrolls_by_itself(open_widget: OpenWidget, width: int) -> None:
    notebook = open_widget(width=width)
    notebook.page.evaluate(
        """([data]) => {
          const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
          const steps = [...Array(60).keys()];
          const film = { steps, objectives: steps, width: 6, height: 6 };
          host.change({ film_sheet: new DataView(bytes.buffer), film });
        }""",
        [sheet(COLOURS * 15)],
    )
    notebook.settle()
    assert notebook.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    reach = notebook.part("film").evaluate("(e) => [e.scrollLeft + e.clientWidth, e.scrollWidth]")
    assert reach[0] >= reach[1] - 1
    size = notebook.page.get_by_role("option", name="Step 59").bounding_box()
    assert size is not None
    assert min(size["width"], size["height"]) >= 24
