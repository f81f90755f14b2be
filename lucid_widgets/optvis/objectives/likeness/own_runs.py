"""`needs_own_run`: whether an objective can share a run with those of other images."""

from __future__ import annotations

from lucid_widgets.optvis.objectives.directions import facet
from lucid_widgets.optvis.objectives.likeness.accentuation import accentuate
from lucid_widgets.optvis.objectives.maker import Call
from lucid_widgets.optvis.objectives.tree import Objective


def needs_own_run(objective: Objective) -> bool:
    """Whether an objective computes layers again, for all images of the batch, and so must be alone in it."""
    return any(isinstance(leaf, Call) and leaf.maker in (accentuate, facet) for leaf in objective.leaves())


__all__ = ["needs_own_run"]
