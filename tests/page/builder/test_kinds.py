"""Each kind of term by mouse: the page, Python's objective and its text agree."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from optvis.tiny_network import images, in_numpy, tensors
from page.builder.cards import Card, add
from page.live_widget import LiveWidget
from PIL import Image

from lucid_widgets.optvis.objectives.registry import OBJECTIVES
from lucid_widgets.optvis.objectives.text import parse


def png() -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.arange(8 * 8 * 3, dtype=np.uint8).reshape(8, 8, 3)).save(file, "PNG")
    return file.getvalue()


def channel(card: Card) -> None:
    card.layer("conv")
    card.part("field-n_channel-more").click()
    card.part("field-n_channel").press("ArrowUp")


def neuron(card: Card) -> None:
    card.part("field-channel_n-slider").press("End")
    card.type("field-x", "0")
    card.type("field-batch", "1")


def class_logit(card: Card) -> None:
    card.part("field-label").click()
    card.part("field-label").press_sequentially("do")
    card.live.part("field-label-list").get_by_role("option", name="dog").click()


def direction(card: Card) -> None:
    card.type("field-vec", "0: 1, 3: -0.5")
    card.type("field-cossim_pow", "2")


def direction_neuron(card: Card) -> None:
    card.part("field-vec-random").click()
    card.type("field-y", "1")


def interpolate(card: Card) -> None:
    card.layer("conv", "layer1")
    card.type("field-n_channel1", "3")
    card.layer("relu", "layer2")
    card.type("field-n_channel2", "2")


def facet(card: Card) -> None:
    card.type("field-n_channel", "1")
    card.layer("conv", "facet_layer")
    card.part("field-vec-random").click()


def picture(card: Card) -> None:
    card.part("field-orig_img-file").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": png()})


def code(card: Card) -> None:
    card.type("field-text", 'channel("conv", 0) * neuron("relu", 2)')


CLICKS: dict[str, tuple[Callable[[Card], Any], str]] = {
    "channel": (channel, 'channel("conv", 2)'),
    "neuron": (neuron, 'neuron("relu", 3, x=0, batch=1)'),
    "class_logit": (class_logit, 'class_logit("dense", "dog")'),
    "deepdream": (lambda card: card.layer("conv"), 'deepdream("conv")'),
    "direction": (direction, 'direction("relu", [1.0, 0.0, 0.0, -0.5], cossim_pow=2)'),
    "direction_neuron": (direction_neuron, 'direction_neuron("relu", [*], y=1)'),
    "similarity": (lambda card: card.part("field-vec-random").click(), 'similarity("relu", [*])'),
    "image_direction": (picture, 'image_direction("relu", [*])'),
    "facet": (facet, 'facet("relu", 1, "conv", [*])'),
    "channels": (lambda card: card.type("field-n_channels", "3, 0"), 'channels("relu", [3, 0])'),
    "channel_interpolate": (interpolate, 'channel_interpolate("conv", 3, "relu", 2)'),
    "alignment": (lambda card: card.type("field-decay_ratio", "4"), '0.1 * alignment("relu", decay_ratio=4.0)'),
    "diversity": (lambda card: card.layer("conv"), '-100 * diversity("conv")'),
    "total_variation": (lambda card: card.type("weight", "0.5"), "-0.5 * total_variation()"),
    "L1": (lambda card: card.part("field-constant").press("ArrowDown"), "-0.05 * L1(constant=0.4)"),
    "L2": (lambda card: card.layer("relu"), '-0.05 * L2(layer="relu", constant=0.5)'),
    "blur_input_each_step": (lambda card: card.part("sign").locator("input").nth(0).click(), "blur_input_each_step()"),
    "penalize_boundary_complexity": (
        lambda card: card.type("field-w", "2"),
        "0.01 * penalize_boundary_complexity([1, 8, 8, 3], w=2)",
    ),
    "accentuate": (picture, 'accentuate("relu", 0, "relu", [*])'),
    "input_diff": (picture, "-input_diff([*])"),
    "custom": (code, 'channel("conv", 0) * neuron("relu", 2)'),
}


def test_creates_every_kind_of_term_by_mouse() -> None:
    # Activation patterns and sets of images are set in Python only. Blur of alpha needs images with four channels and
    # is tested below. Tokens and attention need a transformer, voxels a network of volumes, and texts one with a text
    # encoder.
    others = {"tensor_direction", "distribution_diff", "blur_alpha_each_step", "token", "attention", "voxel"}
    others.add("text_direction")
    assert {*OBJECTIVES, "custom"} - CLICKS.keys() == others


@pytest.mark.parametrize("kind", CLICKS)
def test_clicked_terms_equal_their_parsed_text(live: LiveWidget, kind: str) -> None:
    builder = live.widget
    clicks, text = CLICKS[kind]
    card = add(live, kind)
    clicks(card)
    live.wait("document.querySelectorAll('[data-pending]').length === 0")
    live.settle()
    Card(live, 0).part("enabled").uncheck()
    live.settle()
    start, _, end = text.partition("*") if "[*]" in text else (text, "", "")
    assert builder.expression.startswith(start), builder.expression
    assert builder.expression.endswith(end)
    assert builder.problem == {}
    assert live.part("expression").input_value() == builder.expression
    parsed = parse(builder.expression)
    assert parsed == builder.objective
    # These have a value in a run only, see tests/optvis/objectives/test_accentuate.py and test_embeddings.py.
    if kind in ("accentuate", "image_direction", "facet"):
        return
    # The same value, and a different one.
    T = tensors(in_numpy(images(batch=2, height=8, width=8)))

    def named(name: str) -> Any:
        return ["cat", "dog"] if name == "labels" else T(name)

    value, again = float(builder.objective(named)), float(parsed(named))
    assert value == again
    assert np.isfinite(value)
    assert value != 0


def test_blur_of_alpha(live: LiveWidget) -> None:
    add(live, "blur_alpha_each_step")
    assert live.widget.expression == 'channel("relu", 1) - blur_alpha_each_step()'
