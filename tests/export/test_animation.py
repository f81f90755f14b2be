"""Each format, read again by Pillow or PyAV: count, order, timing, size and colours."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from animations import decoded, psnr, textures
from PIL import Image

from lucid_widgets.errors import ArgumentError, OutOfRangeError
from lucid_widgets.export import Sheet, encode_animation, make_sheets, save_animation, sprites
from lucid_widgets.misc.io import saving

LOSSLESS = [("apng", {}), ("webp", {"lossless": True})]
ANIMATED = ["gif", "webp", "apng", "mp4"]


def again(frames, format: str, bands: str = "RGB", **options) -> tuple[np.ndarray, list[int]]:
    return decoded(io.BytesIO(encode_animation(frames, format, **options)), format, bands)


@pytest.mark.parametrize(("format", "options"), LOSSLESS)
@pytest.mark.parametrize(("channels", "bands"), [(1, "RGB"), (3, "RGB"), (4, "RGBA")])
def test_lossless_formats_are_bit_equal(format: str, options: dict, channels: int, bands: str) -> None:
    frames = textures(5, 19, 23, channels)  # no pixel is wholly transparent
    if channels == 4:
        frames[..., 3] |= 1
    seen, times = again(frames, format, bands, fps=10, **options)
    np.testing.assert_array_equal(seen, np.broadcast_to(frames, seen.shape))
    assert times == [100] * 5


@pytest.mark.parametrize(("format", "options"), [("webp", {"quality": 98}), ("mp4", {})])
def test_lossy_formats_are_near(format: str, options: dict) -> None:
    frames = textures(6, 128, 128)
    seen, times = again(frames, format, fps=25, **options)
    assert psnr(seen, frames) > 35
    assert times == [40] * 6


def test_gif_is_exact_with_few_colours_and_near_with_many() -> None:
    grey = textures(6, 32, 48, 1)
    np.testing.assert_array_equal(again(grey, "gif")[0], np.broadcast_to(grey, (6, 32, 48, 3)))
    frames = textures(6, 64, 64)
    for dither, least in (("floyd-steinberg", 27), ("ordered", 27), ("none", 29)):
        assert psnr(again(frames, "gif", dither=dither)[0], frames) > least


def test_gif_dithers_keep_the_mean() -> None:
    # Averages over 8 by 8 pixels are what the eye sees: there dithering is nearer than none.
    frames = textures(4, 64, 64)

    def seen_from_afar(pixels: np.ndarray) -> np.ndarray:
        return pixels.reshape(4, 8, 8, 8, 8, 3).mean((2, 4))

    afar = {
        dither: psnr(seen_from_afar(again(frames, "gif", dither=dither)[0]), seen_from_afar(frames))
        for dither in ("none", "ordered", "floyd-steinberg")
    }
    assert afar["none"] < afar["floyd-steinberg"]


def test_gif_has_one_palette() -> None:
    data = encode_animation(textures(4, 32, 32), "gif")
    assert data[10] & 0x80  # a global colour table
    with Image.open(io.BytesIO(data)) as image:
        tables = []
        for index in range(4):
            image.seek(index)
            tables.append(image.global_palette.palette)
    assert len(set(tables)) == 1


def test_gif_alpha_is_on_or_off() -> None:
    frames = textures(3, 8, 8, 4)
    frames[..., 3] = np.where(np.arange(8) < 4, 100, 200)
    frames[1, ..., 3] = 255 - frames[1, ..., 3]
    seen, _ = again(frames, "gif", "RGBA")
    np.testing.assert_array_equal(seen[..., 3], np.where(frames[..., 3] < 128, 0, 255))


@pytest.mark.parametrize("format", ANIMATED)
def test_alternate_goes_there_and_back_once(format: str) -> None:
    levels = np.array([0, 80, 160, 240], np.uint8)
    frames = np.broadcast_to(levels[:, None, None, None], (4, 16, 16, 3))
    seen, times = again(frames, format, mode="alternate", fps=20)
    np.testing.assert_allclose(seen[:, 8, 8, 1], [0, 80, 160, 240, 160, 80], atol=3)
    assert times == [50] * 6


@pytest.mark.parametrize(("format", "loops"), [("gif", [0, None]), ("webp", [0, 1]), ("apng", [0, 1])])
def test_once_and_for_ever(format: str, loops: list) -> None:
    for mode, loop in zip(("loop", "once"), loops, strict=True):
        with Image.open(io.BytesIO(encode_animation(textures(3, 4, 4), format, mode=mode))) as image:
            assert image.info.get("loop") == loop


@pytest.mark.parametrize(("format", "unit"), [("gif", 10), ("webp", 1), ("apng", 1)])
def test_delays_add_up(format: str, unit: int) -> None:
    _, times = again(textures(30, 8, 8), format, fps=30)
    assert sum(times) == 1000
    assert max(times) - min(times) <= unit


@pytest.mark.parametrize("format", ANIMATED)
@pytest.mark.parametrize("count", [1, 2, 500])
def test_counts_at_one_pixel(format: str, count: int) -> None:
    frames = (np.arange(count) * 37 % 256).astype(np.uint8).reshape(count, 1, 1, 1)
    seen, _ = again(frames, format)
    assert len(seen) == count
    np.testing.assert_allclose(seen[:, 0, 0, 0], frames.ravel(), atol=6)


@pytest.mark.parametrize("format", [*ANIMATED, "jpg"])
def test_large_frames(format: str) -> None:
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
def test_equal_neighbours_keep_their_time(format: str) -> None:
    frames = np.repeat(np.array([0, 200], np.uint8), [5, 2]).reshape(7, 1, 1, 1)
    seen, times = again(np.broadcast_to(frames, (7, 8, 8, 3)), format, fps=10)
    brightness = np.repeat(seen[:, 0, 0, 0], np.array(times) // 100)
    np.testing.assert_allclose(brightness, frames.ravel(), atol=3)


def test_floats_and_render_vis() -> None:
    stages = [np.full((1, 4, 4, 3), value, np.float32) for value in (0.0, 0.5, 1.0)]
    assert again(stages, "apng")[0][:, 0, 0, 0].tolist() == [0, 128, 255]


def test_mp4_plays_everywhere() -> None:
    frames = textures(4, 33, 47)
    data = encode_animation(frames, "mp4", fps=12.5)
    assert data.find(b"moov") < data.find(b"mdat")
    with av.open(io.BytesIO(data)) as video:
        stream = video.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height, float(stream.average_rate)) == (48, 34, 12.5)
    seen, _ = decoded(io.BytesIO(data), "mp4")
    assert np.abs(seen[:, 33].astype(int) - seen[:, 32]).mean() < 3  # the edge again


@pytest.mark.parametrize("colour", [(255, 0, 0), (0, 255, 0), (20, 60, 200), (255, 255, 255), (0, 0, 0)])
def test_mp4_colours(colour: tuple[int, int, int]) -> None:
    frames = np.broadcast_to(np.array(colour, np.uint8), (2, 16, 16, 3))
    np.testing.assert_allclose(again(frames, "mp4")[0][0, 8, 8], colour, atol=3)


def test_what_has_no_alpha_gets_the_background() -> None:
    clear = np.zeros((2, 16, 16, 4))
    np.testing.assert_allclose(again(clear, "mp4", background=(200, 100, 0))[0][0, 8, 8], (200, 100, 0), atol=3)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.sheet.webp"])
def test_sheet_with_its_geometry(tmp_path: Path, name: str) -> None:
    frames = textures(7, 16, 16)
    saved = save_animation(frames, tmp_path / "new" / name, fps=12, mode="alternate", lossless=True, quality=98)
    about = json.loads((tmp_path / "new" / "a.json").read_text())
    assert (about["count"], about["fps"], about["mode"]) == (7, 12, "alternate")
    (one,) = about["sheets"]
    again = Sheet.from_path(tmp_path / "new" / one["file"], columns=one["columns"], count=one["count"])
    assert psnr(again.frames, frames) > 35
    assert saved.bytes == sum(file.stat().st_size for file in saved.files)
    assert {file.name for file in (tmp_path / "new").iterdir()} == {name, "a.json"}


def test_several_sheets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sprites, "MAX_PIXELS", 1000)
    frames = textures(9, 16, 16)
    saved = save_animation(frames, tmp_path / "a.png")
    assert [file.name for file in saved.files] == ["a.png", "a-2.png", "a-3.png", "a.json"]
    sheets = json.loads((tmp_path / "a.json").read_text())["sheets"]
    parts = [Sheet.from_path(tmp_path / s["file"], columns=s["columns"], count=s["count"]).frames for s in sheets]
    np.testing.assert_array_equal(np.concatenate(parts), frames)
    assert len(make_sheets(frames)) == 3


def test_what_save_returns(tmp_path: Path) -> None:
    saved = save_animation(textures(3, 4, 6), tmp_path / "a.gif", fps=10, mode="alternate")
    assert (saved.frames, saved.width, saved.height, saved.format) == (4, 6, 4, "gif")
    assert saved.bytes == (tmp_path / "a.gif").stat().st_size
    assert repr(saved).endswith("kB: 4 frames of 6×4 at 10 a second, alternate)")
    assert save_animation(textures(2, 4, 4), tmp_path / "a.png", format="apng").files == (tmp_path / "a.png",)


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.gif"
    path.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(saving.os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        save_animation(textures(2, 4, 4), path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("a.gfi", {}, "Did you mean '.gif'"),
        ("a", {}, "have no ending"),
        ("a.png", {"format": "wepb"}, "no format 'wepb'"),
        ("a.gif", {"fps": 60}, "Expected 0.1 to 50 for GIF. Browsers slow down"),
        ("a.webp", {"fps": 0}, "fps is 0"),
        ("a.mp4", {"fps": float("nan")}, "fps is nan"),
        ("a.mp4", {"fps": "fast"}, "fps is 'fast'"),
        ("a.gif", {"mode": "pingpong"}, "no mode 'pingpong'"),
        ("a.gif", {"dither": "order"}, "Did you mean 'ordered'"),
        ("a.webp", {"quality": 0}, "quality is 0"),
        ("a.webp", {"quality": 101}, "quality is 101"),
        ("a.mp4", {"background": (0, 0, 256)}, "background is"),
    ],
)
def test_wrong_settings_are_found_before_any_work(tmp_path: Path, name: str, options: dict, message: str) -> None:
    class Untouched:
        def __iter__(self):
            raise AssertionError("work began")

    with pytest.raises((ArgumentError, OutOfRangeError)) as caught:
        save_animation(Untouched(), tmp_path / name, **options)
    assert message in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_no_frames(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="There are no frames"):
        save_animation([], tmp_path / "a.gif")


def test_without_pyav(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(ArgumentError, match=r'pip install "lucid-widgets\[video\]"'):
        encode_animation(textures(2, 4, 4), "mp4")
