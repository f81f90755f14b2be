"""Large files and names with HTML in the objective builder."""

from __future__ import annotations

import io
import math

import numpy as np
from optvis.tiny_network import TinyNetwork
from page.builder.cards import Net, add
from page.live_widget import LiveWidget, OpenLive
from PIL import Image
from playwright.sync_api import expect

from lucid_widgets.modelzoo.vision_base import Layer
from lucid_widgets.widgets.objective_builder import ObjectiveBuilder

EVIL = '<img src=x onerror="window.hurt = true">/<b>a</b>'


def test_uploads_large_file_in_parts_below_one_megabyte(live: LiveWidget) -> None:
    card = add(live, "input_diff")
    noise = np.random.default_rng(0).integers(0, 255, (800, 600, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "PNG")
    assert len(file.getvalue()) > 1_300_000
    chosen = {"name": "a.png", "mimeType": "image/png", "buffer": file.getvalue()}
    card.part("field-orig_img-file").set_input_files(chosen)
    expect(card.part("term-problem")).to_be_hidden()
    live.settle()
    sizes = live.page.evaluate("host.commands('term_image').map((command) => JSON.stringify(command).length)")
    assert len(sizes) == math.ceil(len(file.getvalue()) / (512 * 1024)) == 3
    assert max(sizes) < 1_000_000
    assert card.el.locator(".lucidw-drop-note").inner_text() == "8 × 8 px"
    assert card.el.locator("img").get_attribute("src").startswith("data:image/jpeg")  # type: ignore[union-attr]


class EvilNetwork(TinyNetwork):
    """The tiny network with a layer whose name contains HTML."""

    def layers(self) -> list[Layer]:
        return [*super().layers(), Layer(EVIL, "<s>conv</s>", 4, 0.5)]


class Evil(Net):
    """A model whose names contain HTML."""

    name = "<i>evil</i>"
    labels = ("<b>cat</b>", EVIL)

    def __init__(self) -> None:
        super().__init__()
        self.network = EvilNetwork(self.asked)


def test_names_with_html_are_shown_as_text(open_live: OpenLive) -> None:
    builder = ObjectiveBuilder(Evil())
    live = open_live(builder)
    card = add(live, "channel")
    card.part("field-layer").click()
    live.part("term-layer-search").fill("onerror")
    live.part("term-layers").get_by_role("option").click()
    live.settle()
    assert card.part("field-layer").locator(".lucidw-name").inner_text() == EVIL
    second = add(live, "class_logit")
    second.part("field-label").click()
    assert live.part("field-label-list").locator("span").all_inner_texts() == ["<b>cat</b>", "0", EVIL, "1"]
    live.part("field-label-list").get_by_role("option").nth(1).click()
    live.settle()
    assert second.part("field-label").input_value() == EVIL
    live.part("expression").fill(f"channel('{EVIL}', 99)")
    expect(live.part("code-problem")).to_contain_text(EVIL)
    assert live.page.locator(".lucidw-title").inner_text() == "<i>evil</i>"
    assert live.page.locator(".lucidw :is(img[src=x], b, i:not(.lucidw-share), s)").count() == 0
    assert live.page.evaluate("window.hurt") is None
