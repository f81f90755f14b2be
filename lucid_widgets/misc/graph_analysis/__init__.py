"""Simplified views of TensorFlow 1 graphs, which `model.layers` replaces: each name says so where it is called."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from lucid_widgets.misc._removed import removed


def replaced(name: str) -> Callable[..., NoReturn]:
    """A function of that name, which says what to use instead."""
    return removed(
        f"graph_analysis.{name}",
        "it simplified TensorFlow 1 graphs",
        "model.layers lists a model's layers with their kinds and channels, and LucidWidget(model) shows them.",
    )
