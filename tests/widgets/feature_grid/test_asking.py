"""A grid asks before long work, and says how long it takes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pages import Page
from waiting import until
from widgets.feature_grid.grids import SMALL, Make

from lucid_widgets.widgets._grid import live_grid
from lucid_widgets.widgets._grid.cells import CellState
from lucid_widgets.widgets.feature_grid import FeatureGrid

pytestmark = pytest.mark.slow


@pytest.fixture
def always_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_grid, "LONG_SECONDS", -1.0)


def asking(model: Any, pages: list[Page], **settings: Any) -> tuple[FeatureGrid, Page]:
    """A grid of 12 images in batches of 3 that was shown, and asks."""
    grid = FeatureGrid(model, "late", **{**SMALL, "batch": 3, "steps": 8, "cache": False, **settings})
    page = next(page for page in reversed(pages) if "_board" in page.state)
    until(lambda: grid.status == "paused")
    return grid, page


@pytest.mark.usefixtures("always_long")
def test_asks_after_the_first_batch(model: Any, pages: list[Page]) -> None:
    grid, page = asking(model, pages)
    until(lambda: page.state["_estimate"])
    made = int(np.isfinite(grid.images).all((1, 2, 3)).sum())
    assert 0 < made < 12
    assert page.state["_estimate"]["images"] == 12 - made
    assert page.state["_estimate"]["seconds"] >= 0


@pytest.mark.usefixtures("always_long")
@pytest.mark.parametrize("how", ["run", "resume", "wait"])
def test_goes_on_when_told(model: Any, pages: list[Page], how: str) -> None:
    grid, page = asking(model, pages)
    getattr(grid, how)()
    assert grid.wait() == "done"
    assert np.isfinite(grid.images).all()
    assert page.state["_estimate"] == {}


@pytest.mark.usefixtures("always_long")
def test_other_cells_are_asked_about_again(model: Any, pages: list[Page]) -> None:
    grid, page = asking(model, pages)
    grid.seed = 1
    assert page.state["_estimate"] == {}
    until(lambda: grid.status == "paused" and page.state["_estimate"])
    grid.stop()
    until(lambda: grid.status == "stopped")
    assert page.state["_estimate"] == {}
    assert CellState.MAKING not in grid._live.cells.states


@pytest.mark.usefixtures("always_long")
def test_never_asks_when_started_from_python(make: Make) -> None:
    grid, page = make(batch=3, cache=False)
    grid.run()
    assert grid.wait() == "done"
    assert page.state["_estimate"] == {}


def test_short_work_is_done_without_asking(model: Any, pages: list[Page]) -> None:
    grid = FeatureGrid(model, "late", **{**SMALL, "batch": 3, "cache": False})
    until(lambda: grid.status == "done")
    assert np.isfinite(grid.images).all()
