"""A run as a time-lapse and a batch as an animation, in the picture's place; and exports beside Save."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from page.fake_notebook import FakeNotebook, OpenWidget
from page.players import plain_frames
from page.test_filmstrip import COLOURS, film
from page.test_looks import look
from playwright.sync_api import expect

from lucid_widgets.export.sprite_frames import make_sprite_frames

CANVAS = ".lucidw-film-player canvas"


@pytest.fixture
def notebook(open_widget: OpenWidget) -> FakeNotebook:
    opened = open_widget(status="running", step=1024, title="eye", motion="reduce")
    opened.frame(1, colour="rgb(10, 200, 30)", size=(8, 8), step=1024)
    opened.shown(1)
    film(opened)
    return opened


def pixel(notebook: FakeNotebook, x: int = 1, y: int = 1) -> list[int]:
    """Of the player's canvas."""
    script = "(e, [x, y]) => [...e.getContext('2d').getImageData(x, y, 1, 1).data]"
    return list(notebook.page.locator(CANVAS).evaluate(script, [x, y]))


def answer(notebook: FakeNotebook, command: dict[str, Any], value: Any, data: bytes | None = None) -> None:
    notebook.page.evaluate(
        "([command, value, data]) => host.reply(command, { value }, data ? [Uint8Array.from(data)] : [])",
        [command, value, None if data is None else list(data)],
    )


def give_the_run(notebook: FakeNotebook, frames: np.ndarray) -> None:
    """Python packs the run and hands it over."""
    reel = make_sprite_frames(frames)
    about = json.dumps({"reel": reel.meta, "notes": {"steps": [8 * i for i in range(len(frames))]}}).encode()
    files = {"reel.json": about, "0.png": reel.sheets[0]}
    command = notebook.command()
    assert (command["name"], command["args"]) == ("export", {"format": "reel", "what": "run"})
    answer(notebook, command, {"job": "j"})
    listed = [{"filename": name, "mime": "", "bytes": len(data)} for name, data in files.items()]
    answer(notebook, notebook.command(), {"done": 1, "total": 1, "files": listed})
    for index, data in enumerate(files.values()):
        command = notebook.command()
        assert command["args"] == {"job": "j", "file": index, "offset": 0}
        answer(notebook, command, None, data)
    assert notebook.command()["name"] == "export_end"


def test_the_run_so_far_plays_in_the_pictures_place(notebook: FakeNotebook) -> None:
    notebook.part("play-run").click()
    give_the_run(notebook, plain_frames(5, 8, 8))
    notebook.page.locator(f"{CANVAS}[data-frame]").wait_for()
    expect(notebook.page.locator(".lucidw-view")).to_be_hidden()
    notebook.part("next").click()
    assert pixel(notebook) == [1, 0, 77, 255]
    assert notebook.part("caption").inner_text().strip() == "step 8"
    # Space is the player's here, not the run's.
    notebook.page.keyboard.press("Space")
    assert notebook.page.locator(".lucidw-film-player .lucidw-player").get_attribute("data-playing") == "false"
    notebook.page.locator(CANVAS).evaluate("(e) => e.closest('.lucidw-player').querySelector('[type=range]').focus()")
    notebook.page.keyboard.press("Space")
    assert notebook.page.locator(".lucidw-film-player .lucidw-player").get_attribute("data-playing") == "true"
    assert notebook.commands() == []
    # The run went on behind it.
    notebook.frame(2, colour="rgb(9, 8, 7)", size=(8, 8), step=1032)
    notebook.shown(2)
    notebook.page.keyboard.press("Escape")
    expect(notebook.part("film-player")).to_be_hidden()
    assert notebook.pixel() == [9, 8, 7, 255]
    assert notebook.page.evaluate("document.activeElement.dataset.lucidw") == "play-run"


def test_without_a_kernel_the_small_pictures_play(open_widget: OpenWidget) -> None:
    notebook = open_widget(status="done", step=1024, host="nobody", motion="reduce", views=0)
    notebook.add_view()
    notebook.frame(1, size=(8, 8), step=1024)
    notebook.shown(1)
    film(notebook)
    notebook.part("play-run").click()
    notebook.page.locator(f"{CANVAS}[data-frame]").wait_for()
    assert "small pictures" in notebook.page.locator(".lucidw-film-hint").inner_text()
    for index, colour in enumerate(COLOURS):
        notebook.part("film-player").locator("[data-lucidw=scrubber]").fill(str(index))
        assert pixel(notebook) == [*colour, 255]


def test_a_batch_plays_with_one_click_and_no_word_to_python(open_widget: OpenWidget) -> None:
    notebook = open_widget(status="done", motion="no-preference")
    notebook.page.evaluate(
        """async () => {
          const canvas = new OffscreenCanvas(8, 8);
          const ink = canvas.getContext("2d");
          for (const [index, colour] of ["#f00", "#0f0", "#00f"].entries()) {
            ink.fillStyle = colour;
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
    assert notebook.part("film-player").locator("[data-lucidw=count]").inner_text().endswith("/ 3")
    notebook.wait("document.querySelector('.lucidw-film-player canvas').dataset.frame === '2'")
    notebook.part("film-player").locator("[data-lucidw=play]").click()
    for index, colour in enumerate([[255, 0, 0], [0, 255, 0], [0, 0, 255]]):
        notebook.part("film-player").locator("[data-lucidw=scrubber]").fill(str(index))
        assert pixel(notebook) == [*colour, 255]
    assert notebook.commands() == []
    notebook.part("film-player").locator("[data-lucidw=export]").click()
    notebook.reply(notebook.command(), value=["gif"])
    notebook.part("film-player").locator("[data-lucidw=export-gif]").click()
    assert notebook.command()["args"]["what"] == "batch"


def test_one_picture_is_no_batch(notebook: FakeNotebook) -> None:
    expect(notebook.part("play-batch")).to_be_hidden()


def test_the_run_is_exported_from_beside_save(notebook: FakeNotebook) -> None:
    notebook.page.locator(".lucidw-controls [data-lucidw=export]").click()
    notebook.reply(notebook.command(), value=["gif", "webp"])
    rows = notebook.page.locator(".lucidw-footer .lucidw-export-row strong")
    assert rows.all_inner_texts() == ["This picture", "GIF", "WebP"]
    notebook.part("export-picture").click()
    assert notebook.commands()[-1]["name"] == "png"
    notebook.command()
    notebook.part("export-webp").click()
    command = notebook.command()
    assert (command["name"], command["args"]["what"], command["args"]["format"]) == ("export", "run", "webp")


def test_a_reset_closes_the_player(notebook: FakeNotebook) -> None:
    notebook.part("play-run").click()
    give_the_run(notebook, plain_frames(5, 8, 8))
    notebook.page.locator(f"{CANVAS}[data-frame]").wait_for()
    notebook.part("back").click()
    expect(notebook.part("film-player")).to_be_hidden()


@pytest.mark.parametrize("width", [320, 640, 1400])
@pytest.mark.parametrize("bundle", ["optimization_canvas", "lucid_widget"])
def test_it_fits_at_any_width(open_widget: OpenWidget, bundle: str, width: int) -> None:
    notebook = look(open_widget(bundle=bundle, status="done", step=1024, width=width, motion="reduce"))
    notebook.frame(1, size=(8, 8), step=1024, rows=2, columns=2)
    notebook.shown(1)
    film(notebook)
    notebook.page.locator(".lucidw-controls [data-lucidw=export]").click()
    notebook.reply(notebook.command(), value=["gif", "webp", "mp4"])
    notebook.part("play-batch").click()
    notebook.page.locator(f"{CANVAS}[data-frame]").wait_for()
    assert notebook.page.evaluate("overflowing(document.querySelector('.lucidw'))") == []
    assert notebook.page.evaluate("smallTargets(document.querySelector('.lucidw'), 24)") == []
