"""Objectives that compare the image with real images."""

from lucid_widgets.optvis.objectives.likeness.accentuation import accentuate
from lucid_widgets.optvis.objectives.likeness.distribution import distribution_diff

__all__ = ["accentuate", "distribution_diff"]
