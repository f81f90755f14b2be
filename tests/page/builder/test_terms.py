"""Terms of the objective builder by mouse, in sync with Python, and what happens to invalid edits."""

from __future__ import annotations

from page.builder.cards import Card, add
from page.live_widget import LiveWidget
from playwright.sync_api import expect


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
    Card(live, 1).part("sign").locator("input").nth(0).click()
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
    assert second.part("sign").locator("input").nth(1).is_checked()
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


def test_rejects_invalid_numbers_at_the_field(live: LiveWidget) -> None:
    card = Card(live, 0)
    card.part("open").click()
    for name, typed, said in [
        ("weight", "much", "Numbers only"),
        ("weight", "-1", "Must be 0 or more. Use + or − to set the sign."),
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


def test_shows_refused_list_commands_until_dismissed(live: LiveWidget) -> None:
    live.widget._terms.commands()["remove_term"](1)  # which the page has not received yet
    Card(live, 0).part("open").click()
    Card(live, 0).part("duplicate").click()
    expect(live.part("error")).to_contain_text("The term 1 no longer exists.")
    live.part("error").locator("[data-lucidw=dismiss]").click()
    expect(live.part("error")).to_be_hidden()
