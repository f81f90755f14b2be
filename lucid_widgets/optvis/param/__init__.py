"""Parameterizations: what an image is made of, that is, the numbers that an optimization changes.

A parameterization is called while a run is being set up, makes `tf.Variable`s, and returns the image tensor
`[batch, height, width, channels]` in [0, 1] computed from them:

    render_vis(model, "mixed4a:152", lambda: param.image(256, fft=False))

| | |
|---|---|
| ready to use | `image`, `grayscale_image_rgb`, `cppn` |
| numbers to make images of | `fft_image`, `pixel_image`, `laplacian_pyramid_image`, `lowres_tensor` |
| from numbers to colours | `to_valid_rgb` |
| random anew at each step | `image_sample` |
| on the surface of something | `bilinearly_sampled_image` |

Those that are not ready to use can be added, stacked and sliced before they become colours:

    def six():
        shared = param.lowres_tensor((6, 128, 128, 3), (1, 64, 64, 3))
        return param.to_valid_rgb(shared + param.fft_image((6, 128, 128, 3)), decorrelate=True)

    render_vis(model, objective, six)
"""

from lucid_widgets.optvis.param import color, images, lowres, random, spatial, unit_balls
from lucid_widgets.optvis.param.color import to_valid_rgb
from lucid_widgets.optvis.param.cppn import cppn
from lucid_widgets.optvis.param.images import grayscale_image_rgb, image
from lucid_widgets.optvis.param.lowres import lowres_tensor
from lucid_widgets.optvis.param.random import image_sample
from lucid_widgets.optvis.param.spatial import (
    bilinearly_sampled_image,
    fft_image,
    laplacian_pyramid,
    laplacian_pyramid_image,
    naive,
    pixel_image,
)

__all__ = [
    "bilinearly_sampled_image",
    "color",
    "cppn",
    "fft_image",
    "grayscale_image_rgb",
    "image",
    "image_sample",
    "images",
    "laplacian_pyramid",
    "laplacian_pyramid_image",
    "lowres",
    "lowres_tensor",
    "naive",
    "pixel_image",
    "random",
    "spatial",
    "to_valid_rgb",
    "unit_balls",
]
