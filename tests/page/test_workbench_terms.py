"""The workbench's left side: one channel, or the objective's terms, in step with layer, channel and expression."""

from __future__ import annotations

import pytest
from page.live_widget import LiveWidget, OpenLive
from page.test_objective_builder import Card, Net
from playwright.sync_api import expect

from lucid_widgets.widgets.lucid_widget import LucidWidget


@pytest.fixture
def live(open_live: OpenLive) -> LiveWidget:
    return open_live(LucidWidget(Net(), image_size=16), width=1064)


def test_add_a_term_opens_the_terms_in_place(live: LiveWidget) -> None:
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
    # Whoever is at the terms stays there; "One channel" leads back.
    expect(live.part("terms")).to_be_visible()
    live.part("one-channel").click()
    expect(live.part("more-terms")).to_be_focused()
    expect(live.part("terms")).to_be_hidden()
    expect(live.part("layers").locator("[aria-selected=true]")).to_have_attribute("data-layer", "conv")


def test_an_objective_of_several_terms_shows_them(live: LiveWidget) -> None:
    widget = live.widget
    widget.expression = 'channel("conv", 2) + 0.5 * deepdream("relu")'
    live.push()
    expect(live.part("terms")).to_be_visible()
    assert live.page.locator("[data-lucidw=term]").count() == 2
    live.part("one-channel").click()
    expect(live.part("custom")).to_have_text("custom expression")
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


def test_another_size_of_the_image_fits_the_terms_that_follow_it(live: LiveWidget) -> None:
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


def test_unfinished_terms_do_not_reach_the_run(live: LiveWidget) -> None:
    live.part("more-terms").click()
    live.part("add-class_logit").click()
    live.settle()
    assert live.widget.expression == 'channel("relu", 1)'
    expect(Card(live).part("term-problem")).to_have_text("Choose a class.")
    widget = live.widget
    with pytest.raises(ValueError, match="no kind named 'nothing'"):
        widget.terms = [{"kind": "channel", "arguments": {"layer": "rleu", "n_channel": 0}}, {"kind": "nothing"}]
    assert widget.expression == 'channel("relu", 1)'


def test_narrow_the_terms_take_the_whole_width(open_live: OpenLive) -> None:
    widget = LucidWidget(Net())
    widget.expression = 'channel("conv", 2) + 0.5 * deepdream("relu")'
    live = open_live(widget, width=344)
    box = live.part("terms").bounding_box()
    assert box
    assert box["width"] > 270
    assert live.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
