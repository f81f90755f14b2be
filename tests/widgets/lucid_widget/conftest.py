"""Fixtures for LucidWidget's tests: a tiny network, and an engine that makes frames at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import pytest
from pages import Page
from widgets.lucid_widget.workbenches import Runs

from lucid_widgets.widgets._workbench import model_run
from lucid_widgets.widgets.lucid_widget import LucidWidget


@pytest.fixture(scope="module")
def model() -> Any:
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((None, None, 3)),
            keras.layers.Conv2D(4, 3, name="early"),
            keras.layers.Conv2D(12, 3, name="middle"),
            keras.layers.Conv2D(6, 1, name="late"),
        ],
        name="tiny",
    )


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Runs:
    made = Runs()
    monkeypatch.setattr(model_run, "iter_vis", made.make)
    return made


@pytest.fixture
def make(model: Any, pages: list[Page]) -> Callable[..., tuple[LucidWidget, Page]]:
    def make(*args: Any, **kwargs: Any) -> tuple[LucidWidget, Page]:
        widget = LucidWidget(model, *args, **kwargs)
        return widget, pages[-1]

    return make
