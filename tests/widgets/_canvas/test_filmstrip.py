"""The moments of a run that a widget keeps: in Python, in its state, and on the page's demand."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from pages import Page
from PIL import Image
from streams import frame

from lucid_widgets.frames import Frame
from lucid_widgets.widgets._canvas.filmstrip import HEIGHT, MOST, Filmstrip
from lucid_widgets.widgets.optimization_canvas import OptimizationCanvas

Make = Callable[..., tuple[OptimizationCanvas, Page]]


@pytest.fixture
def make(pages: list[Page]) -> Make:
    def make(frames: Any, **kwargs: Any) -> tuple[OptimizationCanvas, Page]:
        widget = OptimizationCanvas(frames, **kwargs)
        return widget, pages[-1]

    return make


def ran(made: tuple[OptimizationCanvas, Page]) -> tuple[OptimizationCanvas, Page]:
    made[0].run()
    made[0].wait()
    return made


def cells(about: dict[str, Any], sheet: bytes) -> np.ndarray:
    """The strip's pictures `[n, height, width, 3]`."""
    picture = np.asarray(Image.open(io.BytesIO(sheet)))
    return np.stack(np.split(picture, len(about["steps"]), axis=1))


def test_a_run_leaves_its_moments_exact_and_small(make: Make) -> None:
    widget, page = ran(make([frame(step, size=8) for step in range(0, 21)], record_every=5))
    assert [each.step for each in widget.recorded] == [0, 5, 10, 15, 20]
    assert (widget.recorded[2].images == np.float32(10 / 255)).all()
    film = page.state["film"]
    assert film == {"steps": [0, 5, 10, 15, 20], "objectives": [None, 5.0, 10.0, 15.0, 20.0], "width": 8, "height": 8}
    means = cells(film, page.state["film_sheet"]).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(means, [0, 5, 10, 15, 20], atol=1.5)  # WebP


def test_the_page_gets_a_moment_at_full_size(make: Make) -> None:
    _, page = ran(make([frame(step, size=70) for step in range(9)], record_every=4))
    reply, (data,) = page.command_with_buffers("moment", step=4)
    assert (reply["value"]["width"], reply["value"]["mime"]) == (70, "image/png")
    assert (np.asarray(Image.open(io.BytesIO(data))) == 4).all()


def test_a_moment_that_is_not_kept_is_refused(make: Make) -> None:
    _, page = ran(make([frame(step) for step in range(9)], record_every=4))
    assert page.command("moment", step=3)["error"]["message"] == "Step 3 is not kept any more."


def test_nothing_is_kept_where_record_is_0(make: Make) -> None:
    widget, page = ran(make([frame(step) for step in range(9)], record_every=0))
    assert widget.recorded == ()
    assert page.state["film"] == {}
    assert page.state["film_sheet"] == b""


def test_a_reset_and_a_new_run_begin_anew(make: Make) -> None:
    widget, page = ran(make(lambda: iter([frame(step) for step in range(9)]), record_every=4))
    widget.reset()
    assert widget.recorded == ()
    assert page.state["film"] == {}
    ran((widget, page))
    assert page.state["film"]["steps"] == [0, 4, 8]


def test_record_can_change_between_runs_and_from_the_page(make: Make) -> None:
    widget, page = ran(make(lambda: iter([frame(step) for step in range(9)]), record_every=4))
    assert page.command("set", record_every=2)["ok"]
    assert widget.record_every == 2
    widget.reset()
    ran((widget, page))
    assert [each.step for each in widget.recorded] == [0, 2, 4, 6, 8]


def test_one_moment_alone_is_no_strip() -> None:
    assert Filmstrip().strip([frame(3)]) == ({}, b"")
    assert Filmstrip().strip([]) == ({}, b"")


def test_a_long_strip_has_its_ends_and_so_many_evenly_between() -> None:
    about, sheet = Filmstrip().strip([frame(step) for step in range(1000)])
    steps = about["steps"]
    assert len(steps) == MOST
    assert (steps[0], steps[-1]) == (0, 999)
    assert set(np.diff(steps)) <= {16, 17}
    assert len(cells(about, sheet)) == MOST


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_large_pictures_and_batches_become_small_ones(channels: int) -> None:
    frames = [Frame(step, 1.0, np.full((2, 100, 50, channels), 0.5, np.float32)) for step in (1, 2)]
    about, sheet = Filmstrip().strip(frames)
    assert (about["width"], about["height"]) == (HEIGHT, HEIGHT)  # two of 50×100, side by side
    assert cells(about, sheet).shape == (2, HEIGHT, HEIGHT, 4 if channels == 4 else 3)


def test_nan_is_black_in_the_strip() -> None:
    frames = [Frame(step, None, np.full((1, 4, 4, 3), np.nan, np.float32)) for step in (0, 1)]
    about, sheet = Filmstrip().strip(frames)
    assert about["objectives"] == [None, None]
    assert cells(about, sheet).max() == 0
