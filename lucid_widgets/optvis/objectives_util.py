"""Lucid's import path for the helpers with which objectives are defined."""

from lucid_widgets.optvis.objectives.views import handle_batch
from lucid_widgets.optvis.objectives.wrapping import wrap_objective

__all__ = ["handle_batch", "wrap_objective"]
