"""Optimization of images: objectives, parameterizations, transforms, and the engine that runs them.

`objectives` says what to maximize, `param` what an image is made of, and `transform` which changes the visualization
must survive. `render` has `render_vis` and `iter_vis`; `engine` compiles and runs the steps.
"""

from lucid_widgets._startup import import_tensorflow

import_tensorflow()
