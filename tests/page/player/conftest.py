"""Players that check their console and their traits after each test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from page.fake_notebook import FakeNotebook
from page.player.players import Open, open_player, plain_frames
from playwright.sync_api import Browser


@pytest.fixture
def player(browser: Browser) -> Iterator[Open]:
    """Open players. After the test, consoles must be clean, and the pages may have set only the player's traits."""
    opened: list[FakeNotebook] = []

    def open_one(count: int = 12, **options: Any) -> FakeNotebook:
        frames = options.pop("frames", None)
        frames = plain_frames(count, 16, 16) if frames is None else frames
        opened.append(open_player(browser, frames, **options))
        opened[-1].page.locator("canvas[data-frame]").first.wait_for()
        return opened[-1]

    yield open_one
    problems = [problem for notebook in opened for problem in notebook.problems()]
    for notebook in opened:
        notebook.close()
    assert not problems
