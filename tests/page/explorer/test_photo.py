"""Where the unit of a workbench fires in an image of the user's: the page, connected to a real widget."""

from __future__ import annotations

import os

import pytest
from page.explorer.test_explorer import ExplorerPage
from page.test_accessibility import judged
from pages import Page
from playwright.sync_api import Browser, expect
from waiting import until
from widgets.image_explorer.small import network, picture

from lucid_widgets import LucidWidget

DROP = """([where, name]) => {
  const data = new DataTransfer();
  data.items.add(new File(["xyz"], name, { type: "image/png" }));
  const event = new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
  document.querySelector(where).dispatchEvent(event);
}"""


class PhotoPage(ExplorerPage):
    """The page of a workbench that shows an image of the user's."""

    widget: LucidWidget  # type: ignore[assignment]

    def hear(self) -> None:
        self.settle()
        widget, ready = self.widget, ("ready", self.widget.channel)
        until(lambda: not widget.show_photo or (widget._fires.get("state"), widget._fires.get("channel")) == ready)
        self.push()


@pytest.mark.parametrize(("width", "scheme"), [(1064, "light"), (344, "dark")])
def test_shows_where_the_unit_fires(browser: Browser, pages: list[Page], axe: str, width: int, scheme: str) -> None:
    widget = LucidWidget(network(), "parts:0", image_size=8, steps=1, photo=picture())
    (comm,) = [page for page in pages if page.comm_id == widget.comm.comm_id]
    live = PhotoPage(browser, widget, comm, width=width, scheme=scheme)
    assert widget._fires == {}
    live.part("group-photo").locator("> summary").click()
    live.hear()
    assert widget.show_photo
    expect(live.part("photo-sentence")).to_have_text("parts:0 fires most at row 0, column 0.")
    red, _, blue, strength = live.heat(0, 0)
    assert red > blue
    assert strength > 150
    assert live.heat(3, 3)[3] < 20
    expect(live.part("photo-there")).to_contain_text("1.0")
    expect(live.part("photo-here")).to_be_hidden()
    # The keyboard reads other positions; another channel needs no request of the page.
    live.part("panel").focus()
    live.page.keyboard.press("ArrowDown")
    expect(live.part("photo-here")).to_contain_text("row 1, column 0")
    live.page.keyboard.press("Enter")
    expect(live.part("photo-here")).to_contain_text("row 0, column 0")
    widget.channel = 1
    live.hear()
    expect(live.part("photo-sentence")).to_have_text("parts:1 fires most at row 3, column 3.")
    assert live.heat(3, 3)[3] > 150
    root = "document.querySelector('.lucidw-photo')"
    assert judged(live, axe) == []
    assert live.page.evaluate(f"poorContrast({root}, 4.5)")["poor"] == []
    assert live.page.evaluate(f"overflowing({root})") == []
    assert live.page.evaluate(f"smallTargets({root}, 24)") == []
    assert live.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    # An image that is dropped here is no start image.
    live.forget()
    live.page.evaluate(DROP, [".lucidw-photo", "x.png"])
    live.settle()
    assert [each["name"] for each in live.commands()] == ["upload_photo"]
    expect(live.page.get_by_text("x.png is not an image that can be read")).to_be_visible()
    if folder := os.environ.get("LUCID_WIDGETS_SCREENSHOTS"):
        live.page.locator(".lucidw").screenshot(path=f"{folder}/photo_{width}_{scheme}.png")
    assert live.problems() == []
    live.close()
