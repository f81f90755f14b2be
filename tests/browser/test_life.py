"""Runs while the user does something else: other cells, errors, restarts, deleted cells, keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser.lab import OpenNotebook, Widget
from kernel.conftest import TELL

pytestmark = pytest.mark.browser

# Slowly produced frames suffice to test the life cycle of a run; a network is not needed.
FRAMES = """
import time
import numpy as np
from lucid_widgets import OptimizationCanvas
from lucid_widgets.frames import Frame

def frames(count=100_000, seconds=0.02, fail_at=None):
    for step in range(count):
        time.sleep(seconds)
        if step == fail_at:
            raise RuntimeError("<b>the disk</b> is full")
        image = np.full((1, 32, 32, 3), (step % 100) / 100, np.float32)
        image[:, :, : step % 32, 0] = 1
        yield Frame(step, float(step), image)
"""
CANVAS = "w = OptimizationCanvas(lambda: frames())\nw"


def running(widget: Widget) -> Widget:
    widget.wait_for_status("idle")
    widget.press("run")
    widget.wait_for_status("running")
    widget.wait_for(lambda: widget.step > 2)
    return widget


def test_shows_busy_kernel_and_runs_command_later(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([FRAMES, CANVAS, "import time; time.sleep(5); print('free')"])
    notebook.run(0)
    notebook.run(1)
    widget = running(notebook.widget())
    notebook.run(2, wait=False)
    notebook.page.wait_for_timeout(500)
    widget.press("pause")
    # Kernels with subshells answer immediately.
    widget.wait_for(lambda: widget.status == "paused" or "Waiting for the kernel" in widget.root.inner_text())
    widget.wait_for_status("paused")
    widget.wait_for(lambda: "Waiting for the kernel" not in widget.root.inner_text())


def test_background_error_appears_in_cell_as_text(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([FRAMES, "w = OptimizationCanvas(lambda: frames(fail_at=20))\nw"])
    notebook.run(0)
    notebook.run(1)
    widget = notebook.widget()
    widget.wait_for_status("idle")
    widget.press("run")
    widget.wait_for_status("error")
    card = widget.part("error")
    card.wait_for(state="visible")
    assert "<b>the disk</b> is full" in card.inner_text()
    assert card.locator("b", has_text="the disk").count() == 0
    widget.wait_for(lambda: widget.step == 19)


def test_running_cell_again_stops_old_run(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([FRAMES, "old = globals().get('w')\n" + CANVAS, "print(old.status, w.status)"])
    notebook.run(0)
    notebook.run(1)
    running(notebook.widget())
    notebook.run(1)
    notebook.widget().wait_for_status("idle")
    notebook.run_until(2, lambda text: text == "stopped idle\n")


PLAYER = """
import ipywidgets
import numpy as np
from lucid_widgets import SpritePlayer
p = SpritePlayer(np.zeros((2, 8, 8, 3)))
p
"""
PLAYERS = "print(sum(isinstance(each, SpritePlayer) for each in ipywidgets.widgets.widget._instances.values()))"


def test_running_a_cell_again_closes_the_player_that_it_showed(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([PLAYER, PLAYERS])
    for executions in range(1, 20):
        notebook.run(0)
        notebook.page.locator('[data-lucidw="play"]').wait_for()
        notebook.page.wait_for_timeout(500)  # the page tells of a removed view after 300 ms, or later if it is busy
        notebook.run(1)
        if executions >= 5 and notebook.text(1) == "2\n":  # the newest, and the one before
            return
    raise AssertionError(notebook.text(1))


@pytest.mark.parametrize("end", ["shut down", "closed"])
def test_a_player_tells_nobody_when_its_kernel_or_notebook_is_gone(open_notebook: OpenNotebook, end: str) -> None:
    notebook = open_notebook([PLAYER])
    notebook.run(0)
    player = notebook.page.locator('.lucidw [data-playing="true"]')
    player.wait_for()
    notebook.page.evaluate(
        """async (end) => {
            const panel = window.jupyterapp.shell.currentWidget;
            const { id } = panel.sessionContext.session;
            if (end === "closed") panel.dispose();
            await window.jupyterapp.serviceManager.sessions.shutdown(id);
        }""",
        end,
    )
    notebook.page.wait_for_timeout(1500)  # while a player plays, it tells Python its frame twice per second
    assert notebook.problems == []
    assert player.count() == (end == "shut down")  # it plays on without a kernel


def test_deleting_cell_stops_run(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([FRAMES, CANVAS, "print(w.status)"])
    notebook.run(0)
    notebook.run(1)
    running(notebook.widget())
    notebook.page.evaluate(
        """async () => {
            window.jupyterapp.shell.currentWidget.content.activeCellIndex = 1;
            await window.jupyterapp.commands.execute("notebook:delete-cell");
        }"""
    )
    notebook.run_until(1, lambda text: text == "stopped\n")


def test_interrupting_idle_kernel_stops_run(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([FRAMES, CANVAS, "print('alive')"])
    notebook.run(0)
    notebook.run(1)
    widget = running(notebook.widget())
    notebook.interrupt_kernel()
    widget.wait_for_status("stopped")
    notebook.run(2)
    assert notebook.text(2) == "alive\n"


TOUCH = """
import pathlib
threading.Thread(target=lambda: (until_waiting(), pathlib.Path("waiting").touch())).start()
w.wait()
print("after", w.status)
"""


def test_interrupting_waiting_cell_stops_run_cleanly(open_notebook: OpenNotebook, lab: tuple[str, Path]) -> None:
    notebook = open_notebook([FRAMES + TELL, CANVAS, TOUCH])
    notebook.run(0)
    notebook.run(1)
    widget = running(notebook.widget())
    notebook.run(2, wait=False)
    widget.wait_for((lab[1] / "waiting").exists)
    notebook.interrupt_kernel()
    widget.wait_for_status("stopped")
    widget.wait_for(lambda: notebook.text(2) == "after stopped\n")


def test_kernel_restart_leaves_last_image(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([FRAMES, CANVAS])
    notebook.run(0)
    notebook.run(1)
    widget = running(notebook.widget())
    notebook.restart_kernel()
    notebook.page.wait_for_timeout(3000)
    picture = widget.pixels()
    assert any(picture)
    widget.press("pause")
    widget.wait_for(lambda: "The kernel does not respond" in widget.root.inner_text())
    assert widget.pixels() == picture


def test_ten_clicks_on_run_start_one_run(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(
        [FRAMES, "starts = []\n" + CANVAS.replace("frames()", "starts.append(1) or frames()"), "print(len(starts))"]
    )
    notebook.run(0)
    notebook.run(1)
    widget = notebook.widget()
    widget.wait_for_status("idle")
    widget.root.evaluate("r => { for (let i = 0; i < 10; i += 1) r.querySelector('[data-lucidw=primary]').click(); }")
    widget.wait_for(lambda: widget.step > 2)
    notebook.run(2)
    assert notebook.text(2) == "1\n"


def test_keys_pressed_in_widget_do_not_reach_notebook(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([FRAMES, CANVAS])
    notebook.run(0)
    notebook.run(1)
    widget = running(notebook.widget())
    count = "() => window.jupyterapp.shell.currentWidget.content.widgets.length"
    before = notebook.page.evaluate(count)
    widget.part("pause").focus()
    for key in ("b", "a", "x", "z", "ArrowDown", "j", "m", "y"):
        notebook.page.keyboard.press(key)
    assert notebook.page.evaluate(count) == before
    assert notebook.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.mode") is not None
    notebook.page.keyboard.press(" ")
    widget.wait_for_status("paused")
    notebook.page.keyboard.press(" ")
    widget.wait_for_status("running")


def test_output_contains_fallback_image(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([FRAMES, "w = OptimizationCanvas(lambda: frames(20))\nw.run(); w.wait()", "w"])
    notebook.run(0)
    notebook.run(1)
    view, image = notebook.run(2)
    assert view["data"]["application/vnd.jupyter.widget-view+json"]["model_id"]
    assert image["data"]["image/png"].startswith("iVBORw0KGgo")
    shown = notebook.page.locator(".jp-Notebook .jp-Cell").nth(2).locator(".jp-OutputArea-child")
    notebook.widget().root.wait_for()
    assert [round(place.bounding_box()["height"]) > 0 for place in shown.all()] == [True, False]  # type: ignore[index]


def test_page_follows_run_after_reload(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([FRAMES, CANVAS, "print(w.status)"])
    notebook.run(0)
    notebook.run(1)
    widget = running(notebook.widget())
    notebook.save()
    notebook.page.wait_for_timeout(300)
    step = widget.step
    notebook.open()
    again = notebook.widget()
    again.wait_for(lambda: again.canvas.count() and again.step > step)
    frames = again.frames
    again.wait_for(lambda: again.frames > frames + 3)
    assert again.status == "running"
    notebook.run(2)
    assert notebook.text(2) == "running\n"
