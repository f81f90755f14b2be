"""The objective builder by keyboard alone."""

from __future__ import annotations

from page.builder.cards import Card, add
from page.live_widget import LiveWidget
from playwright.sync_api import expect


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
