"""`SpriteFrames`: the numbers cut the sheets correctly, sizes stay within their limits, and notes are complete."""

from __future__ import annotations

import io

import numpy as np
import pytest
from export.animations import psnr, textures
from PIL import Image

from lucid_widgets import export
from lucid_widgets.errors import ArgumentError, OutOfRangeError
from lucid_widgets.export.side_by_side import side_by_side
from lucid_widgets.export.sprite_frames import SpriteFrames, make_sprite_frames, notes_of
from lucid_widgets.frames import Frame


def played(sprites: SpriteFrames) -> np.ndarray:
    """Cut the frames from the sheets as the page does, with the numbers in `meta`."""
    meta, found = sprites.meta, []
    for about, data in zip(meta["sheets"], sprites.sheets, strict=True):
        assert about["bytes"] == len(data)
        with Image.open(io.BytesIO(data)) as image:
            assert Image.MIME[image.format] == meta["mime"]
            pixels = np.asarray(image.convert("RGBA" if image.has_transparency_data else "RGB"))
        assert about["first"] == len(found)
        for place in range(about["count"]):
            row, column = divmod(place, about["columns"])
            y, x = row * meta["height"], column * meta["width"]
            found.append(pixels[y : y + meta["height"], x : x + meta["width"]])
    assert len(found) == meta["count"]
    return np.stack(found)


@pytest.mark.parametrize("count", [1, 2, 60, 500])
def test_keeps_few_pixels_exactly(count: int) -> None:
    frames = textures(count, 8, 12)
    sprites = make_sprite_frames(frames)
    assert sprites.meta["mime"] == "image/png"
    np.testing.assert_array_equal(played(sprites), frames)


@pytest.mark.parametrize("channels", [1, 3])
def test_many_opaque_pixels_become_a_close_jpeg(channels: int) -> None:
    frames = textures(60, 128, 128, channels)
    sprites = make_sprite_frames(frames)
    assert sprites.meta["mime"] == "image/jpeg"
    assert psnr(played(sprites), np.broadcast_to(frames, (*frames.shape[:3], 3))) > 35
    assert sum(map(len, sprites.sheets)) < frames.size / (2 * channels)


def test_keeps_transparency() -> None:
    frames = np.concatenate([textures(60, 128, 128), np.full((60, 128, 128, 1), 255, np.uint8)], axis=3)
    frames[:, :64, :, 3] = 0
    sprites = make_sprite_frames(frames)
    assert sprites.meta["mime"] == "image/webp"
    again = played(sprites)
    np.testing.assert_array_equal(again[..., 3], frames[..., 3])
    assert psnr(again[:, 64:, :, :3], frames[:, 64:, :, :3]) > 30


def test_lossless_keeps_every_pixel() -> None:
    frames = textures(60, 100, 100)
    np.testing.assert_array_equal(played(make_sprite_frames(frames, lossless=True)), frames)


@pytest.mark.slow
def test_handles_tiny_and_large_frames() -> None:
    np.testing.assert_array_equal(played(make_sprite_frames(np.array([[[[7, 8, 9]]]], np.uint8))), [[[[7, 8, 9]]]])
    large = np.zeros((20, 2048, 2048, 3), np.uint8)
    large[..., 0] = np.arange(0, 200, 10)[:, None, None]
    sprites = make_sprite_frames(large)
    assert [each["count"] for each in sprites.meta["sheets"]] == [10, 10]  # 64 million pixels a sheet
    again = played(sprites)
    assert np.abs(again[:, ::256, ::256, 0].astype(int) - large[:, ::256, ::256, 0]).max() <= 2


def test_limits_say_what_to_do() -> None:
    with pytest.raises(OutOfRangeError, match=r"60 frames of 128×128 take .* MB.*limit is 0\.1 MB.*quality="):
        make_sprite_frames(textures(60, 128, 128), max_bytes=100_000)
    with pytest.raises(OutOfRangeError, match=r"have 1678 million pixels.*MP4"):
        make_sprite_frames(np.broadcast_to(np.zeros((), np.uint8), (400, 2048, 2048, 3)))


@pytest.mark.parametrize("frames", [np.zeros((0, 8, 8, 3)), []])
def test_rejects_an_empty_animation(frames: object) -> None:
    with pytest.raises(ArgumentError, match="There are no frames"):
        make_sprite_frames(frames)


def test_rejects_nan_and_names_the_frame() -> None:
    frames = np.zeros((3, 8, 8, 3))
    frames[1, 2, 2, 0] = np.nan
    with pytest.raises(ArgumentError, match="Frame 1 cannot be shown: The image contains NaN"):
        make_sprite_frames(frames)


def test_uses_the_file_of_a_sheet_unchanged() -> None:
    data = export.Sheet.of(textures(6, 32, 32)).encode("webp", 70)
    sprites = make_sprite_frames(export.Sheet.from_bytes(data, columns=2, count=6))
    assert (sprites.sheets, sprites.meta["mime"]) == ((data,), "image/webp")
    assert sprites.meta["sheets"][0]["columns"] == 2


def test_lays_out_a_sheet_that_is_too_large_for_browsers_again() -> None:
    frames = textures(40, 8, 512)
    row = frames.transpose(1, 0, 2, 3).reshape(8, 40 * 512, 3)  # 20,480 pixels wide
    buffer = io.BytesIO()
    Image.fromarray(row).save(buffer, "PNG")
    sprites = make_sprite_frames(export.Sheet.from_bytes(buffer.getvalue(), columns=40, count=40))
    assert sprites.meta["sheets"][0]["columns"] < 40
    np.testing.assert_array_equal(played(sprites), frames)


def test_notes_come_from_frames_and_arguments() -> None:
    images = np.zeros((1, 4, 4, 3), np.float32)
    frames = [Frame(0, None, images), Frame(8, 1.5, images), Frame(16, float("nan"), images)]
    assert notes_of(frames, 3) == {"steps": [0, 8, 16], "objectives": [None, 1.5, None]}
    assert notes_of(images, 3) == {}
    assert notes_of(images, 2, labels=["a", 2], seeds=[np.int64(3), None]) == {"labels": ["a", "2"], "seeds": [3, None]}
    assert notes_of(frames, 3, objectives=[1, 2, 3])["objectives"] == [1.0, 2.0, 3.0]
    with pytest.raises(ArgumentError, match=r"labels has 2 entries\. Expected a list with one entry for each of the 3"):
        notes_of(frames, 3, labels=["a", "b"])
    with pytest.raises(ArgumentError, match="labels is 'abc'"):
        notes_of(frames, 3, labels="abc")


def test_arranges_animations_in_a_grid() -> None:
    red, long = np.zeros((2, 3, 4, 3), np.uint8), np.full((3, 3, 4, 1), 9, np.uint8)
    red[0, ..., 0], red[1, ..., 0] = 100, 200
    grid, cells = side_by_side({"red": red, "grey": long, "again": red}, 2)
    assert grid.shape == (3, 6, 8, 3)
    assert cells == {"names": ["red", "grey", "again"], "columns": 2}
    assert [frame[0, 0, 0] for frame in grid] == [100, 200, 200]  # the shorter one stays on its last frame
    assert (grid[:, :3, 4:] == 9).all()
    assert [frame[3, 0, 0] for frame in grid] == [100, 200, 200]
    assert (grid[:, 3:, 4:] == 0).all()


def test_arranges_batches_in_a_grid() -> None:
    images = np.arange(2 * 4, dtype=np.uint8).reshape(2, 4, 1, 1, 1) * np.ones((1, 1, 2, 2, 3), np.uint8)
    grid, cells = side_by_side(images, 4)
    assert cells is None
    assert grid[1, 0, ::2, 0].tolist() == [4, 5, 6, 7]
    frames = [Frame(step, None, np.zeros((3, 2, 2, 3))) for step in range(5)]
    assert side_by_side(frames, 3)[0].shape == (5, 2, 6, 3)


def test_rejects_columns_for_a_single_animation() -> None:
    for frames in (np.zeros((4, 2, 2, 3)), [Frame(0, None, np.zeros((1, 2, 2, 3)))] * 2):
        with pytest.raises(ArgumentError, match="not several animations"):
            side_by_side(frames, 4)
    with pytest.raises(ArgumentError, match="sizes 2×2, 3×3"):
        side_by_side({"a": np.zeros((1, 2, 2, 3)), "b": np.zeros((1, 3, 3, 3))}, None)
    with pytest.raises(ArgumentError, match="no animations"):
        side_by_side({}, None)
