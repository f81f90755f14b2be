"""`ImageCache`: images are complete, limited in size, and verified."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import numpy as np
import pytest

from lucid_widgets.misc.io.image_cache import ImageCache


def noise(value: int, size: int = 16) -> np.ndarray:
    """Noise, which hardly compresses, so that all files have about the same size."""
    return np.random.default_rng(value).integers(0, 256, (size, size, 3), dtype=np.uint8)


def test_returns_what_was_stored(tmp_path: Path) -> None:
    cache = ImageCache(tmp_path)
    assert cache.load("a", 3) is None
    cache.store("a", 3, noise(1), 0.1)
    cache.store("a", 4, noise(2), None)
    kept = cache.load("a", 3)
    assert kept is not None
    np.testing.assert_array_equal(kept.image, noise(1))
    assert kept.value == 0.1
    unmeasured = cache.load("a", 4)
    assert unmeasured is not None
    assert unmeasured.value is None
    assert cache.load("b", 3) is None


def test_uses_the_folder_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUCID_WIDGETS_CACHE", str(tmp_path))
    ImageCache().store("a", 1, noise(1), 1.0)
    assert [path.name for path in (tmp_path / "features" / "a").iterdir()] == ["1.png"]


def test_detects_every_flipped_bit(tmp_path: Path) -> None:
    cache = ImageCache(tmp_path)
    cache.store("a", 1, noise(1, 4), 2.5)
    path = tmp_path / "a" / "1.png"
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        kept = cache.load("a", 1)
        if kept is not None:  # a bit without meaning, such as in the name of another chunk
            np.testing.assert_array_equal(kept.image, noise(1, 4))
            assert kept.value == 2.5


def test_deletes_the_least_recently_used_images_first(tmp_path: Path) -> None:
    cache = ImageCache(tmp_path)
    cache.store("a", 0, noise(0), 1.0)
    each = (tmp_path / "a" / "0.png").stat().st_size
    small = ImageCache(tmp_path, max_bytes=10 * each)
    for number in range(1, 10):
        small.store("a", number, noise(number), 1.0)
    for number in range(10):  # the clocks of file systems are coarse
        os.utime(tmp_path / "a" / f"{number}.png", (1000 + number, 1000 + number))
    assert small.load("a", 0) is not None  # marks it as used
    small.store("b", 0, noise(10), 1.0)
    small.store("b", 1, noise(11), 1.0)
    left = {f"{path.parent.name}{path.stem}" for path in tmp_path.glob("*/*.png")}
    assert {"a0", "b0", "b1"} <= left
    assert "a1" not in left
    assert sum(path.stat().st_size for path in tmp_path.glob("*/*")) <= 10 * each


def test_drops_a_tenth_when_the_limit_is_exceeded(tmp_path: Path) -> None:
    ImageCache(tmp_path).store("a", 0, noise(0), 1.0)
    each = (tmp_path / "a" / "0.png").stat().st_size
    cache = ImageCache(tmp_path, max_bytes=20 * each + 100)  # sizes differ by a few bytes
    for number in range(1, 20):
        cache.store("a", number, noise(number), 1.0)
    assert len(list(tmp_path.glob("*/*"))) == 20  # all fit
    cache.store("a", 20, noise(20), 1.0)
    assert len(list(tmp_path.glob("*/*"))) == 18


def test_loads_an_image_that_cannot_be_marked_as_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = ImageCache(tmp_path)
    cache.store("a", 1, noise(1), 2.5)

    def read_only(*_: object) -> None:
        raise OSError("read-only file system")

    monkeypatch.setattr(os, "utime", read_only)
    kept = cache.load("a", 1)
    assert kept is not None
    assert kept.value == 2.5


def test_deletes_temporary_files_of_a_killed_process(tmp_path: Path) -> None:
    left = tmp_path / "old" / ".7.png.0a1b2c3d"
    left.parent.mkdir()
    left.write_bytes(bytes(5000))
    os.utime(left, (1000, 1000))
    ImageCache(tmp_path, max_bytes=4000).store("a", 1, noise(1), 1.0)
    assert not left.exists()
    assert not left.parent.exists()
    assert (tmp_path / "a" / "1.png").exists()


def test_warns_once_if_the_folder_is_not_writable(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "file"
    folder.write_text("in the way")
    cache = ImageCache(folder)
    with caplog.at_level(logging.WARNING):
        cache.store("a", 1, noise(1), 1.0)
        cache.store("a", 2, noise(2), 1.0)
    assert len(caplog.records) == 1
    assert cache.load("a", 1) is None
