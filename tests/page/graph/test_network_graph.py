"""The diagram of a network: its boxes, and how it selects a layer by mouse and by keyboard."""

from __future__ import annotations

import pytest
from page.fake_notebook import OpenWidget
from page.test_accessibility import violations
from page.test_looks import look
from playwright.sync_api import expect

LAYERS = [
    ["stem/conv", "conv", "56 × 56", 64],
    ["block/left", "conv", "56 × 56", 32],
    ["block/right", "pool", "56 × 56", 64],
    ["block/both", "concat", "56 × 56", 96],
    ["<i>logits", "dense", "", 10],
]
GRAPH = {
    "model_name": "Net",
    "selected": "",
    "_graph_layers": LAYERS,
    "_graph_links": [[-1, 0], [0, 1], [0, 2], [1, 3], [2, 3], [3, 4]],
}


def test_branches_are_side_by_side_and_a_click_selects(open_widget: OpenWidget) -> None:
    notebook = open_widget(bundle="network_graph", defaults=GRAPH)
    boxes = notebook.part("network-graph").get_by_role("option")
    expect(boxes).to_have_count(5)
    left, right, both = (boxes.nth(index).bounding_box() or {} for index in (1, 2, 3))
    assert left["y"] == right["y"] < both["y"]
    assert left["x"] != right["x"]
    assert boxes.nth(1).locator("text").all_text_contents() == ["left", "56 × 56 × 32"]
    assert boxes.nth(4).locator("text").first.text_content() == "<i>logits"
    boxes.nth(3).click()
    assert notebook.command("set")["args"] == {"selected": "block/both"}
    notebook.change(selected="block/both")
    assert boxes.nth(3).get_attribute("aria-selected") == "true"
    expect(notebook.page.locator(".lucidw-graph-about")).to_have_text("block/both, concat, 56 × 56 × 96")
    picture, keyboard = notebook.part("network-graph"), notebook.page.keyboard
    picture.focus()
    keyboard.press("ArrowDown")
    keyboard.press("Enter")
    assert notebook.command("set")["args"] == {"selected": "<i>logits"}


DIAGRAM = {"layers": LAYERS, "links": GRAPH["_graph_links"], "inside": {"stem/conv/pre": 0}}


def test_diagram_replaces_the_list_of_layers(open_widget: OpenWidget, axe: str) -> None:
    notebook = open_widget(layer="stem/conv/pre")
    page, picture = notebook.page, notebook.part("layer-diagram")
    views = notebook.part("layer-view").get_by_role("radio")
    expect(picture).to_be_hidden()
    views.nth(1).check()
    expect(page.locator(".lucidw-layer-diagram [role=status]")).to_have_text("Reading the network…")
    notebook.reply(notebook.command("diagram"), value=DIAGRAM)
    boxes = picture.get_by_role("option")
    expect(boxes).to_have_count(5)
    expect(notebook.part("layers")).to_be_hidden()
    # The box stands for the layer before its activation function, too.
    expect(boxes.first).to_have_attribute("aria-selected", "true")
    assert not violations(notebook, axe)
    boxes.nth(2).click()
    edit = notebook.command("set")
    assert edit["args"] == {"layer": "block/right"}
    notebook.change(layer="block/right")
    notebook.reply(edit)
    expect(boxes.nth(2)).to_have_attribute("aria-selected", "true")
    picture.press("Home")
    picture.press("Enter")
    edit = notebook.command("set")
    assert edit["args"] == {"layer": "stem/conv"}
    notebook.reply(edit)
    # Another network has another diagram.
    notebook.change(layers=[{"name": "a", "kind": "conv", "channels": 1, "share": 1.0}], layer="a")
    other = {"layers": [["a", "conv", "", 1]], "links": [[-1, 0]], "inside": {}}
    notebook.reply(notebook.command("diagram"), value=other)
    expect(boxes).to_have_count(1)
    assert boxes.locator("text").all_text_contents() == ["a", "1 channel"]
    views.nth(0).check()
    expect(picture).to_be_hidden()
    expect(notebook.part("layers")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_fits_narrow_cells_and_meets_wcag(open_widget: OpenWidget, axe: str, scheme: str) -> None:
    notebook = open_widget(bundle="network_graph", defaults=GRAPH, width=320, scheme=scheme)
    result = look(notebook).page.evaluate("poorContrast(document.querySelector('.lucidw'), 4.5)")
    assert result["poor"] == []
    assert not violations(notebook, axe)
    assert notebook.page.evaluate("document.documentElement.scrollWidth") <= 320
