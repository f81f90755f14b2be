"""The code of the objective builder: errors during typing, refused and incomplete code."""

from __future__ import annotations

from page.builder.cards import add
from page.live_widget import LiveWidget
from playwright.sync_api import expect


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
    expect(wrong).to_have_count(0)
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
