"""The checks of a visualization. Everything here needs TensorFlow.

check       `check`, which runs all of them and decides
recipe      how the visualizations are made
lines       one function per check
subjects    the images that they compare
similarity  how similarly the network processes images
shuffled    the network with shuffled weights
"""

import lucid_widgets.modelzoo  # noqa: F401 (starts TensorFlow without its messages)
from lucid_widgets.evidence.checks.check import check
from lucid_widgets.evidence.checks.recipe import Recipe

__all__ = ["Recipe", "check"]
