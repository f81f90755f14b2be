"""Keys: their effect in the widget, and that they never reach the notebook."""

from __future__ import annotations

import pytest
from page.fake_notebook import OpenWidget
from playwright.sync_api import expect

HEARD = """
window.heard = [];
for (const type of ["keydown", "keypress", "keyup"]) {
  document.addEventListener(type, (event) => heard.push(`${type} ${event.key}`));
}
"""
EVERYWHERE = ["primary", "layers", "layer-search", "channel", "expression"]


@pytest.mark.parametrize("where", EVERYWHERE)
def test_plain_keys_do_not_reach_notebook(open_widget: OpenWidget, where: str) -> None:
    notebook = open_widget(script=HEARD)
    notebook.part(where).focus()
    for key in ["b", "a", "z", "d", "ArrowDown", "Enter", "Space", "Home", "1"]:
        notebook.part(where).focus()
        notebook.page.keyboard.press(key)
    assert notebook.page.evaluate("heard") == []


def test_key_combinations_reach_notebook(open_widget: OpenWidget) -> None:
    notebook = open_widget(script=HEARD)
    notebook.part("primary").focus()
    for key in ["Control+s", "Alt+x", "Meta+k", "Shift+Enter", "Tab"]:
        notebook.page.keyboard.press(key)
    heard = notebook.page.evaluate("heard.filter((event) => event.startsWith('keydown'))")
    wanted = ["s", "x", "k", "Enter", "Tab"]
    assert [f"keydown {key}" for key in wanted] == [event for event in heard if event.split()[1] in wanted]
    assert notebook.commands("png") == []


@pytest.mark.parametrize(
    ("status", "key", "name"),
    [
        ("idle", "Space", "run"),
        ("running", "Space", "pause"),
        ("paused", "Space", "resume"),
        ("paused", ".", "step"),
        ("paused", "s", "png"),
    ],
)
def test_shortcuts(open_widget: OpenWidget, status: str, key: str, name: str) -> None:
    notebook = open_widget(status=status)
    notebook.frame(1, status=status)
    notebook.shown(1)
    notebook.part("canvas").click()  # scrolls a little where the widget is taller than the page
    scrolled = notebook.page.evaluate("scrollY")
    notebook.page.keyboard.press(key)
    assert notebook.command()["name"] == name
    notebook.page.keyboard.press(key)
    assert notebook.page.evaluate("scrollY") == scrolled


def test_shortcuts_do_not_fire_while_typing_nor_twice_on_a_button(open_widget: OpenWidget) -> None:
    notebook = open_widget(status="paused")
    for name in ("expression", "layer-search", "channel"):
        notebook.part(name).focus()
        notebook.page.keyboard.type("s. ")
    notebook.part("canvas").evaluate("(canvas) => canvas.closest('.lucidw').focus()")
    notebook.page.wait_for_timeout(150)
    assert [command["name"] for command in notebook.commands() if command["name"] != "set"] == []
    notebook.part("stop").focus()
    notebook.page.keyboard.press("Space")
    assert [command["name"] for command in notebook.commands() if command["name"] != "set"] == ["stop"]


def test_ignores_shortcut_of_disabled_button(open_widget: OpenWidget) -> None:
    notebook = open_widget(status="running")
    notebook.part("primary").focus()
    notebook.page.keyboard.press(".")
    notebook.page.keyboard.press("s")
    assert notebook.commands() == []


def test_escape_returns_focus_to_cell(open_widget: OpenWidget) -> None:
    notebook = open_widget(script=HEARD)
    notebook.page.evaluate("() => { document.querySelector('.lucidw').parentElement.tabIndex = 0; }")
    notebook.part("channel").focus()
    notebook.page.keyboard.press("Escape")
    assert notebook.page.evaluate("document.activeElement === document.querySelector('.lucidw').parentElement")
    assert "keydown Escape" not in notebook.page.evaluate("heard")


def test_tab_reaches_every_control_in_order(open_widget: OpenWidget) -> None:
    notebook = open_widget(status="paused")
    order = []
    notebook.page.evaluate("() => document.body.focus()")
    for _ in range(45):
        notebook.page.keyboard.press("Tab")
        order.append(
            notebook.page.evaluate(
                """() => {
                  const { activeElement: now } = document;
                  return now.dataset.lucidw ?? now.closest("[data-lucidw]")?.dataset.lucidw ?? now.tagName;
                }"""
            )
        )
    assert order == [
        *("network", "expression", "presets", "code", "more", "primary", "dice", "step", "stop", "reset", "export"),
        *("group-photo", "group-evidence", "group-inputs"),
        *("layer-view", "layer-search", "layers", "channel-less", "channel", "channel-more", "svg"),
        "group-seen",
        *("group-image", "image_size", "batch", "parameterization", "decorrelate", "alpha", "start-choose"),
        *("group-robust", "robust_to", "shift-on", "shift", "scale-on", "scale", "rotate-on", "rotate"),
        *("group-optimizer", "optimizer", "learning_rate", "steps", "seed"),
        *("group-display", "zoom", "whole-pixels"),
    ]


def test_every_control_has_a_name_and_a_tooltip(open_widget: OpenWidget) -> None:
    notebook = open_widget(status="paused")
    notebook.frame(1, size=(8, 8))
    notebook.shown(1)
    nameless = notebook.page.evaluate(
        """() => [...document.querySelectorAll(".lucidw :is(button, input, select, [role=listbox])")]
          .filter((e) => e.checkVisibility())
          .filter((e) => {
            const label = e.closest("label");
            const named = e.getAttribute("aria-label") || e.textContent.trim() || label?.textContent.trim();
            return !named || !(e.title || label?.title);
          })
          .map((e) => e.outerHTML)"""
    )
    assert nameless == []
    for name, key in {"primary": "(Space)", "step": "(.)"}.items():
        assert key in (notebook.part(name).get_attribute("title") or "")
    expect(notebook.part("canvas")).to_have_accessible_name('Visualization of channel("mixed4a", 476) after 8 steps')
