"""The player in place of the image: a run as a time-lapse, a batch as an animation, and exports next to Save."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from page.canvas.test_filmstrip import COLORS, film
from page.fake_notebook import FakeNotebook, OpenWidget
from page.player.players import plain_frames
from page.test_looks import look
from playwright.sync_api import expect

from lucid_widgets.export.sprite_frames import make_sprite_frames

CANVAS = ".lucidw-run-player canvas"


@pytest.fixture
def notebook(open_widget: OpenWidget) -> FakeNotebook:
    opened = open_widget(status="running", current_step=1024, title="eye", motion="reduce")
    opened.frame(1, color="rgb(10, 200, 30)", size=(8, 8), step=1024)
    opened.shown(1)
    film(opened)
    return opened


def pixel(notebook: FakeNotebook, x: int = 1, y: int = 1) -> list[int]:
    """First pixel of the player's canvas."""
    script = "(e, [x, y]) => [...e.getContext('2d').getImageData(x, y, 1, 1).data]"
    return list(notebook.page.locator(CANVAS).evaluate(script, [x, y]))


def answer(notebook: FakeNotebook, command: dict[str, Any], value: Any, data: bytes | None = None) -> None:
    notebook.page.evaluate(
        "([command, value, data]) => host.reply(command, { value }, data ? [Uint8Array.from(data)] : [])",
        [command, value, None if data is None else list(data)],
    )


def give_the_run(notebook: FakeNotebook, frames: np.ndarray) -> None:
    """Send the frames of the run, as Python does."""
    sprites = make_sprite_frames(frames)
    about = json.dumps(
        {"sprite_frames": sprites.meta, "notes": {"steps": [8 * i for i in range(len(frames))]}}
    ).encode()
    files = {"sprite_frames.json": about, "0.png": sprites.sheets[0]}
    command = notebook.command("export")
    assert command["args"] == {"format": "sprite_frames", "what": "run"}
    answer(notebook, command, {"job": "j"})
    listed = [{"filename": name, "mime": "", "bytes": len(data)} for name, data in files.items()]
    answer(notebook, notebook.command("export_progress"), {"done": 1, "total": 1, "files": listed})
    for index, data in enumerate(files.values()):
        command = notebook.command("export_chunk")
        assert command["args"] == {"job": "j", "file": index, "offset": 0}
        answer(notebook, command, None, data)
    notebook.command("export_end")


def test_plays_run_in_place_of_image(notebook: FakeNotebook) -> None:
    notebook.part("play-run").click()
    give_the_run(notebook, plain_frames(5, 8, 8))
    notebook.page.locator(f"{CANVAS}[data-frame]").wait_for()
    expect(notebook.page.locator(".lucidw-view")).to_be_hidden()
    notebook.part("next").click()
    assert pixel(notebook) == [1, 0, 77, 255]
    assert notebook.part("run-player").locator("[data-lucidw=caption]").inner_text().strip() == "step 8"
    # Space controls the player here, not the run.
    notebook.page.keyboard.press("Space")
    assert notebook.page.locator(".lucidw-run-player .lucidw-player").get_attribute("data-playing") == "false"
    notebook.page.locator(CANVAS).evaluate("(e) => e.closest('.lucidw-player').querySelector('[type=range]').focus()")
    notebook.page.keyboard.press("Space")
    assert notebook.page.locator(".lucidw-run-player .lucidw-player").get_attribute("data-playing") == "true"
    assert notebook.commands() == []
    # The run continued meanwhile.
    notebook.frame(2, color="rgb(9, 8, 7)", size=(8, 8), step=1032)
    notebook.shown(2)
    notebook.page.keyboard.press("Escape")
    expect(notebook.part("run-player")).to_be_hidden()
    assert notebook.pixel() == [9, 8, 7, 255]
    assert notebook.page.evaluate("document.activeElement.dataset.lucidw") == "play-run"


def test_exports_all_frames_if_they_arrive_after_the_dialog_is_open(notebook: FakeNotebook) -> None:
    notebook.part("play-run").click()
    menu = notebook.part("run-player").locator("[data-lucidw=export]")
    menu.click()
    notebook.reply(notebook.command("export_formats"), value=["gif"])
    give_the_run(notebook, plain_frames(5, 8, 8))
    notebook.page.locator(CANVAS).scroll_into_view_if_needed()  # only what is in view is drawn
    notebook.page.locator(f"{CANVAS}[data-frame]").wait_for()
    notebook.part("run-player").locator("[data-lucidw=export-save]").click()
    asked = notebook.command("export")["args"]
    assert "last" not in asked
    assert asked["what"] == "run"


def test_plays_thumbnails_without_kernel(open_widget: OpenWidget) -> None:
    notebook = open_widget(status="done", current_step=1024, host="nobody", motion="reduce", views=0)
    notebook.add_view()
    notebook.frame(1, size=(8, 8), step=1024)
    notebook.shown(1)
    film(notebook)
    notebook.part("play-run").click()
    notebook.page.locator(f"{CANVAS}[data-frame]").wait_for()
    assert "Small frames only" in notebook.page.locator(".lucidw-run-player-hint").inner_text()
    for index, color in enumerate(COLORS):
        notebook.part("run-player").locator("[data-lucidw=scrubber]").fill(str(index))
        assert pixel(notebook) == [*color, 255]


def test_plays_batch_on_click_without_asking_python(open_widget: OpenWidget) -> None:
    notebook = open_widget(status="done", motion="no-preference")
    notebook.page.evaluate(
        """async () => {
          const canvas = new OffscreenCanvas(8, 8);
          const ink = canvas.getContext("2d");
          for (const [index, color] of ["#f00", "#0f0", "#00f"].entries()) {
            ink.fillStyle = color;
            ink.fillRect(4 * (index % 2), 4 * Math.floor(index / 2), 4, 4);
          }
          const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: "image/png" })).arrayBuffer());
          const meta = { id: 1, step: 8, objective: 1, status: "done", mime: "image/png", lossless: true };
          host.deliver({ type: "frame", ...meta, width: 8, height: 8, rows: 2, columns: 2, count: 3 }, [bytes]);
        }"""
    )
    notebook.shown(1)
    notebook.forget()
    notebook.part("play-batch").click()
    notebook.page.locator(f"{CANVAS}[data-frame]").wait_for()
    assert notebook.part("run-player").locator("[data-lucidw=count]").inner_text().endswith("/ 3")
    notebook.wait("document.querySelector('.lucidw-run-player canvas').dataset.frame === '2'")
    notebook.part("run-player").locator("[data-lucidw=play]").click()
    for index, color in enumerate([[255, 0, 0], [0, 255, 0], [0, 0, 255]]):
        notebook.part("run-player").locator("[data-lucidw=scrubber]").fill(str(index))
        assert pixel(notebook) == [*color, 255]
    assert notebook.commands() == []
    notebook.part("run-player").locator("[data-lucidw=export]").click()
    notebook.reply(notebook.command(), value=["gif"])
    notebook.part("run-player").locator("[data-lucidw=export-save]").click()
    assert notebook.command("export")["args"]["what"] == "batch"


def test_hides_batch_playback_for_single_image(notebook: FakeNotebook) -> None:
    expect(notebook.part("play-batch")).to_be_hidden()


def test_exports_run_or_image_from_one_button(notebook: FakeNotebook) -> None:
    notebook.page.locator(".lucidw-controls [data-lucidw=export]").click()
    notebook.reply(notebook.command(), value=["gif", "webp"])
    rows = notebook.page.locator(".lucidw-footer .lucidw-export-row strong")
    assert rows.all_inner_texts() == ["GIF", "WebP", "Latest image", "Settings"]
    notebook.part("export-image").check()
    notebook.part("export-save").click()
    notebook.command("png")
    notebook.part("export-webp").check()
    notebook.part("export-save").click()
    command = notebook.command("export")
    assert (command["name"], command["args"]["what"], command["args"]["format"]) == ("export", "run", "webp")


def test_reset_closes_player(notebook: FakeNotebook) -> None:
    notebook.part("play-run").click()
    give_the_run(notebook, plain_frames(5, 8, 8))
    notebook.page.locator(f"{CANVAS}[data-frame]").wait_for()
    notebook.part("back").click()
    expect(notebook.part("run-player")).to_be_hidden()


@pytest.mark.parametrize("width", [320, 640, 1400])
@pytest.mark.parametrize("bundle", ["optimization_canvas", "lucid_widget"])
def test_fits_at_any_width(open_widget: OpenWidget, bundle: str, width: int) -> None:
    notebook = look(open_widget(bundle=bundle, status="done", current_step=1024, width=width, motion="reduce"))
    notebook.frame(1, size=(8, 8), step=1024, rows=2, columns=2)
    notebook.shown(1)
    film(notebook)
    notebook.part("play-batch").click()
    notebook.page.locator(f"{CANVAS}[data-frame]").wait_for()
    notebook.page.locator(".lucidw-controls [data-lucidw=export]").click()
    notebook.reply(notebook.command("export_formats"), value=["gif", "webp", "mp4"])
    assert notebook.page.evaluate("overflowing(document.querySelector('.lucidw'))") == []
    assert notebook.page.evaluate("smallTargets(document.querySelector('.lucidw'), 24)") == []
