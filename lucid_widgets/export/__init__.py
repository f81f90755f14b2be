"""Frames as files: what people paste into papers, slides and pages. No TensorFlow here.

Where to look: `frames_in` (what counts as frames), `sprites` (frames as one picture with a grid).
"""

from lucid_widgets.export.frames_in import to_frames
from lucid_widgets.export.sprites import Sheet, make_sheets

__all__ = ["Sheet", "make_sheets", "to_frames"]
