"""Looks of the objective builder: contrast in every theme, no overflow at any width."""

from __future__ import annotations

import numpy as np
import pytest
from page.builder.cards import Card, Net, add
from page.live_widget import LiveWidget, OpenLive
from page.test_looks import LOOKS, THEMES

from lucid_widgets.modelzoo.vision_base import Layer
from lucid_widgets.optvis import objectives
from lucid_widgets.widgets.objective_builder import ObjectiveBuilder

ROOT = "document.querySelector('.lucidw')"
LONG = "a_very_long_layer_name_that_no_column_was_made_for/conv2d_with_bias_and_relu"


class Wordy(Net):
    """A network with extremely long names."""

    name = "AModelWhoseNameIsLongerThanAnybodyWouldExpect"
    labels = ("cat", "a class whose name is long, and which has synonyms, as those of ImageNet have")

    def _list_layers(self) -> list[Layer]:
        return [*super()._list_layers(), Layer(LONG, "conv", 20480, 0.5, (224, 224, 20480), 1023)]


def full(open_live: OpenLive, **options: object) -> LiveWidget:
    """A builder with many kinds of terms, of which one is incomplete and one is off, and an error in the code."""
    builder = ObjectiveBuilder(Wordy(), batch=2)
    builder.terms = [
        {"kind": "channel", "arguments": {"layer": LONG, "n_channel": 20000}},
        {"kind": "direction", "arguments": {"layer": "relu", "vec": [1, 2, 3, 4]}, "negative": True},
        {"kind": "class_logit", "arguments": {"layer": "dense"}},
        {"kind": "deepdream", "arguments": {"layer": "conv"}, "enabled": False},
        {"kind": "custom", "arguments": {"text": "L1() * L2()"}, "weight": 0.00012345},
    ]
    live = open_live(builder, **options)
    live.page.add_script_tag(content=LOOKS)
    live.part("expression").fill(f'channel("{LONG}", 3) - chanel()')
    live.part("code-problem").filter(visible=True).wait_for()
    return live


@pytest.mark.parametrize("theme", THEMES)
def test_text_has_contrast(open_live: OpenLive, theme: str) -> None:
    live = full(open_live, **THEMES[theme], motion="reduce")
    live.part("add-term").click()
    for index in range(3):
        Card(live, index).part("open").click()
        if index == 0:
            Card(live, 0).part("field-layer").click()
        result = live.page.evaluate(f"poorContrast({ROOT}, 4.5)")
        assert result["judged"] > 60
        assert result["poor"] == []


def test_nothing_overflows_and_targets_are_large_at_any_width(open_live: OpenLive) -> None:
    live = full(open_live)
    live.part("add-term").click()
    for width in (280, 320, 400, 500, 640, 760, 1040, 1400):
        live.page.set_viewport_size({"width": width + 24, "height": 900})
        for index in range(5):
            Card(live, index).part("open").click()
            if index == 0:
                Card(live, 0).part("field-layer").click()
            assert live.page.evaluate(f"overflowing({ROOT})") == [], (width, index)
            assert live.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (width, index)
            assert live.page.evaluate(f"smallTargets({ROOT}, 24)") == [], (width, index)


@pytest.mark.parametrize("width", [320, 480, 640])
def test_terms_of_one_kind_can_be_told_apart(open_live: OpenLive, width: int) -> None:
    builder = ObjectiveBuilder(Net())
    images = np.zeros((1, 64, 64, 3), np.float32)
    distances = objectives.Objective.sum(objectives.distribution_diff(layer, images) for layer in ("conv", "relu"))
    builder.objective = objectives.channel("relu", 1) - distances - objectives.L1()
    live = open_live(builder)
    live.page.set_viewport_size({"width": width + 24, "height": 900})
    cut = """() => [...document.querySelectorAll(".lucidw-term-code, .lucidw-term-name")]
      .filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.textContent)"""
    assert live.page.evaluate(cut) == []


def test_every_control_has_a_name_and_a_tooltip(open_live: OpenLive) -> None:
    live = full(open_live)
    live.part("add-term").click()
    nameless = """() => [...document.querySelectorAll(".lucidw :is(button, input:not([type=file]), select, textarea)")]
      .filter((e) => e.checkVisibility())
      .filter((e) => !(e.title && (e.getAttribute("aria-label") || e.textContent.trim())))
      .map((e) => e.outerHTML)"""
    for index in range(5):
        Card(live, index).part("open").click()
        assert live.page.evaluate(nameless) == []


def test_reduced_motion_disables_animations(open_live: OpenLive) -> None:
    live = full(open_live, motion="reduce")
    add(live, "L1")
    moving = """() => document.getAnimations().length + [...document.querySelectorAll(".lucidw *")]
      .filter((e) => parseFloat(getComputedStyle(e).transitionDuration) > 0).length"""
    assert live.page.evaluate(moving) == 0
