"""Choosing a network: the button in the header, the list of networks, and the line about one on its way."""

from __future__ import annotations

from typing import Any

from page.fake_notebook import FakeNotebook, OpenWidget
from playwright.sync_api import expect


def option(
    kind: str, name: str, group: str, state: str = "here", megabytes: int = 0, about: str = ""
) -> dict[str, Any]:
    return {
        "kind": kind,
        "key": name,
        "group": group,
        "name": name,
        "about": about,
        "state": state,
        "megabytes": megabytes,
    }


OPTIONS = [
    option("given", "InceptionV1", "given", "current"),
    option("variable", "net", "notebook", about="Keras model '<i>mine</i>'"),
    option("name", "EmojiNet", "zoo"),
    option("name", "MobileNetV2", "keras", "download", 14),
    option("name", "VGG16", "keras", "download", 1411),
    option("name", "AlexNet", "missing", "missing"),
]


def opened(open_widget: OpenWidget, **options: Any) -> FakeNotebook:
    notebook = open_widget(**options)
    notebook.part("network").click()
    notebook.reply(notebook.command("networks"), value=OPTIONS)
    return notebook


def test_the_name_of_the_network_opens_a_grouped_list(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    button = notebook.part("network")
    expect(button).to_have_accessible_name("Network: InceptionV1. Choose another")
    button.click()
    expect(notebook.part("network-search")).to_be_focused()
    notebook.reply(notebook.command("networks"), value=OPTIONS)
    rows = notebook.part("networks").locator("[role=option]")
    assert [row.split("\n") for row in rows.all_inner_texts()] == [
        ["InceptionV1", "in use"],
        ["net", "Keras model '<i>mine</i>'", "ready"],
        ["EmojiNet", "ready"],
        ["MobileNetV2", "14 MB download"],
        ["VGG16", "1.4 GB download"],
        ["AlexNet", "needs its file"],
    ]
    groups = notebook.part("networks").get_by_role("group")
    expect(groups).to_have_count(5)
    expect(groups.nth(1)).to_have_accessible_name("In this notebook")
    notebook.page.keyboard.press("Escape")
    expect(notebook.part("network-dialog")).to_be_hidden()
    expect(button).to_be_focused()


def test_choosing_by_keyboard(open_widget: OpenWidget) -> None:
    notebook = opened(open_widget)
    notebook.page.keyboard.type("mobile")
    expect(notebook.part("networks").locator("[role=option]")).to_have_count(1)
    notebook.page.keyboard.press("Enter")
    assert notebook.command("choose_network")["args"] == {"kind": "name", "key": "MobileNetV2"}
    expect(notebook.part("network-dialog")).to_be_hidden()


def test_the_network_in_use_is_not_loaded_again(open_widget: OpenWidget) -> None:
    notebook = opened(open_widget)
    notebook.page.keyboard.press("Enter")
    assert notebook.commands("choose_network") == []


def test_a_typed_path_is_offered_as_a_file(open_widget: OpenWidget) -> None:
    notebook = opened(open_widget)
    for typed in ("nets/my net.keras", "model.h5", "~/saved_model", "C:\\nets\\a.pb"):
        notebook.part("network-search").fill(typed)
        expect(notebook.part("networks").locator("[role=option]").first).to_contain_text(f"Open {typed}")
    notebook.part("networks").locator("[role=option]").first.click()
    assert notebook.command("choose_network")["args"] == {"kind": "file", "key": "C:\\nets\\a.pb"}


def test_a_search_without_results_says_what_to_do(open_widget: OpenWidget) -> None:
    notebook = opened(open_widget)
    notebook.part("network-search").fill("zzz")
    expect(notebook.part("network-dialog")).to_contain_text("To open a file, type its path.")
    notebook.page.keyboard.press("Enter")
    assert notebook.commands("choose_network") == []


def test_the_line_says_what_is_loaded_and_how_long(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    line = notebook.part("network-line")
    expect(line).to_be_hidden()
    before = notebook.part("primary").bounding_box()
    notebook.change(
        _loading={"name": "VGG16", "phase": "downloading", "done": 55_340_000, "total": 553_000_000, "left": 82}
    )
    expect(line).to_contain_text("Downloading VGG16 · 55.3 of 553 MB · 1 min 22 s left")
    assert notebook.part("primary").bounding_box() == before, "the line moved the page"
    notebook.change(_loading={"name": "VGG16", "phase": "loading"})
    expect(line).to_contain_text("Loading VGG16")
    expect(line).to_contain_text("2 s")  # it counts
    notebook.part("network-cancel").click()
    assert notebook.command()["name"] == "cancel_network"
    expect(line).to_be_hidden()  # although Python has not answered yet
    notebook.change(_loading={"name": "VGG16", "phase": "loading"})
    expect(line).to_be_hidden()
    notebook.change(_loading={})
    expect(line).to_be_hidden()
    notebook.change(_loading={"name": "VGG16", "phase": "loading"})
    expect(line).to_be_visible()
    notebook.change(_loading={})
    expect(line).to_be_hidden()


def test_an_error_offers_the_list_again(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.change(
        _network_problem={"name": "a", "title": "", "message": "There is no file 'a'.", "hint": "Expected b."}
    )
    line = notebook.part("network-line")
    expect(line).to_contain_text("There is no file 'a'.")
    expect(line).to_contain_text("Expected b.")
    notebook.part("network-again").click()
    expect(notebook.part("network-search")).to_be_focused()
    notebook.page.keyboard.press("Escape")
    notebook.part("network-dismiss").click()
    assert notebook.command("cancel_network")


def test_it_fits_into_a_narrow_widget(open_widget: OpenWidget) -> None:
    notebook = opened(open_widget, width=320)
    assert notebook.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    notebook.page.keyboard.press("Escape")
    notebook.change(_network_problem={"name": "a", "title": "", "message": "x" * 300, "hint": "y" * 300})
    line, widget = notebook.part("network-line").bounding_box(), notebook.page.locator(".lucidw").bounding_box()
    assert line is not None
    assert widget is not None
    assert widget["x"] <= line["x"]
    assert line["x"] + line["width"] <= widget["x"] + widget["width"]


def test_a_guessed_input_range_can_be_changed(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    select = notebook.part("input-range")
    expect(select).to_be_hidden()
    notebook.change(_input_range={"how": "guessed", "name": "-1 to 1", "names": ["-1 to 1", "0 to 255", "torch"]})
    expect(select).to_have_accessible_name("Input range (guessed)")
    expect(select).to_have_value("-1 to 1")
    assert select.locator("option").all_inner_texts() == ["−1 to 1", "0 to 255", "mean and deviation (PyTorch)"]
    select.select_option("0 to 255")
    assert notebook.command("set_input_range")["args"] == {"name": "0 to 255"}
    notebook.change(_input_range={"how": "chosen", "name": "0 to 255", "names": ["-1 to 1", "0 to 255", "torch"]})
    expect(select).to_have_accessible_name("Input range")
