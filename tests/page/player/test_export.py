"""Export menu of the player, with and without a kernel, and what a removed view leaves behind."""

from __future__ import annotations

from typing import Any

import pytest
from page.fake_notebook import FakeNotebook
from page.player.players import Open
from playwright.sync_api import expect


class TestExport:
    def test_downloads_files_that_python_writes(self, player: Open) -> None:
        notebook = player(title="eye", fps=12, mode="alternate")
        notebook.part("export").click()
        command = notebook.command()
        assert command["name"] == "export_formats"
        notebook.reply(command, value=["gif", "webp"])
        expect(notebook.page.locator(".lucidw-export-row")).to_have_count(3)  # and this frame
        notebook.part("dither").select_option("ordered")
        save(notebook)
        command = notebook.command("export")
        assert command["args"] == {"format": "gif", "dither": "ordered", "fps": 12, "mode": "alternate"}
        notebook.reply(command, value={"job": "j"})
        notebook.reply(notebook.command(), value={"done": 3, "total": 12, "files": None})
        expect(notebook.part("export-progress")).to_contain_text("GIF: 3 of 12")
        file = {"filename": "eye.gif", "mime": "image/gif", "bytes": 5}
        notebook.reply(notebook.command(), value={"done": 12, "total": 12, "files": [file]})
        for offset, piece in ((0, [1, 2, 3]), (3, [4, 5])):
            command = notebook.command()
            assert command["args"] == {"job": "j", "file": 0, "offset": offset}
            if offset == 3:
                with notebook.page.expect_download() as download:
                    reply(notebook, command, piece)
            else:
                reply(notebook, command, piece)
        assert download.value.suggested_filename == "eye.gif"
        assert download.value.path().read_bytes() == bytes([1, 2, 3, 4, 5])
        expect(notebook.part("exported")).to_contain_text("Saved eye.gif, 0 kB")
        assert notebook.command()["name"] == "export_end"
        notebook.part("export-dismiss").click()
        expect(notebook.part("exported")).to_be_hidden()

    def test_cancel(self, player: Open) -> None:
        notebook = player()
        notebook.part("export").click()
        notebook.reply(notebook.command(), value=["gif"])
        save(notebook)
        notebook.reply(notebook.command("export"), value={"job": "j"})
        progress = notebook.command("export_progress")
        notebook.part("cancel").click()
        notebook.reply(progress, value={"done": 3, "total": 12, "files": None})
        assert notebook.command()["name"] == "export_end"
        expect(notebook.part("export-progress")).to_be_hidden()
        expect(notebook.part("export-failed")).to_be_hidden()

    def test_failed_export_shows_error_card(self, player: Open) -> None:
        notebook = player()
        notebook.part("export").click()
        notebook.reply(notebook.command(), value=["gif"])
        save(notebook)
        notebook.refuse(notebook.command("export"), "No room left.", "Free some.")
        assert "No room left." in notebook.part("export-failed").inner_text()
        notebook.part("export-failed").get_by_role("button", name="Dismiss").click()
        expect(notebook.part("export-failed")).to_be_hidden()

    def test_plays_and_exports_browser_formats_without_kernel(self, player: Open) -> None:
        notebook = player(host="nobody", playing=True)
        notebook.wait("document.querySelector('canvas').dataset.draws > 3")
        notebook.part("play").click()
        notebook.part("export").click()
        assert "no kernel is running" in notebook.page.locator(".lucidw-export-why").inner_text()
        with notebook.page.expect_download() as download:
            save(notebook, "frame")
        assert download.value.suggested_filename.startswith("animation-")
        with notebook.page.expect_download() as download:
            save(notebook, "stored")
        assert download.value.suggested_filename == "animation-16x16-3.png"

    def test_a_gif_is_two_clicks_away(self, player: Open) -> None:
        notebook = player(title="eye")
        notebook.part("export").click()
        notebook.reply(notebook.command(), value=["gif", "webp"])
        expect(notebook.part("export-save")).to_have_text("Save GIF")
        expect(notebook.part("export-save")).to_be_focused()
        notebook.page.keyboard.press("Enter")
        args = notebook.command("export")["args"]
        assert args == {"format": "gif", "dither": "soft", "fps": 20, "mode": "loop"}

    def test_formats_are_there_before_python_answers(self, player: Open) -> None:
        notebook = player(title="eye")
        notebook.part("export").click()
        asked = notebook.command("export_formats")
        expect(notebook.part("export-save")).to_have_text("Save GIF")
        before = notebook.part("export-menu").bounding_box()
        notebook.page.keyboard.press("Enter")
        assert notebook.command("export")["args"]["format"] == "gif"
        notebook.part("export-apng").check()
        notebook.reply(asked, value=["gif", "webp", "webp-lossless", "apng", "html", "sheet", "css"])  # no MP4
        expect(notebook.part("export-mp4")).to_have_count(0)
        expect(notebook.part("export-apng")).to_be_checked()
        assert notebook.part("export-menu").bounding_box()["y"] == before["y"]

    @pytest.mark.parametrize("width", [320, 480])
    def test_fits_into_a_narrow_pane(self, player: Open, width: int) -> None:
        notebook = player(title="eye", width=width)
        notebook.part("export").click()
        save = notebook.part("export-save")
        box = save.bounding_box()
        text = save.locator(".lucidw-caption").bounding_box()
        assert box["x"] <= text["x"]
        assert text["x"] + text["width"] <= box["x"] + box["width"]
        assert notebook.part("export-menu").bounding_box()["height"] < (600 if width < 400 else 440)
        assert notebook.page.evaluate("document.querySelector('.lucidw').scrollWidth") <= width

    def test_settings_and_estimated_size(self, player: Open) -> None:
        notebook = player(title="eye", fps=10)
        notebook.part("export").click()
        notebook.reply(notebook.command(), value=["gif", "webp", "html"])
        menu = notebook.part("export-menu")
        notebook.part("size").select_option("64")
        for name, value in (("fps", "5"), ("hold", "1,5"), ("first", "3"), ("last", "99")):
            notebook.part(f"export-{name}").fill(value)
            notebook.part(f"export-{name}").blur()
        menu.locator("[data-lucidw=export-mode]").select_option("alternate")
        expect(notebook.part("export-last")).to_have_value("12")
        expect(notebook.part("export-about")).to_contain_text("18 frames · 5.1 s")
        args = {"dither": "soft", "fps": 5, "mode": "alternate", "size": 64, "hold": 1.5, "first": 2}
        while (asked := notebook.command("export_estimate"))["args"] != {"format": "gif", **args}:
            pass
        notebook.reply(asked, value={"job": "j"})
        notebook.reply(notebook.command("export_progress"), value={"files": [], "estimate": 420_000})
        expect(notebook.part("export-about")).to_have_text("18 frames · 5.1 s · about 420 kB")
        notebook.part("export-html").check()
        expect(notebook.part("export-hold")).to_be_hidden()
        expect(notebook.part("dither")).to_be_hidden()
        assert "kB" not in notebook.part("export-about").inner_text()

    def test_freeze(self, player: Open) -> None:
        notebook = player()
        notebook.part("export").click()
        notebook.reply(notebook.command(), value=["gif"])
        notebook.part("freeze").click()
        notebook.command("freeze")

    def test_escape_closes_the_menu(self, player: Open) -> None:
        notebook = player()
        notebook.part("export").click()
        notebook.page.keyboard.press("Escape")
        expect(notebook.part("export-menu")).to_be_hidden()
        assert notebook.page.evaluate("document.activeElement.dataset.lucidw") == "export"


def save(notebook: FakeNotebook, format: str | None = None) -> None:
    if format is not None:
        notebook.part(f"export-{format}").check()
    notebook.part("export-save").click()


def reply(notebook: FakeNotebook, command: dict[str, Any], piece: list[int]) -> None:
    notebook.page.evaluate("([command, piece]) => host.reply(command, {}, [Uint8Array.from(piece)])", [command, piece])


def test_nothing_outlives_a_view(player: Open) -> None:
    notebook = player(views=2, playing=True)
    before = notebook.page.evaluate("host.listenerCount()")
    notebook.remove_view(0)
    notebook.remove_view(0)
    notebook.page.evaluate("host.close()")
    assert notebook.page.evaluate("host.listenerCount()") == 0
    assert before > 0
    asked = notebook.page.evaluate(
        """() => new Promise((done) => {
          let count = 0;
          const real = requestAnimationFrame;
          window.requestAnimationFrame = (callback) => (count++, real(callback));
          setTimeout(() => done(count), 100);
        })"""
    )
    assert asked == 0
