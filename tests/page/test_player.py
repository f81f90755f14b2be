"""The player on the page: frames over time, keys and pointers, and behavior without a kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from page.fake_notebook import FakeNotebook
from page.players import open_player, plain_frames
from page.test_accessibility import axe, violations  # noqa: F401
from page.test_looks import THEMES, look
from playwright.sync_api import Browser, expect

from lucid_widgets.export.sprite_frames import make_sprite_frames

Open = Callable[..., FakeNotebook]


@pytest.fixture
def player(browser: Browser) -> Iterator[Open]:
    """Open players. After the test, consoles must be clean, and the pages may have set only the player's traits."""
    opened: list[FakeNotebook] = []

    def open_one(count: int = 12, **options: Any) -> FakeNotebook:
        frames = options.pop("frames", None)
        frames = plain_frames(count, 16, 16) if frames is None else frames
        opened.append(open_player(browser, frames, **options))
        opened[-1].page.locator("canvas[data-frame]").first.wait_for()
        return opened[-1]

    yield open_one
    problems = [problem for notebook in opened for problem in notebook.problems()]
    for notebook in opened:
        notebook.page.context.close()
    assert not problems


def shown(notebook: FakeNotebook, view: int = 0) -> int:
    """Index of the frame on the canvas, read from its pixels."""
    red, green, blue, alpha = notebook.pixel(5, 5, view)
    assert (blue, alpha) == (77, 255)
    return red + 256 * green


def state(notebook: FakeNotebook, name: str) -> Any:
    return notebook.page.evaluate("(name) => host.state[name]", name)


def watch(notebook: FakeNotebook, seconds: float) -> list[int]:
    """The frames that the page has drawn, in order."""
    notebook.page.evaluate(
        """() => {
          const canvas = document.querySelector("canvas");
          window.drawn = [];
          window.observer = new MutationObserver(() => drawn.push(Number(canvas.dataset.frame)));
          observer.observe(canvas, { attributeFilter: ["data-draws"] });
        }"""
    )
    notebook.page.wait_for_timeout(1000 * seconds)
    return list(notebook.page.evaluate("(observer.disconnect(), drawn)"))


class TestPlaying:
    def test_plays_in_order_and_loops(self, player: Open) -> None:
        notebook = player(playing=True, fps=8)
        frames = watch(notebook, 2.5)
        assert set(frames) == set(range(12))
        steps = np.diff(frames) % 12
        assert np.median(steps) == 1, frames  # a loaded machine may skip some

    def test_back_and_forth(self, player: Open) -> None:
        notebook = player(4, playing=True, fps=8, mode="alternate")
        frames = watch(notebook, 2.5)
        assert set(frames) == {0, 1, 2, 3}
        assert np.median(np.abs(np.diff(frames))) == 1, frames

    def test_once_mode_stops_at_last_frame_and_restarts(self, player: Open) -> None:
        notebook = player(4, playing=True, fps=20, mode="once")
        notebook.wait("host.state.playing === false")
        notebook.settle()
        assert (shown(notebook), state(notebook, "frame")) == (3, 3)
        assert notebook.page.evaluate("host.saved.at(-1)") == {"frame": 3, "playing": False}
        notebook.part("play").click()
        notebook.wait("host.state.frame < 3")
        notebook.wait("host.state.playing === false && host.state.frame === 3")

    def test_speed_is_kept(self, player: Open) -> None:
        notebook = player(100, playing=True, fps=20)
        took = notebook.page.evaluate(
            """() => new Promise((done) => {
              const began = [performance.now(), host.state.frame];
              const look = () => {
                const made = host.state.frame - began[1];
                if (made >= 20) done((performance.now() - began[0]) / made);
                else requestAnimationFrame(look);
              };
              look();
            })"""
        )
        assert 40 < took < 65  # 50 ms per frame

    def test_reduced_motion_does_not_start_playback(self, player: Open) -> None:
        notebook = player(playing=True, motion="reduce")
        assert watch(notebook, 0.3) == []
        assert state(notebook, "playing") is False
        notebook.part("play").click()
        assert len(watch(notebook, 0.3)) > 2

    def test_disables_playback_of_single_frame(self, player: Open) -> None:
        notebook = player(1, playing=True)
        assert watch(notebook, 0.2) == []
        assert notebook.part("play").get_attribute("aria-disabled") == "true"
        assert notebook.part("count").inner_text() == "1 / 1"

    def test_cross_fade_is_a_weighted_sum(self, player: Open) -> None:
        frames = np.zeros((2, 8, 8, 3), np.uint8)
        frames[1] = 200
        notebook = player(frames=frames, fps=2, mode="alternate")
        notebook.part("crossfade").click()
        notebook.part("play").click()
        values = notebook.page.evaluate(
            """() => new Promise((done) => {
              const ink = document.querySelector("canvas").getContext("2d");
              const seen = new Set();
              const end = performance.now() + 1200;
              const look = (now) => {
                const [red, green, blue, alpha] = ink.getImageData(2, 2, 1, 1).data;
                if (alpha < 254 || red !== green || green !== blue) seen.add("flicker");
                seen.add(red);
                now < end ? requestAnimationFrame(look) : done([...seen]);
              };
              requestAnimationFrame(look);
            })"""
        )
        assert "flicker" not in values
        assert len([value for value in values if 10 < value < 190]) > 5

    def test_follows_python_and_linked_widgets(self, player: Open) -> None:
        notebook = player(views=2)
        notebook.change(frame=7)
        assert [shown(notebook, view) for view in (0, 1)] == [7, 7]
        assert notebook.part("scrubber", 1).input_value() == "7"
        notebook.change(playing=True, fps=30)
        notebook.wait("host.state.frame > 8")
        notebook.change(playing=False)
        frame = state(notebook, "frame")
        assert [shown(notebook, view) for view in (0, 1)] == [frame, frame]

    def test_linked_widget_receives_every_frame_and_python_some(self, player: Open) -> None:
        notebook = player(60)
        notebook.page.evaluate(
            """() => {
              window.heard = [];
              const listen = () => heard.push(host.state.frame);
              host.listen("change:frame", listen);
            }"""
        )
        notebook.change(playing=True, fps=30)
        notebook.page.wait_for_timeout(1000)
        notebook.part("play").click()
        heard = notebook.page.evaluate("heard")
        told = [each["frame"] for each in notebook.page.evaluate("host.saved") if "frame" in each]
        assert len(heard) > 15
        assert len(told) < 6
        assert told[-1] == state(notebook, "frame")


class TestHands:
    def test_buttons(self, player: Open) -> None:
        notebook = player()
        notebook.part("next").click()
        notebook.part("next").click()
        assert shown(notebook) == 2
        notebook.part("previous").click()
        assert shown(notebook) == 1
        notebook.part("stop").click()
        notebook.part("previous").click()
        assert shown(notebook) == 11  # a loop wraps around
        assert notebook.part("count").inner_text() == "12 / 12"
        notebook.part("play").click()
        assert notebook.part("play").get_attribute("aria-label") == "Pause"
        notebook.part("play").click()
        assert state(notebook, "playing") is False

    def test_keys(self, player: Open) -> None:
        notebook = player(mode="once")
        notebook.part("canvas").evaluate("(e) => e.closest('.lucidw').focus()")
        press = notebook.page.keyboard.press
        for key, frame in [("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", 11), ("ArrowRight", 11)]:
            press(key)
            assert state(notebook, "frame") == frame, key
        press("Home")
        assert shown(notebook) == 0
        press("Space")
        assert state(notebook, "playing") is True
        press("Space")
        assert state(notebook, "playing") is False
        # On the slider they do the same, although it handles keys itself.
        notebook.part("scrubber").focus()
        press("End")
        press("ArrowLeft")
        assert shown(notebook) == 10
        press("Space")
        assert state(notebook, "playing") is True

    def test_fields_keep_their_own_keys(self, player: Open) -> None:
        notebook = player(fps=20)
        notebook.part("fps").focus()
        notebook.page.keyboard.press("Home")
        notebook.page.keyboard.press("ArrowUp")
        assert (state(notebook, "fps"), state(notebook, "frame")) == (24, 0)
        notebook.part("fps").fill("7.5")
        notebook.page.keyboard.press("Enter")
        assert state(notebook, "fps") == 7.5
        notebook.part("fps").fill("9999")
        notebook.page.keyboard.press("Enter")
        assert (state(notebook, "fps"), notebook.part("fps").input_value()) == (120, "120")
        notebook.part("fps").fill("fast")
        notebook.page.keyboard.press("Enter")
        assert (state(notebook, "fps"), notebook.part("fps").input_value()) == (120, "120")
        notebook.part("slower").click()
        assert state(notebook, "fps") == 60

    def test_scrubber_and_dragging_move_through_frames(self, player: Open) -> None:
        notebook = player(playing=True)
        notebook.part("scrubber").fill("6")
        assert (shown(notebook), state(notebook, "playing")) == (6, False)
        notebook.part("play").click()
        box = notebook.part("canvas").bounding_box()
        assert box is not None
        mouse, y = notebook.page.mouse, box["y"] + box["height"] / 2
        mouse.move(box["x"] + 5, y)
        mouse.down()
        for share, frame in ((0.30, 3), (0.55, 6), (0.99, 11)):
            mouse.move(box["x"] + share * box["width"], y)
            assert (shown(notebook), state(notebook, "playing")) == (frame, False)
        mouse.move(box["x"] + 2 * box["width"], y)  # past the edge it stays at the end
        assert shown(notebook) == 11
        mouse.up()
        assert state(notebook, "playing") is True  # unchanged
        mouse.click(box["x"] + 9, y)
        assert state(notebook, "playing") is False

    def test_modes(self, player: Open) -> None:
        notebook = player()
        notebook.page.get_by_role("radio", name="back and forth").check()
        assert state(notebook, "mode") == "alternate"
        notebook.change(mode="once")
        expect(notebook.page.get_by_role("radio", name="once")).to_be_checked()

    def test_zooms_by_whole_factors(self, player: Open) -> None:
        notebook = player(scale=2)
        notebook.part("zoom").select_option("8")
        box = notebook.part("canvas").bounding_box()
        assert box is not None
        assert (box["width"], box["height"]) == (
            64,
            64,
        )  # 16 pixels at 8 screen pixels each, with two screen pixels per CSS pixel
        notebook.part("pixelated").click()
        assert state(notebook, "pixelated") is True
        assert notebook.part("canvas").evaluate("(e) => getComputedStyle(e).imageRendering") == "pixelated"
        assert notebook.part("canvas").evaluate("(e) => [e.width, e.height]") == [16, 16]

    def test_large_image_scrolls_in_its_box(self, player: Open) -> None:
        notebook = player(frames=plain_frames(3, 256, 256), width=640)
        notebook.part("zoom").select_option("6")
        room = notebook.page.locator(".lucidw-player-image-box")
        inside, outside = room.evaluate("(e) => [[e.scrollWidth, e.scrollHeight], [e.clientWidth, e.clientHeight]]")
        assert inside[0] == 1536
        assert outside[0] < 640
        assert notebook.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert room.get_attribute("tabindex") == "0"


class TestWords:
    def test_shows_notes_of_frame(self, player: Open) -> None:
        notes = {"labels": [f"<b>{i}</b>" for i in range(12)], "seeds": range(12), "objectives": [974.62] * 12}
        notebook = player(notes=notes, title="mixed4a:56")
        notebook.change(frame=3)
        assert notebook.part("caption").inner_text().split("\n") == ["<b>3</b>", "seed 3 · objective 974.6"]
        assert notebook.part("scrubber").get_attribute("aria-valuetext") == (
            "Frame 4 of 12, <b>3</b>, seed 3, objective 974.6"
        )
        assert notebook.page.locator(".lucidw").get_attribute("aria-label") == "Animation: mixed4a:56"
        assert notebook.part("canvas").get_attribute("aria-label") == "mixed4a:56, frame 4 of 12"

    def test_labels_animations_of_a_grid(self, player: Open) -> None:
        notebook = player(notes={"labels": None})
        assert notebook.page.locator(".lucidw-cell-name").count() == 0

    @pytest.mark.parametrize("theme", ["light", "dark", "jupyter-dark", "code-dark"])
    def test_text_has_contrast(self, player: Open, theme: str) -> None:
        notebook = look(player(**THEMES[theme], motion="reduce", notes={"labels": ["a"] * 12}))
        notebook.part("export").click()
        notebook.reply(notebook.command(), value=["gif", "webp", "mp4"])
        result = notebook.page.evaluate("poorContrast(document.querySelector('.lucidw'), 4.5)")
        assert result["judged"] > 15
        assert result["poor"] == []

    @pytest.mark.parametrize("width", [280, 320, 640, 1400])
    def test_nothing_overflows_and_targets_are_large(self, player: Open, width: int) -> None:
        notebook = look(player(500, width=width, notes={"labels": ["a label that is longer than it should be"] * 500}))
        notebook.part("export").click()
        notebook.reply(notebook.command(), value=["gif", "webp", "mp4"])
        assert notebook.page.evaluate("overflowing(document.querySelector('.lucidw'))") == []
        small = notebook.page.evaluate("smallTargets(document.querySelector('.lucidw'), 24)")
        assert small == []
        assert notebook.page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    def test_player_has_no_accessibility_violations(self, player: Open, axe: str) -> None:  # noqa: F811
        notebook = player(motion="reduce", notes={"labels": ["a"] * 12})
        assert violations(notebook, axe) == []
        notebook.part("export").click()
        notebook.reply(notebook.command(), value=["gif", "webp", "mp4"])
        assert violations(notebook, axe) == []


class TestSheets:
    @pytest.mark.parametrize("count", [1, 2, 60, 500])
    def test_draws_the_right_frame_at_every_index(self, player: Open, count: int) -> None:
        notebook = player(count)
        for frame in {0, count // 3, count // 2, count - 1}:
            notebook.change(frame=frame)
            assert shown(notebook) == frame

    def test_several_sheets_are_one_animation(self, player: Open) -> None:
        first, second = make_sprite_frames(plain_frames(7, 16, 16)), make_sprite_frames(plain_frames(12, 16, 16)[7:])
        sheets = [*first.meta["sheets"], {**second.meta["sheets"][0], "first": 7}]
        notebook = player(12, sprite_frames={"sheets": sheets}, data={"_sheets": [*first.sheets, *second.sheets]})
        for frame in (6, 7, 11, 0):
            notebook.change(frame=frame)
            assert shown(notebook) == frame

    @pytest.mark.parametrize(("side", "channels"), [(1, 3), (5, 1), (5, 4), (2048, 3)])
    def test_sizes_and_channels(self, player: Open, side: int, channels: int) -> None:
        frames = np.zeros((2, side, side, channels), np.uint8)
        frames[1] = 200
        notebook = player(frames=frames)
        notebook.change(frame=1)
        middle = side // 2
        expected = [200, 200, 200, 200 if channels == 4 else 255]
        assert np.abs(np.subtract(notebook.pixel(middle, middle), expected)).max() <= 2
        assert notebook.part("canvas").evaluate("(e) => [e.width, e.height]") == [side, side]

    def test_requests_missing_bytes_in_parts(self, browser: Browser) -> None:
        frames = plain_frames(6, 16, 16)
        (sheet,) = make_sprite_frames(frames).sheets
        notebook = open_player(browser, frames, data={"_sheets": [b""]})
        half = len(sheet) // 2
        for offset, piece in ((0, sheet[:half]), (half, sheet[half:])):
            command = notebook.command()
            assert (command["name"], command["args"]) == ("sheet", {"index": 0, "offset": offset})
            notebook.page.evaluate(
                "([command, piece]) => host.reply(command, {}, [Uint8Array.from(piece)])", [command, list(piece)]
            )
        notebook.page.locator("canvas[data-frame]").wait_for()
        notebook.change(frame=4)
        assert shown(notebook) == 4
        notebook.page.context.close()

    def test_reports_undecodable_frames(self, browser: Browser) -> None:
        frames = plain_frames(6, 16, 16)
        (sheet,) = make_sprite_frames(frames).sheets
        notebook = open_player(browser, frames, data={"_sheets": [bytes(len(sheet))]})
        notebook.part("error").wait_for()
        assert "could not be decoded" in notebook.part("error").inner_text()
        notebook.page.context.close()


class TestExport:
    def test_downloads_files_that_python_writes(self, player: Open) -> None:
        notebook = player(title="eye", fps=12, mode="alternate")
        notebook.part("export").click()
        command = notebook.command()
        assert command["name"] == "export_formats"
        notebook.reply(command, value=["gif", "webp"])
        assert notebook.page.locator(".lucidw-export-row").count() == 3  # and this frame
        notebook.part("dither").select_option("ordered")
        notebook.part("export-gif").click()
        command = notebook.command()
        assert command["name"] == "export"
        assert command["args"] == {"format": "gif", "dither": "ordered", "fps": 12, "mode": "alternate"}
        notebook.reply(command, value={"job": "j"})
        notebook.reply(notebook.command(), value={"done": 3, "total": 12, "files": None})
        assert "GIF: 3 of 12" in notebook.part("export-progress").inner_text()
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
        assert "Saved eye.gif, 0 kB" in notebook.part("exported").inner_text()
        assert notebook.command()["name"] == "export_end"
        notebook.part("export-dismiss").click()
        expect(notebook.part("exported")).to_be_hidden()

    def test_cancel(self, player: Open) -> None:
        notebook = player()
        notebook.part("export").click()
        notebook.reply(notebook.command(), value=["gif"])
        notebook.part("export-gif").click()
        notebook.reply(notebook.command(), value={"job": "j"})
        progress = notebook.command()
        notebook.part("cancel").click()
        notebook.reply(progress, value={"done": 3, "total": 12, "files": None})
        assert notebook.command()["name"] == "export_end"
        expect(notebook.part("export-progress")).to_be_hidden()
        expect(notebook.part("export-failed")).to_be_hidden()

    def test_failed_export_shows_error_card(self, player: Open) -> None:
        notebook = player()
        notebook.part("export").click()
        notebook.reply(notebook.command(), value=["gif"])
        notebook.part("export-gif").click()
        notebook.refuse(notebook.command(), "No room left.", "Free some.")
        assert "No room left." in notebook.part("export-failed").inner_text()
        notebook.part("export-failed").get_by_role("button", name="Dismiss").click()
        expect(notebook.part("export-failed")).to_be_hidden()

    def test_plays_and_exports_browser_formats_without_kernel(self, player: Open) -> None:
        notebook = player(host="nobody", playing=True)
        assert len(watch(notebook, 0.4)) > 3
        notebook.part("play").click()
        notebook.part("export").click()
        assert "no kernel is running" in notebook.page.locator(".lucidw-export-why").inner_text()
        with notebook.page.expect_download() as download:
            notebook.part("export-frame").click()
        assert download.value.suggested_filename.startswith("animation-")
        with notebook.page.expect_download() as download:
            notebook.part("export-stored").click()
        assert download.value.suggested_filename == "animation-16x16-3.png"

    def test_escape_closes_the_menu(self, player: Open) -> None:
        notebook = player()
        notebook.part("export").click()
        notebook.page.keyboard.press("Escape")
        expect(notebook.part("export-menu")).to_be_hidden()
        assert notebook.page.evaluate("document.activeElement.dataset.lucidw") == "export"


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
