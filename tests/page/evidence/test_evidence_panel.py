"""`EvidencePanel` on a page: images of each kind, the whole image over a crop, another unit, and accessibility."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from evidence.networks import images, labels, whole_network
from page.fake_notebook import FakeNotebook
from page.live_widget import BinaryWidget, OpenLive
from pages import Page
from playwright.sync_api import Browser, expect

from lucid_widgets import ActivationIndex, EvidencePanel, ImageSet
from lucid_widgets.evidence import Sensitivity


@pytest.fixture(scope="module")
def index() -> ActivationIndex:
    data = ImageSet.from_array(np.repeat(np.repeat(images(30), 2, 1), 2, 2), labels(30))
    return ActivationIndex.build(whole_network(24), data, ["first", "second"], path=False, verbose=False)


def test_panel_shows_images_of_each_kind_and_another_unit(
    open_live: OpenLive, index: ActivationIndex, axe: str
) -> None:
    notebook = open_live(EvidencePanel(index, "second:2"))
    tiles = notebook.part("real-images").locator("button")
    expect(tiles).to_have_count(9)
    most = tiles.first.text_content() or ""
    notebook.page.get_by_label("Least").check()
    expect(tiles.first).not_to_have_text(most)
    whole = notebook.page.locator(".lucidw-whole")
    expect(whole).to_be_hidden()
    tiles.nth(2).focus()
    expect(whole).to_be_visible()
    notebook.page.keyboard.press("Escape")
    expect(whole).to_be_hidden()
    notebook.page.evaluate(axe)
    found = notebook.page.evaluate("axe.run(document.querySelector('.lucidw'))")
    assert [each["id"] for each in found["violations"]] == []
    notebook.part("channel-more").click()
    expect(notebook.page.locator(".lucidw-title")).to_have_text("Whole · second:3")


def test_panel_shows_what_remains_of_the_answer(open_live: OpenLive, index: ActivationIndex) -> None:
    """It has no network, so the button *Measure* appears only if a function was passed."""
    known = Sensitivity("second:2", 4.0, {"gray": 0.25, "flipped": 1.5}, "Color more than shape")
    notebook = open_live(EvidencePanel(index, "second:2", sensitivity=[known]))
    section = notebook.page.locator(".lucidw-sensitivity")
    expect(section.locator("dd")).to_have_text(["25 %", "150 %"])
    expect(notebook.part("measure-sensitivity")).to_be_hidden()
    notebook.part("channel-more").click()
    expect(section).to_be_hidden()

    panel = EvidencePanel(index, "second:2", sensitivity=lambda unit: dataclasses.replace(known, unit=unit.name))
    notebook = open_live(panel)
    notebook.part("channel-more").click()
    expect(notebook.page.locator(".lucidw-title")).to_have_text("Whole · second:3")
    notebook.part("measure-sensitivity").click()
    notebook.settle()
    notebook.comm.until(lambda: panel._sensitivity.get("state") == "ready")
    notebook.push()
    expect(notebook.page.locator(".lucidw-sensitivity dd").first).to_have_text("25 %")


def test_neighbors_appear_before_python_answers(
    browser: Browser, pages: list[Page], opened: list[FakeNotebook], index: ActivationIndex
) -> None:
    panel = EvidencePanel(index, "second:2")
    (comm,) = [page for page in pages if page.comm_id == panel.comm.comm_id]
    notebook = BinaryWidget(browser, panel, comm)
    opened.append(notebook)
    notebook.settle()  # both neighbors are on the page
    page, tiles = notebook.page, notebook.part("real-images").locator("button")
    values = notebook.part("real-images").locator(".lucidw-tile-value")
    own = values.all_text_contents()
    page.evaluate(
        "() => { window.held = []; window.ask = host.onsend; host.onsend = (message) => held.push(message); }"
    )
    notebook.part("channel-more").click()
    expect(values).not_to_have_text(own)
    ahead = values.all_text_contents()
    tiles.first.evaluate("(tile) => { tile.dataset.mark = 'ahead'; }")

    # Python's own values are the same, so the tiles stay.
    page.evaluate("() => { host.onsend = ask; held.splice(0).forEach(ask); }")
    expect(page.locator(".lucidw-title")).to_have_text("Whole · second:3")
    notebook.settle()
    assert values.all_text_contents() == ahead
    expect(tiles.first).to_have_attribute("data-mark", "ahead")

    # What Python refuses is not shown any longer.
    page.evaluate("() => { host.onsend = (message) => held.push(message); }")
    notebook.part("channel-less").click()
    expect(values).to_have_text(own)
    page.evaluate("() => host.reply(held.pop(), { ok: false, error: { message: 'No.' } })")
    expect(values).to_have_text(ahead)
