"""Parameterizations: what an image is made of, that is, the numbers that an optimization changes.

A parameterization is called while a run is being set up, makes `tf.Variable`s, and returns the image tensor
`[batch, height, width, channels]` in [0, 1] computed from them:

    render_vis(model, "mixed4a:476", lambda: param.image(256, fft=False))

`image`, `grayscale_image_rgb`: images ready to use. `fft_image`, `pixel_image`: what they are made of.
`to_valid_rgb`: from unconstrained numbers to colours.
"""

from lucid_widgets.optvis.param.color import to_valid_rgb
from lucid_widgets.optvis.param.images import grayscale_image_rgb, image
from lucid_widgets.optvis.param.spatial import fft_image, pixel_image

__all__ = ["fft_image", "grayscale_image_rgb", "image", "pixel_image", "to_valid_rgb"]
