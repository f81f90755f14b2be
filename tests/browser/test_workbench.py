"""Three user stories of the workbench, through the page of a real notebook alone."""

from __future__ import annotations

import io

import numpy as np
import pytest
from browser.lab import OpenNotebook
from PIL import Image

pytestmark = pytest.mark.browser

CELL = "from lucid_widgets import LucidWidget\nw = LucidWidget(steps=24, image_size=64)\nw"
# The output of "Copy as code", run in the same kernel.
SAME = "exec(w.code)\nprint(image.tobytes() == w.image.tobytes())"


def photograph() -> bytes:
    rows, columns = np.mgrid[0:90, 0:120]
    pixels = np.stack([rows * 2, columns * 2, 255 - rows], -1).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG")
    return buffer.getvalue()


def test_visualizes_class_compares_runs_and_dreams(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([CELL, SAME], width=1400)
    notebook.run(0)
    widget = notebook.widget()
    part = widget.part

    # What activates the class panda?
    part("presets").click()
    part("presets-class").click()
    part("class-search").fill("panda")
    widget.wait_for(lambda: part("classes").inner_text() == "panda")
    part("class-search").press("Enter")
    widget.wait_for(lambda: part("expression").input_value() == 'class_logit("logits", "panda")')
    part("group-optimizer").locator("summary").click()
    part("steps").fill("24")
    part("steps").press("Enter")
    part("run").click()
    widget.wait_for_status("done", seconds=240)
    widget.wait_for(lambda: part("runs").locator("[data-run='1']").is_visible())
    widget.wait_for(lambda: widget.lossless)
    first = widget.pixels()

    # A larger image with less shift, stopped early; then back to the first run.
    part("image_size").fill("96")
    part("image_size").press("Enter")
    widget.wait_for_status("idle")
    part("shift").press("ArrowLeft")
    part("steps").fill("4000")
    part("steps").press("Enter")
    part("run").click()
    widget.wait_for(lambda: widget.status == "running" and widget.step > 0, seconds=240)
    part("stop").click()
    widget.wait_for_status("stopped")
    widget.wait_for(lambda: part("runs").locator("[data-run]").count() == 2)
    part("runs").locator("[data-run='1']").click()
    widget.wait_for(lambda: part("compare-image").get_attribute("data-run") == "1")
    assert "64 px, shift 6 px" in part("compare").inner_text()
    part("restore").click()
    widget.wait_for_status("done")
    widget.wait_for(lambda: widget.step == 24 and len(widget.pixels()) == len(first))
    widget.wait_for_rest("done")
    assert widget.pixels() == first
    assert part("image_size").input_value() == "64"

    # Deep dream on a photo.
    part("presets").click()
    with widget.page.expect_file_chooser() as chooser:
        part("presets-deep-dream").click()
    chooser.value.set_files({"name": "meadow.jpg", "mimeType": "image/jpeg", "buffer": photograph()})
    widget.wait_for(lambda: "meadow.jpg" in part("start-choose").inner_text())
    part("image_size").fill("64")
    part("image_size").press("Enter")
    part("steps").fill("8")
    part("steps").press("Enter")
    widget.wait_for(lambda: part("count").inner_text().endswith("/ 8"))
    widget.wait_for_status("idle")
    part("run").click()
    widget.wait_for_status("done", seconds=240)
    widget.wait_for(lambda: widget.step == 8)
    dream = np.frombuffer(widget.pixels(), np.uint8).reshape(64, 64, 4)[..., :3]
    # It keeps the colors of the photo: red increases downward, green to the right.
    assert dream[-16:, :, 0].mean() > dream[:16, :, 0].mean() + 30
    assert dream[:, -16:, 1].mean() > dream[:, :16, 1].mean() + 30

    # The code for a class renders exactly the image on the page.
    part("presets").click()
    part("presets-channel").click()
    widget.wait_for(lambda: part("expression").input_value().startswith("channel("))
    part("steps").fill("12")
    part("steps").press("Enter")
    widget.wait_for(lambda: part("count").inner_text().endswith("/ 12"))
    widget.wait_for_status("idle")
    part("run").click()
    widget.wait_for_status("done", seconds=240)
    notebook.run(1)
    assert notebook.text(1).strip() == "True"
