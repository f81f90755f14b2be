"""Files that a SpritePlayer exports."""

from __future__ import annotations

import io
import json
import threading
import time
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from export.animations import decoded, psnr, textures
from pages import Page
from streams import PATIENCE_SECONDS
from widgets.sprite_player.players import FRAMES, mine

from lucid_widgets import SpritePlayer
from lucid_widgets.errors import ArgumentError
from lucid_widgets.export import Sheet
from lucid_widgets.widgets._core import exports
from lucid_widgets.widgets._core.exports import CHUNK_BYTES


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

    @pytest.mark.slow
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
