"""The diagram of the network: what it names, and how it selects a layer by mouse and by keyboard."""

from __future__ import annotations

import pytest
from page.fake_notebook import OpenWidget
from page.model.test_layer_stages import network, stage
from page.test_accessibility import violations
from page.test_looks import look
from playwright.sync_api import expect


def test_marks_the_stage_of_the_selected_layer(open_widget: OpenWidget) -> None:
    notebook = open_widget(**network(4, 30), layer="conv3_block2_out", unfolded=False)
    stages = notebook.part("network-map").get_by_role("option")
    assert [each.get_attribute("aria-selected") for each in stages.all()] == [
        "false",
        "false",
        "true",
        "false",
        "false",
    ]
    assert stages.nth(2).get_attribute("aria-label") == "conv3, 14 × 14, 64 channels, 30 layers"
    words = notebook.page.locator(".lucidw-map-words")
    expect(words).to_have_text("conv3 · 14 × 14 · 64 channels")
    expect(notebook.page.locator(".lucidw-map-current")).to_have_count(1)
    expect(notebook.page.locator(".lucidw-map-here")).to_have_count(1)
    stages.first.hover()
    expect(words).to_have_text("conv1 · 14 × 14 · 64 channels")
    notebook.page.mouse.move(0, 0)
    expect(words).to_have_text("conv3 · 14 × 14 · 64 channels")
    notebook.change(layer="", channel=-1, expression="mixed4a:1 + mixed4b:1")
    notebook.change(layer="conv1_block1_out")
    assert stages.first.get_attribute("aria-selected") == "true"


def test_click_selects_the_layer_that_stands_for_a_stage(open_widget: OpenWidget) -> None:
    notebook = open_widget(**network(4, 30), layer="conv3_block2_out", unfolded=False)
    notebook.page.set_viewport_size({"width": 1024, "height": 1400})  # all of the list
    notebook.part("network-map").get_by_role("option").nth(1).click()
    assert notebook.command("set")["args"] == {"layer": "conv2_block30_out"}
    # The list follows.
    chosen = notebook.part("layers").locator("[aria-selected=true]")
    expect(chosen).to_have_attribute("data-layer", "conv2_block30_out")
    expect(chosen).to_be_in_viewport()


def test_is_one_tab_stop_with_arrow_keys(open_widget: OpenWidget) -> None:
    notebook = open_widget(**network(4, 30), layer="conv3_block2_out", unfolded=False)
    diagram, keyboard = notebook.part("network-map"), notebook.page.keyboard
    diagram.focus()

    def pointed() -> str:
        active = notebook.page.locator(f"#{diagram.get_attribute('aria-activedescendant')}")
        return (active.get_attribute("aria-label") or "").split(",")[0]

    assert pointed() == "conv3"
    for key, name in [
        *(("ArrowRight", "conv4"), ("ArrowRight", "predictions"), ("ArrowRight", "predictions")),
        *(("Home", "conv1"), ("ArrowLeft", "conv1"), ("End", "predictions"), ("ArrowLeft", "conv4")),
    ]:
        keyboard.press(key)
        assert pointed() == name
    assert notebook.commands() == []
    expect(notebook.page.locator(".lucidw-map-words")).to_have_text("conv4 · 14 × 14 · 64 channels")
    keyboard.press("Enter")
    assert notebook.command("set")["args"] == {"layer": "conv4_block30_out"}
    keyboard.press("Tab")
    expect(notebook.part("layer-search")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_is_accessible_and_fits_at_any_width(open_widget: OpenWidget, axe: str, scheme: str) -> None:
    facts = network(22, 4)
    facts["_stages"]["stages"][3] |= {"branches": 4, "residual": True, "name": "x" * 300}
    facts["_stages"]["links"] += [[a, b] for a in range(-1, 20) for b in range(a + 2, 22)]
    notebook = look(open_widget(**facts, layer="conv3_block2_out", scheme=scheme, motion="reduce"))
    assert violations(notebook, axe) == []
    root = "document.querySelector('.lucidw')"
    for width in (320, 500, 640, 1040):
        notebook.page.set_viewport_size({"width": width + 24, "height": 900})
        notebook.settle()
        assert notebook.page.evaluate(f"overflowing({root})") == [], width
        frame = notebook.page.locator(".lucidw-map-frame").bounding_box()
        drawing = notebook.page.locator(".lucidw-map-picture svg").bounding_box()
        assert frame
        assert drawing
        assert drawing["width"] == pytest.approx(frame["width"], abs=1), width
    assert notebook.page.evaluate(f"poorContrast({root}, 4.5)")["poor"] == []


def test_is_hidden_for_a_network_without_stages(open_widget: OpenWidget) -> None:
    assert not open_widget().part("network-map").is_visible()
    one = {"stages": [stage("mixed", 0, 6, "mixed5b")], "links": [[-1, 0]]}
    assert not open_widget(_stages=one).part("network-map").is_visible()
