"""Real images in the feature grid on a page: turned by keyboard and by button, sorted, and accessible."""

from __future__ import annotations

import numpy as np
from evidence.networks import images, labels, whole_network
from page.fake_notebook import FakeNotebook
from page.grid.grids import GridPage
from pages import Page
from playwright.sync_api import Browser, expect

from lucid_widgets import ActivationIndex, FeatureGrid, ImageSet


def test_cells_turn_and_are_sorted(browser: Browser, pages: list[Page], opened: list[FakeNotebook], axe: str) -> None:
    network = whole_network(24)
    data = ImageSet.from_array(np.repeat(np.repeat(images(30), 2, 1), 2, 2), labels(30))
    index = ActivationIndex.build(network, data, ["first", "second"], path=False, verbose=False)
    widget = FeatureGrid(network, "second", run=False, cache=False, images=index)
    notebook = GridPage(browser, widget, next(each for each in reversed(pages) if "_board" in each.state))
    opened.append(notebook)
    cells = notebook.page.locator(".lucidw-feature")
    notebook.part("sort_by").select_option("strength")
    notebook.settle()
    widget._source.real._making._runner.wait()
    notebook.push()
    strengths = index.figures("second", "strength")
    first = int(np.argmax(strengths))
    expect(cells.first).to_have_attribute("data-unit", str(first))
    notebook.part("hide_dead").check()
    expect(cells).to_have_count(7)
    assert str(first) in (cells.first.text_content() or "")
    notebook.part("cells").focus()
    notebook.page.keyboard.press("Home")
    notebook.page.keyboard.press("r")
    name = f"Channel {first} · {strengths[first]:.1f} strength, real images"
    expect(cells.first).to_have_attribute("aria-label", name)
    expect(cells.first).to_have_attribute("data-state", "2")
    assert widget.turned == [first]
    notebook.page.keyboard.press("R")
    expect(notebook.page.get_by_role("radio", name="Real images")).to_be_checked()
    expect(cells.nth(1)).to_have_attribute("data-state", "2")
    assert (widget.show_images, widget.turned) == (True, [])
    notebook.part("turn").click()
    expect(notebook.part("turn")).to_have_text("Show real images")
    notebook.page.evaluate(axe)
    found = notebook.page.evaluate("axe.run(document.querySelector('.lucidw'))")
    assert [each["id"] for each in found["violations"]] == []


def test_order_that_needs_labels_says_so(browser: Browser, pages: list[Page], opened: list[FakeNotebook]) -> None:
    network = whole_network()
    index = ActivationIndex.build(network, ImageSet.from_array(images(30)), ["second"], path=False, verbose=False)
    widget = FeatureGrid(network, "second", run=False, cache=False, images=index)
    notebook = GridPage(browser, widget, next(each for each in reversed(pages) if "_board" in each.state))
    opened.append(notebook)
    notebook.part("sort_by").select_option("selectivity")
    notebook.settle()
    widget._source.real._making._runner.wait()
    notebook.push()
    expect(notebook.part("order-note")).to_have_text("These images have no labels, so the channels keep their order.")
    notebook.part("sort_by").select_option("strength")
    expect(notebook.part("order-note")).to_be_hidden()
