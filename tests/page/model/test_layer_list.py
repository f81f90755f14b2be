"""The list of layers: selection by mouse and keyboard, search, and objectives that name no single layer."""

from __future__ import annotations

from page.fake_notebook import OpenWidget
from playwright.sync_api import expect


def test_selects_layer_by_click(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.part("layers").locator("[data-layer=mixed5b]").click()
    command = notebook.command()
    assert (command["name"], command["args"]) == ("set", {"layer": "mixed5b"})
    notebook.change(layer="mixed5b", _channel_count=1024)
    notebook.reply(command)
    assert notebook.part("layers").locator("[aria-selected=true]").all_inner_texts() == ["mixed5b\n1024\nchannels"]


def test_selects_layer_by_keyboard(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.part("layers").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowUp"):
        notebook.page.keyboard.press(key)
    active = notebook.part("layers").get_attribute("aria-activedescendant")
    assert notebook.page.locator(f"#{active}").get_attribute("data-layer") == "mixed4b"
    assert notebook.commands() == []
    notebook.page.keyboard.press("Enter")
    assert notebook.command()["args"] == {"layer": "mixed4b"}


def test_finds_layers_by_search(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    search = notebook.part("layer-search")
    assert search.get_attribute("placeholder") == "Search 6 layers"
    search.fill("MIXED4")
    assert notebook.part("layers").get_by_role("option").count() == 2
    notebook.page.keyboard.press("ArrowDown")
    expect(notebook.part("layers")).to_be_focused()
    search.fill("mixed5b")
    notebook.page.keyboard.press("Enter")
    assert notebook.command()["args"] == {"layer": "mixed5b"}
    search.fill("nothing like it")
    expect(notebook.page.get_by_text("No matching layers")).to_be_visible()
    notebook.page.keyboard.press("Escape")
    assert notebook.part("layers").get_by_role("option").count() == 6


def test_reverts_refused_layer(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.part("layers").locator("[data-layer=softmax2]").click()
    chosen = notebook.part("layers").locator("[aria-selected=true]")
    assert chosen.get_attribute("data-layer") == "softmax2"
    notebook.refuse(notebook.command(), "softmax2 has a fixed size.")
    assert chosen.get_attribute("data-layer") == "mixed4a"
    assert notebook.page.get_by_role("alert").filter(visible=True).inner_text() == "softmax2 has a fixed size."


def test_selected_layer_is_visible_in_long_list(open_widget: OpenWidget) -> None:
    layers = [{"name": f"layer{i}", "kind": "Conv2D", "channels": 8, "share": i / 300} for i in range(300)]
    notebook = open_widget(layers=layers, layer="layer200")
    notebook.settle()
    notebook.settle()
    inside = """(list) => {
      const [outer, row] = [list, list.querySelector("[aria-selected=true]")].map((e) => e.getBoundingClientRect());
      return row.top >= outer.top && row.bottom <= outer.bottom;
    }"""
    assert notebook.part("layers").evaluate(inside)
    assert notebook.page.evaluate("() => scrollY") == 0
    notebook.change(layer="layer3")
    assert notebook.part("layers").evaluate(inside)


def test_narrow_widget_lists_layers_in_a_select(open_widget: OpenWidget) -> None:
    notebook = open_widget(width=500)
    assert not notebook.part("layers").is_visible()
    notebook.part("layer-select").select_option("mixed4b")
    assert notebook.command()["args"] == {"layer": "mixed4b"}


def test_shows_custom_objective_for_other_expressions(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.change(layer="", channel=-1, _channel_count=0, expression='channel("mixed4a", 1) + channel("mixed4b", 2)')
    expect(notebook.part("custom")).to_have_text("custom objective")
    expect(notebook.part("custom")).to_be_visible()
    assert notebook.part("layers").locator("[aria-selected=true]").count() == 0
    assert notebook.part("channel").input_value() == ""
    for part in ("channel-less", "channel", "channel-more"):
        expect(notebook.part(part)).to_be_hidden()
    notebook.part("layers").locator("[data-layer=mixed4a]").click()
    assert notebook.command()["args"] == {"layer": "mixed4a"}


def test_shows_name_of_tensor_that_is_not_a_layer(open_widget: OpenWidget) -> None:
    notebook = open_widget(layer="mixed4a_1x1", channel=3, _channel_count=192, expression="mixed4a_1x1:3")
    expect(notebook.part("custom")).to_have_text("mixed4a_1x1")
    assert notebook.part("layer-select").locator("option:checked").inner_text() == "mixed4a_1x1"
    notebook.change(layer="mixed4b", _channel_count=512)
    expect(notebook.part("custom")).to_be_hidden()
    assert notebook.part("layer-select").locator("option:checked").inner_text() == "mixed4b · 512"


def test_a_layer_before_and_after_its_activation_has_one_row(open_widget: OpenWidget) -> None:
    names = ["conv2d0_pre_relu", "conv2d0", "mixed3a_pre_relu", "mixed3a", "softmax2"]
    layers = [{"name": name, "kind": "concat", "channels": 64, "share": 0.5} for name in names]
    notebook = open_widget(bundle="lucid_widget", layers=layers, layer="mixed3a")
    rows = notebook.part("layers").locator("[data-layer]")
    assert [row.get_attribute("data-layer") for row in rows.all()] == ["conv2d0", "mixed3a", "softmax2"]
    expect(notebook.part("layers-after")).to_have_attribute("aria-pressed", "true")
    notebook.part("layers-before").click()
    command = notebook.command("set")
    assert command["args"] == {"layer": "mixed3a_pre_relu"}
    notebook.change(layer="mixed3a_pre_relu")
    notebook.reply(command)
    expect(notebook.part("layers").locator("[aria-selected=true]")).to_have_attribute("data-layer", "mixed3a")
    expect(notebook.part("layers-before")).to_have_attribute("aria-pressed", "true")
    notebook.part("layer-search").fill("pre")
    assert [row.get_attribute("data-layer") for row in rows.all()] == [names[0], names[2]]
    notebook.part("layer-search").fill("")
    notebook.change(layer="softmax2")
    expect(notebook.part("layers-pair")).to_be_hidden()


def test_the_receptive_field_is_drawn_on_the_image_while_the_list_is_in_use(open_widget: OpenWidget) -> None:
    layers = [
        {"name": name, "kind": "conv", "channels": 8, "share": 0.5, "receptive_field": side}
        for name, side in (("small", 16), ("large", 500))
    ]
    notebook = open_widget(bundle="lucid_widget", layers=layers, layer="small", motion="reduce")
    notebook.frame(1, size=(64, 64))
    notebook.shown(1)
    field = notebook.part("receptive-field")
    assert field.evaluate("(e) => getComputedStyle(e).opacity") == "0"
    notebook.part("layers").hover()
    notebook.wait("getComputedStyle(document.querySelector('.lucidw-receptive-box')).opacity === '1'")
    image, square = notebook.part("canvas").bounding_box(), field.bounding_box()
    assert image
    assert square
    assert abs(square["width"] - image["width"] / 4) < 1
    assert abs(square["x"] + square["width"] / 2 - image["x"] - image["width"] / 2) < 1
    # The settings stay at the side.
    settings = notebook.part("learning_rate").bounding_box() or notebook.part("group-image").bounding_box()
    assert settings
    assert settings["x"] > image["x"] + image["width"]
    notebook.change(layer="large")
    expect(field).to_be_hidden()
