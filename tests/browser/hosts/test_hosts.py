"""The same things done to the same widgets in every host. The order matters: tests of a host share one page."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import nbformat
import pytest
from browser.hosts.cells import CELLS
from browser.hosts.environments import FOLDER
from browser.hosts.hosts import Host
from browser.hosts.view import View
from browser.lab import Widget

pytestmark = pytest.mark.browser

PICTURE = "canvas => Array.from(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data).join()"


def pictures(widget: Widget, count: int) -> set[str]:
    """The first different images that the canvas of a widget shows."""
    canvas = widget.canvas.first
    widget.wait_for(lambda: canvas.evaluate("canvas => canvas.width"))
    seen: set[str] = set()

    def enough() -> bool:
        seen.add(canvas.evaluate(PICTURE))
        return len(seen) >= count

    widget.wait_for(enough)
    return seen


def running(view: View) -> Widget:
    workbench = view.workbench()
    if workbench.status not in ("compiling", "running"):
        workbench.part("primary").click()
    workbench.wait_for(lambda: workbench.status == "running", view.patience)
    return workbench


@pytest.mark.needs("appears")
def test_the_workbench_appears(view: View, host: Host) -> None:
    workbench = view.workbench()
    if host.is_saved_page:
        assert len(set(next(iter(pictures(workbench, 1))).split(","))) > 10
    else:
        workbench.wait_for(lambda: workbench.status == "idle", view.patience)


@pytest.mark.needs("frames")
def test_frames_arrive_while_it_runs(view: View, record_property: Any) -> None:
    workbench = running(view)
    workbench.wait_for(lambda: workbench.frames >= 5 and workbench.step > 20, view.patience)
    frames, begin = workbench.frames, time.monotonic()
    workbench.wait_for(lambda: workbench.frames >= frames + 5, view.patience)
    record_property("figure", f"{(workbench.frames - frames) / (time.monotonic() - begin):.1f}/s")
    pictures(workbench, 2)


@pytest.mark.needs("buttons")
def test_buttons_control_the_run(view: View) -> None:
    workbench = running(view)
    workbench.press("pause")
    workbench.wait_for_rest("paused")
    step = workbench.step
    view.page.wait_for_timeout(1500)
    assert workbench.step == step, "a paused run went on"
    workbench.press("step")
    workbench.wait_for(lambda: workbench.status == "paused" and workbench.step == step + 1)
    workbench.press("resume")
    workbench.wait_for(lambda: workbench.status == "running" and workbench.step > step + 1)
    workbench.press("stop")
    workbench.wait_for_status("stopped")


def exported(view: View, widget: Widget, format: str) -> bytes:
    """The file that a user gets who exports the run in this format."""
    if not widget.part("export-menu").is_visible():
        widget.press("export")
    widget.part("export-menu").locator(f'.lucidw-export-row:has([value="{format}"])').click()
    with view.page.expect_download() as waiting:
        widget.press("export-save")
    return Path(waiting.value.path()).read_bytes()


@pytest.mark.needs("export")
def test_files_can_be_saved(view: View) -> None:
    workbench = view.workbench()
    assert exported(view, workbench, "image").startswith(b"\x89PNG")
    assert exported(view, workbench, "gif").startswith(b"GIF8")


@pytest.mark.needs("player")
def test_the_player_plays(view: View) -> None:
    pictures(view.player(), 4)


@pytest.mark.needs("grid")
def test_the_grid_fills(view: View) -> None:
    grid = view.grid()
    made = grid.root.locator('[data-unit][data-state="2"]')
    grid.wait_for(lambda: made.count() == 4, view.patience)
    grid.wait_for_status("done")


@pytest.mark.needs("open")
def test_a_click_opens_a_channel(view: View) -> None:
    grid = view.grid()
    grid.root.locator('[data-unit="3"]').click()
    opened = view.frame.locator('.lucidw [data-lucidw="expression"]')
    texts = "all => all.map(each => each.value ?? each.textContent)"
    grid.wait_for(lambda: any("mixed3a" in text for text in opened.evaluate_all(texts)), view.patience)


@pytest.mark.needs("again")
def test_a_cell_that_runs_again_replaces_its_widget(view: View) -> None:
    running(view)
    view.run(0)
    workbench = view.workbench()
    workbench.wait_for_status("idle", seconds=view.patience)
    assert view.frame.locator('.lucidw:has([data-lucidw="expression"])').count() <= 2  # and the opened channel


@pytest.mark.needs("saved")
def test_a_saved_notebook_shows_pictures_without_a_kernel(view: View, host: Host, record_property: Any) -> None:
    workbench = running(view)
    workbench.wait_for(lambda: workbench.step > 20, view.patience)
    workbench.press("stop")
    workbench.wait_for_rest("stopped")
    if host.freezes:
        view.run(len(CELLS))
        record_property("figure", "after `freeze`")

    def saved_stills() -> int:
        view.save()
        view.page.wait_for_timeout(500)  # some hosts write the file later
        outputs = [each for cell in nbformat.read(view.file, 4).cells for each in cell.get("outputs", ())]
        return sum(bool({"image/png", "text/html"} & set(each.get("data") or ())) for each in outputs)

    workbench.wait_for(lambda: saved_stills() >= 3)  # the kernel sends them a moment after the run has ended
    assert saved_stills() == 3
    if FOLDER.is_dir():
        view.page.screenshot(path=FOLDER / f"{host.name}.png")


@pytest.mark.needs("restart")
def test_the_cell_runs_again_after_the_server_has_restarted_the_kernel(view: View) -> None:
    running(view)
    view.restart()
    view.run(0)
    workbench = view.workbench()
    workbench.wait_for_status("idle", seconds=view.patience)
    running(view).press("pause")
    workbench.wait_for_rest("paused")
    workbench.press("resume")
    workbench.wait_for_status("running")
    for cell in (1, 2):  # a page that is reloaded would miss the widgets of the old kernel
        view.run(cell)


@pytest.mark.needs("reload")
def test_the_page_can_be_reloaded(view: View) -> None:
    workbench = running(view)
    view.save()
    step = workbench.step
    view.reload()
    workbench = view.workbench()
    workbench.wait_for(lambda: workbench.canvas.first.count() and workbench.step > step, view.patience)
    workbench.press("pause")
    workbench.wait_for_status("paused")


@pytest.mark.needs("offline")
def test_nothing_is_fetched_from_elsewhere(view: View, host: Host) -> None:
    assert [address for address in sorted(view.outside) if not host.is_theirs(address)] == []


@pytest.mark.needs("console")
def test_the_console_is_clean(view: View, host: Host) -> None:
    assert [text for text in view.problems if not host.is_theirs(text)] == []
