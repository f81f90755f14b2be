"""The left side of the workbench: a single channel or the terms, in sync with layer, channel and expression."""

from __future__ import annotations

import pytest
from page.builder.cards import Card, Net
from page.live_widget import LiveWidget, OpenLive
from playwright.sync_api import expect

from lucid_widgets.widgets.lucid_widget import LucidWidget


@pytest.fixture
def live(open_live: OpenLive) -> LiveWidget:
    return open_live(LucidWidget(Net(), image_size=16), width=1064)


def test_add_term_replaces_layer_list_by_terms(live: LiveWidget) -> None:
    widget = live.widget
    expect(live.part("layers")).to_be_visible()
    expect(live.part("terms")).to_be_hidden()
    live.part("more-terms").click()
    expect(live.part("terms")).to_be_visible()
    expect(live.part("layers")).to_be_hidden()
    expect(live.part("channel")).to_be_hidden()
    live.part("add-total_variation").click()
    live.settle()
    assert widget.expression == 'channel("relu", 1) - 0.001 * total_variation()'
    assert (widget.layer, widget.channel) == ("", -1)
    assert live.part("expression").input_value() == widget.expression
    Card(live, 0).part("open").click()
    Card(live, 0).layer("conv")
    assert widget.expression.startswith('channel("conv", 1)')
    Card(live, 1).part("open").click()
    Card(live, 1).part("remove").click()
    live.settle()
    assert (widget.layer, widget.channel) == ("conv", 1)
    # A user who edits the terms keeps seeing them; "Single channel" leads back.
    expect(live.part("terms")).to_be_visible()
    live.part("one-channel").click()
    expect(live.part("more-terms")).to_be_focused()
    expect(live.part("terms")).to_be_hidden()
    expect(live.part("layers").locator("[aria-selected=true]")).to_have_attribute("data-layer", "conv")


def test_shows_terms_of_composite_objective(live: LiveWidget) -> None:
    widget = live.widget
    widget.expression = 'channel("conv", 2) + 0.5 * deepdream("relu")'
    live.push()
    expect(live.part("terms")).to_be_visible()
    assert live.page.locator("[data-lucidw=term]").count() == 2
    live.part("one-channel").click()
    expect(live.part("custom")).to_have_text("custom objective")
    expect(live.part("more-terms")).to_have_text("Edit the terms")
    live.part("layers").locator("[data-layer=dense]").click()
    live.settle()
    assert widget.expression == 'channel("dense", 0)'
    assert len(widget.terms) == 1
    widget.terms = [{"kind": "neuron", "arguments": {"layer_name": "conv", "channel_n": 3}}]
    live.push()
    expect(live.part("terms")).to_be_visible()
    widget.expression = "relu:0"
    live.push()
    expect(live.part("terms")).to_be_hidden()
    assert live.part("channel").input_value() == "0"


def test_terms_follow_image_size(live: LiveWidget) -> None:
    live.part("more-terms").click()
    live.part("add-penalize_boundary_complexity").click()
    live.settle()
    assert live.widget.expression.endswith("penalize_boundary_complexity([1, 16, 16, 3])")
    live.part("image_size").fill("32")
    live.part("image_size").press("Enter")
    live.wait("document.querySelectorAll('[data-pending]').length === 0")
    live.settle()
    assert live.widget.image_size == 32
    assert live.widget.expression.endswith("penalize_boundary_complexity([1, 32, 32, 3])")


def test_incomplete_terms_do_not_affect_run(live: LiveWidget) -> None:
    live.part("more-terms").click()
    live.part("add-class_logit").click()
    live.settle()
    assert live.widget.expression == 'channel("relu", 1)'
    expect(Card(live).part("term-problem")).to_have_text("Choose a class.")
    widget = live.widget
    with pytest.raises(ValueError, match="no kind named 'nothing'"):
        widget.terms = [{"kind": "channel", "arguments": {"layer": "rleu", "n_channel": 0}}, {"kind": "nothing"}]
    assert widget.expression == 'channel("relu", 1)'


def test_terms_take_full_width_in_narrow_widget(open_live: OpenLive) -> None:
    widget = LucidWidget(Net())
    widget.expression = 'channel("conv", 2) + 0.5 * deepdream("relu")'
    live = open_live(widget, width=344)
    box = live.part("terms").bounding_box()
    assert box
    assert box["width"] > 270
    assert live.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
