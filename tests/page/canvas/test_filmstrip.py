"""The filmstrip: labels, selection, and behavior without a kernel."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from page.fake_notebook import FakeNotebook, OpenWidget
from PIL import Image
from playwright.sync_api import expect

COLORS = [(250, 10, 20), (20, 240, 30), (30, 20, 230), (200, 200, 10)]
STEPS = [0, 8, 16, 1024]


def sheet(colors: list[tuple[int, int, int]]) -> str:
    picture = Image.new("RGB", (6 * len(colors), 6))
    for index, color in enumerate(colors):
        picture.paste(color, (6 * index, 0, 6 * index + 6, 6))
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", lossless=True)
    return base64.b64encode(buffer.getvalue()).decode()


def film(notebook: FakeNotebook, steps: list[int] = STEPS) -> None:
    """Publish a filmstrip, as Python does."""
    about: dict[str, Any] = {
        "steps": steps,
        "objectives": [None, 8.0, 16.0, 974.62, *(1.0 for _ in steps)][: len(steps)],
        "width": 6,
        "height": 6,
    }
    notebook.page.evaluate(
        """([film, data]) => {
          const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
          host.change({ _filmstrip_sheet: new DataView(bytes.buffer), _filmstrip: film });
        }""",
        [about, sheet([*COLORS, *(COLORS[0] for _ in steps)][: len(steps)])],
    )
    notebook.settle()


@pytest.fixture
def notebook(open_widget: OpenWidget) -> FakeNotebook:
    opened = open_widget(status="running", current_step=1024)
    opened.frame(1, color="rgb(10, 200, 30)", size=(8, 8), step=1024)
    opened.shown(1)
    film(opened)
    return opened


def held(notebook: FakeNotebook, step: int) -> None:
    notebook.wait(f"document.querySelector('canvas[data-lucidw=canvas]').dataset.pinned === '{step}'")


def test_hides_empty_filmstrip(open_widget: OpenWidget) -> None:
    expect(open_widget().part("filmstrip")).to_be_hidden()


def test_filmstrip_frames_are_labeled_and_latest_is_selected(notebook: FakeNotebook) -> None:
    options = notebook.page.get_by_role("listbox", name="History of this run").get_by_role("option")
    assert [each.get_attribute("aria-label") for each in options.all()] == [
        "Step 0",
        "Step 8, objective 8.000",
        "Step 16, objective 16.00",
        "Step 1024, objective 974.6",
    ]
    assert [each.get_attribute("aria-selected") for each in options.all()] == ["false", "false", "false", "true"]
    assert options.last.inner_text() == "1024"


def test_shows_thumbnail_until_kernel_sends_full_size_image(notebook: FakeNotebook) -> None:
    notebook.page.get_by_role("option", name="Step 8").click()
    held(notebook, 8)
    assert notebook.pixel() == [*COLORS[1], 255]
    command = notebook.command()
    assert (command["name"], command["args"]) == ("recorded_frame", {"step": 8})
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


def test_run_continues_behind_pinned_frame(notebook: FakeNotebook) -> None:
    notebook.page.get_by_role("option", name="Step 16").click()
    held(notebook, 16)
    notebook.frame(2, color="rgb(9, 8, 7)", size=(8, 8), step=1032)
    notebook.shown(2)
    assert notebook.pixel() == [*COLORS[2], 255]
    notebook.part("newest").click()
    notebook.settle()
    assert notebook.pixel() == [9, 8, 7, 255]
    expect(notebook.part("newest")).to_be_hidden()


def test_keys_move_along_filmstrip(notebook: FakeNotebook) -> None:
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
    notebook.wait("!('pinned' in document.querySelector('canvas[data-lucidw=canvas]').dataset)")
    assert notebook.page.evaluate("document.activeElement.dataset.step") == "1024"


def test_pinned_frame_that_was_dropped_returns_to_latest(notebook: FakeNotebook) -> None:
    notebook.page.get_by_role("option", name="Step 8").click()
    held(notebook, 8)
    film(notebook, [0, 16])
    notebook.wait("!('pinned' in document.querySelector('canvas[data-lucidw=canvas]').dataset)")
    assert notebook.pixel() == [10, 200, 30, 255]


def test_reset_hides_filmstrip(notebook: FakeNotebook) -> None:
    notebook.change(_filmstrip={}, current_step=0, status="idle")
    expect(notebook.part("filmstrip")).to_be_hidden()


@pytest.mark.parametrize("width", [320, 640, 1400])
def test_long_filmstrip_scrolls_to_the_end(open_widget: OpenWidget, width: int) -> None:
    notebook = open_widget(width=width)
    notebook.page.evaluate(
        """([data]) => {
          const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
          const steps = [...Array(60).keys()];
          const film = { steps, objectives: steps, width: 6, height: 6 };
          host.change({ _filmstrip_sheet: new DataView(bytes.buffer), _filmstrip: film });
        }""",
        [sheet(COLORS * 15)],
    )
    notebook.settle()
    assert notebook.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    reach = notebook.part("filmstrip").evaluate("(e) => [e.scrollLeft + e.clientWidth, e.scrollWidth]")
    assert reach[0] >= reach[1] - 1
    size = notebook.page.get_by_role("option", name="Step 59").bounding_box()
    assert size is not None
    assert min(size["width"], size["height"]) >= 24


def test_shows_the_latest_frame_after_it_was_out_of_sight(open_widget: OpenWidget) -> None:
    notebook = open_widget(status="running", width=384)
    strip = notebook.part("filmstrip")
    film(notebook, list(range(0, 320, 8)))
    notebook.page.evaluate("() => { document.querySelector('.lucidw').style.display = 'none'; }")
    film(notebook, list(range(0, 328, 8)))
    notebook.page.evaluate("() => { document.querySelector('.lucidw').style.display = ''; }")
    notebook.wait(
        """((list) => list.scrollWidth > list.clientWidth
          && list.scrollLeft + list.clientWidth >= list.scrollWidth - 4
          )(document.querySelector("[data-lucidw=filmstrip]"))"""
    )
    strip.locator("[data-step='312']").hover()
    notebook.page.mouse.wheel(-2000, 0)
    notebook.wait("document.querySelector('[data-lucidw=filmstrip]').scrollLeft === 0")
    film(notebook, list(range(0, 336, 8)))
    assert strip.evaluate("(list) => list.scrollLeft") == 0
