"""The explorer's page, connected to a real widget: by mouse and by keyboard, in both themes, wide and narrow."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from page.grid.grids import GridPage
from page.test_accessibility import judged
from pages import Page
from PIL import Image
from playwright.sync_api import Browser
from widgets.image_explorer.small import answered, explorer

from lucid_widgets import ImageExplorer
from lucid_widgets.widgets import SpatialAttribution
from lucid_widgets.widgets._explorer.explorer_traits import VIEWS

LOOKS = Path(__file__).parents[1].joinpath("looks.js").read_text()


class ExplorerPage(GridPage):
    """The page of an explorer. What it sets reaches Python when the page settles."""

    widget: ImageExplorer  # type: ignore[assignment]

    def __init__(self, browser: Browser, widget: Any, comm: Page, **options: Any) -> None:
        if options.get("host") == "nobody":
            comm.state.pop("status")  # the page is not expected to request images
        super().__init__(browser, widget, comm, writable=["position", "pins", "view"], motion="reduce", **options)
        data = {name: each for name, each in comm.state.items() if isinstance(each, (bytes, memoryview))}
        encoded = {name: base64.b64encode(bytes(each)).decode() for name, each in data.items()}
        self.page.evaluate("(data) => apply([{ state: {}, data }])", encoded)
        self.page.add_script_tag(content=LOOKS)
        self.settle()

    def hear(self) -> None:
        """Give Python what the page has set, wait for its answer, and deliver it."""
        self.settle()
        for values in self.page.evaluate("() => host.saved.splice(0)"):
            self.widget.set_state(values)
        answered(self.widget)
        self.push()

    def aim(self, row: int, column: int) -> tuple[float, float]:
        """The center of a position on the screen."""
        box = self.part("panel").bounding_box()
        assert box
        return box["x"] + (column + 0.5) * box["width"] / 4, box["y"] + (row + 0.5) * box["height"] / 4

    def names(self, rows: str) -> list[str]:
        """Names of the channels in a list."""
        shown = self.part(rows).locator("[role=listitem]:not([hidden]) .lucidw-explorer-name > :last-child")
        return shown.all_inner_texts()

    def heat(self, row: int, column: int) -> list[int]:
        """Red, green, blue and opacity of the overlay at a position."""
        return list(
            self.part("heat").evaluate(
                """(c, [x, y]) => [...c.getContext("2d").getImageData(x * c.width, y * c.height, 1, 1).data]""",
                [(column + 0.5) / 4, (row + 0.5) / 4],
            )
        )


def opened(browser: Browser, pages: list[Page], **options: Any) -> ExplorerPage:
    settings = options.pop("settings", {})
    widget = explorer(**settings)
    (comm,) = [page for page in pages if page.comm_id == widget.comm.comm_id]
    return ExplorerPage(browser, widget, comm, **options)


def test_by_mouse_and_by_keyboard(browser: Browser, pages: list[Page]) -> None:
    live = opened(browser, pages)
    assert live.names("strongest") == ["2", "4"]
    live.forget()
    # Hovering shows the channels of a position, and the map of a channel, without asking Python.
    live.page.mouse.move(*live.aim(0, 0))
    live.settle()
    assert live.names("strongest") == ["0", "3", "2", "4"]
    live.part("strongest").get_by_role("button").first.hover()
    live.settle()
    live.part("strongest").get_by_role("button").first.focus()
    assert [each for each in live.types() if each not in ("want",)] == []
    # A click keeps the position, arrow keys move it, and Enter keeps it for comparison.
    live.page.mouse.click(*live.aim(3, 3))
    live.hear()
    assert live.widget.position == [3, 3]
    live.part("panel").focus()
    live.page.keyboard.press("ArrowUp")
    live.page.keyboard.press("Home")
    live.hear()
    assert live.widget.position == [2, 0]
    live.page.keyboard.press("Enter")
    live.hear()
    assert live.widget.pins == [[2, 0]]
    assert live.names("pin-2-0") == ["2", "4"]
    live.page.keyboard.press("Escape")
    live.hear()
    assert live.widget.pins == []
    assert live.problems() == []
    live.close()


def test_why_a_class(browser: Browser, pages: list[Page]) -> None:
    live = opened(browser, pages, settings={"classes": ["fox"]})
    live.page.get_by_text("Why this class").click()
    live.hear()
    assert live.widget.view == "class"
    assert live.names("for") == ["0", "3"]
    assert live.names("against") == ["1"]
    # The red corner speaks for the fox, in orange; the green one against it, in blue.
    red, _, blue, strength = live.heat(0, 0)
    assert red > blue
    assert strength > 150
    red, _, blue, _ = live.heat(3, 3)
    assert blue > red
    live.part("against").get_by_role("button").first.hover()
    live.settle()
    assert live.heat(0, 0)[3] < 20
    assert "falls to half" in live.part("faithfulness").inner_text()
    # Shift and a click subtract a class; its button does the same.
    live.part("classes").get_by_text("owl").click(modifiers=["Shift"])
    live.hear()
    assert live.widget.classes == [0, 1]
    assert "minus: owl" in live.part("classes").inner_text()
    live.part("classes").get_by_role("button", name="Subtract <b>newt</b>").click()
    live.hear()
    assert live.widget.classes == [0, 2]
    # Any class can be found by its name, or by a similar one.
    live.part("other-class").click()
    live.part("other-search").fill("owk")
    live.settle()
    assert live.part("other-found").get_by_role("option").all_inner_texts() == ["owl"]
    live.page.keyboard.press("Enter")
    live.hear()
    assert live.widget.classes == [1]
    live.part("other-minus").click()
    live.part("other-search").fill("fo")
    live.settle()
    live.part("other-found").get_by_text("fox").click()
    live.hear()
    assert live.widget.classes == [1, 0]
    with live.page.expect_download() as waiting:
        live.part("save-view").click()
    assert waiting.value.suggested_filename == "Small-parts-class.png"
    with Image.open(waiting.value.path()) as saved:
        assert saved.size[0] == saved.size[1] >= 896
        red, _, blue = saved.convert("RGB").getpixel((saved.width // 8, saved.height // 8))
        assert blue > red  # what speaks for the fox speaks against the owl
    live.part("method").select_option("grad_cam")
    live.hear()
    assert live.widget.method == "grad_cam"
    # Another view, and the code of this one.
    live.part("code").click()
    live.settle()
    assert "attribution.spatial_attribution" in live.part("code-text").inner_text()
    live.page.keyboard.press("Escape")
    live.part("layer").select_option("scores")
    live.hear()
    assert live.widget.layer == "scores"
    live.page.get_by_text("Groups", exact=True).click()
    live.hear()
    assert "has no positions" in live.part("problem").inner_text()
    assert live.problems() == []
    live.close()


@pytest.mark.parametrize(("width", "scheme"), [(1064, "light"), (344, "dark")])
def test_is_accessible_and_fits(browser: Browser, pages: list[Page], axe: str, width: int, scheme: str) -> None:
    settings = {"classes": ["fox", "owl"], "groups": 2}
    live = opened(browser, pages, settings=settings, width=width, scheme=scheme)
    live.part("panel").focus()
    live.page.keyboard.press("Enter")
    live.hear()
    root = "document.querySelector('.lucidw')"
    for view in VIEWS:
        live.widget.view = view
        live.hear()
        assert judged(live, axe) == [], view
        result = live.page.evaluate(f"poorContrast({root}, 4.5)")
        assert result["judged"] > 15
        assert result["poor"] == [], view
        assert live.page.evaluate(f"overflowing({root})") == [], view
        assert live.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, view
        assert live.page.evaluate(f"smallTargets({root}, 24)") == [], view
    assert live.problems() == []
    live.close()


def test_a_part_shows_only_itself(browser: Browser, pages: list[Page]) -> None:
    live = opened(browser, pages, settings={"kind": SpatialAttribution, "classes": ["fox"]})
    assert live.heat(0, 0)[3] > 150
    assert live.page.get_by_role("button").all_inner_texts() == ["Choose image"]
    live.close()


def test_a_saved_notebook_without_a_kernel_keeps_its_views(browser: Browser, pages: list[Page]) -> None:
    live = opened(browser, pages, host="nobody", settings={"view": "class", "classes": ["fox"]})
    live.page.mouse.move(*live.aim(3, 3))
    live.settle()
    assert live.names("against") == ["1"]
    live.page.get_by_text("What fires here").click()
    live.page.mouse.move(*live.aim(0, 0))
    live.settle()
    assert live.names("strongest") == ["0", "3", "2", "4"]
    assert np.asarray(live.widget.image).shape == (8, 8, 3)
    live.close()
