"""Widgets of several kinds on one page: each looks the same in any order of the style sheets."""

from __future__ import annotations

from typing import Any

import pytest
from page.fake_notebook import HALFWAY, STATIC, FakeNotebook, OpenWidget
from page.grid.grids import GridPage, new_grid
from page.player.players import open_player, plain_frames
from pages import Page
from playwright.sync_api import Browser

BUNDLES = sorted(path.stem for path in STATIC.glob("*.css") if path.stem != "html_player")

REMEMBER = """() => {
  const keys = `display position float width height min-width max-width padding margin border-width border-radius
    border-color color background-color font-size font-weight line-height gap flex-flow flex-grow grid-area
    grid-template-columns justify-content align-items overflow opacity box-shadow text-align`.split(/\\s+/);
  window.looks = () => [...document.querySelectorAll(".lucidw, .lucidw *")].map((element) => {
    const style = getComputedStyle(element);
    const name = element.getAttribute("class") ?? element.tagName;
    if (!element.checkVisibility()) return [name, keys.map(() => "unseen")];
    return [name, keys.map((key) => `${key}: ${style.getPropertyValue(key)}`)];
  });
  window.before = looks();
}"""

CHANGED = """() => looks().flatMap(([name, now], index) =>
  now.map((value, key) => [before[index][1][key], value]).filter(([was, is]) => was !== is)
    .map(([was, is]) => `${name}: ${was} became ${is}`)).slice(0, 40)"""


def check(notebook: FakeNotebook, bundle: str) -> None:
    notebook.settle()
    notebook.page.evaluate(REMEMBER)
    for other in BUNDLES:
        if other != bundle:
            notebook.page.add_style_tag(content=(STATIC / f"{other}.css").read_text())
    notebook.settle()
    assert notebook.page.evaluate(CHANGED) == []


@pytest.mark.parametrize(
    ("bundle", "width"),
    [("lucid_widget", 320), ("lucid_widget", 800), ("lucid_widget", 1400), ("optimization_canvas", 800)],
)
def test_canvas_looks_the_same_next_to_other_widgets(open_widget: OpenWidget, bundle: str, width: int) -> None:
    state: dict[str, Any] = {**HALFWAY, "status": "paused"}
    notebook = open_widget(bundle=bundle, width=width, motion="reduce", **state)
    notebook.frame(1, size=(64, 64))
    notebook.shown(1)
    check(notebook, bundle)


def test_grid_looks_the_same_next_to_other_widgets(browser: Browser, pages: list[Page]) -> None:
    notebook = GridPage(browser, new_grid("softmax2"), pages[-1], width=900, motion="reduce")
    notebook.make(range(4))
    check(notebook, "feature_grid")
    assert notebook.problems() == []
    notebook.close()


def test_player_looks_the_same_next_to_other_widgets(browser: Browser) -> None:
    notebook = open_player(browser, plain_frames(6), width=560, motion="reduce")
    check(notebook, "sprite_player")
    assert notebook.problems() == []
    notebook.close()
