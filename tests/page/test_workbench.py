"""Settings, presets, dialogs and history of the workbench: they show every trait, and every edit sends a command."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from page.fake_notebook import RUN, FakeNotebook, OpenWidget
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


def test_hides_start_image_and_colors_for_cppn(open_widget: OpenWidget) -> None:
    notebook = open_widget(parameterization="cppn")
    for name in ("decorrelate", "start-choose"):
        expect(notebook.part(name)).to_be_hidden()
    expect(notebook.part("alpha")).to_be_visible()
    expect(notebook.page.get_by_text("A CPPN has no start image")).to_be_visible()


def received(notebook: FakeNotebook) -> tuple[bytes, list[dict[str, Any]]]:
    """Answer all parts of an upload."""
    pieces = []
    while True:
        notebook.wait("host.commands('upload').length === 1")
        command = notebook.command()
        pieces.append(command["args"])
        notebook.reply(command)
        if command["args"]["part"] + 1 == command["args"]["parts"]:
            return b"".join(base64.b64decode(piece["data"]) for piece in pieces), pieces


def test_uploads_start_image_in_parts_and_removes_it(open_widget: OpenWidget, tmp_path: Path) -> None:
    notebook = open_widget()
    data = bytes(range(256)) * 4200
    with notebook.page.expect_file_chooser() as chooser:
        notebook.part("start-choose").click()
    chooser.value.set_files({"name": "a <b>dog</b>.jpg", "mimeType": "image/jpeg", "buffer": data})
    whole, pieces = received(notebook)
    assert whole == data
    assert [piece["part"] for piece in pieces] == [0, 1, 2]
    assert {(piece["name"], piece["kind"], piece["parts"]) for piece in pieces} == {("a <b>dog</b>.jpg", "image", 3)}
    assert max(len(piece["data"]) for piece in pieces) < 1_000_000
    notebook.change(_start_image_about={"name": "a <b>dog</b>.jpg", "width": 40, "height": 30})
    expect(notebook.part("start-choose")).to_contain_text("a <b>dog</b>.jpg")
    notebook.part("start-remove").click()
    assert notebook.command()["name"] == "remove_start_image"


def test_uploads_file_dropped_anywhere(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    drop = """([type, name]) => {
      const data = new DataTransfer();
      data.items.add(new File(["xyz"], name, { type }));
      const event = new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
      document.querySelector(".lucidw-canvas-area").dispatchEvent(event);
      return event.defaultPrevented;
    }"""
    assert notebook.page.evaluate(drop, ["text/plain", "notes.txt"])
    expect(notebook.page.get_by_text("This is not an image")).to_be_visible()
    assert notebook.commands() == []
    assert notebook.page.evaluate(drop, ["image/png", "x.png"])
    notebook.wait("host.commands('upload').length === 1")
    command = notebook.command()
    notebook.refuse(command, "x.png is not an image that can be read.")
    expect(notebook.page.get_by_text("x.png is not an image that can be read.")).to_be_visible()


@pytest.mark.parametrize(
    ("item", "name"), [("channel", "channel"), ("interpolation", "interpolation"), ("diversity", "diversity")]
)
def test_presets_send_commands(open_widget: OpenWidget, item: str, name: str) -> None:
    notebook = open_widget()
    notebook.part("presets").click()
    notebook.part(f"presets-{item}").click()
    command = notebook.command()
    assert (command["name"], command["args"]) == ("preset", {"name": name})
    expect(notebook.part("presets")).to_be_focused()


def test_deep_dream_asks_for_photo_if_there_is_none(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.part("presets").click()
    with notebook.page.expect_file_chooser():
        notebook.part("presets-deep-dream").click()
    assert notebook.command()["args"] == {"name": "deep dream"}


def test_finds_class_by_typing(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.part("presets").click()
    notebook.part("presets-class").click()
    notebook.reply(notebook.command(), value=[{"index": 0, "label": "tench"}, {"index": 1, "label": "goldfish"}])
    notebook.part("class-search").fill("pan")
    command = notebook.command()
    assert (command["name"], command["args"]) == ("find_class", {"query": "pan"})
    found = [{"index": 388, "label": "giant panda"}, {"index": 387, "label": "<i>lesser</i> panda"}]
    notebook.reply(command, value=found)
    rows = notebook.part("classes").locator("[role=option]")
    assert rows.all_inner_texts() == ["giant panda", "<i>lesser</i> panda"]
    notebook.part("class-search").press("ArrowDown")
    notebook.part("class-search").press("Enter")
    command = notebook.command()
    assert (command["name"], command["args"]) == ("preset", {"name": "class", "label": "<i>lesser</i> panda"})
    expect(notebook.part("class-dialog")).to_be_hidden()


def test_disables_class_preset_without_labels(open_widget: OpenWidget) -> None:
    notebook = open_widget(_class_layer="")
    notebook.part("presets").click()
    expect(notebook.part("presets-class")).to_have_attribute("aria-disabled", "true")
    notebook.part("presets-class").click(force=True)
    assert notebook.commands() == []


def test_menus_and_dialogs_by_keyboard(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.part("presets").press("Enter")
    expect(notebook.part("presets-channel")).to_be_focused()
    notebook.page.keyboard.press("ArrowUp")
    expect(notebook.part("presets-diversity")).to_be_focused()
    notebook.page.keyboard.press("Escape")
    expect(notebook.part("presets")).to_be_focused()
    notebook.part("code").press("Enter")
    notebook.reply(notebook.command(), value="image = 1\n")
    expect(notebook.part("code-copy")).to_be_focused()
    for _ in range(3):
        notebook.page.keyboard.press("Tab")
    assert notebook.page.evaluate("document.activeElement.closest('[role=dialog]') !== null")
    notebook.page.keyboard.press("Escape")
    expect(notebook.part("code-dialog")).to_be_hidden()
    expect(notebook.part("code")).to_be_focused()


def test_shows_and_copies_code(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.part("code").click()
    command = notebook.command()
    assert (command["name"], command["args"]) == ("code", {})
    notebook.reply(command, value='x = "<b>"\n')
    assert notebook.part("code-text").text_content() == 'x = "<b>"\n'
    # Plain HTTP has no clipboard, so the text is selected instead.
    notebook.part("code-copy").click()
    expect(notebook.part("code-copy")).to_have_text("Select the text and copy it")
    assert notebook.page.evaluate("String(getSelection())").strip() == 'x = "<b>"'


def test_saves_and_loads_settings_files(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.part("more").click()
    notebook.part("more-save").click()
    command = notebook.command()
    assert command["name"] == "settings"
    with notebook.page.expect_download() as download:
        notebook.reply(command, value='{"format": 1}\n')
    assert download.value.suggested_filename == "InceptionV1.json"
    assert Path(download.value.path()).read_text() == '{"format": 1}\n'
    notebook.part("more").click()
    with notebook.page.expect_file_chooser() as chooser:
        notebook.part("more-load").click()
    chooser.value.set_files({"name": "s.json", "mimeType": "application/json", "buffer": b'{"shfit": 1}'})
    notebook.wait("host.commands('upload').length === 1")
    command = notebook.command()
    assert (command["args"]["kind"], base64.b64decode(command["args"]["data"])) == ("settings", b'{"shfit": 1}')
    notebook.refuse(command, "There is no setting 'shfit'.", "Did you mean 'shift'?")
    expect(notebook.part("refused")).to_contain_text("There is no setting 'shfit'.")


def with_runs(open_widget: OpenWidget, **traits: Any) -> FakeNotebook:
    other = {**RUN, "id": 2, "step": 96, "image_size": 128, "shift": 2, "expression": 'deepdream("mixed4a")'}
    return open_widget(runs=[RUN, other], **traits)


def test_lists_runs_with_their_settings(open_widget: OpenWidget) -> None:
    expect(open_widget().part("runs")).to_be_hidden()
    notebook = with_runs(open_widget)
    cards = notebook.part("runs").locator("[role=option]")
    assert cards.all_inner_texts() == [
        'channel("mixed4a", 476)\n256 px · 512 steps',
        'deepdream("mixed4a")\n128 px · 96 steps',
    ]
    options = notebook.part("compare-with").locator("option").all_inner_texts()
    assert options == ["none", 'Run 1 · channel("mixed4a", 476)', 'Run 2 · deepdream("mixed4a")']


def open_comparison(notebook: FakeNotebook, run: int, width: int = 32) -> None:
    notebook.part("runs").locator(f"[data-run='{run}']").click()
    command = notebook.command()
    assert (command["name"], command["args"]) == ("run_picture", {"run": run})
    notebook.page.evaluate(
        "async ([command, w]) => host.reply(command, { value: { filename: 'r.png' } }, [await plain('red', w)])",
        [command, width],
    )
    notebook.wait(f"document.querySelector('[data-lucidw=compare-image]').dataset.run === '{run}'")


def test_compares_run_side_by_side(open_widget: OpenWidget) -> None:
    notebook = with_runs(open_widget, width=1424)
    notebook.frame(1, size=(64, 64))
    notebook.shown(1)
    open_comparison(notebook, 2)
    notebook.settle()
    now, then = (notebook.part(name).bounding_box() or {} for name in ("canvas", "compare-image"))
    assert now["y"] == pytest.approx(then["y"], abs=1)
    assert now["width"] == pytest.approx(then["width"], abs=1)
    assert now["x"] + now["width"] < then["x"]
    assert notebook.part("compare-image").evaluate("(c) => c.width") == 32
    expect(notebook.part("compare")).to_contain_text(
        'Differs from the current settings: deepdream("mixed4a"), 128 px, shift 2 px.'
    )
    expect(notebook.part("compare-with")).to_have_value("2")
    notebook.page.keyboard.press("Escape")
    expect(notebook.part("compare")).to_be_hidden()


def test_restores_shows_code_saves_and_deletes_run(open_widget: OpenWidget) -> None:
    notebook = with_runs(open_widget)
    open_comparison(notebook, 1)
    expect(notebook.part("compare")).to_contain_text("Same settings as now.")
    notebook.part("run-code").click()
    command = notebook.command()
    assert (command["name"], command["args"]) == ("code", {"run": 1})
    notebook.reply(command, value="image = 1\n")
    notebook.page.keyboard.press("Escape")
    notebook.part("run-save").click()
    with notebook.page.expect_download() as download:
        notebook.page.evaluate(
            "async (c) => host.reply(c, { value: { filename: 'r.png' } }, [await plain('red', 8)])",
            notebook.command(),
        )
    assert download.value.suggested_filename == "r.png"
    notebook.part("restore").click()
    command = notebook.command()
    assert (command["name"], command["args"]) == ("restore", {"run": 1})
    notebook.reply(command)
    expect(notebook.part("compare")).to_be_hidden()
    open_comparison(notebook, 2)
    notebook.part("run-delete").click()
    assert notebook.command()["args"] == {"run": 2}
    notebook.change(runs=[RUN])
    expect(notebook.part("compare")).to_be_hidden()


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
