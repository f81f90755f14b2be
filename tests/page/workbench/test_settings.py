"""Settings of the workbench: they show every trait, and every edit sends a command."""

from __future__ import annotations

from typing import Any

import pytest
from page.fake_notebook import FakeNotebook, OpenWidget
from playwright.sync_api import Locator, expect


def segment(notebook: FakeNotebook, name: str, value: str) -> Locator:
    return notebook.part(name).locator(f'input[value="{value}"]')


def test_every_control_follows_python(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.change(
        parameterization="pixels",
        decorrelate=False,
        alpha=True,
        shift=3,
        scale=0.25,
        rotate=0,
        optimizer="SGD",
        learning_rate=50,
        zoom="2x",
        pixelated=True,
    )
    expect(segment(notebook, "parameterization", "pixels")).to_be_checked()
    expect(notebook.part("decorrelate")).not_to_be_checked()
    expect(notebook.part("alpha")).to_be_checked()
    for name, value, words in [("shift", "3", "3 px"), ("scale", "25", "25 %"), ("rotate", "0", "off")]:
        expect(notebook.part(name)).to_have_value(value)
        expect(notebook.part(name)).to_have_attribute("aria-valuetext", words)
    expect(notebook.part("shift-on")).to_be_checked()
    expect(notebook.part("rotate-on")).not_to_be_checked()
    expect(notebook.part("optimizer")).to_have_value("SGD")
    expect(notebook.part("learning_rate")).to_have_value("50")
    expect(segment(notebook, "zoom", "2x")).to_be_checked()
    expect(notebook.part("whole-pixels")).to_be_checked()
    notebook.change(robust_to="standard")
    expect(segment(notebook, "robust_to", "standard")).to_be_checked()
    expect(notebook.part("shift")).to_be_hidden()
    # Above the maximum of the slider, which only Python can set.
    notebook.change(robust_to="affine", shift=100)
    expect(notebook.part("shift")).to_have_attribute("aria-valuetext", "100 px")


@pytest.mark.parametrize(
    ("part", "value", "args"),
    [
        ("parameterization", "cppn", {"parameterization": "cppn"}),
        ("robust_to", "nothing", {"robust_to": "nothing"}),
        ("zoom", "1x", {"zoom": "1x"}),
    ],
)
def test_segmented_controls_send_selection(
    open_widget: OpenWidget, part: str, value: str, args: dict[str, Any]
) -> None:
    notebook = open_widget()
    segment(notebook, part, value).check()
    assert notebook.command()["args"] == args
    expect(segment(notebook, part, value)).to_be_checked()


@pytest.mark.parametrize(("part", "args"), [("decorrelate", {"decorrelate": False}), ("alpha", {"alpha": True})])
def test_checkboxes_send_state_and_revert_if_refused(open_widget: OpenWidget, part: str, args: dict[str, Any]) -> None:
    notebook = open_widget()
    before = notebook.part(part).is_checked()
    notebook.part(part).click()
    command = notebook.command()
    assert command["args"] == args
    notebook.refuse(command, "Not now.")
    assert notebook.part(part).is_checked() is before
    expect(notebook.page.get_by_text("Not now.")).to_be_visible()


def test_toggles_random_transforms_and_restores_amount(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.change(scale=0.2)
    notebook.part("scale-on").uncheck()
    command = notebook.command()
    assert command["args"] == {"scale": 0}
    notebook.change(scale=0)
    notebook.reply(command)
    notebook.part("scale-on").check()
    assert notebook.command()["args"] == {"scale": 0.2}
    notebook.part("shift").press("ArrowRight")
    notebook.wait("host.commands('set').length === 1")
    assert notebook.command()["args"] == {"shift": 7}


@pytest.mark.parametrize(
    ("key", "expected"), [("ArrowUp", 0.1), ("ArrowDown", 0.02), ("PageUp", 0.5), ("PageDown", 0.005)]
)
def test_learning_rate_keys_go_through_1_2_5(open_widget: OpenWidget, key: str, expected: float) -> None:
    notebook = open_widget()
    notebook.part("learning_rate").press(key)
    notebook.wait("host.commands('set').length === 1")
    assert notebook.command()["args"] == {"learning_rate": expected}


def test_rejects_invalid_learning_rate(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.part("learning_rate").fill("fast")
    notebook.part("learning_rate").press("Enter")
    expect(notebook.page.get_by_text("Must be 0 to 1,000,000")).to_have_count(0)
    assert notebook.commands() == []
    notebook.part("learning_rate").fill("1e-3")
    notebook.part("learning_rate").press("Enter")
    assert notebook.command()["args"] == {"learning_rate": 0.001}


def test_selects_optimizer_from_list(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.part("optimizer").select_option("Lion")
    assert notebook.command()["args"] == {"optimizer": "Lion"}


@pytest.mark.parametrize(
    ("fixed", "group", "hidden", "words"),
    [
        (["image_size", "alpha"], "image", "image_size", "Set in code by param_f."),
        (["robust_to", "shift", "scale", "rotate"], "robust", "robust_to", "Set in code by transforms."),
        (["optimizer", "learning_rate"], "optimizer", "learning_rate", "Set in code by optimizer."),
    ],
)
def test_hides_settings_that_are_set_in_code(
    open_widget: OpenWidget, fixed: list[str], group: str, hidden: str, words: str
) -> None:
    if group == "image":
        fixed = ["image_size", "batch", "parameterization", "decorrelate", "alpha", "start_image"]
    notebook = open_widget(_set_in_code=fixed)
    expect(notebook.part(hidden)).to_be_hidden()
    expect(notebook.part(f"group-{group}").locator(".lucidw-note").first).to_have_text(words)
    expect(notebook.part("seed")).to_be_visible()


def test_shows_the_size_of_volumes_in_place_of_the_image_size(open_widget: OpenWidget) -> None:
    notebook = open_widget(_volume=[10, 14, 12])
    expect(notebook.part("image_size")).to_be_hidden()
    expect(notebook.part("volume-size")).to_have_text("Volumes have the size of the network: 10 × 14 × 12 voxels.")
    expect(notebook.part("batch")).to_be_visible()
    notebook.change(_volume=[])
    expect(notebook.part("image_size")).to_be_visible()
    expect(notebook.part("volume-size")).to_be_hidden()


def test_hides_start_image_and_colors_for_cppn(open_widget: OpenWidget) -> None:
    notebook = open_widget(parameterization="cppn")
    for name in ("decorrelate", "start-choose"):
        expect(notebook.part(name)).to_be_hidden()
    expect(notebook.part("alpha")).to_be_visible()
    expect(notebook.page.get_by_text("A CPPN has no start image")).to_be_visible()


@pytest.mark.parametrize(("zoom", "width"), [("1x", 64), ("2x", 128)])
def test_zoom_maps_each_image_pixel_to_page_pixels(open_widget: OpenWidget, zoom: str, width: int) -> None:
    notebook = open_widget(zoom=zoom)
    notebook.frame(1, size=(64, 64))
    notebook.shown(1)
    notebook.settle()
    assert (notebook.part("canvas").bounding_box() or {})["width"] == width
    notebook.frame(2, size=(900, 900))
    notebook.shown(2)
    notebook.settle()
    assert notebook.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    room = notebook.page.locator(".lucidw-image-box")
    assert room.evaluate("(e) => e.scrollWidth > e.clientWidth && e.clientHeight <= 520")


def test_shows_single_image_of_batch(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    expect(notebook.part("shown")).to_be_hidden()
    notebook.change(batch=2)
    assert notebook.part("shown").locator("option").all_inner_texts() == ["all images", "image 1 of 2", "image 2 of 2"]
    notebook.part("shown").select_option("1")
    assert notebook.command()["args"] == {"shown": 1}
    # Red next to blue; the second image is selected.
    notebook.page.evaluate(
        """async () => {
          const canvas = new OffscreenCanvas(20, 10), ink = canvas.getContext("2d");
          ink.fillStyle = "rgb(255, 0, 0)"; ink.fillRect(0, 0, 10, 10);
          ink.fillStyle = "rgb(0, 0, 255)"; ink.fillRect(10, 0, 10, 10);
          const bytes = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
          const meta = { id: 5, step: 1, objective: 1, mime: "image/png", width: 20, height: 10, rows: 1, columns: 2 };
          host.deliver({ type: "frame", status: "running", ...meta }, [bytes]);
        }"""
    )
    notebook.shown(5)
    size = "(c) => [c.width, c.height, ...c.getContext('2d').getImageData(0, 0, 1, 1).data]"
    assert notebook.part("canvas").evaluate(size) == [20, 10, 255, 0, 0, 255]
    notebook.change(shown=1)
    assert notebook.part("canvas").evaluate(size) == [10, 10, 0, 0, 255, 255]
    notebook.change(shown=-1)
    assert notebook.part("canvas").evaluate(size) == [20, 10, 255, 0, 0, 255]
