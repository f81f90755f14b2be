"""Lucid's import path for images made of pixels, frequencies or pyramids, before they become colors."""

from lucid_widgets.optvis.param.fourier import fft_image, rfft2d_freqs
from lucid_widgets.optvis.param.lowres import laplacian_pyramid, laplacian_pyramid_image
from lucid_widgets.optvis.param.pixels import naive, pixel_image
from lucid_widgets.optvis.param.sampling import bilinearly_sampled_image, sample_bilinear

__all__ = [
    "bilinearly_sampled_image",
    "fft_image",
    "laplacian_pyramid",
    "laplacian_pyramid_image",
    "naive",
    "pixel_image",
    "rfft2d_freqs",
    "sample_bilinear",
]
