"""Which real images excite a unit, how strongly, and whether a visualization of it can be trusted.

An `ActivationIndex` is made by one pass over a data set, and needs neither TensorFlow nor the network afterwards.

    index = ActivationIndex.build(model, "photos.zip")
    index["mixed4d:226"]                          # crops, a histogram and figures
    index["mixed4d:226"].in_words(412)            # "3.1 times the highest of 396 images"
    index.sorted("mixed4d", by="selectivity")     # channels, the most selective first

`lucid_widgets.check(model, "mixed4d:226", index)` measures whether its visualization can be trusted, in a `Report`.
"""

from lucid_widgets.evidence.answers import Sensitivity
from lucid_widgets.evidence.fields import Field
from lucid_widgets.evidence.index import ActivationIndex
from lucid_widgets.evidence.report import Line, Report
from lucid_widgets.evidence.statistics import Statistics
from lucid_widgets.evidence.unit import Shown, UnitEvidence

__all__ = ["ActivationIndex", "Field", "Line", "Report", "Sensitivity", "Shown", "Statistics", "UnitEvidence"]
