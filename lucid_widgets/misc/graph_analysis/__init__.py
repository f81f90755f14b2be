"""Names of Lucid's simplified views of TensorFlow 1 graphs. They raise an error; `model.layers` replaces them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from lucid_widgets.misc._removed import removed


def replaced(name: str) -> Callable[..., NoReturn]:
    """Return a function that raises an error that says what to use instead."""
    return removed(
        f"graph_analysis.{name}",
        "it simplified TensorFlow 1 graphs",
        "model.layers lists a model's layers with their kinds and channels, and LucidWidget(model) shows them.",
    )


__all__ = ["replaced"]
