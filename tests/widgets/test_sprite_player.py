"""SpritePlayer from Python: its state, what the page can set, its files, and its output in a notebook."""

from __future__ import annotations

import base64
import io
import json
import threading
import time
from pathlib import Path
from typing import Any

import av
import ipywidgets
import numpy as np
import pytest
import traitlets
from animations import decoded, psnr, textures
from pages import Page
from PIL import Image
from streams import PATIENCE_SECONDS

from lucid_widgets import SpritePlayer
from lucid_widgets.errors import ArgumentError, LucidError, OutOfRangeError
from lucid_widgets.export import Sheet
from lucid_widgets.frames import Frame
from lucid_widgets.widgets._core import exports
from lucid_widgets.widgets._core.exports import CHUNK_BYTES

FRAMES = textures(6, 16, 20)


def mine(pages: list[Page]) -> list[Page]:
    """The pages of players, without those of their layouts, which are widgets too."""
    return [page for page in pages if "_sheets" in page.state]


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
        with pytest.raises(ArgumentError, match="cannot be read"):
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


def exported(page: Page, **args: Any) -> dict[str, bytes]:
    """Export as a page does: ask for progress until the export is done, then fetch the files."""
    job = page.command("export", **args)["value"]["job"]
    done = threading.Event()
    for _ in range(int(PATIENCE_SECONDS / 0.02)):
        reply = page.command("export_progress", job=job)
        if not reply["ok"]:
            raise RuntimeError(reply["error"]["message"])
        if reply["value"]["files"] is not None:
            break
        done.wait(0.02)
    files = {}
    for index, file in enumerate(reply["value"]["files"]):
        data = b""
        while len(data) < file["bytes"]:
            _, buffers = page.command_with_buffers("export_chunk", job=job, file=index, offset=len(data))
            data += buffers[0]
        files[file["filename"]] = data
    assert page.command("export_end", job=job)["ok"]
    return files


class TestExport:
    @pytest.fixture
    def page(self, pages: list[Page]) -> Page:
        SpritePlayer(FRAMES, title='mixed4a:56 "eye"/..', fps=10)
        return mine(pages)[0]

    def test_lists_the_available_formats(self, page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
        names = ["gif", "webp", "webp-lossless", "apng", "mp4", "html", "sheet", "css"]
        assert page.command("export_formats")["value"] == names
        monkeypatch.setattr(exports, "has_av", lambda: False)
        assert page.command("export_formats")["value"] == [name for name in names if name != "mp4"]

    @pytest.mark.parametrize(
        ("format", "ending"),
        [("webp-lossless", "webp"), ("apng", "png"), ("gif", "gif"), ("webp", "webp"), ("mp4", "mp4")],
    )
    def test_exports_animations(self, page: Page, format: str, ending: str) -> None:
        ((name, data),) = exported(page, format=format, fps=10, mode="alternate", dither="none").items()
        assert name == f"mixed4a-56-eye.{ending}"
        again, times = decoded(io.BytesIO(data), ending)
        assert times == [100] * 10
        there_and_back = FRAMES[[0, 1, 2, 3, 4, 5, 4, 3, 2, 1]]
        if format in ("webp-lossless", "apng"):
            np.testing.assert_array_equal(again, there_and_back)
        else:
            assert psnr(again, there_and_back) > (20 if format == "gif" else 25)

    def test_saves_a_sheet_with_its_layout(self, page: Page) -> None:
        files = exported(page, format="sheet", fps=10, mode="loop")
        assert list(files) == ["mixed4a-56-eye.png", "mixed4a-56-eye.png.json"]
        about = json.loads(files["mixed4a-56-eye.png.json"])
        assert (about["count"], about["fps"], about["sheets"][0]["columns"]) == (6, 10, 2)
        again = Sheet.from_bytes(files["mixed4a-56-eye.png"], columns=2, count=6).frames
        np.testing.assert_array_equal(again, FRAMES)

    def test_exports_css_and_html(self, page: Page) -> None:
        files = exported(page, format="css", fps=10, mode="loop")
        assert b'url("mixed4a-56-eye.png")' in files["mixed4a-56-eye.css"]
        (page_file,) = exported(page, format="html", fps=10, mode="loop").values()
        assert b'"fps":10' in page_file
        assert b'"title":"mixed4a:56 ' in page_file

    def test_exports_a_range_in_another_size_with_a_longer_last_frame(self, page: Page) -> None:
        settings = {"fps": 10, "size": 16, "hold": 1.5, "first": 1, "last": 3}
        ((_, data),) = exported(page, format="webp-lossless", **settings).items()
        again, times = decoded(io.BytesIO(data), "webp")
        assert times == [100, 100, 1600]
        assert max(again.shape[1:3]) == 16
        files = exported(page, format="sheet", **settings)  # a sheet has no durations
        about = json.loads(files["mixed4a-56-eye.png.json"])
        assert (about["count"], about["width"]) == (3, 16)
        assert "before the last" in page.command("export", format="gif", first=3, last=1)["error"]["hint"]

    @pytest.mark.parametrize("format", ["gif", "webp", "apng", "html", "sheet"])
    def test_estimates_the_size_of_a_file_from_a_few_frames(self, pages: list[Page], format: str) -> None:
        SpritePlayer(textures(24, 48, 48))
        page = mine(pages)[0]
        job = page.command("export_estimate", format=format)["value"]["job"]
        while (value := page.command("export_progress", job=job)["value"])["files"] is None:
            time.sleep(0.01)
        assert value["files"] == []
        size = sum(map(len, exported(page, format=format).values()))
        assert value["estimate"] == pytest.approx(size, rel=0.35)

    def test_limits_the_speed_to_what_the_format_allows(self, page: Page) -> None:
        ((_, data),) = exported(page, format="gif", fps=100, mode="loop").items()
        assert decoded(io.BytesIO(data), "gif")[1] == [20] * 6

    def test_sends_large_files_in_chunks(self, pages: list[Page]) -> None:
        frames = textures(30, 256, 256)
        SpritePlayer(frames)
        ((_, data),) = exported(mine(pages)[0], format="apng", fps=20, mode="loop").items()
        assert len(data) > 3 * CHUNK_BYTES
        np.testing.assert_array_equal(decoded(io.BytesIO(data), "apng")[0], frames)

    def test_a_cancelled_export_stops_encoding(self, page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
        halfway, go_on, ended = threading.Event(), threading.Event(), threading.Event()
        real = exports.encode_animation
        encoded: list[int] = []
        errors: list[BaseException] = []

        def slow(frames: Any, kind: str, *, watch: Any, **options: Any) -> bytes:
            def watched(done: int, total: int) -> None:
                watch(done, total)
                encoded.append(done)
                if done == 3 and not halfway.is_set():
                    halfway.set()
                    assert go_on.wait(PATIENCE_SECONDS)

            try:
                return real(frames, kind, watch=watched, **options)
            except BaseException as error:
                errors.append(error)
                raise
            finally:
                ended.set()

        monkeypatch.setattr(exports, "encode_animation", slow)
        job = page.command("export", format="webp", fps=10, mode="loop")["value"]["job"]
        assert halfway.wait(PATIENCE_SECONDS)
        assert page.command("export_progress", job=job)["value"] == {"done": 3, "total": 6, "files": None}
        page.command("export_end", job=job)
        go_on.set()
        assert ended.wait(PATIENCE_SECONDS)
        assert max(encoded) == 3
        assert [type(error) for error in errors] == [exports.Cancelled]
        assert "has ended or was cancelled" in page.command("export_progress", job=job)["error"]["message"]

    def test_closing_the_widget_cancels_its_exports(self, pages: list[Page], monkeypatch: pytest.MonkeyPatch) -> None:
        started, go_on = threading.Event(), threading.Event()
        errors: list[BaseException] = []
        ended = threading.Event()

        def slow(frames: Any, kind: str, *, watch: Any, **options: Any) -> bytes:
            started.set()
            assert go_on.wait(PATIENCE_SECONDS)
            try:
                watch(1, len(frames))
            except BaseException as error:
                errors.append(error)
                raise
            finally:
                ended.set()
            return b""

        monkeypatch.setattr(exports, "encode_animation", slow)
        player = SpritePlayer(FRAMES)
        pages[-1].command("export", format="webp", fps=10, mode="loop")
        assert started.wait(PATIENCE_SECONDS)
        player.close()
        go_on.set()
        assert ended.wait(PATIENCE_SECONDS)
        assert [type(error) for error in errors] == [exports.Cancelled]

    def test_reports_an_export_error(self, page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(*_: Any, **__: Any) -> bytes:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(exports, "encode_animation", full)
        with pytest.raises(RuntimeError, match="No space left on device"):
            exported(page, format="gif", fps=10, mode="loop")
        reply = page.command("export", format="bmp")
        assert reply["error"]["message"] == "There is no format 'bmp' here."

    def test_drops_old_exports_that_were_not_fetched(self, page: Page) -> None:
        jobs = [page.command("export", format="sheet")["value"]["job"] for _ in range(6)]
        known = [page.command("export_progress", job=job)["ok"] for job in jobs]
        assert known == [False, False, True, True, True, True]

    def test_save_writes_files(self, pages: list[Page], tmp_path: Path) -> None:
        player = SpritePlayer(FRAMES, fps=10, mode="alternate", title="eye", labels=list("abcdef"))
        assert player.save(tmp_path / "a.webp", lossless=True).frames == 10
        np.testing.assert_array_equal(decoded(io.BytesIO((tmp_path / "a.webp").read_bytes()), "webp")[0][:6], FRAMES)
        saved = player.save(tmp_path / "a.html")
        assert (saved.format, saved.bytes) == ("html", (tmp_path / "a.html").stat().st_size)
        assert '"labels":["a"' in (tmp_path / "a.html").read_text()
        player.save(tmp_path / "a.mp4", fps=5, mode="loop")
        with av.open(str(tmp_path / "a.mp4")) as video:
            assert video.streams.video[0].frames == 6
        with pytest.raises(ArgumentError, match=r"ends in '\.bmp'"):
            player.save(tmp_path / "a.bmp")


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
