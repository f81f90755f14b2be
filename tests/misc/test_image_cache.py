"""Pictures on disk: whole, bounded, and checked."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import numpy as np
import pytest

from lucid_widgets.misc.io.image_cache import ImageCache


def picture(value: int, size: int = 16) -> np.ndarray:
    """Noise, which hardly compresses: each takes about as much."""
    return np.random.default_rng(value).integers(0, 256, (size, size, 3), dtype=np.uint8)


def test_a_picture_comes_back_as_it_was(tmp_path: Path) -> None:
    cache = ImageCache(tmp_path)
    assert cache.load("a", 3) is None
    cache.store("a", 3, picture(1), 0.1)
    cache.store("a", 4, picture(2), None)
    kept = cache.load("a", 3)
    assert kept is not None
    np.testing.assert_array_equal(kept.picture, picture(1))
    assert kept.value == 0.1
    unmeasured = cache.load("a", 4)
    assert unmeasured is not None
    assert unmeasured.value is None
    assert cache.load("b", 3) is None


def test_the_folder_for_caches_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUCID_WIDGETS_CACHE", str(tmp_path))
    ImageCache().store("a", 1, picture(1), 1.0)
    assert [path.name for path in (tmp_path / "features" / "a").iterdir()] == ["1.png"]


def test_every_flipped_bit_is_noticed(tmp_path: Path) -> None:
    cache = ImageCache(tmp_path)
    cache.store("a", 1, picture(1, 4), 2.5)
    path = tmp_path / "a" / "1.png"
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        kept = cache.load("a", 1)
        if kept is not None:  # a byte that says nothing about the picture, such as the name of a field
            np.testing.assert_array_equal(kept.picture, picture(1, 4))
            assert kept.value == 2.5


def test_what_nobody_looked_at_for_longest_goes_first(tmp_path: Path) -> None:
    cache = ImageCache(tmp_path)
    cache.store("a", 0, picture(0), 1.0)
    each = (tmp_path / "a" / "0.png").stat().st_size
    small = ImageCache(tmp_path, max_bytes=10 * each)
    for number in range(1, 10):
        small.store("a", number, picture(number), 1.0)
    for number in range(10):  # file systems are not exact about when
        os.utime(tmp_path / "a" / f"{number}.png", (1000 + number, 1000 + number))
    assert small.load("a", 0) is not None  # looked at just now
    small.store("b", 0, picture(10), 1.0)
    small.store("b", 1, picture(11), 1.0)
    left = {f"{path.parent.name}{path.stem}" for path in tmp_path.glob("*/*.png")}
    assert {"a0", "b0", "b1"} <= left
    assert "a1" not in left
    assert sum(path.stat().st_size for path in tmp_path.glob("*/*")) <= 10 * each


def test_what_a_killed_process_left_goes_too(tmp_path: Path) -> None:
    left = tmp_path / "old" / ".7.png.0a1b2c3d"
    left.parent.mkdir()
    left.write_bytes(bytes(5000))
    os.utime(left, (1000, 1000))
    ImageCache(tmp_path, max_bytes=4000).store("a", 1, picture(1), 1.0)
    assert not left.exists()
    assert not left.parent.exists()
    assert (tmp_path / "a" / "1.png").exists()


def test_a_disk_that_takes_nothing_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "file"
    folder.write_text("in the way")
    cache = ImageCache(folder)
    with caplog.at_level(logging.WARNING):
        cache.store("a", 1, picture(1), 1.0)
        cache.store("a", 2, picture(2), 1.0)
    assert len(caplog.records) == 1
    assert cache.load("a", 1) is None
