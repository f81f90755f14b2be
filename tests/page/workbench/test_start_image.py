"""The start image of the workbench: upload by button and by drag and drop, and removal."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from page.fake_notebook import FakeNotebook, OpenWidget
from playwright.sync_api import expect


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
