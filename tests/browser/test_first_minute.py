"""The first minute of a user: one cell without a model or download renders an image."""

from __future__ import annotations

import numpy as np
import pytest
from browser.lab import OpenNotebook
from playwright.sync_api import expect

from lucid_widgets.modelzoo.vision_models import EmojiNet

pytestmark = pytest.mark.browser

CELL = "from lucid_widgets import LucidWidget\nw = LucidWidget(steps=48)\nw.run()\nw"


def test_widget_without_model_shows_embedded_network(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([CELL, "print(w.model_name, w.layer, w.channel, len(w.layers))"])
    notebook.run(0)
    widget = notebook.widget()
    widget.wait_for_status("done", seconds=180)
    widget.wait_for(lambda: widget.step == 48)
    pixels = np.frombuffer(widget.pixels(), np.uint8).reshape(128, 128, 4)
    assert pixels[..., :3].std() > 30, "the image is still gray"
    notebook.run(1)
    layer, channel = EmojiNet.first_look
    assert notebook.text(1).startswith(f"EmojiNet {layer} {channel} ")
    assert notebook.problems == []


def test_top_classes_are_those_of_the_image_and_one_becomes_the_objective(open_notebook: OpenNotebook) -> None:
    seen = "print(*[each.label for each in classify(w.model, w.image)[0]], sep='|')"
    notebook = open_notebook([CELL, f"from lucid_widgets import classify\n{seen}", "print(w.expression)"])
    notebook.run(0)
    widget = notebook.widget()
    widget.wait_for_status("done", seconds=180)
    page = notebook.page
    expect(page.locator("[data-lucidw='seen-when']")).to_have_text("step 48")
    rows = page.locator("[data-lucidw='seen'] .lucidw-seen-row")
    shown = rows.locator(".lucidw-seen-name").all_inner_texts()
    notebook.run(1)
    assert notebook.text(1).strip().split("|") == shown
    rows.nth(1).focus()
    page.keyboard.press("Enter")
    widget.wait_for(lambda: shown[1] in page.locator("[data-lucidw='expression']").input_value())
    notebook.run(2)
    assert notebook.text(2).strip() == f'class_logit("logits", "{shown[1]}")'
    # The list still belongs to the image.
    assert rows.locator(".lucidw-seen-name").all_inner_texts() == shown
    assert notebook.problems == []
