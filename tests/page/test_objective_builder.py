"""The objective builder by mouse and keyboard: the page, Python's objective and its text agree."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from optvis.tiny_network import Tiny, TinyNetwork, images, in_numpy, tensors
from page.live_widget import LiveWidget, OpenLive
from PIL import Image
from playwright.sync_api import Locator, expect

from lucid_widgets.modelzoo.vision_base import Layer
from lucid_widgets.optvis.objectives.registry import OBJECTIVES
from lucid_widgets.optvis.objectives.text import parse
from lucid_widgets.widgets.objective_builder import ObjectiveBuilder

EVIL = '<img src=x onerror="window.hurt = true">/<b>a</b>'


class Net(Tiny):
    """The tiny network with a default objective."""

    first_look = ("relu", 1)


@pytest.fixture
def live(open_live: OpenLive) -> LiveWidget:
    return open_live(ObjectiveBuilder(Net(), batch=2, image_size=8))


class Card:
    """The card of one term."""

    def __init__(self, live: LiveWidget, index: int = -1) -> None:
        self.live = live
        self.el = live.page.locator("[data-lucidw=term]").nth(index)

    def part(self, name: str) -> Locator:
        return self.el.locator(f'[data-lucidw="{name}"]')

    def type(self, name: str, text: str) -> None:
        self.part(name).fill(text)
        self.part(name).press("Enter")
        self.live.settle()

    def layer(self, name: str, field: str = "layer") -> None:
        """Select a layer from the list."""
        self.part(f"field-{field}").click()
        self.live.part("term-layers").locator(f"[data-layer={name}]").click()
        self.live.settle()


def add(live: LiveWidget, kind: str) -> Card:
    live.part("add-term").click()
    live.part(f"add-{kind}").click()
    live.settle()
    return Card(live)


def png() -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.arange(8 * 8 * 3, dtype=np.uint8).reshape(8, 8, 3)).save(file, "PNG")
    return file.getvalue()


def channel(card: Card) -> None:
    card.layer("conv")
    card.part("field-n_channel-more").click()
    card.part("field-n_channel").press("ArrowUp")


def neuron(card: Card) -> None:
    card.part("field-channel_n-slider").press("End")
    card.type("field-x", "0")
    card.type("field-batch", "1")


def class_logit(card: Card) -> None:
    card.part("field-label").click()
    card.part("field-label").press_sequentially("do")
    card.live.part("field-label-list").get_by_role("option", name="dog").click()


def direction(card: Card) -> None:
    card.type("field-vec", "0: 1, 3: -0.5")
    card.type("field-cossim_pow", "2")


def direction_neuron(card: Card) -> None:
    card.part("field-vec-random").click()
    card.type("field-y", "1")


def interpolate(card: Card) -> None:
    card.layer("conv", "layer1")
    card.type("field-n_channel1", "3")
    card.layer("relu", "layer2")
    card.type("field-n_channel2", "2")


def picture(card: Card) -> None:
    card.part("field-orig_img-file").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": png()})


def code(card: Card) -> None:
    card.type("field-text", 'channel("conv", 0) * neuron("relu", 2)')


CLICKS: dict[str, tuple[Callable[[Card], Any], str]] = {
    "channel": (channel, 'channel("conv", 2)'),
    "neuron": (neuron, 'neuron("relu", 3, x=0, batch=1)'),
    "class_logit": (class_logit, 'class_logit("dense", "dog")'),
    "deepdream": (lambda card: card.layer("conv"), 'deepdream("conv")'),
    "direction": (direction, 'direction("relu", [1.0, 0.0, 0.0, -0.5], cossim_pow=2)'),
    "direction_neuron": (direction_neuron, 'direction_neuron("relu", [*], y=1)'),
    "channels": (lambda card: card.type("field-n_channels", "3, 0"), 'channels("relu", [3, 0])'),
    "channel_interpolate": (interpolate, 'channel_interpolate("conv", 3, "relu", 2)'),
    "alignment": (lambda card: card.type("field-decay_ratio", "4"), '0.1 * alignment("relu", decay_ratio=4.0)'),
    "diversity": (lambda card: card.layer("conv"), '-100 * diversity("conv")'),
    "total_variation": (lambda card: card.type("weight", "0.5"), "-0.5 * total_variation()"),
    "L1": (lambda card: card.part("field-constant").press("ArrowDown"), "-0.05 * L1(constant=0.4)"),
    "L2": (lambda card: card.layer("relu"), '-0.05 * L2(layer="relu", constant=0.5)'),
    "blur_input_each_step": (lambda card: card.part("sign").click(), "blur_input_each_step()"),
    "penalize_boundary_complexity": (
        lambda card: card.type("field-w", "2"),
        "0.01 * penalize_boundary_complexity([1, 8, 8, 3], w=2)",
    ),
    "input_diff": (picture, "-input_diff([*])"),
    "custom": (code, 'channel("conv", 0) * neuron("relu", 2)'),
}


def test_creates_every_kind_of_term_by_mouse() -> None:
    # Activation patterns are set in Python only. Blur of alpha needs images with four channels and is tested below.
    assert {*OBJECTIVES, "custom"} - CLICKS.keys() == {"tensor_direction", "blur_alpha_each_step"}


@pytest.mark.parametrize("kind", CLICKS)
def test_clicked_terms_equal_their_parsed_text(live: LiveWidget, kind: str) -> None:
    builder = live.widget
    clicks, text = CLICKS[kind]
    card = add(live, kind)
    clicks(card)
    live.wait("document.querySelectorAll('[data-pending]').length === 0")
    live.settle()
    Card(live, 0).part("enabled").uncheck()
    live.settle()
    start, _, end = text.partition("*") if "[*]" in text else (text, "", "")
    assert builder.expression.startswith(start), builder.expression
    assert builder.expression.endswith(end)
    assert builder.problem == {}
    assert live.part("expression").input_value() == builder.expression
    parsed = parse(builder.expression)
    assert parsed == builder.objective
    # The same value, and a different one.
    T = tensors(in_numpy(images(batch=2, height=8, width=8)))

    def named(name: str) -> Any:
        return ["cat", "dog"] if name == "labels" else T(name)

    value, again = float(builder.objective(named)), float(parsed(named))
    assert value == again
    assert np.isfinite(value)
    assert value != 0


def test_blur_of_alpha(live: LiveWidget) -> None:
    add(live, "blur_alpha_each_step")
    assert live.widget.expression == 'channel("relu", 1) - blur_alpha_each_step()'


def test_edits_terms_by_mouse(live: LiveWidget) -> None:
    builder = live.widget
    add(live, "deepdream")
    add(live, "total_variation")
    first, second, third = (Card(live, index) for index in range(3))
    expect(third.part("open")).to_be_focused()
    assert third.part("open").get_attribute("aria-expanded") == "true"
    assert second.part("open").get_attribute("aria-expanded") == "false"
    third.part("up").click()
    live.settle()
    assert builder.expression == 'channel("relu", 1) - 0.001 * total_variation() + deepdream("relu")'
    expect(Card(live, 1).part("up")).to_be_focused()
    Card(live, 1).part("duplicate").click()
    live.settle()
    assert builder.expression.count("total_variation") == 2
    Card(live, 2).part("remove").click()
    live.settle()
    assert builder.expression.count("total_variation") == 1
    first.part("enabled").uncheck()
    live.settle()
    assert builder.expression == '-0.001 * total_variation() + deepdream("relu")'
    Card(live, 1).part("sign").click()
    live.settle()
    assert builder.expression == '0.001 * total_variation() + deepdream("relu")'
    Card(live, 1).part("open").click()
    Card(live, 1).part("kind").focus()
    Card(live, 1).part("kind").select_option("L1")
    live.settle()
    expect(Card(live, 1).part("kind")).to_be_focused()
    assert builder.expression == '0.001 * L1(constant=0.5) + deepdream("relu")'


def test_page_follows_python(live: LiveWidget) -> None:
    builder = live.widget
    Card(live, 0).part("open").click()
    builder.expression = '2 * channel("conv", 3) - class_logit("dense", "cat", batch=1)'
    live.push()
    first, second = Card(live, 0), Card(live, 1)
    assert first.part("weight").input_value() == "2"
    assert first.part("field-n_channel").input_value() == "3"
    assert first.part("field-layer").locator(".lucidw-name").inner_text() == "conv"
    assert second.part("sign").inner_text() == "−"
    assert live.part("expression").input_value() == builder.expression
    second.part("open").click()
    assert second.part("field-label").input_value() == "cat"
    assert second.part("field-batch").input_value() == "1"
    off = {"kind": "L2", "weight": 3, "enabled": False}
    builder.terms = [off, {"kind": "deepdream", "arguments": {"layer": "dead"}}]
    live.push()
    assert [card["kind"] for card in builder.terms] == live.page.eval_on_selector_all(
        "[data-kind][data-term]", "cards => cards.map((card) => card.dataset.kind)"
    )
    assert not Card(live, 0).part("enabled").is_checked()
    builder.batch = 1
    live.push()
    Card(live, 1).part("open").click()
    assert not Card(live, 1).part("field-batch").is_visible()  # the batch has only one image


def test_underlines_errors_during_typing(live: LiveWidget) -> None:
    field = live.part("expression")
    wrong = live.page.locator(".lucidw-wrong")
    field.fill('channel("conv", 1) - 0.5 * chanel("conv", 2)')
    expect(wrong).to_have_text("chanel")
    expect(live.part("code-problem")).to_have_text(
        "There is no objective named 'chanel'. Did you mean 'channel' or 'channels'?"
    )
    expect(field).to_have_attribute("aria-invalid", "true")
    assert live.widget.expression == 'channel("relu", 1)'
    field.fill('channel("conv", 1) - 0.5 * channel("covn", 2)')
    expect(wrong).to_have_text('"covn"')
    field.fill('channel("conv", 19)')
    expect(wrong).to_have_text("19")
    field.fill('channel("conv", 1) -')
    expect(live.part("code-problem")).to_contain_text("ends too early")
    field.fill('channel("conv", 1) - 0.5 * channel("conv", 2)')
    expect(live.part("code-note")).to_have_text("Press Enter to apply")
    expect(live.part("code-problem")).to_be_hidden()
    assert wrong.count() == 0
    field.press("Enter")
    live.settle()
    assert live.widget.expression == 'channel("conv", 1) - 0.5 * channel("conv", 2)'
    expect(live.part("code-note")).to_have_text("Matches the terms")
    assert live.page.locator("[data-lucidw=term]").count() == 2


def test_keeps_refused_code_until_escape(live: LiveWidget) -> None:
    field = live.part("expression")
    field.fill("conv:77")
    field.press("Enter")
    expect(live.part("code-problem")).to_contain_text("Channel 77 is out of range")
    assert field.input_value() == "conv:77"
    field.press("Escape")
    assert field.input_value() == 'channel("relu", 1)'
    expect(live.part("code-problem")).to_be_hidden()


def test_incomplete_term_leaves_code_unchanged(live: LiveWidget) -> None:
    card = add(live, "class_logit")
    expect(card.part("term-problem")).to_have_text("Choose a class.")
    expect(live.part("code-note")).to_contain_text("until you complete the marked term")
    assert live.part("expression").input_value() == 'channel("relu", 1)'
    card.part("enabled").uncheck()
    live.settle()
    expect(live.part("code-note")).to_have_text("Matches the terms")


def test_rejects_invalid_numbers_at_the_field(live: LiveWidget) -> None:
    card = Card(live, 0)
    card.part("open").click()
    for name, typed, said in [
        ("weight", "much", "Numbers only"),
        ("weight", "-1", "Must be 0 or more. The button to the left sets the sign."),
        ("field-n_channel", "4", "Must be 0 to 3"),
        ("field-batch", "x", "Whole numbers only"),
    ]:
        card.type(name, typed)
        expect(live.page.get_by_role("alert").filter(visible=True)).to_have_text(said)
        card.part(name).press("Escape")
        expect(live.page.get_by_role("alert").filter(visible=True)).to_have_count(0)
    card.type("field-batch", "2")  # which only Python knows
    expect(card.part("term-problem")).to_contain_text("Batch index 2 is out of range")
    assert live.widget.expression == 'channel("relu", 1)'


def test_builds_objective_by_keyboard(live: LiveWidget) -> None:
    page, keyboard = live.page, live.page.keyboard

    def tab_to(name: str) -> None:
        for _ in range(40):
            if page.evaluate("document.activeElement.dataset.lucidw") == name:
                return
            keyboard.press("Tab")
        raise AssertionError(f"{name} is not reached by Tab")

    def press(*keys: str) -> None:
        for key in keys:
            keyboard.press(key)
        live.settle()

    page.evaluate("document.body.focus()")
    tab_to("add-term")
    press("Enter")
    tab_to("add-channel")
    press("ArrowDown", "Enter")  # a neuron
    expect(Card(live).part("open")).to_be_focused()
    tab_to("field-layer_name")
    press("Enter")
    expect(live.part("term-layer-search")).to_be_focused()
    keyboard.type("conv")
    press("Enter")
    expect(Card(live).part("field-layer_name")).to_be_focused()
    tab_to("field-channel_n")
    press("ArrowUp", "ArrowUp")
    live.wait("document.querySelectorAll('[data-pending]').length === 0")
    tab_to("field-x")
    keyboard.type("1")
    press("Enter")
    Card(live).part("open").focus()
    press("Alt+ArrowUp")
    assert live.widget.expression == 'neuron("conv", 2, x=1) + channel("relu", 1)'
    expect(Card(live, 0).part("open")).to_be_focused()
    keyboard.press("Shift+Tab")
    expect(Card(live, 0).part("weight")).to_be_focused()
    press("ArrowUp")
    live.wait("document.querySelectorAll('[data-pending]').length === 0")
    live.settle()
    assert live.widget.expression.startswith("2 * neuron")
    tab_to("remove")
    press("Enter")
    assert live.widget.expression == 'channel("relu", 1)'
    expect(Card(live, 0).part("open")).to_be_focused()


def test_finds_class_by_keyboard(live: LiveWidget) -> None:
    card = add(live, "class_logit")
    field = card.part("field-label")
    field.focus()
    field.press("ArrowDown")
    expect(live.part("field-label-list").get_by_role("option")).to_have_count(2)
    field.press("ArrowDown")
    field.press("ArrowDown")
    active = field.get_attribute("aria-activedescendant")
    assert live.page.locator(f"#{active}").inner_text().startswith("dog")
    field.press("Enter")
    live.settle()
    assert field.input_value() == "dog"
    assert live.widget.expression.endswith('class_logit("dense", "dog")')
    field.fill("zebra")
    expect(live.page.locator(".lucidw-options-count")).to_have_text("No matching classes")
    field.press("Escape")
    assert field.input_value() == "dog"


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
    sizes = live.page.evaluate("host.commands('term_picture').map((command) => JSON.stringify(command).length)")
    assert len(sizes) == 4
    assert max(sizes) < 1_000_000
    assert card.el.locator(".lucidw-drop-note").inner_text() == "8 × 8 px"
    assert card.el.locator("img").get_attribute("src", timeout=1000).startswith("data:image/jpeg")  # type: ignore[union-attr]


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


def test_shows_refused_list_commands_until_dismissed(live: LiveWidget) -> None:
    live.widget._terms.commands()["remove_term"](1)  # which the page has not received yet
    Card(live, 0).part("open").click()
    Card(live, 0).part("duplicate").click()
    expect(live.part("error")).to_contain_text("The term 1 no longer exists.")
    live.part("error").locator("[data-lucidw=dismiss]").click()
    expect(live.part("error")).to_be_hidden()
