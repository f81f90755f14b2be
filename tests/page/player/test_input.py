"""The player by mouse, keyboard and touch."""

from __future__ import annotations

from page.player.players import Open, plain_frames, shown, state
from playwright.sync_api import expect


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
        notebook = player(mode="once", fps=1)  # slow, so that playback does not end between two commands of the test
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
        press("Home")
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
