"""Optimization of images: objectives, parameterizations, transforms, and the engine that runs them.

`objectives` defines what to maximize, `param` how an image is represented, and `transform` the random changes that it
must survive. `render` has `render_vis` and `iter_vis`; `engine` compiles and runs the steps.
"""

from lucid_widgets._startup import import_tensorflow
from lucid_widgets.misc.waiting import waiting

with waiting("Importing TensorFlow, about 10 s"):
    import_tensorflow()

__all__: list[str] = []
