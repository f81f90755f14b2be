"""The image explorer in a real notebook: by mouse and by keyboard, in both themes, and saved without a kernel."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from browser.lab import OpenNotebook, Widget
from browser.test_saved_notebooks import Read, read
from page.conftest import axe
from page.test_accessibility import NOT_OURS
from playwright.sync_api import Locator

__all__ = ["axe", "read"]

pytestmark = pytest.mark.browser

# Feature images of few steps look the same to the page.
CELL = """from lucid_widgets import ImageExplorer
from lucid_widgets.widgets._explorer import explorer, features
explorer.STEPS = features.STEPS = 8
explorer = ImageExplorer(layer="mixed5a", classes=["panda", "fox"], cache=False)
explorer"""
ASKED = "print(explorer.position, explorer.view, explorer.layer, explorer.classes, explorer.pins)"
OPENED = """opened = explorer.opened
print(opened and opened.expression, opened and opened.photo == explorer.image)"""
WAITED = "print(explorer.wait(verbose=False))  # saved images are complete once it returns"
VIOLATIONS = """([off]) => axe.run(document.querySelector(".lucidw"), {
  rules: Object.fromEntries(off.map((rule) => [rule, { enabled: false }])), resultTypes: ["violations"],
}).then(({ violations }) => violations.map((each) => each.id))"""


# Switches on, or off, that JupyterLab saves the state of widgets with the notebook.
SAVE_STATE = "@jupyter-widgets/jupyterlab-manager:saveWidgetState"


def test_explores_by_mouse_and_keyboard_and_stays_when_saved(
    open_notebook: OpenNotebook, read: Read, lab: tuple[str, Path], axe: str
) -> None:
    notebook = open_notebook([CELL, ASKED, OPENED, WAITED])
    page = notebook.page
    notebook.run(0)
    widget = Widget(page, page.locator(".lucidw:has(.lucidw-explorer)"))
    part = widget.part
    rows = part("strongest").locator("[role=listitem]:not([hidden])")
    widget.wait_for(lambda: rows.count() == 12, seconds=180)
    # Feature images arrive one by one, without a click.
    widget.wait_for(lambda: rows.first.locator("canvas").evaluate("(c) => c.width") > 1, seconds=180)
    page.evaluate(axe)
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        notebook.theme(theme)
        assert page.evaluate(VIOLATIONS, [NOT_OURS]) == [], theme
    # By keyboard: another position, kept to compare; another view.
    part("panel").focus()
    for key in ("Home", "PageUp", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    part("strongest").get_by_role("button").first.wait_for()
    notebook.run_until(1, lambda text: text.startswith("[0, 1] fires mixed5a") and text.endswith("[[0, 1]]\n"))
    # By mouse.
    page.get_by_text("Why this class").click()
    part("faithfulness").wait_for(timeout=120_000)
    notebook.run_until(1, lambda text: " class mixed5a " in text)
    before = names(part("for"))
    aim(widget, 0.25, 0.75)
    widget.wait_for(lambda: names(part("for")) != before)
    part("for").get_by_role("button").first.click()
    notebook.run_until(2, lambda text: re.fullmatch(r'channel\("mixed5a", \d+\) True\n', text))
    part("close-opened").click()
    page.mouse.move(0, 0)
    part("close-opened").wait_for(state="hidden")
    # Closing may leave the explorer out of sight, where it pauses.
    first = part("for").locator("canvas").first

    def complete() -> bool:
        first.scroll_into_view_if_needed()
        return bool(first.evaluate("(c) => c.width") > 1 and widget.status == "done")

    widget.wait_for(complete, seconds=180)
    # Saved, and read without a kernel: the views and hovering still work.
    notebook.run_until(3, lambda text: text == "done\n")
    for command in (SAVE_STATE, "docmanager:save", SAVE_STATE):
        page.evaluate("async (name) => { await window.jupyterapp.commands.execute(name); }", command)
    saved = read(lab[1] / notebook.path, "[data-lucidw=panel]", trusted=True)
    kept = Widget(saved.page, saved.page.locator(".lucidw:has(.lucidw-explorer)"))
    kept.wait_for(lambda: len(names(kept.part("for"))) == 6)
    kept.wait_for(lambda: kept.part("for").locator("canvas").first.evaluate("(c) => c.width") > 1)
    before = names(kept.part("for"))
    aim(kept, 0.25, 0.75)
    kept.wait_for(lambda: names(kept.part("for")) != before)
    saved.page.get_by_text("What fires here").click()
    kept.wait_for(lambda: len(names(kept.part("strongest"))) == 12)


def aim(widget: Widget, across: float, down: float) -> None:
    """Move the mouse to a place in the image."""
    widget.part("panel").scroll_into_view_if_needed()
    box = widget.part("panel").bounding_box()
    assert box
    widget.page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"])


def names(rows: Locator) -> list[str]:
    return list(rows.locator("[role=listitem]:not([hidden]) .lucidw-explorer-name").all_inner_texts())
