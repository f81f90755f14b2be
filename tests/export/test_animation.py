"""Each format, decoded by Pillow or PyAV: count, order, duration, size and colors of the frames."""

from __future__ import annotations

import io
import json
import sys
import time
from pathlib import Path

import av
import numpy as np
import pytest
from export.animations import decoded, psnr, textures
from PIL import Image

from lucid_widgets.errors import ArgumentError, OutOfRangeError
from lucid_widgets.export import Sheet, encode_animation, make_sheets, save_animation
from lucid_widgets.export.sprites import grid_layout
from lucid_widgets.export.timing import durations
from lucid_widgets.misc.io import writing

LOSSLESS = [("apng", {}), ("webp", {"lossless": True})]
ANIMATED = ["gif", "webp", "apng", "mp4"]


def watched(frames, format: str, **options) -> list[tuple[int, int]]:
    """What `watch` is called with."""
    seen: list[tuple[int, int]] = []
    encode_animation(frames, format, watch=lambda done, total: seen.append((done, total)), **options)
    return seen


def again(frames, format: str, bands: str = "RGB", **options) -> tuple[np.ndarray, list[int]]:
    return decoded(io.BytesIO(encode_animation(frames, format, **options)), format, bands)


@pytest.mark.parametrize(("format", "options"), LOSSLESS)
@pytest.mark.parametrize(("channels", "bands"), [(1, "RGB"), (3, "RGB"), (4, "RGBA")])
def test_lossless_formats_keep_every_pixel(format: str, options: dict, channels: int, bands: str) -> None:
    frames = textures(5, 19, 23, channels)
    if channels == 4:
        frames[..., 3] |= 1  # the color of a fully transparent pixel is not stored
    seen, times = again(frames, format, bands, fps=10, **options)
    np.testing.assert_array_equal(seen, np.broadcast_to(frames, seen.shape))
    assert times == [100] * 5


@pytest.mark.parametrize(("format", "options"), [("webp", {"quality": 98}), ("mp4", {})])
def test_lossy_formats_are_close(format: str, options: dict) -> None:
    frames = textures(6, 128, 128)
    seen, times = again(frames, format, fps=25, **options)
    assert psnr(seen, frames) > 35
    assert times == [40] * 6


@pytest.mark.slow
def test_gif_is_exact_with_few_colors_and_close_with_many() -> None:
    gray = textures(6, 32, 48, 1)
    np.testing.assert_array_equal(again(gray, "gif")[0], np.broadcast_to(gray, (6, 32, 48, 3)))
    frames = textures(6, 64, 64)
    for dither, least in (("floyd-steinberg", 27), ("ordered", 27), ("none", 29)):
        assert psnr(again(frames, "gif", dither=dither)[0], frames) > least


@pytest.mark.slow
def test_gif_dithering_keeps_local_means() -> None:
    # The eye averages over small areas, here 8 × 8 pixels.
    frames = textures(4, 64, 64)

    def seen_from_afar(pixels: np.ndarray) -> np.ndarray:
        return pixels.reshape(4, 8, 8, 8, 8, 3).mean((2, 4))

    afar = {
        dither: psnr(seen_from_afar(again(frames, "gif", dither=dither)[0]), seen_from_afar(frames))
        for dither in ("none", "ordered", "floyd-steinberg")
    }
    assert afar["none"] < afar["floyd-steinberg"]


def test_gif_has_one_global_palette() -> None:
    data = encode_animation(textures(4, 32, 32), "gif")
    assert data[10] & 0x80  # flag of the global color table
    with Image.open(io.BytesIO(data)) as image:
        tables = []
        for index in range(4):
            image.seek(index)
            tables.append(image.global_palette.palette)
    assert len(set(tables)) == 1


def test_gif_rounds_transparency_to_on_or_off() -> None:
    frames = textures(3, 8, 8, 4)
    frames[..., 3] = np.where(np.arange(8) < 4, 100, 200)
    frames[1, ..., 3] = 255 - frames[1, ..., 3]
    seen, _ = again(frames, "gif", "RGBA")
    np.testing.assert_array_equal(seen[..., 3], np.where(frames[..., 3] < 128, 0, 255))


@pytest.mark.parametrize("format", ANIMATED)
def test_alternate_shows_the_ends_once(format: str) -> None:
    levels = np.array([0, 80, 160, 240], np.uint8)
    frames = np.broadcast_to(levels[:, None, None, None], (4, 16, 16, 3))
    seen, times = again(frames, format, mode="alternate", fps=20)
    np.testing.assert_allclose(seen[:, 8, 8, 1], [0, 80, 160, 240, 160, 80], atol=3)
    assert times == [50] * 6


@pytest.mark.parametrize(("format", "loops"), [("gif", [0, None]), ("webp", [0, 1]), ("apng", [0, 1])])
def test_mode_sets_the_number_of_loops(format: str, loops: list) -> None:
    for mode, loop in zip(("loop", "once"), loops, strict=True):
        with Image.open(io.BytesIO(encode_animation(textures(3, 4, 4), format, mode=mode))) as image:
            assert image.info.get("loop") == loop


@pytest.mark.parametrize(
    ("fps", "unit", "expected"),
    [
        # A frame takes 2.5 units: frames start at 0, 2.5, 5, 7.5 and 10 units. Halves are rounded up.
        (40, 100, [3, 2, 3, 2]),
        # 100 / 7 = 14.29 units: frames start at 14.29, 28.57, 42.86, 57.14, 71.43 and 85.71.
        (7, 100, [14, 15, 14, 14, 14, 15, 14]),
        # 1000 / 24 = 41.67 units: frames start at 41.67, 83.33 and 125.
        (24, 1000, [42, 41, 42, 42, 41, 42]),
        (20, 100, [5, 5, 5]),
        (0.1, 100, [1000, 1000]),
    ],
)
def test_durations_round_the_start_of_each_frame(fps: float, unit: int, expected: list[int]) -> None:
    assert durations(len(expected), fps, unit) == expected


@pytest.mark.parametrize("fps", [3, 7, 11, 23.976, 29.97, 30, 48])
@pytest.mark.parametrize("unit", [100, 1000])
def test_rounded_durations_never_drift(fps: float, unit: int) -> None:
    ends = np.cumsum(durations(1000, fps, unit))
    assert np.abs(ends - np.arange(1, 1001) * unit / fps).max() <= 0.5 + 1e-9


@pytest.mark.parametrize(
    ("format", "fps", "expected"),
    [
        ("gif", 40, [30, 20] * 6),
        ("gif", 30, [30, 40, 30] * 4),
        ("webp", 24, [42, 41, 42] * 4),
        ("apng", 24, [42, 41, 42] * 4),
        ("webp", 60, [17, 16, 17] * 4),
        ("apng", 60, [17, 16, 17] * 4),
    ],
)
def test_files_store_rounded_durations(format: str, fps: float, expected: list[int]) -> None:
    _, times = again(textures(12, 8, 8), format, fps=fps)
    assert times == expected


class Cancelled(Exception):
    pass


@pytest.mark.parametrize(("format", "options"), [("gif", {}), ("webp", {}), ("apng", {}), ("mp4", {})])
def test_an_error_in_watch_ends_the_encoding(format: str, options: dict) -> None:
    seen: list[tuple[int, int]] = []

    def watch(done: int, total: int) -> None:
        seen.append((done, total))
        if done == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        encode_animation(textures(12, 16, 16), format, watch=watch, **options)
    assert sorted(set(seen)) == [(0, 12), (1, 12), (2, 12), (3, 12)]


@pytest.mark.slow
@pytest.mark.parametrize("format", ["gif", "webp", "apng"])
def test_encoding_can_be_ended_at_any_time(format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Whenever the caller cancels, hardly any time passes until the encoder notices: not even while Pillow compares
    # frames before it encodes the first, or writes all of them after it has seen the last.
    frames = textures(40, 96, 96)
    began = time.thread_time()
    encode_animation(frames, format)
    whole = time.thread_time() - began
    calls: list[tuple[int, float]] = []
    began = time.thread_time()
    encode_animation(frames, format, watch=lambda done, total: calls.append((done, time.thread_time())))
    ended = time.thread_time()
    if format == "gif":  # choosing the palette from a sample of the pixels is one step
        began = max(time for done, time in calls if done == 0)
    gaps = np.diff([began, *(time for _, time in calls if time >= began), ended])
    assert gaps.max() < 0.25 * whole


@pytest.mark.parametrize("format", ANIMATED)
def test_watch_is_called_before_each_frame(format: str) -> None:
    for mode, count in (("loop", 6), ("alternate", 10)):
        seen = watched(textures(6, 16, 16), format, mode=mode)
        assert {total for _, total in seen} == {count}
        assert seen == sorted(seen)
        assert {done for done, _ in seen} >= set(range(count))


@pytest.mark.parametrize("format", ANIMATED)
@pytest.mark.parametrize("count", [1, 2, 500])
def test_encodes_frames_of_one_pixel(format: str, count: int) -> None:
    frames = (np.arange(count) * 37 % 256).astype(np.uint8).reshape(count, 1, 1, 1)
    seen, _ = again(frames, format)
    assert len(seen) == count
    np.testing.assert_allclose(seen[:, 0, 0, 0], frames.ravel(), atol=6)


@pytest.mark.parametrize("format", [*ANIMATED, "jpg"])
def test_encodes_large_frames(format: str) -> None:
    frames = np.zeros((2, 2048, 2048, 1), np.uint8)
    frames[1, :1024] = 255
    data = encode_animation(frames, format)
    if format == "jpg":
        assert Sheet.from_bytes(data, columns=Sheet.of(frames).columns, count=2).width == 2048
    else:
        seen, _ = decoded(io.BytesIO(data), format)
        assert seen.shape == (2, 2048, 2048, 3)
        assert seen[1, [10, 2000], 5, 0].tolist() == [255, 0]


@pytest.mark.parametrize("format", ["gif", "webp", "apng"])
def test_equal_neighbors_keep_their_total_duration(format: str) -> None:
    frames = np.repeat(np.array([0, 200], np.uint8), [5, 2]).reshape(7, 1, 1, 1)
    seen, times = again(np.broadcast_to(frames, (7, 8, 8, 3)), format, fps=10)
    brightness = np.repeat(seen[:, 0, 0, 0], np.array(times) // 100)
    np.testing.assert_allclose(brightness, frames.ravel(), atol=3)


def test_accepts_the_result_of_render_vis() -> None:
    stages = [np.full((1, 4, 4, 3), value, np.float32) for value in (0.0, 0.5, 1.0)]
    assert again(stages, "apng")[0][:, 0, 0, 0].tolist() == [0, 128, 255]


def test_mp4_has_a_widely_supported_pixel_format_and_its_index_first() -> None:
    frames = textures(4, 33, 47)
    data = encode_animation(frames, "mp4", fps=12.5)
    assert data.find(b"moov") < data.find(b"mdat")
    with av.open(io.BytesIO(data)) as video:
        stream = video.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height, float(stream.average_rate)) == (48, 34, 12.5)
    seen, _ = decoded(io.BytesIO(data), "mp4")
    assert np.abs(seen[:, 33].astype(int) - seen[:, 32]).mean() < 3  # the added row repeats the edge


@pytest.mark.parametrize("color", [(255, 0, 0), (0, 255, 0), (20, 60, 200), (255, 255, 255), (0, 0, 0)])
def test_mp4_keeps_colors(color: tuple[int, int, int]) -> None:
    frames = np.broadcast_to(np.array(color, np.uint8), (2, 16, 16, 3))
    np.testing.assert_allclose(again(frames, "mp4")[0][0, 8, 8], color, atol=3)


def test_mp4_shows_the_background_behind_transparent_pixels() -> None:
    clear = np.zeros((2, 16, 16, 4))
    np.testing.assert_allclose(again(clear, "mp4", background=(200, 100, 0))[0][0, 8, 8], (200, 100, 0), atol=3)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.sheet.webp"])
def test_sheet_comes_with_its_geometry(tmp_path: Path, name: str) -> None:
    frames = textures(7, 16, 16)
    saved = save_animation(frames, tmp_path / "new" / name, fps=12, mode="alternate", lossless=True, quality=98)
    about = json.loads((tmp_path / "new" / f"{name}.json").read_text())
    assert (about["count"], about["fps"], about["mode"]) == (7, 12, "alternate")
    (one,) = about["sheets"]
    again = Sheet.from_path(tmp_path / "new" / one["file"], columns=one["columns"], count=one["count"])
    assert psnr(again.frames, frames) > 35
    assert saved.bytes == sum(file.stat().st_size for file in saved.files)
    assert {file.name for file in (tmp_path / "new").iterdir()} == {name, f"{name}.json"}


def test_splits_large_sheets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid_layout, "MAX_PIXELS", 1000)
    frames = textures(9, 16, 16)
    saved = save_animation(frames, tmp_path / "a.png")
    assert [file.name for file in saved.files] == ["a.png", "a-2.png", "a-3.png", "a.png.json"]
    sheets = json.loads((tmp_path / "a.png.json").read_text())["sheets"]
    parts = [Sheet.from_path(tmp_path / s["file"], columns=s["columns"], count=s["count"]).frames for s in sheets]
    np.testing.assert_array_equal(np.concatenate(parts), frames)
    assert len(make_sheets(frames)) == 3


def test_save_describes_what_it_wrote(tmp_path: Path) -> None:
    saved = save_animation(textures(3, 4, 6), tmp_path / "a.gif", fps=10, mode="alternate")
    assert (saved.frames, saved.width, saved.height, saved.format) == (4, 6, 4, "gif")
    assert saved.bytes == (tmp_path / "a.gif").stat().st_size
    assert repr(saved).endswith("kB: 4 frames of 6×4 at 10 fps, alternate)")
    assert save_animation(textures(2, 4, 4), tmp_path / "a.png", format="apng").files == (tmp_path / "a.png",)


def test_a_full_disk_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.gif"
    path.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing.os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        save_animation(textures(2, 4, 4), path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("a.gfi", {}, "Expected '.gif',"),
        ("a", {}, "'a' has no ending"),
        ("a.png", {"format": "wepb"}, "no format 'wepb'"),
        ("a.gif", {"fps": 60}, "Expected a number from 0.1 to 50 for GIF. Browsers slow down"),
        ("a.webp", {"fps": 0}, "fps is 0"),
        ("a.mp4", {"fps": float("nan")}, "fps is nan"),
        ("a.mp4", {"fps": "fast"}, "fps is 'fast'"),
        ("a.gif", {"mode": "pingpong"}, "no mode 'pingpong'"),
        ("a.gif", {"dither": "order"}, "Did you mean 'ordered'"),
        ("a.webp", {"quality": 0}, "quality is 0"),
        ("a.webp", {"quality": 101}, "quality is 101"),
        ("a.mp4", {"background": (0, 0, 256)}, "background is 256"),
        ("a.mp4", {"background": (0, 0)}, "background is (0, 0)"),
    ],
)
def test_rejects_invalid_settings_before_any_work(tmp_path: Path, name: str, options: dict, message: str) -> None:
    class Untouched:
        def __iter__(self):
            raise AssertionError("it read the frames")

    with pytest.raises((ArgumentError, OutOfRangeError)) as caught:
        save_animation(Untouched(), tmp_path / name, **options)
    assert message in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_rejects_an_empty_animation(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="There are no frames"):
        save_animation([], tmp_path / "a.gif")


def test_mp4_without_pyav_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(ArgumentError, match=r'pip install "lucid-widgets\[video\]"'):
        encode_animation(textures(2, 4, 4), "mp4")
