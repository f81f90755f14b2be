"""The map of an atlas on a page: what it draws and asks for, and how it is moved by pointer and keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from microscope.atlases import LABELS, color_of, drawn_atlas, finish
from page.fake_notebook import FakeNotebook
from page.live_widget import BinaryWidget
from page.test_accessibility import judged
from page.test_cleanup import COUNT, SIZES
from page.test_looks import look
from pages import Page
from playwright.sync_api import Browser, expect

from lucid_widgets import Atlas, AtlasMap
from lucid_widgets.widgets import atlas_map

OpenMap = Callable[..., "MapPage"]

PIXEL = """(canvas, [left, top]) => {
  const { width, height } = canvas.getBoundingClientRect();
  const at = [left * canvas.width / width, top * canvas.height / height].map(Math.round);
  return [...canvas.getContext("2d").getImageData(...at, 1, 1).data];
}"""


class MapPage(BinaryWidget):
    """The page of a map."""

    widget: AtlasMap

    @property
    def map(self) -> Any:
        return self.part("map")

    @property
    def canvas(self) -> Any:
        return self.map.locator("canvas")

    def is_drawn(self, grid: int, count: int | None = None) -> None:
        """Wait until all cells of a grid in view are drawn with their images."""
        expect(self.canvas).to_have_attribute("data-grid", str(grid))
        if count is not None:
            expect(self.canvas).to_have_attribute("data-drawn", str(count))

    def place(self, grid: int, row: int, column: int) -> tuple[float, float]:
        """The middle of a cell of the whole map, in pixels from the corner of the map."""
        box = self.map.bounding_box()
        side = min(box["width"], box["height"])
        left, top = (box["width"] - side) / 2, (box["height"] - side) / 2
        return left + side * (column + 0.5) / grid, top + side * (row + 0.5) / grid

    def pixel(self, *where: Any, **_: Any) -> list[int]:
        """The color of the middle of a cell: grid, row and column."""
        return list(self.canvas.evaluate(PIXEL, list(self.place(*where))))

    def point(self, grid: int, row: int, column: int) -> None:
        """Move the pointer to a cell of the whole map."""
        left, top = self.place(grid, row, column)
        self.map.hover(position={"x": left, "y": top})


@pytest.fixture
def open_map(browser: Browser, pages: list[Page], opened: list[FakeNotebook], tmp_path: Path) -> OpenMap:
    def open_one(atlas: Atlas | None = None, *, label: str = "", minus: str = "", **options: Any) -> MapPage:
        shown = drawn_atlas(tmp_path / "atlas") if atlas is None else atlas
        widget = AtlasMap(shown, label, minus)
        notebook = MapPage(browser, widget, pages[-1], **options)
        opened.append(notebook)
        return notebook

    return open_one


def near(found: list[int], wanted: tuple[int, ...], within: int = 12) -> bool:
    return max(abs(a - b) for a, b in zip(found[:3], wanted, strict=True)) <= within


@pytest.mark.parametrize("scale", [1, 2])
def test_draws_each_image_at_its_cell(open_map: OpenMap, scale: int) -> None:
    notebook = open_map(scale=scale)
    notebook.is_drawn(8, 60)
    for row, column in [(0, 3), (4, 0), (5, 6)]:
        assert near(notebook.pixel(8, row, column), color_of(row, column, 8))
    assert notebook.pixel(8, 0, 0)[3] == 0  # a corner without activations
    width = notebook.canvas.evaluate("(canvas) => canvas.width / canvas.clientWidth")
    assert width == pytest.approx(scale, rel=0.01)


def test_sends_only_what_is_in_view(open_map: OpenMap, tmp_path: Path) -> None:
    notebook = open_map(drawn_atlas(tmp_path / "fine", (4, 40), count=9000))
    notebook.is_drawn(4, 16)
    assert {each["args"]["size"] for each in notebook.commands("tiles")} == {4}
    notebook.widget.viewport = [0.5, 0.5, 8]
    notebook.push()
    notebook.is_drawn(40)
    notebook.wait("Number(document.querySelector('.lucidw-atlas-canvas').dataset.drawn) > 9")
    asked = [
        cell for each in notebook.commands("tiles") if each["args"]["size"] == 40 for cell in each["args"]["cells"]
    ]
    places = notebook.widget.atlas.places(40)
    assert 9 < len(asked) < 0.2 * len(places)
    middle = np.abs((places[asked] + 0.5) / 40 - 0.5)
    assert middle.max() < 0.15


def test_pointer_shows_a_cell_and_a_click_keeps_it(open_map: OpenMap) -> None:
    notebook = open_map()
    notebook.is_drawn(8, 60)
    expect(notebook.page.locator(".lucidw-atlas-empty")).to_be_visible()
    notebook.point(8, 6, 2)
    found = notebook.widget.atlas.cell(8, 6, 2)
    rows = notebook.part("cell-classes").locator("dt")
    expect(rows).to_have_text([label for label, _ in found.classes])
    assert "<i>owl</i>" in rows.all_text_contents()
    names = notebook.part("cell-images").locator("li")
    expect(names).to_have_text([f"photo, {name}" for name in found.images])
    left, top = notebook.place(8, 6, 2)
    notebook.map.click(position={"x": left, "y": top})
    notebook.settle()
    assert notebook.widget.cell == [8, 6, 2]
    notebook.point(8, 1, 4)
    notebook.settle()
    expect(names).to_have_text([f"photo, {name}" for name in found.images])
    notebook.page.keyboard.press("Escape")
    notebook.settle()
    assert notebook.widget.cell == []
    expect(names).to_have_text([f"photo, {name}" for name in notebook.widget.atlas.cell(8, 1, 4).images])


def test_keys_move_the_cursor_and_the_map(open_map: OpenMap) -> None:
    notebook = open_map()
    notebook.is_drawn(8, 60)
    notebook.page.keyboard.press("Tab")
    notebook.map.focus()
    keyboard = notebook.page.keyboard
    keyboard.press("ArrowRight")
    place = notebook.page.locator(".lucidw-atlas-place")
    live = notebook.page.locator(".lucidw-live-region")
    before = place.inner_text()
    keyboard.press("ArrowUp")
    expect(place).not_to_have_text(before)
    expect(live).to_contain_text(place.inner_text())
    expect(live).to_contain_text("fox")
    keyboard.press("Enter")
    notebook.settle()
    assert len(notebook.widget.cell) == 3
    keyboard.press("+")
    keyboard.press("+")
    keyboard.press("Shift+ArrowLeft")
    notebook.wait("host.sent.some((each) => each.name === 'set' && each.args.viewport)")
    notebook.settle()
    x, y, zoom = notebook.widget.viewport
    assert zoom == pytest.approx(1.5**2)
    assert x < 0.5
    assert y == 0.5
    notebook.page.evaluate("host.sent.length = 0")
    keyboard.press("Home")
    notebook.wait("host.sent.some((each) => each.name === 'set' && each.args.viewport)")
    notebook.settle()
    assert notebook.widget.viewport == [0.5, 0.5, 1]
    assert [each for each in notebook.sent() if each["type"] != "cmd"] == []


def test_wheel_magnifies_only_with_the_focus_or_ctrl(open_map: OpenMap) -> None:
    notebook = open_map()
    notebook.is_drawn(8, 60)
    notebook.point(8, 3, 3)
    notebook.page.mouse.wheel(0, -200)
    notebook.settle()
    assert notebook.pixel(8, 0, 0)[3] == 0
    notebook.map.focus()
    notebook.page.mouse.wheel(0, -200)
    notebook.wait("host.sent.some((each) => each.name === 'set' && each.args.viewport)")
    notebook.settle()
    assert notebook.widget.viewport[2] > 1.3


def test_drags_and_pinches(open_map: OpenMap, tmp_path: Path) -> None:
    notebook = open_map(drawn_atlas(tmp_path / "fine", (8, 24), count=3000))
    notebook.is_drawn(8, 60)
    notebook.widget.viewport = [0.5, 0.5, 4]
    notebook.push()
    notebook.map.evaluate(
        """(map) => {
          const { left, top } = map.getBoundingClientRect();
          map.setPointerCapture = () => {};
          const send = (type, id, x, y) => map.dispatchEvent(new PointerEvent(type, { pointerId: id, button: 0,
            pointerType: "touch", clientX: left + x, clientY: top + y, bubbles: true }));
          send("pointerdown", 1, 200, 200);
          send("pointermove", 1, 260, 200);
          send("pointerup", 1, 260, 200);
        }"""
    )
    notebook.wait("host.sent.some((each) => each.name === 'set' && each.args.viewport)")
    notebook.settle()
    x, y, zoom = notebook.widget.viewport
    side = min(notebook.map.bounding_box()[each] for each in ("width", "height"))
    assert (x, y, zoom) == pytest.approx((0.5 - 60 / side / 4, 0.5, 4), abs=1e-4)
    notebook.page.evaluate("host.sent.length = 0")
    notebook.map.evaluate(
        """(map) => {
          const { left, top } = map.getBoundingClientRect();
          const send = (type, id, x, y) => map.dispatchEvent(new PointerEvent(type, { pointerId: id, button: 0,
            pointerType: "touch", clientX: left + x, clientY: top + y, bubbles: true }));
          send("pointerdown", 1, 200, 200);
          send("pointerdown", 2, 300, 200);
          send("pointermove", 2, 350, 200);
          send("pointerup", 1, 200, 200);
          send("pointerup", 2, 350, 200);
        }"""
    )
    notebook.wait("host.sent.some((each) => each.name === 'set' && each.args.viewport)")
    notebook.settle()
    assert notebook.widget.viewport[2] == pytest.approx(6, abs=1e-3)


def test_highlights_a_class_and_the_difference_of_two(open_map: OpenMap) -> None:
    notebook = open_map()
    notebook.is_drawn(8, 60)
    plain = notebook.pixel(8, 4, 3)
    notebook.part("label").select_option("panda")
    notebook.wait("host.sent.some((each) => each.name === 'scores')")
    notebook.settle()
    assert notebook.widget.label == "panda"
    strong, weak = notebook.pixel(8, 4, 0), notebook.pixel(8, 4, 3)
    assert strong[3] > 220  # speaks for it
    assert weak[3] < 0.6 * plain[3]
    expect(notebook.page.locator(".lucidw-atlas-for")).to_have_text("for panda")
    notebook.part("label").select_option("")
    notebook.settle()
    assert notebook.widget.label == ""
    notebook.point(8, 4, 0)
    notebook.part("cell-classes").get_by_role("button", name="panda").click()
    notebook.settle()
    assert notebook.widget.label == "panda"
    notebook.part("minus").select_option("fox")
    notebook.settle()
    assert notebook.widget.minus == "fox"
    expect(notebook.page.locator(".lucidw-atlas-against")).to_have_text("for fox")
    notebook.settle()
    # Cells on the left speak for the first class, those on the right for the second one.
    edge = "(canvas, at) => [...canvas.getContext('2d').getImageData(...at, 1, 1).data]"
    side = min(notebook.map.bounding_box()[each] for each in ("width", "height")) / 8
    for column, of in [(0, (255, 145, 30)), (7, (62, 140, 255))]:
        left, top = notebook.place(8, 4, column)
        assert near(notebook.canvas.evaluate(edge, [round(left - side / 2 + 3), round(top)]), of, 40)


def test_fills_while_the_atlas_is_rendered(open_map: OpenMap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atlas_map, "LOOK_AGAIN_SECONDS", 0.0)
    atlas = drawn_atlas(tmp_path / "atlas", (8,), unfinished=2)
    done, total = atlas.counts
    assert done < total
    notebook = open_map(atlas)
    notebook.is_drawn(8, done)
    expect(notebook.page.locator(".lucidw-atlas-progress")).to_have_text(f"{done} of {total} images")
    finish(atlas)
    notebook.is_drawn(8, total)
    expect(notebook.page.locator(".lucidw-atlas-progress")).to_have_text("")


def test_leaves_nothing_behind(open_map: OpenMap) -> None:
    notebook = open_map(script=COUNT)
    notebook.is_drawn(8, 60)
    notebook.point(8, 3, 3)
    notebook.part("cell-images").locator("li").first.wait_for()
    sizes = notebook.page.evaluate(SIZES)
    assert sizes["bitmaps"] >= 60
    assert sizes["urls"] == 1
    notebook.remove_view()
    notebook.settle()
    sizes = notebook.page.evaluate(SIZES)
    assert {name: sizes[name] for name in ("observers", "urls", "bitmaps", "frames")} == {
        "observers": 0,
        "urls": 0,
        "bitmaps": 0,
        "frames": 0,
    }
    assert sizes["listeners"] == 2  # of the model


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_fits_narrow_cells_and_meets_wcag(open_map: OpenMap, axe: str, scheme: str) -> None:
    notebook = open_map(label=LABELS[0], minus=LABELS[1], width=320, scheme=scheme)
    notebook.is_drawn(8 if notebook.map.bounding_box()["width"] >= 40 * 8 else 4)
    notebook.map.focus()
    notebook.page.keyboard.press("ArrowLeft")
    notebook.part("cell-images").locator("li").first.wait_for()
    assert judged(notebook, axe) == []
    result = look(notebook).page.evaluate("poorContrast(document.querySelector('.lucidw'), 4.5)")
    assert result["poor"] == []
    assert notebook.page.evaluate("smallTargets(document.querySelector('.lucidw'), 24)") == []
    assert notebook.page.evaluate("document.documentElement.scrollWidth") <= 320
