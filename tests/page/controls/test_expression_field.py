"""The expression field: edits, refusals and syntax colors."""

from __future__ import annotations

from page.fake_notebook import OpenWidget
from playwright.sync_api import expect


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
