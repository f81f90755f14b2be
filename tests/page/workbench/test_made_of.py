"""What a unit is made of: the page, connected to a real widget, by mouse and by keyboard, in both themes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from page.explorer.test_explorer import ExplorerPage
from page.test_accessibility import judged
from pages import Page
from playwright.sync_api import Browser, expect
from waiting import until
from widgets.test_unit_inputs import MOST, network

from lucid_widgets import LucidWidget


class InputsPage(ExplorerPage):
    """The page of a workbench that shows what its unit is made of."""

    widget: LucidWidget  # type: ignore[assignment]

    def hear(self) -> None:
        """Wait until Python has the weights and images of the unit, and deliver them."""
        self.settle()
        widget = self.widget
        until(lambda: self._is_done(widget))
        self.push()

    def _is_done(self, widget: LucidWidget) -> bool:
        inputs = widget._inputs
        if widget.channel < 0 or not widget.show_inputs:
            return True
        images = (
            inputs.get("from") == "input" or not inputs.get("rows") or widget._inputs_images.get("state") == "ready"
        )
        return (inputs.get("layer"), inputs.get("channel")) == (widget.layer, widget.channel) and images


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUCID_WIDGETS_CACHE", str(tmp_path))


def opened(browser: Browser, pages: list[Page], **options: object) -> InputsPage:
    widget = LucidWidget(network(), "second:0", image_size=12, steps=1)
    (comm,) = [page for page in pages if page.comm_id == widget.comm.comm_id]
    return InputsPage(browser, widget, comm, **options)


@pytest.mark.parametrize(("width", "scheme"), [(1064, "light"), (344, "dark")])
def test_lists_inputs_and_opens_them(browser: Browser, pages: list[Page], axe: str, width: int, scheme: str) -> None:
    live = opened(browser, pages, width=width, scheme=scheme)
    assert live.widget._inputs == {}
    live.part("group-inputs").locator("> summary").click()
    live.hear()
    assert live.widget.show_inputs
    exciting, inhibiting = (live.part(f"inputs-{side}").get_by_role("button") for side in ("excites", "inhibits"))
    expect(exciting).to_have_count(MOST)
    expect(inhibiting).to_have_count(1)
    expect(inhibiting).to_contain_text("first:7")
    expect(inhibiting).to_have_accessible_name(
        "first:7 sum −2.000 61 % of weights largest weight −4.000 at row 3 of 3, column 2 of 2"
    )
    # Two weights are drawn: the larger one with the full color of its sign.
    cells = inhibiting.locator("rect")
    assert cells.evaluate_all("(all) => all.map((e) => [e.className.baseVal, e.getAttribute('fill-opacity')])") == [
        ["lucidw-weight-positive", "0.500"],
        ["lucidw-weight-negative", "1.000"],
    ]
    expect(live.part("inputs-legend")).to_have_accessible_name(
        "Colors of the weight maps: blue is negative, down to −4.000; orange is positive, up to 4.000; the fainter the"
        " color, the closer to 0"
    )
    image = inhibiting.locator(".lucidw-inputs-image")
    assert image.evaluate("(e) => getComputedStyle(e).backgroundImage").startswith('url("blob:')
    root = "document.querySelector('.lucidw-inputs-group')"
    assert judged(live, axe) == []
    assert live.page.evaluate(f"poorContrast({root}, 4.5)")["poor"] == []
    assert live.page.evaluate(f"overflowing({root})") == []
    assert live.page.evaluate(f"smallTargets({root}, 24)") == []
    assert live.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    if folder := os.environ.get("LUCID_WIDGETS_SCREENSHOTS"):
        live.page.locator(".lucidw").screenshot(path=f"{folder}/made_of_{width}_{scheme}.png")
    # The keyboard opens an input on the canvas, which is made of the colors of the image. The focus stays.
    exciting.first.focus()
    live.page.keyboard.press("Enter")
    live.hear()
    assert (live.widget.layer, live.widget.channel) == ("first", 4)
    expect(inhibiting.first).to_contain_text("Blue")
    expect(live.page.locator(".lucidw-inputs-image").first).to_be_hidden()
    assert live.page.evaluate("document.activeElement.matches('.lucidw-inputs-row')")
    live.forget()
    inhibiting.first.click(force=True)
    assert live.commands() == []
    assert live.problems() == []
    live.close()


def test_says_why_there_are_none(browser: Browser, pages: list[Page]) -> None:
    live = opened(browser, pages)
    message = live.part("inputs-message")
    live.part("group-inputs").locator("> summary").click()
    live.hear()
    expect(message).to_be_hidden()
    live.widget.channel = 1
    live.hear()
    expect(message).to_have_text("All weights from first to this unit are 0.")
    live.widget.objective = "second:0 + second:1"
    live.hear()
    expect(message).to_contain_text("not a single channel")
    live.change(_inputs={"state": "failed", "message": "No memory.", "hint": "Close something."})
    expect(message).to_have_text("The weights cannot be computed. No memory. Close something.")
    live.forget()
    live.part("inputs-again").click()
    live.settle()
    assert [each["name"] for each in live.commands()] == ["retry_inputs"]
    assert live.problems() == []
    live.close()
