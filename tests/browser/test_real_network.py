"""A channel of an ImageNet network, visualized in JupyterLab."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from browser.lab import Notebook, OpenNotebook, Widget

pytestmark = [pytest.mark.browser, pytest.mark.models]

WANTED_PICTURES = 8


def cells(models_dir: Path, *, steps: int = 4000, more: tuple[str, ...] = ()) -> list[str]:
    path = str(models_dir / "inception_v1_bvlc.pb")
    return [
        f"from lucid_widgets import LucidWidget, models\nmodel = models.InceptionV1(path={path!r})",
        f"w = LucidWidget(model, 'mixed3a_pre_relu:17', image_size=96, steps={steps})\nw",
        *more,
    ]


def started(notebook: Notebook) -> Widget:
    """Run the first two cells, press Run, and wait for an image after the initial one."""
    notebook.run(0)
    notebook.run(1)
    widget = notebook.widget()
    widget.wait_for_status("idle")
    widget.press("run")
    widget.wait_for_status("running")
    widget.watch()
    widget.wait_for(lambda: widget.step >= 1)
    return widget


def test_run_survives_pause_edit_and_reload(open_notebook: OpenNotebook, models_dir: Path) -> None:
    notebook = open_notebook(
        cells(models_dir, more=("print(6 * 7, w.status)", "print(w.current_step, w.channel, w.image.shape)"))
    )
    widget = started(notebook)

    # Images change while another cell runs.
    assert [output["text"] for output in notebook.run(2)] == ["42 running\n"]
    widget.wait_for(lambda: widget.different_pictures() >= WANTED_PICTURES)
    assert widget.status == "running"

    # Pause takes effect after the compiled call that is being made. Only the lossless image of the same step follows.
    widget.watch_no_more()
    widget.press("pause")
    widget.wait_for_rest("paused")
    step, frames = widget.step, widget.frames
    notebook.page.wait_for_timeout(800)
    assert (widget.step, widget.frames) == (step, frames)
    notebook.run(3)
    assert notebook.text(3) == f"{step} 17 (1, 96, 96, 3)\n"

    # The run continues with another channel, without compiling.
    widget.press("resume")
    widget.wait_for(lambda: widget.step > step)
    channel = widget.part("channel")
    channel.fill("30")
    channel.press("Enter")
    widget.wait_for(lambda: widget.part("expression").input_value() == 'channel("mixed3a_pre_relu", 30)')
    assert widget.status == "running"
    before = widget.step
    widget.wait_for(lambda: widget.step > before + 4)
    notebook.run(3)
    assert " 30 (1, 96, 96, 3)" in notebook.text(3)

    # Stop keeps the image, also after a reload of the page.
    widget.press("stop")
    widget.wait_for_rest("stopped")
    picture, step = widget.pixels(), widget.step
    notebook.save()
    notebook.page.wait_for_timeout(500)
    notebook.open()
    again = notebook.widget()
    again.wait_for(lambda: again.canvas.count() and again.step == step)
    assert again.pixels() == picture
    assert again.status == "stopped"


def test_two_views_show_the_same_image(open_notebook: OpenNotebook, models_dir: Path) -> None:
    notebook = open_notebook(cells(models_dir, more=("w",)), height=1800)
    first = started(notebook)
    notebook.run(2)
    second = notebook.widget(1)
    second.wait_for(lambda: second.canvas.count() and second.step > 0)
    second.watch()
    second.wait_for(lambda: second.different_pictures() >= WANTED_PICTURES)
    for view in (first, second):
        view.watch_no_more()
    second.press("pause")
    first.wait_for_status("paused")
    second.wait_for_status("paused")
    first.wait_for(lambda: first.step == second.step > 0 and first.pixels() == second.pixels())
    first.press("resume")
    second.wait_for_status("running")
    first.press("stop")
    second.wait_for_status("stopped")


def test_hidden_tab_receives_nothing_and_run_keeps_its_speed(open_notebook: OpenNotebook, models_dir: Path) -> None:
    notebook = open_notebook(cells(models_dir, more=("print(w.current_step)",)))
    widget = started(notebook)
    widget.wait_for(lambda: widget.frames >= 5)
    notebook.page.evaluate(
        """() => {
            for (const [name, value] of [["hidden", true], ["visibilityState", "hidden"]])
                Object.defineProperty(document, name, { configurable: true, get: () => value });
            document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    notebook.page.wait_for_timeout(300)  # messages in flight arrive
    frames, began = widget.frames, time.monotonic()
    notebook.run(2)
    earlier = int(notebook.text(2))
    notebook.page.wait_for_timeout(1500)
    notebook.run_until(2, lambda step: int(step) > earlier + 5)
    # Nothing is streamed. The state, which holds an image for later views, is updated every two seconds.
    assert widget.frames - frames <= (time.monotonic() - began) / 2 + 1
    frames = widget.frames
    notebook.page.evaluate(
        """() => {
            delete document.hidden;
            delete document.visibilityState;
            document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    widget.wait_for(lambda: widget.frames > frames + 3)
    assert widget.step > earlier
    widget.press("stop")
    widget.wait_for_status("stopped")
