"""The frames that a run keeps: in Python, in the state of the widget, and at the request of the page."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from pages import Page
from PIL import Image
from streams import PATIENCE_SECONDS, Gated, frame
from waiting import until
from widgets.optimization_canvas.canvases import Make
from widgets.optimization_canvas.conftest import make

from lucid_widgets.frames import Frame
from lucid_widgets.widgets._canvas.filmstrip import HEIGHT, MAX_IMAGES, Filmstrip
from lucid_widgets.widgets.optimization_canvas import OptimizationCanvas

__all__ = ["make"]  # a fixture


def ran(made: tuple[OptimizationCanvas, Page]) -> tuple[OptimizationCanvas, Page]:
    made[0].run()
    made[0].wait()
    return made


def cells(about: dict[str, Any], sheet: bytes) -> np.ndarray:
    """The images of the strip, `[n, height, width, 3]`."""
    picture = np.asarray(Image.open(io.BytesIO(sheet)))
    return np.stack(np.split(picture, len(about["steps"]), axis=1))


def test_keeps_frames_exactly_and_as_small_images(make: Make) -> None:
    widget, page = ran(make([frame(step, size=8) for step in range(0, 21)], record_every=5))
    assert [each.step for each in widget.recorded] == [0, 5, 10, 15, 20]
    assert (widget.recorded[2].images == np.float32(10 / 255)).all()
    film = page.state["_filmstrip"]
    assert film == {"steps": [0, 5, 10, 15, 20], "objectives": [None, 5.0, 10.0, 15.0, 20.0], "width": 8, "height": 8}
    means = cells(film, page.state["_filmstrip_sheet"]).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(means, [0, 5, 10, 15, 20], atol=1.5)  # WebP


def test_page_gets_a_kept_frame_in_full_size(make: Make) -> None:
    _, page = ran(make([frame(step, size=70) for step in range(9)], record_every=4))
    reply, (data,) = page.command_with_buffers("recorded_frame", step=4)
    assert (reply["value"]["width"], reply["value"]["mime"]) == (70, "image/png")
    assert (np.asarray(Image.open(io.BytesIO(data))) == 4).all()


def test_rejects_a_step_that_is_not_kept(make: Make) -> None:
    _, page = ran(make([frame(step) for step in range(9)], record_every=4))
    assert page.command("recorded_frame", step=3)["error"]["message"] == "Step 3 is no longer kept."


def test_keeps_nothing_if_record_every_is_0(make: Make) -> None:
    widget, page = ran(make([frame(step) for step in range(9)], record_every=0))
    assert widget.recorded == ()
    assert page.state["_filmstrip"] == {}
    assert page.state["_filmstrip_sheet"] == b""


def test_reset_and_new_run_clear_the_filmstrip(make: Make) -> None:
    widget, page = ran(make(lambda: iter([frame(step) for step in range(9)]), record_every=4))
    widget.reset()
    assert widget.recorded == ()
    assert page.state["_filmstrip"] == {}
    ran((widget, page))
    assert page.state["_filmstrip"]["steps"] == [0, 4, 8]


def test_frames_of_an_overtaken_run_are_not_in_the_next_filmstrip(make: Make) -> None:
    first, second = Gated(), Gated(count=5, open=True)
    streams = iter([first, second])
    widget, page = make(lambda: next(streams), record_every=1)
    widget.run()
    first.allow(3)
    first.until_asked_after(2)
    widget.reset()
    widget.run()  # while the worker is still inside the first stream
    first.step = 40
    first.allow()
    assert widget.wait() == "done"
    assert first.closed.wait(PATIENCE_SECONDS)
    assert [each.step for each in widget.recorded] == [0, 1, 2, 3, 4]
    assert page.state["_filmstrip"]["steps"] == [0, 1, 2, 3, 4]


def test_a_frame_delivered_after_the_next_run_began_is_not_recorded(make: Make) -> None:
    first, second = Gated(), Gated(count=3, open=True)
    streams = iter([first, second])
    widget, page = make(lambda: next(streams), record_every=1)
    live = widget._live
    widget.run()
    assert first.waiting.wait(PATIENCE_SECONDS)
    first.step = 40
    with live.lock:  # which the worker needs to record a frame
        first.allow()
        until(lambda: live.runner.frame is not None)
        widget.stop()
        widget.run()
    assert widget.wait() == "done"
    assert [each.step for each in widget.recorded] == [0, 1, 2]
    assert page.state["_filmstrip"]["steps"] == [0, 1, 2]


def test_record_every_can_change_between_runs(make: Make) -> None:
    widget, page = ran(make(lambda: iter([frame(step) for step in range(9)]), record_every=4))
    assert page.command("set", record_every=2)["ok"]
    assert widget.record_every == 2
    widget.reset()
    ran((widget, page))
    assert [each.step for each in widget.recorded] == [0, 2, 4, 6, 8]


def test_single_frame_makes_no_strip() -> None:
    assert Filmstrip().strip([frame(3)]) == ({}, b"")
    assert Filmstrip().strip([]) == ({}, b"")


def test_long_strip_has_both_ends_and_even_steps_between() -> None:
    about, sheet = Filmstrip().strip([frame(step) for step in range(1000)])
    steps = about["steps"]
    assert len(steps) == MAX_IMAGES
    assert (steps[0], steps[-1]) == (0, 999)
    assert set(np.diff(steps)) <= {16, 17}
    assert len(cells(about, sheet)) == MAX_IMAGES


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_reduces_large_images_and_batches(channels: int) -> None:
    frames = [Frame(step, 1.0, np.full((2, 100, 50, channels), 0.5, np.float32)) for step in (1, 2)]
    about, sheet = Filmstrip().strip(frames)
    assert (about["width"], about["height"]) == (HEIGHT, HEIGHT)  # two of 50×100, side by side
    assert cells(about, sheet).shape == (2, HEIGHT, HEIGHT, 4 if channels == 4 else 3)


def test_nan_is_black_in_the_strip() -> None:
    frames = [Frame(step, None, np.full((1, 4, 4, 3), np.nan, np.float32)) for step in (0, 1)]
    about, sheet = Filmstrip().strip(frames)
    assert about["objectives"] == [None, None]
    assert cells(about, sheet).max() == 0
