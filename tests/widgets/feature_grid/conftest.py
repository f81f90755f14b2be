"""Fixtures for FeatureGrid's tests: a tiny network, an empty cache, and grids with a fake page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pages import Page
from widgets.feature_grid.grids import SMALL, Make, network

from lucid_widgets.modelzoo.vision_models import from_keras
from lucid_widgets.widgets.feature_grid import FeatureGrid


@pytest.fixture(scope="module")
def model() -> Any:
    return from_keras(network())


@pytest.fixture(autouse=True)
def cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LUCID_WIDGETS_CACHE", str(tmp_path))
    return tmp_path / "features"


@pytest.fixture
def make(model: Any, pages: list[Page]) -> Make:
    """Makes a grid that does not start by itself, and its page."""

    def make(layer: str = "late", *, model: Any = model, **settings: Any) -> tuple[FeatureGrid, Page]:
        grid = FeatureGrid(model, layer, **{"run": False, **SMALL, **settings})
        return grid, next(page for page in reversed(pages) if "_board" in page.state)

    return make
