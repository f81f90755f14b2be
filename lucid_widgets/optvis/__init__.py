"""Optimization: objectives, image parameterizations, transforms, and the engine that puts them to work.

Where to look: `objectives` (what to maximize), `param` (what an image is made of), `transform` (what the image must
be robust to), `render` (`render_vis` and `iter_vis`), `engine` (the compiled step), `expression` (objectives as text).
"""
