"""The checks of a visualization. Everything here needs TensorFlow.

check       `check`, which runs all of them and decides
lines       one function per check
subjects    the images that they compare
similarity  how similarly the network processes images
shuffled    the network with shuffled weights
"""

import lucid_widgets.modelzoo  # noqa: F401 (starts TensorFlow without its messages)
from lucid_widgets.evidence.checks.check import check

__all__ = ["check"]
