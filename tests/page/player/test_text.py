"""Text of the player: notes, labels, contrast, sizes and accessibility."""

from __future__ import annotations

import numpy as np
import pytest
from page.player.players import Open
from page.test_accessibility import violations
from page.test_looks import THEMES, look


class TestWords:
    def test_shows_notes_of_frame(self, player: Open) -> None:
        notes = {"labels": [f"<b>{i}</b>" for i in range(12)], "seeds": range(12), "objectives": [974.62] * 12}
        notebook = player(notes=notes, title="mixed4a:56")
        notebook.change(frame=3)
        assert notebook.part("caption").inner_text().split("\n") == ["<b>3</b>", "seed 3 · objective 974.6"]
        assert notebook.part("scrubber").get_attribute("aria-valuetext") == (
            "Frame 4 of 12, <b>3</b>, seed 3, objective 974.6"
        )
        assert notebook.page.locator(".lucidw").get_attribute("aria-label") == "Animation: mixed4a:56"
        assert notebook.part("canvas").get_attribute("aria-label") == "mixed4a:56, frame 4 of 12"

    def test_labels_animations_of_a_grid(self, player: Open) -> None:
        notebook = player(notes={"labels": None})
        assert notebook.page.locator(".lucidw-cell-name").count() == 0

    def test_shows_the_title_above_the_image_and_the_badge_on_it(self, player: Open) -> None:
        notebook = player(frames=np.zeros((2, 96, 96, 3), np.uint8), width=540, title="<i>eye")
        assert notebook.part("title").inner_text() == "<i>eye"
        for width in (540, 320):
            notebook.page.set_viewport_size({"width": width, "height": 800})
            notebook.settle()
            badge = notebook.page.locator(".lucidw-badge").bounding_box()
            image = notebook.part("canvas").bounding_box()
            assert badge
            assert image
            assert image["x"] <= badge["x"]
            assert badge["x"] + badge["width"] <= image["x"] + image["width"]

    @pytest.mark.parametrize("theme", ["light", "dark", "jupyter-dark", "code-dark"])
    def test_text_has_contrast(self, player: Open, theme: str) -> None:
        notebook = look(player(**THEMES[theme], motion="reduce", notes={"labels": ["a"] * 12}))
        notebook.part("export").click()
        notebook.reply(notebook.command(), value=["gif", "webp", "mp4"])
        result = notebook.page.evaluate("poorContrast(document.querySelector('.lucidw'), 4.5)")
        assert result["judged"] > 15
        assert result["poor"] == []

    @pytest.mark.parametrize("width", [280, 320, 640, 1400])
    def test_nothing_overflows_and_targets_are_large(self, player: Open, width: int) -> None:
        notebook = look(player(500, width=width, notes={"labels": ["a label that is longer than it should be"] * 500}))
        notebook.part("export").click()
        notebook.reply(notebook.command(), value=["gif", "webp", "mp4"])
        assert notebook.page.evaluate("overflowing(document.querySelector('.lucidw'))") == []
        small = notebook.page.evaluate("smallTargets(document.querySelector('.lucidw'), 24)")
        assert small == []
        assert notebook.page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    def test_player_has_no_accessibility_violations(self, player: Open, axe: str) -> None:
        notebook = player(motion="reduce", notes={"labels": ["a"] * 12})
        assert violations(notebook, axe) == []
        notebook.part("export").click()
        notebook.reply(notebook.command(), value=["gif", "webp", "mp4"])
        assert violations(notebook, axe) == []
