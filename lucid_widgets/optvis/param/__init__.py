"""Parameterizations: how an image is represented, that is, which numbers the optimizer changes.

A parameterization is a function without arguments. The engine calls it when it sets up a run. It creates
`tf.Variable`s and returns the image tensor computed from them, `[batch, height, width, channels]` in [0, 1]:

    render_vis(model, "mixed4a:152", lambda: param.image(256, fft=False))

| | |
|---|---|
| images, ready to use | `image`, `grayscale_image_rgb`, `cppn` |
| unconstrained tensors | `fft_image`, `pixel_image`, `laplacian_pyramid_image`, `lowres_tensor` |
| from unconstrained tensors to colors | `to_valid_rgb` |
| random in each step | `image_sample` |
| a texture on a surface | `bilinearly_sampled_image` |

Unconstrained tensors can be added, stacked and sliced before they become colors:

    def six():
        shared = param.lowres_tensor((6, 128, 128, 3), (1, 64, 64, 3))
        return param.to_valid_rgb(shared + param.fft_image((6, 128, 128, 3)), decorrelate=True)

    render_vis(model, objective, six)
"""

from lucid_widgets.optvis.param import color, images, lowres, random, spatial, unit_balls
from lucid_widgets.optvis.param.color import to_valid_rgb
from lucid_widgets.optvis.param.cppn import cppn
from lucid_widgets.optvis.param.fourier import fft_image
from lucid_widgets.optvis.param.images import grayscale_image_rgb, image
from lucid_widgets.optvis.param.lowres import laplacian_pyramid, laplacian_pyramid_image, lowres_tensor
from lucid_widgets.optvis.param.pixels import naive, pixel_image
from lucid_widgets.optvis.param.random import image_sample
from lucid_widgets.optvis.param.sampling import bilinearly_sampled_image

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
