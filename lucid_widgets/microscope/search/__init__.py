"""Finding units in a store: by words, by figures of real images, and by the similarity of images."""

from lucid_widgets.microscope.search.query import FIGURES, Query
from lucid_widgets.microscope.search.similarity import features, nearest

__all__ = ["FIGURES", "Query", "features", "nearest"]
