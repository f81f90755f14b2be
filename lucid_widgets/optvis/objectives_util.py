"""Lucid's path for the helpers that make objectives; they are in `lucid_widgets.optvis.objectives.maker`."""

from lucid_widgets.optvis.objectives.maker import handle_batch, wrap_objective

__all__ = ["handle_batch", "wrap_objective"]
