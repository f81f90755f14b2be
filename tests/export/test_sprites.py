"""Sprite sheets: each frame is in its cell, and no sheet exceeds the limits of browsers."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from export.animations import textures
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lucid_widgets.errors import ArgumentError, OutOfRangeError
from lucid_widgets.export import Sheet, make_sheets, save_animation, sprites
from lucid_widgets.export.sprites import grid_layout

RNG = np.random.default_rng(0)


def noise(count: int, height: int, width: int, channels: int) -> np.ndarray:
    return RNG.integers(0, 256, (count, height, width, channels), np.uint8)


def test_fills_cells_row_by_row() -> None:
    frames = noise(5, 2, 3, 3)
    sheet = Sheet.of(frames, columns=2)
    assert sheet.pixels.shape == (6, 6, 3)
    np.testing.assert_array_equal(sheet.pixels[2:4, 3:6], frames[3])
    np.testing.assert_array_equal(sheet.pixels[4:6, 3:6], 0)
    assert json.loads(json.dumps(sheet.geometry)) == {
        "first": 0, "count": 5, "columns": 2, "rows": 3, "width": 3, "height": 2,
    }  # fmt: skip
    assert repr(sheet) == "Sheet(5 frames of 3×2 in 2 columns and 3 rows)"


@given(
    st.integers(1, 70), st.integers(1, 5), st.integers(1, 5), st.sampled_from([1, 3, 4]), st.none() | st.integers(1, 9)
)
def test_frames_can_be_cut_again(count: int, width: int, height: int, channels: int, columns: int | None) -> None:
    frames = np.arange(count * height * width * channels).reshape(count, height, width, channels).astype(np.uint8)
    sheet = Sheet.of(frames, columns=columns)
    np.testing.assert_array_equal(sheet.frames, frames)
    assert sheet.columns <= (columns or count)


@given(st.integers(1, 5000), st.integers(1, 4096), st.integers(1, 4096), st.none() | st.integers(1, 4))
def test_layout_stays_within_the_limits(count: int, width: int, height: int, columns: int | None) -> None:
    columns, each = sprites.layout(count, width, height, columns)
    rows = -(-each // columns)
    assert 1 <= each <= count
    assert max(columns * width, rows * height) <= sprites.MAX_SIDE
    assert columns * rows * width * height <= sprites.MAX_PIXELS


def test_layout_matches_values_computed_by_hand() -> None:
    assert sprites.layout(60, 256, 256) == (8, 60)
    assert sprites.layout(500, 256, 256) == (22, 500)  # 22 × 23: 23 columns would be equally long
    assert sprites.layout(60, 2048, 2048) == (4, 15)  # 16 would fit, but four sheets of 15 are even
    assert sprites.layout(1, 1, 1) == (1, 1)
    assert sprites.layout(3, 9000, 10) == (1, 3)


def test_splits_frames_into_sheets_of_similar_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid_layout, "MAX_PIXELS", 40)
    frames = noise(11, 2, 2, 1)
    sheets = make_sheets(frames)
    assert [sheet.first for sheet in sheets] == [0, 6]
    np.testing.assert_array_equal(np.concatenate([sheet.frames for sheet in sheets]), frames)
    with pytest.raises(OutOfRangeError, match="11 frames of 2×2 need 2 sheets"):
        Sheet.of(frames)


def test_rejects_what_is_too_large() -> None:
    with pytest.raises(OutOfRangeError, match="20000×1 pixels is too large"):
        sprites.layout(1, 20_000, 1)
    with pytest.raises(OutOfRangeError, match="at most 7 columns"):
        sprites.layout(10, 2048, 2048, 8)
    with pytest.raises(OutOfRangeError, match="columns is 0"):
        Sheet.of(noise(2, 2, 2, 3), columns=0)


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize(("format", "lossless"), [("png", False), ("webp", True)])
def test_lossless_formats_keep_every_pixel(channels: int, format: sprites.SheetFormat, lossless: bool) -> None:
    frames = noise(7, 4, 5, channels)
    sheet = Sheet.of(frames)
    data = sheet.encode(format, lossless=lossless)
    again = Sheet.from_bytes(data, columns=sheet.columns, count=7)
    assert again.data == data
    expected = np.repeat(frames, 3, -1) if channels == 1 and format == "webp" else frames
    np.testing.assert_array_equal(again.frames, expected)


def test_jpeg_shows_the_background() -> None:
    clear = np.zeros((1, 16, 16, 4), np.uint8)
    with Image.open(io.BytesIO(Sheet.of(clear).encode("jpeg", background=(0, 128, 255)))) as image:
        assert image.getpixel((3, 3)) == pytest.approx((0, 128, 255), abs=2)


def test_reads_a_file(tmp_path) -> None:
    sheet = Sheet.of(noise(6, 4, 4, 3))
    (tmp_path / "s.png").write_bytes(sheet.encode())
    assert Sheet.from_path(tmp_path / "s.png", columns=sheet.columns).geometry == sheet.geometry


def test_rejects_invalid_sheets() -> None:
    with pytest.raises(ArgumentError, match="is not an image that can be read"):
        Sheet.from_bytes(b"no image", columns=2, count=2)
    with pytest.raises(ArgumentError, match="8×4 pixels cannot be cut into 3 columns and 1 rows"):
        Sheet.from_bytes(Sheet.of(noise(2, 4, 4, 3), columns=2).encode(), columns=3, count=3)
    with pytest.raises(ArgumentError, match=r"no format 'jpg'\. Did you mean 'jpeg'"):
        Sheet.of(noise(1, 2, 2, 3)).encode("jpg")  # type: ignore[arg-type]
    with pytest.raises(OutOfRangeError, match="quality is 101"):
        Sheet.of(noise(1, 2, 2, 3)).encode("webp", 101)


@pytest.mark.parametrize("old", [False, True])
def test_a_saved_sheet_is_read_with_the_geometry_in_its_json(tmp_path: Path, old: bool) -> None:
    frames = textures(7, 12, 16)
    for name in ("it.png", "it.sheet.webp"):
        save_animation(frames, tmp_path / name, lossless=True)
    if old:
        (tmp_path / "it.png.json").rename(tmp_path / "it.json")
    again = Sheet.from_path(tmp_path / "it.png")
    assert (again.count, again.width, again.height) == (7, 16, 12)
    np.testing.assert_array_equal(again.frames, frames)
    assert Sheet.from_path(tmp_path / "it.sheet.webp").count == 7


def test_a_sheet_without_geometry_says_so(tmp_path: Path) -> None:
    (tmp_path / "it.png").write_bytes(Sheet.of(textures(2, 8, 8)).encode())
    with pytest.raises(ArgumentError, match=r"no 'it\.png\.json' next to it"):
        Sheet.from_path(tmp_path / "it.png")
    (tmp_path / "it.png.json").write_text("[]")
    with pytest.raises(ArgumentError, match="not the JSON of a sprite sheet"):
        Sheet.from_path(tmp_path / "it.png")


def test_writing_a_sheet_can_be_cancelled() -> None:
    def cancel() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Sheet.of(textures(4, 64, 64)).encode("png", check=cancel)
