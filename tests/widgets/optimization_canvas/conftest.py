"""Fixtures for the canvas's tests."""

from __future__ import annotations

from typing import Any

import pytest
from pages import Page
from widgets.optimization_canvas.canvases import Make

from lucid_widgets.widgets.optimization_canvas import OptimizationCanvas


@pytest.fixture
def make(pages: list[Page]) -> Make:
    def make(frames: Any, **kwargs: Any) -> tuple[OptimizationCanvas, Page]:
        widget = OptimizationCanvas(frames, **kwargs)
        return widget, pages[-1]

    return make
