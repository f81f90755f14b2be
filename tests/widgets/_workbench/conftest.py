from __future__ import annotations

from typing import Any

import pytest
from pages import Page
from widgets._workbench.labeled import Make, labeled_network

from lucid_widgets.widgets.lucid_widget import LucidWidget


@pytest.fixture(scope="module")
def labeled() -> Any:
    return labeled_network()


@pytest.fixture
def make(labeled: Any, pages: list[Page]) -> Make:
    return lambda objective="late:1", **kwargs: LucidWidget(
        labeled, objective, **{"steps": 12, "image_size": 16, **kwargs}
    )
