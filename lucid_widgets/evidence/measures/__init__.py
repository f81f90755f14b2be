"""What a network says about the real images of an index. Everything here needs TensorFlow.

sensitivity(model, index["mixed5b:56"])                    # is it color or shape?
most_relevant(model, index["mixed5b:56"], "fox", images)   # top images, ordered by what they do to a class
until_percentile(frames, model, index["mixed5b:56"], 99)   # end a run early
"""

import lucid_widgets.modelzoo  # noqa: F401 (starts TensorFlow without its messages)
from lucid_widgets.evidence.measures.relevance import most_relevant
from lucid_widgets.evidence.measures.sensitivity import Sensitivity, sensitivity
from lucid_widgets.evidence.measures.stopping import until_percentile

__all__ = ["Sensitivity", "most_relevant", "sensitivity", "until_percentile"]
