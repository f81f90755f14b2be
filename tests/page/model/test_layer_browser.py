"""The layer list of a large network: fast to open, smooth to scroll, grouped by name."""

from __future__ import annotations

import json
from typing import Any

import pytest
from page.fake_notebook import FakeNotebook, OpenWidget
from page.mutations import Mutations
from playwright.sync_api import expect

from lucid_widgets.widgets._terms.fields import described_kinds

MANY = 5000


def large(count: int) -> list[dict[str, Any]]:
    """The layers of a network with this many, as the page gets them."""
    return [
        {
            "name": f"stage_{i // 500}/block_{i // 10 % 50}/op_{i}",
            "kind": "conv",
            "channels": 64 + i % 64,
            "share": i / count,
            "shape": [56, 56, 64 + i % 64],
            "receptive_field": 7 + 4 * i,
        }
        for i in range(count)
    ]


LAYERS = large(MANY)
TERM = {
    "id": 1,
    "kind": "channel",
    "negative": False,
    "weight": 1,
    "enabled": True,
    "arguments": {"layer": LAYERS[3210]["name"], "n_channel": 0, "batch": None},
    "fixed": False,
    "text": "",
    "problem": {},
}
TRAITS: dict[str, dict[str, Any]] = {
    "objective_builder": {"terms": [TERM], "_term_kinds": described_kinds(), "_labels": [], "problem": {}, "batch": 1},
    "lucid_widget": {"layer": LAYERS[3210]["name"], "channel": 0, "_channel_count": 74},
}
LIST = {"objective_builder": "term-layers", "lucid_widget": "layers"}

OPENING = """async ([bundle, traits]) => {
  const widget = await createHost({ bundle, traits });
  await widget.render(document.body.appendChild(document.createElement("div")));
  document.querySelector('[data-lucidw=open]')?.click();
  document.querySelector('[data-lucidw=field-layer]')?.click();
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""

# Scrolls far in each frame and counts the frames in which a part of the list is empty.
SCROLLING = """([name, frames]) => new Promise((done) => {
  const list = document.querySelector(`[data-lucidw=${name}]`);
  let gaps = 0;
  let most = 0;
  const step = (frame) => {
    const box = list.getBoundingClientRect();
    const rows = [...list.querySelectorAll(".lucidw-layer")].map((row) => row.getBoundingClientRect());
    const [top, bottom] = [box.top + 1, box.bottom - 1];
    if (![top, bottom].every((y) => rows.some((row) => row.top <= y && row.bottom >= y))) gaps += 1;
    most = Math.max(most, rows.length);
    if (frame === frames) return done({ gaps, most });
    list.scrollTop += 517;
    requestAnimationFrame(() => step(frame + 1));
  };
  step(0);
})"""
FRAMES = 120


def open_large(open_widget: OpenWidget, bundle: str, layers: list[dict[str, Any]] = LAYERS) -> FakeNotebook:
    more = {"defaults": {}} if bundle == "objective_builder" else {}
    return open_widget(bundle=bundle, layers=layers, **TRAITS[bundle], **more)


def to_layers(notebook: FakeNotebook, bundle: str) -> str:
    if bundle == "objective_builder":
        notebook.part("open").click()
        notebook.part("field-layer").click()
    return LIST[bundle]


@pytest.mark.parametrize("bundle", LIST)
def test_opens_five_thousand_layers_with_the_elements_of_a_few_rows(open_widget: OpenWidget, bundle: str) -> None:
    notebook = open_widget(bundle=bundle, views=0, layers=[])
    traits = {**notebook.page.evaluate("host.state"), **TRAITS[bundle], "layers": LAYERS, "_frame_bytes": None}
    assert len(json.dumps(LAYERS)) < 1_000_000
    mutations = Mutations(notebook.page)
    notebook.page.evaluate(OPENING, [f"http://notebook.test/{bundle}.js", traits])
    assert mutations.elements < 2500
    name = LIST[bundle]
    expect(notebook.part(name).locator("[aria-selected=true]")).to_have_attribute("data-layer", LAYERS[3210]["name"])


@pytest.mark.parametrize("bundle", LIST)
def test_scrolling_shows_no_gaps_and_builds_only_the_rows_that_come(open_widget: OpenWidget, bundle: str) -> None:
    notebook = open_large(open_widget, bundle)
    name = to_layers(notebook, bundle)
    notebook.settle()  # the list has scrolled to the chosen layer
    mutations = Mutations(notebook.page)
    result = notebook.page.evaluate(SCROLLING, [name, FRAMES])
    assert result["gaps"] == 0
    assert result["most"] < 80
    assert 50 < mutations.elements / FRAMES < 150  # of 20 new rows


def test_keys_reach_both_ends_of_virtual_list(open_widget: OpenWidget) -> None:
    notebook = open_large(open_widget, "lucid_widget")
    layers = notebook.part("layers")
    layers.focus()
    for key, index in [("End", MANY - 1), ("Home", 0), ("PageDown", 10), ("ArrowDown", 11)]:
        notebook.page.keyboard.press(key)
        active = notebook.page.locator(f"#{layers.get_attribute('aria-activedescendant')}")
        assert active.get_attribute("data-layer") == LAYERS[index]["name"]
        assert active.get_attribute("aria-posinset") == str(index + 1)
        assert active.get_attribute("aria-setsize") == str(MANY)
        expect(active).to_be_in_viewport()
    layers.evaluate("(list) => { list.scrollTop = 60000; }")
    notebook.settle()
    assert active.count() == 1  # far away, and still available to screen readers
    notebook.page.keyboard.press("Enter")
    assert notebook.command()["args"] == {"layer": LAYERS[11]["name"]}


def test_search_finds_one_of_five_thousand_layers(open_widget: OpenWidget) -> None:
    notebook = open_large(open_widget, "objective_builder")
    to_layers(notebook, "objective_builder")
    expect(notebook.part("term-layer-search")).to_have_attribute("placeholder", "Search 5000 layers")
    notebook.part("term-layer-search").fill("op_4321")
    rows = notebook.part("term-layers").get_by_role("option")
    assert rows.count() == 1
    title = rows.get_attribute("title") or ""
    assert "56×56 positions" in title
    assert "receptive field of 17,291 × 17,291 pixels" in title
    notebook.page.keyboard.press("Enter")
    command = notebook.command()
    assert (command["name"], command["args"]) == ("edit_term", {"id": 1, "arguments": {"layer": LAYERS[4321]["name"]}})


def test_groups_layers_by_name(open_widget: OpenWidget) -> None:
    notebook = open_large(open_widget, "lucid_widget")
    notebook.part("layers-tree").click()
    tree = notebook.part("layers")
    expect(tree).to_have_attribute("role", "tree")
    # The path to the selected layer is open.
    chosen = tree.locator("[aria-selected=true]")
    expect(chosen).to_have_attribute("data-layer", LAYERS[3210]["name"])
    expect(chosen).to_be_in_viewport()
    assert chosen.locator(".lucidw-name").inner_text() == "3210"
    assert int(chosen.get_attribute("aria-level") or 0) > 2
    tree.focus()
    keyboard = notebook.page.keyboard

    def pointed() -> str:
        active = notebook.page.locator(f"#{tree.get_attribute('aria-activedescendant')}")
        return f"{active.locator('.lucidw-name').inner_text()} {active.get_attribute('aria-expanded')}"

    keyboard.press("Home")
    assert pointed() == "stage_ true"
    keyboard.press("ArrowLeft")
    assert pointed() == "stage_ false"
    assert tree.get_by_role("treeitem").count() == 1
    keyboard.press("ArrowRight")
    keyboard.press("ArrowDown")
    keyboard.press("ArrowRight")
    keyboard.press("ArrowDown")
    assert pointed().endswith("false")
    keyboard.press("ArrowLeft")
    assert pointed().endswith("true")
    keyboard.press("Enter")
    assert pointed().endswith("false")
    assert notebook.commands() == []
    # A search covers all layers, and the tree returns afterwards.
    notebook.part("layer-search").fill("op_17")
    expect(tree).to_have_attribute("role", "listbox")
    notebook.part("layer-search").fill("")
    expect(tree).to_have_attribute("role", "tree")
    notebook.part("layers-tree").click()
    expect(tree).to_have_attribute("role", "listbox")


def test_hides_tree_button_for_few_layers(open_widget: OpenWidget) -> None:
    assert not open_widget().part("layers-tree").is_visible()
