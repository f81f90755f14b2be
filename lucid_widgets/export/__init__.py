"""Export frames as animations, sprite sheets and pages, as used in papers, slides and on the web.

    save_animation(frames, "neuron.gif", fps=20, mode="alternate")

| module          | content                                               |
|-----------------|-------------------------------------------------------|
| `animation`     | one function for every format                         |
| `frames_in`     | which arrays, lists and frames count as frames        |
| `timing`        | order and duration of the frames                      |
| `gif` `video`   | encoders                                              |
| `sprites`       | sprite sheets                                         |
| `sprite_frames` | sprite sheets compressed for a player, with notes     |
| `side_by_side`  | several animations in one grid                        |
| `html` `css`    | a page that plays by itself; CSS for a sprite sheet   |
| `preview`       | images for notebook viewers that run no JavaScript    |

Nothing here imports TensorFlow.
"""

from lucid_widgets.export.animation import Saved, encode_animation, save_animation
from lucid_widgets.export.css import css_snippet
from lucid_widgets.export.frames_in import to_frames
from lucid_widgets.export.sprites import Sheet, make_sheets

__all__ = ["Saved", "Sheet", "css_snippet", "encode_animation", "make_sheets", "save_animation", "to_frames"]
