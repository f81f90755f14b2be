"""Frames in sprite sheets: sizes, several sheets, and bytes that are missing or damaged."""

from __future__ import annotations

import numpy as np
import pytest
from page.player.players import Open, open_player, plain_frames, shown
from playwright.sync_api import Browser

from lucid_widgets.export.sprite_frames import make_sprite_frames


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
        notebook.close()

    def test_reports_undecodable_frames(self, browser: Browser) -> None:
        frames = plain_frames(6, 16, 16)
        (sheet,) = make_sprite_frames(frames).sheets
        notebook = open_player(browser, frames, data={"_sheets": [bytes(len(sheet))]})
        notebook.part("error").wait_for()
        assert "could not be decoded" in notebook.part("error").inner_text()
        notebook.close()
