"""The images that an index keeps are read in blocks, and the same ones are not decoded twice."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lucid_widgets.evidence import kept_images
from lucid_widgets.evidence.kept_images import KeptImages, collect
from lucid_widgets.images.recent import Recent


def test_images_are_read_across_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_images, "_BLOCK", 300)
    levels = np.linspace(0, 255, 9).astype(np.uint8)
    images = [np.full((20, 30, 3), level, np.uint8) for level in levels]
    made = collect(images.__getitem__, [0, 2, 3, 8], lambda: None)
    asked: list[Any] = []

    class Data:
        def __getitem__(self, part: slice) -> Any:
            asked.append(part)
            return made.data[part]

    kept = KeptImages(made.indices, made.ends, Data())
    assert int(made.ends[-1]) > 900
    for index in (8, 0, 3, 2):
        assert np.abs(kept.read(index).astype(int) - images[index].astype(int)).max() <= 2
    before = len(asked)
    assert kept.read(8) is kept.read(8)
    assert len(asked) == before
    assert 5 not in kept


def test_recent_forgets_what_was_not_used() -> None:
    made: list[int] = []
    recent: Recent[int] = Recent(2)

    def get(key: int) -> int:
        return recent.get(key, lambda: made.append(key) or 10 * key)  # type: ignore[func-returns-value]

    assert [get(key) for key in (1, 2, 1, 3, 1, 2)] == [10, 20, 10, 30, 10, 20]
    assert made == [1, 2, 3, 2]
