"""Parameterizations: how an image is represented, that is, which numbers the optimizer changes.

A parameterization is a function without arguments. The engine calls it when it sets up a run. It creates
`tf.Variable`s and returns the image tensor computed from them, `[batch, height, width, channels]` in [0, 1]:

    render_vis(model, "mixed4a:152", lambda: param.image(256, fft=False))

| | |
|---|---|
| images, ready to use | `image`, `maco`, `direct_ascent`, `grayscale_image_rgb`, `cppn` |
| volumes, as sheets of slices | `volume` |
| amplitudes for `maco` | `natural_spectrum`, `spectrum_from` |
| unconstrained tensors | `fft_image`, `fft_volume`, `pixel_image`, `laplacian_pyramid_image`, `lowres_tensor` |
| from unconstrained tensors to colors | `to_valid_rgb` |
| some channels at given values | `hold_channels` |
| random in each step | `image_sample` |
| a texture on a surface | `bilinearly_sampled_image` |

Unconstrained tensors can be added, stacked and sliced before they become colors:

    def six():
        shared = param.lowres_tensor((6, 128, 128, 3), (1, 64, 64, 3))
        return param.to_valid_rgb(shared + param.fft_image((6, 128, 128, 3)), decorrelate=True)

    render_vis(model, objective, six)
"""

# Exported under their own names, but not by a star import: `random` would hide Python's module.
from lucid_widgets.optvis.param import color as color
from lucid_widgets.optvis.param import images as images
from lucid_widgets.optvis.param import lowres as lowres
from lucid_widgets.optvis.param import random as random
from lucid_widgets.optvis.param import spatial as spatial
from lucid_widgets.optvis.param import unit_balls as unit_balls
from lucid_widgets.optvis.param.color import to_valid_rgb
from lucid_widgets.optvis.param.cppn import cppn
from lucid_widgets.optvis.param.fourier import fft_image, fft_volume
from lucid_widgets.optvis.param.images import grayscale_image_rgb, hold_channels, image, volume
from lucid_widgets.optvis.param.lowres import direct_ascent, laplacian_pyramid, laplacian_pyramid_image, lowres_tensor
from lucid_widgets.optvis.param.maco import maco, natural_spectrum, spectrum_from
from lucid_widgets.optvis.param.pixels import naive, pixel_image
from lucid_widgets.optvis.param.random import image_sample
from lucid_widgets.optvis.param.sampling import bilinearly_sampled_image

__all__ = [
    "bilinearly_sampled_image",
    "cppn",
    "direct_ascent",
    "fft_image",
    "fft_volume",
    "grayscale_image_rgb",
    "hold_channels",
    "image",
    "image_sample",
    "laplacian_pyramid",
    "laplacian_pyramid_image",
    "lowres_tensor",
    "maco",
    "naive",
    "natural_spectrum",
    "pixel_image",
    "spectrum_from",
    "to_valid_rgb",
    "volume",
]
