"""The first minute of a user: one cell without a model or download renders an image."""

from __future__ import annotations

import numpy as np
import pytest
from browser.lab import OpenNotebook

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
