"""Buttons and fields of the canvas and the workbench: they show every trait, and every click sends a command."""

from __future__ import annotations

from typing import Any

import pytest
from page.fake_notebook import HALFWAY, FakeNotebook, OpenWidget
from playwright.sync_api import expect


@pytest.mark.parametrize("bundle", ["optimization_canvas", "lucid_widget"])
@pytest.mark.parametrize(
    ("status", "button", "label", "name", "args"),
    [
        ("idle", "primary", "Run", "run", {}),
        ("running", "primary", "Pause", "pause", {}),
        ("compiling", "primary", "Pause", "pause", {}),
        ("paused", "primary", "Resume", "resume", {}),
        ("done", "primary", "Run again", "run", {}),
        ("paused", "step", "Step", "step", {"n": 1}),
        ("running", "stop", "Stop", "stop", {}),
        ("paused", "reset", "Reset", "reset", {}),
    ],
)
def test_buttons_send_their_commands(
    open_widget: OpenWidget, bundle: str, status: str, button: str, label: str, name: str, args: dict[str, Any]
) -> None:
    notebook = open_widget(bundle=bundle, **{**HALFWAY, "status": status})
    assert notebook.part(button).inner_text() == label
    notebook.part(button).click()
    command = notebook.command()
    assert (command["name"], command["args"]) == (name, args)
    assert command["rid"]


@pytest.mark.parametrize(
    ("status", "unusable"),
    [
        ("idle", ["stop", "reset"]),
        ("running", ["step"]),
        ("paused", []),
        ("done", ["stop"]),
    ],
)
def test_disabled_buttons_keep_focus(open_widget: OpenWidget, status: str, unusable: list[str]) -> None:
    notebook = open_widget(status=status, current_step=0 if status == "idle" else 5)
    buttons = ["primary", "step", "stop", "reset"]
    found = [name for name in buttons if notebook.part(name).get_attribute("aria-disabled") == "true"]
    assert found == unusable
    for name in unusable:
        notebook.part(name).click(force=True)
        expect(notebook.part(name)).to_be_focused()
    assert notebook.commands() == []


def test_ten_clicks_on_run_send_one_command(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    for _ in range(10):
        notebook.part("primary").click()
    assert len(notebook.commands("run")) == 1
    notebook.reply(notebook.command())
    notebook.part("primary").click()
    assert len(notebook.commands("run")) == 1


def test_every_control_follows_python(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.change(
        layer="mixed5b",
        channel=30,
        _channel_count=1024,
        expression='channel("mixed5b", 30)',
        steps=1000,
        total_steps=1000,
        current_step=250,
        image_size=128,
        batch=4,
        seed=17,
        objective_value=-3.5,
        rate=8.25,
        remaining=90.9,
        status="running",
        model_name="MyNet",
    )
    values = {
        name: notebook.part(name).input_value()
        for name in ("channel", "expression", "steps", "image_size", "batch", "seed", "layer-select")
    }
    assert values == {
        "channel": "30",
        "expression": 'channel("mixed5b", 30)',
        "steps": "1000",
        "image_size": "128",
        "batch": "4",
        "seed": "17",
        "layer-select": "mixed5b",
    }
    assert notebook.part("layers").locator("[aria-selected=true]").get_attribute("data-layer") == "mixed5b"
    assert notebook.page.locator(".lucidw-range").inner_text() == "of 1024"
    assert notebook.part("count").inner_text() == "250 / 1000"
    assert notebook.part("objective").inner_text() == "−3.500"
    assert notebook.part("rate").inner_text() == "8.3 steps/s"
    assert notebook.part("left").inner_text() == "1 min 31 s"
    assert notebook.page.locator(".lucidw-title").inner_text() == "MyNet"
    assert notebook.page.locator(".lucidw").get_attribute("aria-label") == "Feature visualization of MyNet"
    progress = notebook.page.get_by_role("progressbar")
    assert progress.get_attribute("aria-valuenow") == "250"
    assert progress.get_attribute("aria-valuemax") == "1000"
    assert notebook.commands() == []


def test_folded_groups_show_summary(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    for name, control, words in [
        ("image", "batch", "256 px, Fourier"),
        ("robust", "rotate", "shift, scale, rotate"),
        ("optimizer", "steps", "Adam, 512 steps"),
        ("display", "zoom", "fit"),
    ]:
        notebook.part(f"group-{name}").locator("summary").click()
        expect(notebook.part(control)).to_be_hidden()
        said = notebook.part(f"group-{name}").locator(".lucidw-summary")
        expect(said).to_be_visible()
        expect(said).to_have_text(words)


def save_image(notebook: FakeNotebook) -> None:
    notebook.part("export").click()
    notebook.part("export-image").check()
    notebook.part("export-save").click()


def test_save_downloads_file_with_name_from_python(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.frame(1)
    notebook.shown(1)
    save_image(notebook)
    command = notebook.command("png")
    with notebook.page.expect_download() as download:
        notebook.page.evaluate(
            """async (command) => {
              window.png = await plain("rgb(10, 200, 30)", 16);
              host.reply(command, { value: { filename: "eye.png", width: 16, height: 16 } }, [png]);
            }""",
            command,
        )
    assert download.value.suggested_filename == "eye.png"
    assert download.value.path().read_bytes() == bytes(notebook.page.evaluate("[...png]"))
    expect(notebook.part("saved")).to_contain_text("Saved eye.png.")
    notebook.part("show").click()
    image = notebook.page.get_by_role("dialog").locator("img")
    expect(image).to_be_visible()
    assert image.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 16
    notebook.page.keyboard.press("Escape")
    expect(image).to_be_hidden()
    expect(notebook.part("export-save")).to_be_focused()


def test_offers_image_in_widget_without_downloads(open_widget: OpenWidget) -> None:
    notebook = open_widget(script="delete HTMLAnchorElement.prototype.download")
    notebook.frame(1)
    notebook.shown(1)
    save_image(notebook)
    notebook.page.evaluate(
        "async (command) => host.reply(command, { value: { filename: 'eye.png' } }, [await plain('red')])",
        notebook.command("png"),
    )
    expect(notebook.part("saved")).to_contain_text("Save the image from its context menu instead.")


def test_offers_sharp_pixels_for_enlarged_image(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.frame(1, size=(60, 60))
    notebook.shown(1)
    toggle = notebook.part("pixelated")
    assert toggle.get_attribute("aria-pressed") == "false"
    toggle.click()
    assert notebook.command()["args"] == {"pixelated": True}
    notebook.change(pixelated=True)
    canvas = notebook.part("canvas")
    assert toggle.get_attribute("aria-pressed") == "true"
    assert canvas.evaluate("(c) => getComputedStyle(c).imageRendering") == "pixelated"
    assert canvas.evaluate("(c) => c.getBoundingClientRect().width") % 60 == 0
    notebook.frame(2, size=(400, 400))
    notebook.shown(2)
    notebook.settle()
    assert canvas.evaluate("(c) => getComputedStyle(c).imageRendering") == "auto"
    assert not toggle.is_visible()


def test_explains_refused_command_until_dismissed(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.part("primary").click()
    notebook.refuse(notebook.command(), "The model has no such layer.", "Did you mean 'mixed4a'?")
    card = notebook.part("refused")
    expect(card).to_contain_text("The model has no such layer.")
    expect(card).to_contain_text("Did you mean 'mixed4a'?")
    card.get_by_role("button", name="Dismiss").click()
    expect(card).to_be_hidden()


def test_die_runs_with_a_new_seed(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.part("dice").click()
    command = notebook.command()
    assert command["name"] == "set"
    assert 0 <= command["args"]["seed"] < 100_000
    notebook.reply(command)
    assert notebook.command()["name"] == "run"
    expect(open_widget(bundle="optimization_canvas", seed=None).part("dice")).to_be_hidden()
