from __future__ import annotations

import base64
import io
import os
import re
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lucid_widgets.errors import ArgumentError
from lucid_widgets.misc.io import load, save, show, showing
from lucid_widgets.misc.io.serialize_array import (
    encode_jpeg,
    encode_png,
    grid,
    serialize_array,
    tile,
    to_uint8,
)


def decoded(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


@pytest.fixture
def picture() -> np.ndarray:
    return np.random.default_rng(0).random((5, 7, 3)).astype(np.float32)


class TestValues:
    def test_floats_are_clipped_and_rounded(self) -> None:
        values = np.array([-1, 0, 0.5, 0.999, 1, 3, np.inf, -np.inf])
        assert to_uint8(values).tolist() == [0, 0, 128, 255, 255, 255, 255, 0]

    @pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
    def test_every_level_is_exact(self, dtype: Any) -> None:
        levels = np.arange(256)
        assert (to_uint8((levels / 255).astype(dtype)) == levels).all()

    def test_uint8_and_bool_are_used_unchanged(self) -> None:
        assert to_uint8(np.uint8([0, 1, 255])).tolist() == [0, 1, 255]
        assert to_uint8(np.array([True, False])).tolist() == [255, 0]

    def test_domain_sets_black_and_white(self) -> None:
        assert to_uint8(np.array([-1.0, 0, 1]), (-1, 1)).tolist() == [0, 128, 255]
        assert to_uint8(np.array([3.0, 4, 5]), None).tolist() == [0, 128, 255]
        assert to_uint8(np.array([3.0, 3.0]), None).tolist() == [0, 0]

    @pytest.mark.parametrize(
        ("values", "message"),
        [
            (np.array([0, 200]), "int64 is not an image"),
            (np.array([np.nan]), "contains NaN"),
            (np.array([1j]), "complex128"),
        ],
    )
    def test_rejects_nan_and_other_integers(self, values: np.ndarray, message: str) -> None:
        with pytest.raises(ArgumentError, match=message):
            to_uint8(values)

    def test_rejects_an_empty_domain(self) -> None:
        with pytest.raises(ArgumentError, match="empty"):
            to_uint8(np.zeros(2), (1, 1))


class TestEncoding:
    @pytest.mark.parametrize("shape", [(4, 6), (4, 6, 1), (4, 6, 3), (4, 6, 4), (1, 4, 6, 3), (1, 1, 3), (5, 1, 3)])
    def test_png_is_lossless(self, shape: tuple[int, ...]) -> None:
        array = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
        expected = array[0] if len(shape) == 4 else array
        if expected.shape[-1] == 1 and expected.ndim == 3:
            expected = expected[:, :, 0]
        assert (decoded(encode_png(array)) == expected).all()
        assert (decoded(encode_png(array, compress_level=1)) == expected).all()

    def test_jpeg_keeps_full_color_resolution(self) -> None:
        # Single red and blue pixels side by side would run into each other at half the colour resolution.
        array = np.zeros((16, 16, 3))
        array[:, ::2, 0] = array[:, 1::2, 2] = 1
        back = decoded(encode_jpeg(array)).astype(int)
        assert back[8, 8, 0] - back[8, 9, 0] > 150
        assert back[8, 9, 2] - back[8, 8, 2] > 150

    def test_jpeg_can_be_gray(self) -> None:
        assert decoded(encode_jpeg(np.full((8, 8), 0.5))).tolist() == [[128] * 8] * 8

    def test_jpeg_rejects_transparency(self) -> None:
        with pytest.raises(ArgumentError, match="no transparency"):
            encode_jpeg(np.zeros((4, 4, 4)))

    @pytest.mark.parametrize("shape", [(), (3,), (4, 4, 2), (4, 4, 5), (0, 4, 3), (2, 2, 2, 2, 3), (0, 4, 4, 3)])
    def test_rejects_other_shapes(self, shape: tuple[int, ...]) -> None:
        with pytest.raises(ArgumentError, match=re.escape(f"shape {shape}")):
            encode_png(np.zeros(shape))

    @pytest.mark.parametrize("fmt", ["png", "jpg", "jpeg", "webp", "PNG"])
    def test_serialize_array_encodes_each_format(self, fmt: str, picture: np.ndarray) -> None:
        image = Image.open(io.BytesIO(serialize_array(picture, fmt=fmt)))
        assert image.format == {"JPG": "JPEG"}.get(fmt.upper(), fmt.upper())
        assert image.size == (7, 5)

    def test_rejects_an_unknown_format(self) -> None:
        with pytest.raises(ArgumentError, match="no image format 'bmp'"):
            serialize_array(np.zeros((2, 2)), fmt="bmp")


class TestTiling:
    @pytest.mark.parametrize(
        ("count", "expected"), [(1, (1, 1)), (2, (1, 2)), (3, (2, 2)), (5, (2, 3)), (7, (3, 3)), (16, (4, 4))]
    )
    def test_grid_is_nearly_square(self, count: int, expected: tuple[int, int]) -> None:
        assert grid(count) == expected

    def test_tiles_row_by_row(self) -> None:
        images = np.arange(3)[:, None, None, None] * np.ones((3, 2, 3, 1), int) + 1
        assert tile(images)[:, :, 0].tolist() == [
            [1, 1, 1, 2, 2, 2],
            [1, 1, 1, 2, 2, 2],
            [3, 3, 3, 0, 0, 0],
            [3, 3, 3, 0, 0, 0],
        ]

    def test_a_batch_of_one_is_its_image(self, picture: np.ndarray) -> None:
        assert (tile(picture[None]) == picture).all()


class TestSaveAndLoad:
    @pytest.mark.parametrize("suffix", [".png", ".PNG", ".jpg", ".jpeg", ".webp"])
    def test_load_returns_what_was_saved(self, suffix: str, tmp_path: Path) -> None:
        smooth = np.linspace(0, 1, 48 * 48 * 3).reshape(48, 48, 3)
        path = tmp_path / "made" / "on the way" / f"x{suffix}"
        assert save(smooth, path) == {"type": "image", "shape": (48, 48, 3), "url": str(path)}
        back = load(path)
        assert back.dtype == np.float32
        assert np.abs(back - smooth).max() < (0.002 if suffix.lower() == ".png" else 0.05)
        assert [p.name for p in path.parent.iterdir()] == [path.name]

    def test_png_levels_are_exact(self, tmp_path: Path, picture: np.ndarray) -> None:
        save(picture, tmp_path / "x.png")
        assert (to_uint8(load(tmp_path / "x.png")) == to_uint8(picture)).all()

    def test_npy_is_unchanged(self, tmp_path: Path) -> None:
        array = np.random.default_rng(2).normal(size=(2, 3, 4, 5))
        assert save(array, tmp_path / "x.npy")["type"] == "array"
        back = load(tmp_path / "x.npy")
        assert back.dtype == array.dtype
        assert (back == array).all()

    def test_rejects_arrays_of_objects(self, tmp_path: Path) -> None:
        array = np.array([{}, []], object)
        with pytest.raises(ArgumentError, match="Python objects"):
            save(array, tmp_path / "x.npy")
        np.save(tmp_path / "y.npy", array, allow_pickle=True)
        with pytest.raises(ArgumentError, match="not an array of numbers"):
            load(tmp_path / "y.npy")

    def test_a_batch_is_tiled(self, tmp_path: Path) -> None:
        save(np.ones((3, 4, 5, 3)), tmp_path / "x.png")
        assert load(tmp_path / "x.png").shape == (8, 10, 3)

    def test_a_failure_keeps_the_old_file_and_leaves_no_other(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "x.png"
        save(np.ones((2, 2)), path)
        before = path.read_bytes()

        def full_disk(*_: Any) -> None:
            raise OSError("no space left")

        with pytest.raises(ArgumentError):
            save(np.full((2, 2), np.nan), path)
        monkeypatch.setattr(os, "replace", full_disk)
        with pytest.raises(OSError, match="no space left"):
            save(np.zeros((2, 2)), path)
        assert path.read_bytes() == before
        assert list(tmp_path.iterdir()) == [path]

    @pytest.mark.skipif(os.name == "nt", reason="POSIX permissions and links")
    def test_keeps_permissions_and_links(self, tmp_path: Path) -> None:
        path, link = tmp_path / "x.png", tmp_path / "link.png"
        save(np.ones((2, 2)), path)
        mask = os.umask(0)
        os.umask(mask)
        assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask
        path.chmod(0o640)
        link.symlink_to(path)
        save(np.zeros((2, 2)), link)
        assert link.is_symlink()
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        assert load(path).max() == 0

    def test_rejects_unknown_endings(self, tmp_path: Path) -> None:
        with pytest.raises(ArgumentError, match=r"There is no format .* end in '\.pngg'.*Did you mean '\.png'"):
            save(np.ones((2, 2)), tmp_path / "x.pngg")
        (tmp_path / "x.cfg").write_text("hello")
        with pytest.raises(ArgumentError, match="is not an image"):
            load(tmp_path / "x.cfg")
        with pytest.raises(FileNotFoundError):
            load(tmp_path / "none.png")

    def test_load_returns_three_or_four_channels(self, tmp_path: Path) -> None:
        grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
        files = {
            "L": Image.fromarray(grey),
            "1": Image.fromarray(grey).convert("1"),
            "P": Image.fromarray(grey).convert("RGB").quantize(8),
            "RGBA": Image.fromarray(grey).convert("RGBA"),
            "LA": Image.fromarray(grey).convert("LA"),
        }
        for mode, image in files.items():
            path = tmp_path / f"{mode}.png"
            image.save(path)
            array = load(path)
            assert array.shape == (16, 16, 4 if mode.endswith("A") else 3), mode
            expected = np.asarray(image.convert("RGBA" if mode.endswith("A") else "RGB"), np.float32) / 255
            assert (array == expected).all(), mode
            assert np.ptp(array) > 0.8, mode
        assert (load(tmp_path / "L.png")[:, :, 1] == grey / np.float32(255)).all()

    def test_load_keeps_sixteen_bits(self, tmp_path: Path) -> None:
        levels = np.linspace(0, 65535, 64).astype(np.uint16).reshape(8, 8)
        Image.fromarray(levels).save(tmp_path / "x.png")
        assert np.abs(load(tmp_path / "x.png")[:, :, 0] - levels / 65535).max() < 1e-6

    def test_load_resizes_images_only(self, tmp_path: Path, picture: np.ndarray) -> None:
        save(picture, tmp_path / "x.png")
        assert load(tmp_path / "x.png", size=(30, 20)).shape == (20, 30, 3)
        save(picture, tmp_path / "x.npy")
        with pytest.raises(ArgumentError, match=r"received size= .*have no settings"):
            load(tmp_path / "x.npy", size=(3, 3))


class TestShow:
    @pytest.fixture
    def html(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        shown: list[str] = []
        monkeypatch.setattr(showing, "_in_notebook", lambda: True)
        monkeypatch.setattr(showing, "_display_html", shown.append)
        return shown

    def pixels(self, html: str) -> list[np.ndarray]:
        return [decoded(base64.b64decode(data)) for data in re.findall(r"base64,([^\"]+)\"", html)]

    def test_shows_one_image(self, html: list[str]) -> None:
        show(np.full((2, 3, 3), 0.5), w=90)
        assert self.pixels(html[0])[0].tolist() == [[[128] * 3] * 3] * 2
        assert "image-rendering: pixelated" in html[0]
        assert "width: 90px" in html[0]
        assert html[0].startswith('<img src="data:image/PNG;base64,')

    def test_shows_uint8_unchanged(self, html: list[str]) -> None:
        show(np.full((2, 2), 77, np.uint8))
        assert (self.pixels(html[0])[0] == 77).all()

    def test_shows_a_batch_in_a_row_without_labels(self, html: list[str]) -> None:
        show(np.stack([np.zeros((2, 2, 3)), np.ones((2, 2, 3))]))
        assert [int(p.max()) for p in self.pixels(html[0])] == [0, 255]
        assert "<br/>" not in html[0]
        assert "display: flex" in html[0]

    def test_escapes_labels(self, html: list[str]) -> None:
        show([np.zeros((2, 2)), np.zeros((3, 3))], labels=["<b>&", "two"])
        assert "&lt;b&gt;&amp;" in html[0]
        assert "<b>" not in html[0]
        assert re.findall(r">([^<>]+)<br/>", html[0]) == ["&lt;b&gt;&amp;", "two"]
        show([np.zeros((2, 2)), np.zeros((3, 3))], labels=[])
        assert len(self.pixels(html[1])) == 2

    def test_shows_the_result_of_render_vis(self, html: list[str]) -> None:
        show([np.zeros((1, 2, 3, 3)), np.ones((4, 2, 3, 3))])
        assert [p.shape for p in self.pixels(html[0])] == [(2, 3, 3), (4, 6, 3)]

    def test_shows_pillow_images(self, html: list[str]) -> None:
        show(Image.new("RGB", (3, 2), (255, 0, 9)))
        assert self.pixels(html[0])[0].tolist() == [[[255, 0, 9]] * 3] * 2

    def test_shows_tensors(self, html: list[str]) -> None:
        class Tensor:
            def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
                return np.ones((2, 2))

        show(Tensor())
        assert (self.pixels(html[0])[0] == 255).all()

    @pytest.mark.parametrize("thing", ["text", 3, [], [1, 2], np.zeros(3), {"a": 1}])
    def test_prints_anything_else(self, thing: Any, html: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        show(thing)
        assert capsys.readouterr().out == repr(thing) + "\n"
        assert html == []

    def test_prints_a_description_outside_a_notebook(self, capsys: pytest.CaptureFixture[str]) -> None:
        show(np.linspace(0, 1, 12).reshape(2, 2, 3))
        assert capsys.readouterr().out == "image 2x2x3 float64, from 0 to 1\n"
        show(np.zeros((2, 2, 2, 3)), labels=["a", "b"])
        assert capsys.readouterr().out.startswith("a: image 2x2x3")

    def test_rejects_invalid_arrays_outside_a_notebook_too(self) -> None:
        with pytest.raises(ArgumentError, match="not an image"):
            show(np.zeros((2, 2, 0)))
