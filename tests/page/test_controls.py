"""The controls: what they send, what they show while pending, and how they handle refusals."""

from __future__ import annotations

from typing import Any

import pytest
from page.fake_notebook import HALFWAY, OpenWidget
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
        ("idle", ["stop", "reset", "save"]),
        ("running", ["step", "save"]),
        ("paused", ["save"]),
        ("done", ["stop", "save"]),
    ],
)
def test_disabled_buttons_keep_focus(open_widget: OpenWidget, status: str, unusable: list[str]) -> None:
    notebook = open_widget(status=status, current_step=0 if status == "idle" else 5)
    buttons = ["primary", "step", "stop", "reset", "save"]
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


def test_burst_of_channel_clicks_sends_the_last(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    for _ in range(4):
        notebook.part("channel-more").click()
    notebook.part("channel-less").click()
    assert notebook.part("channel").input_value() == "479"
    assert notebook.part("channel").get_attribute("data-pending") is not None
    command = notebook.command()
    notebook.page.wait_for_timeout(300)
    assert command["args"]["channel"] in range(477, 481)
    if command["args"]["channel"] != 479:
        notebook.reply(command)
        command = notebook.command()
    assert (command["name"], command["args"]) == ("set", {"channel": 479})
    notebook.change(channel=479)
    notebook.reply(command)
    assert notebook.part("channel").get_attribute("data-pending") is None
    assert notebook.part("channel").input_value() == "479"


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["ArrowUp"], 477),
        (["ArrowDown", "ArrowDown"], 474),
        (["PageUp", "PageUp", "PageUp", "PageUp"], 511),
        (["PageDown"], 466),
    ],
)
def test_arrow_keys_move_the_channel_within_its_range(open_widget: OpenWidget, keys: list[str], expected: int) -> None:
    notebook = open_widget()
    notebook.part("channel").focus()
    for key in keys:
        notebook.page.keyboard.press(key)
    assert notebook.part("channel").input_value() == str(expected)
    assert notebook.command()["args"] == {"channel": expected}


def test_mouse_wheel_does_not_change_numbers(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.part("channel").click()
    notebook.page.mouse.wheel(0, 300)
    notebook.page.wait_for_timeout(200)
    assert notebook.part("channel").input_value() == "476"
    assert notebook.commands() == []


@pytest.mark.parametrize("how", ["Enter", "blur"])
def test_applies_typed_number_on_enter_and_blur(open_widget: OpenWidget, how: str) -> None:
    notebook = open_widget()
    notebook.part("channel").fill("30")
    notebook.page.wait_for_timeout(200)
    assert notebook.commands() == []
    if how == "Enter":
        notebook.page.keyboard.press("Enter")
    else:
        notebook.part("seed").focus()
    assert notebook.command()["args"] == {"channel": 30}


@pytest.mark.parametrize(
    ("name", "typed", "said", "before"),
    [
        ("channel", "1000000", "Must be 0 to 511", "476"),
        ("channel", "-1", "Must be 0 to 511", "476"),
        ("channel", "eye", "Whole numbers only", "476"),
        ("image_size", "0", "Must be 8 to 2048", "256"),
        ("image_size", "7", "Must be 8 to 2048", "256"),
        ("image_size", "99999", "Must be 8 to 2048", "256"),
        ("steps", "1.5", "Whole numbers only", "512"),
        ("seed", "", "Whole numbers only", "3"),
    ],
)
def test_rejects_invalid_number_immediately(
    open_widget: OpenWidget, name: str, typed: str, said: str, before: str
) -> None:
    notebook = open_widget()
    notebook.part(name).fill(typed)
    notebook.page.keyboard.press("Enter")
    problem = notebook.page.get_by_role("alert").filter(visible=True)
    assert problem.inner_text() == said
    assert notebook.part(name).input_value() == before
    assert notebook.part(name).get_attribute("aria-describedby") == problem.get_attribute("id")
    assert notebook.commands() == []
    notebook.page.keyboard.press("ArrowUp")
    assert problem.count() == 0


def test_escape_reverts_typed_number(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.part("seed").fill("99")
    notebook.page.keyboard.press("Escape")
    assert notebook.part("seed").input_value() == "3"
    notebook.part("steps").focus()
    notebook.page.wait_for_timeout(200)
    assert notebook.commands() == []


@pytest.mark.parametrize(
    ("name", "value", "before"),
    [("channel", 30, "476"), ("image_size", 512, "256"), ("batch", 64, "1"), ("steps", 9, "512"), ("seed", 8, "3")],
)
def test_reverts_refused_number_with_reason(open_widget: OpenWidget, name: str, value: int, before: str) -> None:
    notebook = open_widget()
    notebook.part(name).fill(str(value))
    notebook.page.keyboard.press("Enter")
    command = notebook.command()
    assert (command["name"], command["args"]) == ("set", {name: value})
    assert notebook.part(name).get_attribute("data-pending") is not None
    notebook.refuse(command, "That is too much.", "Take less.")
    assert notebook.part(name).input_value() == before
    assert notebook.part(name).get_attribute("data-pending") is None
    assert notebook.part(name).get_attribute("aria-invalid") == "true"
    assert notebook.page.get_by_role("alert").filter(visible=True).inner_text() == "That is too much. Take less."


def test_shows_value_that_python_made_of_an_edit(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.part("expression").fill("mixed4a:30")
    notebook.page.keyboard.press("Enter")
    command = notebook.command()
    assert command["args"] == {"expression": "mixed4a:30"}
    notebook.change(expression='channel("mixed4a", 30)', channel=30)
    notebook.reply(command)
    assert notebook.part("expression").input_value() == 'channel("mixed4a", 30)'
    assert notebook.part("channel").input_value() == "30"


def test_edit_without_effect_shows_value_of_python(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.part("expression").fill("mixed4a:476")
    notebook.page.keyboard.press("Enter")
    notebook.reply(notebook.command())
    expect(notebook.part("expression")).to_have_value('channel("mixed4a", 476)')


def test_keeps_refused_expression_until_escape(
    open_widget: OpenWidget,
) -> None:
    notebook = open_widget()
    field = notebook.part("expression")
    field.fill("mixed4:")
    expect(notebook.page.locator(".lucidw-apply")).to_be_visible()
    notebook.page.keyboard.press("Enter")
    notebook.refuse(notebook.command(), "After 'mixed4:' a channel is missing.", "For example mixed4a:30.")
    assert field.input_value() == "mixed4:"
    problem = notebook.page.get_by_role("alert").filter(visible=True)
    assert problem.inner_text() == "After 'mixed4:' a channel is missing. For example mixed4a:30."
    notebook.page.keyboard.press("Escape")
    assert field.input_value() == 'channel("mixed4a", 476)'
    assert problem.count() == 0


def test_expression_has_syntax_colors(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    code = notebook.page.locator(".lucidw-code")
    assert code.inner_text() == 'channel("mixed4a", 476)'
    assert code.locator(".lucidw-name").all_inner_texts() == ["channel"]
    assert code.locator(".lucidw-string").all_inner_texts() == ['"mixed4a"']
    assert code.locator(".lucidw-number").all_inner_texts() == ["476"]


def test_colored_copy_aligns_with_long_expression(open_widget: OpenWidget) -> None:
    notebook = open_widget(width=400)
    field = notebook.part("expression")
    field.click()
    field.fill(" + ".join(f'channel("mixed4a", {i})' for i in range(12)))
    notebook.page.keyboard.press("End")
    notebook.settle()
    lefts = notebook.page.evaluate(
        """() => {
          const field = document.querySelector("[data-lucidw=expression]");
          const code = document.querySelector(".lucidw-code");
          return [field.scrollLeft, code.scrollLeft, field.scrollWidth, code.scrollWidth];
        }"""
    )
    assert lefts[0] > 500
    assert abs(lefts[0] - lefts[1]) <= 1
    assert abs(lefts[2] - lefts[3]) <= 2


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


def test_save_downloads_file_with_name_from_python(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.frame(1)
    notebook.shown(1)
    notebook.part("save").click()
    command = notebook.command()
    assert command["name"] == "png"
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
    expect(notebook.part("save")).to_be_focused()


def test_offers_image_in_widget_without_downloads(open_widget: OpenWidget) -> None:
    notebook = open_widget(script="delete HTMLAnchorElement.prototype.download")
    notebook.frame(1)
    notebook.shown(1)
    notebook.part("save").click()
    notebook.page.evaluate(
        "async (command) => host.reply(command, { value: { filename: 'eye.png' } }, [await plain('red')])",
        notebook.command(),
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
