"""The pass over a data set that makes an index. Everything here needs TensorFlow.

building    `build`: from the disk if it is there, or by a pass with a progress bar
plan        what a pass computes, checked
index_pass  the pass, batch by batch, which can be interrupted and goes on
reductions  its compiled function
ahead       reads images while the network computes
"""

import lucid_widgets.modelzoo  # noqa: F401 (starts TensorFlow without its messages)

__all__: list[str] = []
