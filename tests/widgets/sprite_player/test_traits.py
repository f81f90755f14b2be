"""SpritePlayer from Python: its state, what the page can set, and its output in a notebook."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import ipywidgets
import numpy as np
import pytest
import traitlets
from export.animations import textures
from pages import Page
from PIL import Image
from widgets.sprite_player.players import FRAMES, mine

from lucid_widgets import SpritePlayer
from lucid_widgets.errors import ArgumentError, LucidError, OutOfRangeError
from lucid_widgets.export import Sheet
from lucid_widgets.frames import Frame
from lucid_widgets.widgets._core.exports import CHUNK_BYTES


def page_sets(page: Page, **values: Any) -> None:
    page.deliver({"method": "update", "state": values, "buffer_paths": []})


class TestState:
    def test_stores_one_sheet_with_its_layout(self, pages: list[Page]) -> None:
        player = SpritePlayer(FRAMES, fps=12, mode="alternate", title="a", labels=list("abcdef"))
        (page,) = mine(pages)
        (sheet,) = page.state["_sheets"]
        assert page.state["_sprite_frames"]["sheets"] == [{"first": 0, "count": 6, "columns": 2, "bytes": len(sheet)}]
        again = Sheet.from_bytes(bytes(sheet), columns=2, count=6).frames
        np.testing.assert_array_equal(again, FRAMES)
        assert page.state["_notes"] == {"labels": list("abcdef")}
        assert {name: page.state[name] for name in ("fps", "mode", "frame", "playing", "title")} == {
            "fps": 12,
            "mode": "alternate",
            "frame": 0,
            "playing": True,
            "title": "a",
        }
        assert len(player) == 6
        np.testing.assert_array_equal(player.frames, FRAMES)
        assert repr(player) == "<SpritePlayer 'a': 6 frames of 20×16 at 12 per second, alternate>"

    def test_shows_steps_and_values_of_frames(self, pages: list[Page]) -> None:
        images = np.zeros((1, 4, 4, 3), np.float32)
        SpritePlayer(iter([Frame(0, None, images), Frame(8, 2.5, images)]), seeds=[1, 2])
        assert mine(pages)[0].state["_notes"] == {"steps": [0, 8], "objectives": [None, 2.5], "seeds": [1, 2]}

    def test_shows_several_animations_side_by_side(self, pages: list[Page]) -> None:
        player = SpritePlayer({"one": FRAMES, "other": FRAMES[:3], "third": FRAMES}, columns=3)
        assert player.frames.shape == (6, 16, 60, 3)
        assert mine(pages)[0].state["_notes"]["cells"] == {"names": ["one", "other", "third"], "columns": 3}
        batches = np.stack([FRAMES, FRAMES[::-1]], axis=1)
        assert SpritePlayer(batches, columns=2).frames.shape == (6, 16, 40, 3)

    def test_plays_an_existing_sheet(self, pages: list[Page], tmp_path: Path) -> None:
        data = Sheet.of(FRAMES, columns=6).encode("png")
        (tmp_path / "sheet.png").write_bytes(data)
        for source in (data, tmp_path / "sheet.png", str(tmp_path / "sheet.png")):
            player = SpritePlayer.from_sheet(source, columns=6, count=6, fps=5)
            np.testing.assert_array_equal(player.frames, FRAMES)
            assert player.fps == 5
        assert [bytes(page.state["_sheets"][0]) for page in mine(pages)] == [data] * 3
        with pytest.raises(ArgumentError, match="is not an image that can be read"):
            SpritePlayer.from_sheet(b"no image", columns=2)
        with pytest.raises(ArgumentError, match="cannot be cut into 7 columns"):
            SpritePlayer.from_sheet(data, columns=7, count=7)

    @pytest.mark.parametrize("channels", [1, 3, 4])
    @pytest.mark.parametrize("kind", ["uint8", "float32"])
    def test_accepts_every_kind_of_frames(self, pages: list[Page], channels: int, kind: str) -> None:
        frames = textures(3, 5, 7, channels)
        given = frames if kind == "uint8" else frames.astype(np.float32) / 255
        np.testing.assert_array_equal(SpritePlayer(given).frames, frames)

    def test_rejects_invalid_frames(self, pages: list[Page]) -> None:
        with pytest.raises(ArgumentError, match="There are no frames"):
            SpritePlayer([])
        with pytest.raises(ArgumentError, match="Frame 0 cannot be shown: The image contains NaN"):
            SpritePlayer(np.full((2, 4, 4, 3), np.nan))
        with pytest.raises(OutOfRangeError, match=r"The notebook stores them, so the limit is 0\.0 MB"):
            SpritePlayer(FRAMES, max_bytes=100)
        with pytest.raises(TypeError, match="SpritePlayer has no argument 'loop'"):
            SpritePlayer(FRAMES, loop=True)
        assert mine(pages) == []


class TestTraits:
    def test_page_gets_changes_made_in_python(self, pages: list[Page]) -> None:
        player = SpritePlayer(FRAMES)
        player.frame = 3
        player.fps = 30
        player.mode = "once"
        player.pause()
        state = mine(pages)[0].state
        assert (state["frame"], state["fps"], state["mode"], state["playing"]) == (3, 30, "once", False)
        player.stop()
        assert (player.frame, player.playing) == (0, False)

    def test_changes_made_on_the_page_are_not_echoed(self, pages: list[Page]) -> None:
        player = SpritePlayer(FRAMES)
        heard: list[tuple[str, Any]] = []
        player.observe(lambda change: heard.append((change.name, change.new)), ["frame", "playing", "fps", "mode"])
        sent = len(mine(pages)[0].updates)
        page_sets(mine(pages)[0], frame=4, playing=False)
        page_sets(mine(pages)[0], fps=24, mode="alternate")
        assert heard == [("frame", 4), ("playing", False), ("fps", 24.0), ("mode", "alternate")]
        # An echo of an earlier frame would move the page back.
        assert mine(pages)[0].updates[sent:] == []

    def test_play_once_starts_again_at_the_end(self, pages: list[Page]) -> None:
        player = SpritePlayer(FRAMES, mode="once", playing=False)
        player.frame = 5
        player.play()
        assert (player.frame, player.playing) == (0, True)

    def test_rejects_invalid_edits(self, pages: list[Page]) -> None:
        player = SpritePlayer(FRAMES)
        with pytest.raises(OutOfRangeError, match=r"Frame 6 is out of range\. Expected a whole number from 0 to 5\."):
            player.frame = 6
        with pytest.raises(LucidError, match=r"fps is 500.*Expected a number from 0\.1 to 120 for a player"):
            player.fps = 500
        with pytest.raises(ArgumentError, match=r"mode cannot be 'altenate'.*'alternate'"):
            player.mode = "altenate"
        with pytest.raises(ArgumentError, match="_sheets cannot be set"):
            player._sheets = []
        assert (player.frame, player.fps, player.mode) == (0, 20, "loop")

    def test_traits_can_be_linked(self, pages: list[Page]) -> None:
        player, other = SpritePlayer(FRAMES), SpritePlayer(FRAMES)
        slider = ipywidgets.IntSlider(max=5)
        traitlets.link((player, "frame"), (slider, "value"))
        ipywidgets.jslink((player, "frame"), (other, "frame"))  # both have it as a synchronized trait
        page_sets(mine(pages)[0], frame=2)
        assert slider.value == 2
        slider.value = 4
        assert player.frame == 4

    def test_each_trait_is_documented(self) -> None:
        traits = SpritePlayer.class_own_traits()
        assert len(traits) == 11
        assert all(trait.help for trait in traits.values())


class TestPage:
    def test_sends_the_sheet_in_chunks_on_request(self, pages: list[Page]) -> None:
        frames = textures(60, 256, 256)
        SpritePlayer(frames)
        (page,) = mine(pages)
        (about,) = page.state["_sprite_frames"]["sheets"]
        assert about["bytes"] > CHUNK_BYTES
        pieces, offset = [], 0
        while offset < about["bytes"]:
            reply, buffers = page.command_with_buffers("sheet", index=0, offset=offset)
            assert reply["ok"]
            assert len(buffers[0]) <= CHUNK_BYTES
            pieces.append(buffers[0])
            offset += len(buffers[0])
        assert b"".join(pieces) == bytes(page.state["_sheets"][0])
        assert page.command("sheet", index=1, offset=0)["error"]["message"] == "There is no sheet 1."


class TestWithoutAKernel:
    def test_output_has_an_animation_and_a_still_image(self, pages: list[Page]) -> None:
        player = SpritePlayer(textures(8, 64, 64), fps=10)
        data, metadata = player._repr_mimebundle_()
        assert metadata == {}
        assert "application/vnd.jupyter.widget-view+json" in data
        image = base64.b64decode(data["text/html"].split("base64,")[1].removesuffix('">'))
        assert Image.open(io.BytesIO(image)).n_frames == 8
        assert Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).size == (6 * 64, 64)

    def test_the_page_can_freeze(self, pages: list[Page]) -> None:
        player = SpritePlayer(FRAMES)
        page = mine(pages)[0]
        assert "No cell shows the widget" in page.command("freeze")["error"]["message"]
        with pytest.MonkeyPatch.context() as patch:
            frozen: list[str] = []
            patch.setattr(player._outputs, "replace", lambda still, text: frozen.append(text))
            assert page.command("freeze")["ok"]
        assert frozen == [repr(player)]

    def test_freeze_replaces_every_display(self, pages: list[Page], monkeypatch: pytest.MonkeyPatch) -> None:
        shown: list[tuple[str, str, dict[str, Any]]] = []

        def note(kind: str) -> Any:
            return lambda data, *, raw, display_id, metadata=None: shown.append((kind, display_id, data))

        monkeypatch.setattr("lucid_widgets.widgets._core.still_images.display", note("display"))
        monkeypatch.setattr("lucid_widgets.widgets._core.still_images.update_display", note("update"))
        player = SpritePlayer(FRAMES)
        with pytest.raises(ArgumentError, match="No cell shows the widget"):
            player.freeze()
        player._ipython_display_()
        player._ipython_display_()
        player.freeze()
        kinds, ids, data = zip(*shown, strict=True)
        assert kinds == ("display", "display", "update", "update")
        assert ids[:2] == ids[2:]
        assert ids[0] != ids[1]
        assert "application/vnd.jupyter.widget-view+json" in data[0]
        assert set(data[2]) == {"text/html", "image/png", "text/plain"}
