"""The feature grid on the page: cells, scrolling, keys, search, and its state without Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from page.grid.grids import LABELS, GridPage, OpenGrid, color_of
from page.mutations import Mutations
from pages import Page
from playwright.sync_api import expect

LOOKS = Path(__file__).parents[1].joinpath("looks.js").read_text()
COUNT = Path(__file__).parents[1].joinpath("alive.js").read_text()


def cells(notebook: GridPage) -> Any:
    return notebook.part("cells")


def active(notebook: GridPage) -> str | None:
    """Accessible name of the highlighted cell."""
    name = notebook.page.evaluate(
        """() => document.getElementById(document.querySelector("[data-lucidw=cells]")
             .getAttribute("aria-activedescendant") ?? "none")?.getAttribute("aria-label") ?? null"""
    )
    return None if name is None else str(name)


class TestPictures:
    def test_cells_show_only_finished_images(self, open_grid: OpenGrid) -> None:
        notebook = open_grid()
        notebook.make(range(5))
        for unit in range(5):
            assert notebook.cell_pixel(unit) == [*color_of(unit), 255]
        assert notebook.cell_pixel(5) == [0, 0, 0, 0]
        assert cells(notebook).get_by_role("option", name="Channel 5, waiting", exact=True).count() == 1

    def test_shows_unfinished_images(self, open_grid: OpenGrid) -> None:
        notebook = open_grid()
        notebook.make([3], finished=False)
        shown = notebook.cell_pixel(3)
        assert all(abs(a - b) <= 4 for a, b in zip(shown, [*color_of(3), 255], strict=True)), shown  # a JPEG
        expect(cells(notebook).get_by_role("option", name="Channel 3, unfinished")).to_be_visible()
        notebook.make([3])
        assert notebook.cell_pixel(3) == [*color_of(3), 255]

    def test_draws_images_at_screen_resolution(self, open_grid: OpenGrid) -> None:
        notebook = open_grid(scale=2)
        notebook.make([0])
        wide, shown = notebook.page.locator('[data-unit="0"] canvas').evaluate("(c) => [c.width, c.clientWidth]")
        assert wide == 2 * shown

    def test_requests_only_visible_cells(self, open_grid: OpenGrid) -> None:
        notebook = open_grid("bottleneck")
        asked = next(each for each in reversed(notebook.sent("want")) if each["places"])
        assert 0 < len(asked["places"]) < 120
        assert asked["places"][0] == 0
        cells(notebook).evaluate("(e) => { e.scrollTop = e.scrollHeight; }")
        notebook.wait("host.sent.findLast((m) => m.type === 'want').places.includes(2047)")
        notebook.settle()
        # The widget knows, and renders those first.
        assert 2047 in notebook.widget._live.cells._wanted
        assert notebook.widget._live.cells.claim().take(4)[0] > 1900
        notebook.make([2047])
        assert notebook.cell_pixel(2047) == [*color_of(2047), 255]

    def test_two_thousand_cells_use_about_a_hundred_elements(self, open_grid: OpenGrid) -> None:
        notebook = open_grid("bottleneck")
        assert len(notebook.units_on_page()) < 120
        mutations = Mutations(notebook.page)
        cells(notebook).evaluate(
            """async (e) => {
              for (let i = 1; i <= 40; i++) {
                e.scrollTop += 80; // most of a row in a frame: as quick as a finger
                await new Promise(requestAnimationFrame);
              }
              e.scrollTop = e.scrollHeight;
            }"""
        )
        assert mutations.elements / 40 < 40
        notebook.settle()
        assert notebook.units_on_page()[-1] == 2047
        assert len(notebook.units_on_page()) < 120

    def test_marks_failed_cell_and_explains_failure(self, open_grid: OpenGrid) -> None:
        notebook = open_grid()
        notebook.widget._live.cells.fail(2, "The objective became NaN at step 1.")
        notebook.make([0])
        cell = cells(notebook).get_by_role("option", name="Channel 2, failed")
        expect(cell.locator("svg")).to_be_visible()
        cell.hover()
        expect(notebook.root).to_contain_text("The objective became NaN at step 1.")
        expect(notebook.part("left")).to_have_text("1 failed")

    def test_page_opened_later_shows_all_finished_images(self, open_grid: OpenGrid) -> None:
        notebook = open_grid()
        notebook.make(range(8))
        notebook.add_view()
        notebook.settle()
        second = notebook.page.locator(".lucidw").nth(1).locator('[data-unit="7"] canvas')
        assert second.evaluate("(c) => [...c.getContext('2d').getImageData(9, 9, 1, 1).data]") == [*color_of(7), 255]

    def test_shows_images_from_state_alone(self, open_grid: OpenGrid) -> None:
        """A saved notebook, opened without a kernel."""
        notebook = open_grid()
        notebook.make(range(30))
        notebook.rest()
        notebook.page.evaluate("() => { host.onsend = null; host.views[0].remove(); host.close(); }")
        notebook.page.evaluate(
            """async (bundle) => {
              window.host = await createHost({ bundle, traits: { ...host.state } });
              await host.render(document.body.appendChild(document.createElement("div")));
            }""",
            "http://notebook.test/feature_grid.js",
        )
        notebook.wait("document.querySelector('[data-unit=\"29\"]')?.dataset.state === '2'")
        shown = notebook.cell_pixel(29)
        assert all(abs(a - b) <= 12 for a, b in zip(shown, [*color_of(29), 255], strict=True)), shown

    def test_other_layer_starts_without_images(self, open_grid: OpenGrid) -> None:
        notebook = open_grid()
        notebook.make(range(5))
        notebook.page.get_by_role("option", name="conv2d0").click()
        notebook.settle()
        assert notebook.widget.layer == "conv2d0"
        expect(cells(notebook)).to_have_attribute("aria-label", "Channels of conv2d0")
        assert notebook.cell_pixel(0) == [0, 0, 0, 0]
        expect(notebook.part("count")).to_have_text("0 / 64")
        notebook.make([0])
        assert notebook.cell_pixel(0) == [*color_of(0), 255]


class TestKeys:
    def test_arrows_move_and_enter_opens(self, open_grid: OpenGrid) -> None:
        notebook = open_grid()
        notebook.page.evaluate("() => { host.onsend = null; }")
        cells(notebook).focus()
        keyboard = notebook.page.keyboard
        columns = len({notebook.page.locator(f'[data-unit="{u}"]').bounding_box()["x"] for u in range(12)})  # type: ignore[index]
        keyboard.press("Home")
        for key, expected in [
            ("ArrowRight", 1),
            ("ArrowDown", 1 + columns),
            ("ArrowLeft", columns),
            ("ArrowUp", 0),
            ("End", 507),
            ("ArrowRight", 507),
        ]:
            keyboard.press(key)
            assert active(notebook) == f"Channel {expected}, waiting", key
        keyboard.press("PageUp")
        above = int((active(notebook) or "").split()[1].rstrip(","))
        assert above < 507 - columns
        assert above % columns == 507 % columns
        keyboard.press("Enter")
        command = notebook.command()
        assert (command["name"], command["args"]) == ("open", {"unit": above})

    def test_highlighted_cell_is_visible(self, open_grid: OpenGrid) -> None:
        notebook = open_grid()
        cells(notebook).focus()
        for key in ("End", "Home", "PageDown", "PageDown", "ArrowUp"):
            notebook.page.keyboard.press(key)
            inside = cells(notebook).evaluate(
                """(e) => {
                  const [outer, inner] = [e, e.querySelector(".lucidw-cursor")].map((x) => x.getBoundingClientRect());
                  return inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1;
                }"""
            )
            assert inside, key

    def test_focus_survives_scrolling(self, open_grid: OpenGrid) -> None:
        notebook = open_grid("bottleneck")
        cells(notebook).focus()
        notebook.page.keyboard.press("ArrowRight")
        cells(notebook).evaluate("(e) => { e.scrollTop = 9000; }")
        notebook.settle()
        assert cells(notebook).evaluate("(e) => document.activeElement === e")
        notebook.page.keyboard.press("ArrowRight")
        assert active(notebook) == "Channel 2, waiting"

    def test_notebook_does_not_receive_keys(self, open_grid: OpenGrid) -> None:
        notebook = open_grid()
        notebook.page.evaluate(
            "() => { window.heard = []; document.addEventListener('keydown', (e) => heard.push(e.key)); }"
        )
        cells(notebook).focus()
        for key in ("ArrowDown", "Enter", "b", "End"):
            notebook.page.keyboard.press(key)
        assert notebook.page.evaluate("heard") == []


class TestOpening:
    def test_click_opens_channel_and_marks_its_cell(self, open_grid: OpenGrid, pages: list[Page]) -> None:
        notebook = open_grid()
        notebook.page.evaluate("() => { host.onsend = null; }")
        notebook.page.locator('[data-unit="4"]').click()
        assert notebook.command()["args"] == {"unit": 4}
        notebook.change(opened_unit=4)
        expect(notebook.page.get_by_role("option", name="Channel 4, waiting, open")).to_have_attribute(
            "aria-selected", "true"
        )
        # Panel and marimo show the grid without the box that a notebook adds below it.
        expect(notebook.part("opened")).to_contain_text("add grid.slot to it")
        notebook.change(_has_slot=True)
        expect(notebook.part("opened")).to_contain_text("Channel 4 is open.")
        notebook.part("close-opened").click()
        assert notebook.command()["name"] == "close"
        notebook.change(opened_unit=-1)
        expect(notebook.part("opened")).to_be_hidden()

    def test_hover_shows_cell_enlarged(self, open_grid: OpenGrid) -> None:
        notebook = open_grid()
        notebook.make(range(6), value=100.0)
        notebook.page.locator('[data-unit="2"]').hover()
        pixel = notebook.part("detail").evaluate("(c) => [...c.getContext('2d').getImageData(9, 9, 1, 1).data]")
        assert pixel == [*color_of(2), 255]
        expect(notebook.root).to_contain_text("102.0")
        expect(notebook.root).to_contain_text("mixed4a · 2")
        notebook.page.evaluate("() => { host.onsend = null; }")
        notebook.part("open").click()
        assert notebook.command("open")["args"] == {"unit": 2}


class TestSearch:
    def test_number_search_finds_channels_with_that_prefix(self, open_grid: OpenGrid) -> None:
        notebook = open_grid()
        notebook.part("find").fill("47")
        assert notebook.units_on_page() == [47, *range(470, 480)]
        notebook.page.evaluate("() => { host.onsend = null; }")
        notebook.page.keyboard.press("Enter")
        assert notebook.command()["args"] == {"unit": 47}
        notebook.page.keyboard.press("Escape")
        assert notebook.units_on_page()[:3] == [0, 1, 2]
        notebook.part("find").fill("999")
        expect(notebook.root).to_contain_text("No matching channels")

    def test_labels_are_text_and_searchable(self, open_grid: OpenGrid) -> None:
        notebook = open_grid("softmax2")
        names = [each.inner_text() for each in notebook.page.locator(".lucidw-feature-name").all()]
        assert names == LABELS
        assert notebook.root.locator("img[src=x]").count() == 0
        notebook.page.locator('[data-unit="2"]').hover()
        assert notebook.page.locator(".lucidw-feature-detail-name").inner_text() == LABELS[2]
        notebook.part("find").fill("LADY")
        assert notebook.units_on_page() == [3]
        expect(notebook.page.get_by_role("option", name="ladybird, channel 3, waiting")).to_be_visible()


class TestControls:
    def test_button_labels_follow_status(self, open_grid: OpenGrid) -> None:
        notebook = open_grid()
        primary, stop = notebook.part("primary"), notebook.part("stop")
        notebook.page.evaluate("() => { host.onsend = null; }")
        for status, made, label, usable in [
            ("idle", 0, "Render all", "false"),
            ("running", 40, "Pause", "true"),
            ("paused", 40, "Resume", "true"),
            ("stopped", 40, "Render the rest", "false"),
        ]:
            notebook.change(status=status, made=made)
            expect(primary).to_have_text(label)
            expect(primary).to_have_attribute("aria-disabled", "false")
            expect(stop).to_have_attribute("aria-disabled", "false" if usable == "true" else "true")
        notebook.change(status="done", made=508)
        expect(primary).to_have_text("All rendered")
        expect(primary).to_have_attribute("aria-disabled", "true")
        notebook.change(status="running", made=40, remaining=83.0)
        expect(notebook.part("left")).to_have_text("1 min 23 s left")
        expect(notebook.part("count")).to_have_text("40 / 508")
        expect(notebook.page.get_by_role("progressbar")).to_have_attribute("aria-valuetext", "40 of 508 images")
        for name, command in [("primary", "pause"), ("stop", "stop")]:
            notebook.part(name).click()
            given = notebook.command()
            assert given["name"] == command
            notebook.reply(given)

    def test_kind_and_size(self, open_grid: OpenGrid) -> None:
        notebook = open_grid()
        before = notebook.page.locator('[data-unit="0"]').bounding_box()
        notebook.part("larger").click()
        after = notebook.page.locator('[data-unit="0"]').bounding_box()
        assert before is not None
        assert after is not None
        assert after["width"] > 1.2 * before["width"]
        neuron = notebook.page.get_by_role("radio", name="Neuron")
        neuron.check()
        notebook.settle()
        assert notebook.widget.kind == "neuron"
        expect(neuron).to_be_checked()
        expect(notebook.page.get_by_role("option", name="Neuron 0, waiting", exact=True)).to_be_visible()

    def test_save_downloads_sheet_and_layout(self, open_grid: OpenGrid) -> None:
        notebook = open_grid()
        expect(notebook.part("save")).to_have_attribute("aria-disabled", "true")
        notebook.make(range(9))
        with notebook.page.expect_download() as picture:
            notebook.part("save").click()
        assert picture.value.suggested_filename == "InceptionV1-mixed4a.png"
        with notebook.page.expect_download() as geometry:
            notebook.part("also").click()
        assert geometry.value.suggested_filename == "InceptionV1-mixed4a.png.json"

    def test_failed_run_shows_reason(self, open_grid: OpenGrid) -> None:
        notebook = open_grid()
        notebook.change(
            status="error", error={"title": "", "message": "Too small.", "hint": "Take 64.", "traceback": ""}
        )
        expect(notebook.part("error")).to_contain_text("Too small.")
        notebook.page.evaluate("() => { host.onsend = null; }")
        notebook.part("again").click()
        assert notebook.command()["name"] == "run"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [344, 664, 1400])
def test_fits_with_contrast_and_large_targets(open_grid: OpenGrid, width: int, scheme: str) -> None:
    notebook = open_grid("softmax2", width=width, scheme=scheme)
    notebook.make(range(5))
    notebook.change(opened_unit=1, status="paused", made=5)
    notebook.page.locator('[data-unit="1"]').hover()
    notebook.page.add_script_tag(content=LOOKS)
    judged = notebook.page.evaluate("poorContrast(document.querySelector('.lucidw'), 4.5)")
    assert judged["judged"] > 15
    assert judged["poor"] == []
    assert notebook.page.evaluate("overflowing(document.querySelector('.lucidw'))") == []
    assert notebook.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert notebook.page.evaluate("smallTargets(document.querySelector('.lucidw'), 24)") == []


def test_leaves_nothing_behind(open_grid: OpenGrid) -> None:
    notebook = open_grid(views=0, script=COUNT)
    sizes = "() => Object.fromEntries(Object.entries(alive).map(([name, set]) => [name, set.size]))"
    notebook.settle()
    before = notebook.page.evaluate(sizes)
    notebook.add_view()
    notebook.looked()
    notebook.make(range(20))
    assert notebook.page.evaluate(sizes)["bitmaps"] >= 20
    notebook.part("save").click()
    notebook.settle()
    assert notebook.page.evaluate(sizes)["urls"] == 2
    notebook.page.evaluate("() => { host.onsend = null; host.views[0].remove(); }")
    notebook.wait("host.of('bye').length && !alive.observers.size && !alive.urls.size && !alive.frames.size")
    assert notebook.page.evaluate(sizes)["listeners"] == before["listeners"]
    notebook.page.evaluate("host.close()")
    notebook.wait("Object.values(alive).every((set) => set.size === 0)")
    assert notebook.page.evaluate("host.listenerCount()") == 0


def test_receives_images_as_replies_in_colab(open_grid: OpenGrid) -> None:
    notebook = open_grid(host="colab")
    notebook.make(range(3))
    assert notebook.cell_pixel(2) == [*color_of(2), 255]
