"""Simplified views of TensorFlow 1 graphs, which `model.layers` replaces."""

from __future__ import annotations

from typing import NoReturn


def __getattr__(name: str) -> NoReturn:
    raise AttributeError(
        f"lucid_widgets has no graph_analysis.{name}: it simplified TensorFlow 1 graphs. "
        "model.layers lists a model's layers with their kinds, shapes and costs."
    )
