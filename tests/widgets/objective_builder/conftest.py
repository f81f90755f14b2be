"""Fixtures for ObjectiveBuilder's tests."""

from __future__ import annotations

import pytest
from pages import Page
from widgets.objective_builder.builders import Net

from lucid_widgets.widgets.objective_builder import ObjectiveBuilder


@pytest.fixture
def builder(pages: list[Page]) -> ObjectiveBuilder:
    return ObjectiveBuilder(Net())


@pytest.fixture
def page(builder: ObjectiveBuilder, pages: list[Page]) -> Page:
    return pages[-1]
