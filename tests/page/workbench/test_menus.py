"""Presets, class search, code and settings files in the menus of the workbench."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from page.fake_notebook import OpenWidget
from playwright.sync_api import expect


@pytest.mark.parametrize(
    ("item", "name"),
    [
        *(("channel", "channel"), ("interpolation", "interpolation"), ("diversity", "diversity")),
        ("like-real-images", "like real images"),
    ],
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


def test_accentuation_asks_for_photo_if_there_is_none(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.part("presets").click()
    with notebook.page.expect_file_chooser():
        notebook.part("presets-in-a-photo").click()
    assert notebook.commands() == []


def test_accentuation_takes_the_start_image(open_widget: OpenWidget) -> None:
    notebook = open_widget(_start_image_about={"name": "dog.jpg", "width": 8, "height": 8})
    notebook.part("presets").click()
    notebook.part("presets-in-a-photo").click()
    assert notebook.command()["args"] == {"name": "in a photo"}


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
    expect(notebook.part("presets-like-real-images")).to_be_focused()
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
    notebook = open_widget(held=True)
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
    notebook.part("export").click()
    notebook.part("export-settings").check()
    expect(notebook.part("export-save")).to_have_text("Save Settings")
    notebook.part("export-save").click()
    command = notebook.command("settings")
    with notebook.page.expect_download() as download:
        notebook.reply(command, value='{"format": 1}\n')
    assert download.value.suggested_filename == "InceptionV1.json"
    assert Path(download.value.path()).read_text() == '{"format": 1}\n'
    expect(notebook.part("exported")).to_contain_text("Saved InceptionV1.json")
    notebook.part("more").click()
    with notebook.page.expect_file_chooser() as chooser:
        notebook.part("more-load").click()
    chooser.value.set_files({"name": "s.json", "mimeType": "application/json", "buffer": b'{"shfit": 1}'})
    notebook.wait("host.commands('upload').length === 1")
    command = notebook.command("upload")
    assert (command["args"]["kind"], base64.b64decode(command["args"]["data"])) == ("settings", b'{"shfit": 1}')
    notebook.refuse(command, "There is no setting 'shfit'.", "Did you mean 'shift'?")
    expect(notebook.part("refused")).to_contain_text("There is no setting 'shfit'.")


def test_undo_in_the_widget_never_reaches_the_notebook(open_widget: OpenWidget) -> None:
    notebook = open_widget(_undo={"undo": ["seed", "shift"], "redo": []})
    notebook.page.evaluate("() => { window.leaked = []; addEventListener('keydown', (e) => leaked.push(e.key)); }")
    notebook.part("primary").focus()
    notebook.page.keyboard.press("Control+z")
    assert notebook.command()["name"] == "undo"
    notebook.page.keyboard.press("Control+Shift+z")  # there is nothing to redo
    notebook.part("seed").fill("77")
    notebook.page.keyboard.press("Control+z")  # the field's own
    notebook.settle()
    assert notebook.commands() == []
    assert notebook.part("seed").input_value() == "3"
    assert [key for key in notebook.page.evaluate("leaked") if key.lower() == "z"] == []
    notebook.part("more").click()
    expect(notebook.part("more-undo")).to_have_text("Undoseed, shift (Ctrl+Z)")
    expect(notebook.part("more-redo")).to_have_attribute("aria-disabled", "true")


def test_question_mark_lists_the_shortcuts(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.part("primary").focus()
    notebook.page.keyboard.press("?")
    expect(notebook.part("shortcuts")).to_contain_text("Run, pause or resume")
    notebook.page.keyboard.press("Escape")
    expect(notebook.part("shortcuts")).to_be_hidden()
    expect(notebook.part("primary")).to_be_focused()
