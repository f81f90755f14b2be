"""A grid of stored images on a page: search in all layers and by figures, similar units, narrow pages, axe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from microscope.stores import FIGURED, drawn_index, drawn_store
from page.fake_notebook import FakeNotebook
from page.grid.grids import GridPage
from pages import Page
from playwright.sync_api import Browser, expect

from lucid_widgets import FeatureGrid

LABELS = ["panda", "fox", "<i>owl</i>", "cat", "dog", "red panda"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_is_searched_and_shows_similar_images(
    browser: Browser, pages: list[Page], opened: list[FakeNotebook], axe: str, tmp_path: Path, scheme: Any
) -> None:
    store = drawn_store(tmp_path / "store", {"low": 10, "scores": 6}, labels={"scores": LABELS})
    widget = FeatureGrid.open(store)
    widget.wait(60)
    notebook = GridPage(browser, widget, next(each for each in reversed(pages) if "_board" in each.state))
    opened.append(notebook)
    page = notebook.page
    page.emulate_media(color_scheme=scheme)
    expect(notebook.part("store")).to_have_text("stored in store")
    for hidden in ("primary", "open", "kind", "variant"):
        expect(notebook.part(hidden)).to_be_hidden()
    expect(page.locator('[data-unit="4"]')).to_have_attribute("data-state", "2")
    expect(page.locator('[data-unit="1"]')).to_have_attribute("data-state", "3")
    expect(page.locator('[data-unit="9"]')).to_have_attribute("data-state", "0")
    expect(notebook.part("left")).to_have_text("10 of 16 in all layers")
    page.locator('[data-unit="4"]').click()
    near = [int(name.rpartition(":")[2]) for name, _ in store.related("low:4", 6)]
    buttons = notebook.part("similar").get_by_role("button")
    expect(buttons).to_have_text(list(map(str, near)))
    buttons.first.click()
    expect(page.locator(".lucidw-feature.lucidw-cursor")).to_have_attribute("data-unit", str(near[0]))
    notebook.part("find").fill("owl")
    found = notebook.part("elsewhere").get_by_role("button")
    expect(found).to_have_text("scores:2 <i>owl</i>")
    page.evaluate(axe)
    violations = page.evaluate("axe.run(document.querySelector('.lucidw')).then((found) => found.violations)")
    assert [each["id"] for each in violations] == []
    found.click()
    notebook.settle()
    widget.wait(60)
    notebook.push()
    expect(page.locator(".lucidw-feature.lucidw-cursor")).to_have_attribute("data-unit", "2")
    expect(page.locator(".lucidw-feature-detail-name")).to_have_text("<i>owl</i>")
    assert widget.layer == "scores"
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    widget.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_finds_units_by_figures_and_those_that_respond_alike(
    browser: Browser, pages: list[Page], opened: list[FakeNotebook], axe: str, tmp_path: Path, scheme: Any
) -> None:
    store = drawn_store(tmp_path / "store", {"low": 5, "high": 2}, labels={"high": ["panda", "fox"]})
    widget = FeatureGrid.open(store, "low", images=drawn_index(FIGURED, [0, 0, 1, 1]))
    widget.wait(60)
    notebook = GridPage(browser, widget, next(each for each in reversed(pages) if "_board" in each.state))
    opened.append(notebook)
    page = notebook.page
    page.emulate_media(color_scheme=scheme)
    cells = page.locator(".lucidw-feature")
    expect(cells).to_have_count(5)
    notebook.part("find").fill("selectivity > ")
    expect(cells).to_have_count(5)
    notebook.part("find").fill("selectivity > .3")
    expect(cells).to_have_count(3)
    notebook.push()
    assert [each.get_attribute("data-unit") for each in cells.all()] == ["0", "1", "4"]
    expect(cells).to_have_text(["0 · 1.00", "1 · 0.50", "4 · 0.33"])
    expect(notebook.part("elsewhere").get_by_role("button")).to_have_text(["high:0 panda 0.80"])
    notebook.part("find").fill("selectivity < 0.4")
    expect(cells).to_have_text(["2 · 0.00", "4 · 0.33"])
    notebook.part("find").fill("")
    expect(cells).to_have_count(5)
    cells.first.click()
    alike = notebook.part("alike").get_by_role("button")
    expect(alike).to_have_text(["1", "high:0"])
    expect(alike.nth(1)).to_have_attribute("aria-label", "high:0 panda, correlation 1.00")
    page.evaluate(axe)
    violations = page.evaluate("axe.run(document.querySelector('.lucidw')).then((found) => found.violations)")
    assert [each["id"] for each in violations] == []
    alike.nth(1).click()
    notebook.settle()
    widget.wait(60)
    notebook.push()
    expect(page.locator(".lucidw-feature-detail-name")).to_have_text("panda")
    assert widget.layer == "high"
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    widget.close()


def test_says_what_a_comparison_lacks(
    browser: Browser, pages: list[Page], opened: list[FakeNotebook], tmp_path: Path
) -> None:
    widget = FeatureGrid.open(drawn_store(tmp_path / "store", {"low": 5}))
    widget.wait(60)
    notebook = GridPage(browser, widget, next(each for each in reversed(pages) if "_board" in each.state))
    opened.append(notebook)
    notebook.part("find").fill("selectivity > 0.5")
    expect(notebook.part("find-note")).to_have_text(
        "There are no real images, which tell the selectivity of a channel."
    )
    expect(notebook.page.locator(".lucidw-feature")).to_have_count(5)
    widget.close()
