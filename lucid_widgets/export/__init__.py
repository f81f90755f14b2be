"""Frames as files: what people paste into papers, slides and pages. No TensorFlow here.

    save_animation(frames, "neuron.gif", fps=20, mode="alternate")

Where to look: `frames_in` (what counts as frames), `animation` (one call for all formats), `gif`, `video`, `css`,
`sprites` (frames as one picture with a grid), `reel` (frames as a player has them), `html` (a page that plays),
`lock_step` (several animations side by side), `preview` (for readers without widgets), `timing` (order and duration).
"""

from lucid_widgets.export.animation import Saved, encode_animation, save_animation
from lucid_widgets.export.css import css_snippet
from lucid_widgets.export.frames_in import to_frames
from lucid_widgets.export.sprites import Sheet, make_sheets

__all__ = ["Saved", "Sheet", "css_snippet", "encode_animation", "make_sheets", "save_animation", "to_frames"]
