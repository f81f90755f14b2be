"""Helpers of published work on reinforcement learning: attributions, factorized activations, and images of them.

`from lucid_widgets.scratch.rl_util import *` brings the names that notebooks use.

Source: Lucid's `scratch.rl_util`; Hilton, Cammarata, Carter, Goh & Olah, "Understanding RL Vision", Distill 2020.
"""

import numpy as np  # noqa: F401
import tensorflow as tf  # noqa: F401

from lucid_widgets.misc.channel_reducer import ChannelReducer
from lucid_widgets.misc.io import save, show
from lucid_widgets.misc.io.collapse_channels import hue_to_rgb
from lucid_widgets.misc.io.showing import _display_html, _image_url  # noqa: F401
from lucid_widgets.modelzoo.vision_base import Model
from lucid_widgets.optvis import objectives, param, render, transform
from lucid_widgets.optvis.overrides import gradient_override_map
from lucid_widgets.scratch.rl_util.attribution import (
    get_acts,
    get_attr,
    get_grad,
    get_grad_or_attr,
    get_multi_path_attr,
    get_paths,
    maxpool_override,
)
from lucid_widgets.scratch.rl_util.files import clear_cnn, load_joblib, save_joblib
from lucid_widgets.scratch.rl_util.nmf import LayerNMF, argmax_nd, rescale_opacity
from lucid_widgets.scratch.rl_util.util import (
    brightness_to_opacity,
    channels_to_rgb,
    concatenate_horizontally,
    conv2d,
    get_shape,
    get_var,
    norm_filter,
    zoom_to,
)

__all__ = [
    "ChannelReducer",
    "LayerNMF",
    "Model",
    "argmax_nd",
    "brightness_to_opacity",
    "channels_to_rgb",
    "clear_cnn",
    "concatenate_horizontally",
    "conv2d",
    "get_acts",
    "get_attr",
    "get_grad",
    "get_grad_or_attr",
    "get_multi_path_attr",
    "get_paths",
    "get_shape",
    "get_var",
    "gradient_override_map",
    "hue_to_rgb",
    "load_joblib",
    "maxpool_override",
    "norm_filter",
    "objectives",
    "param",
    "render",
    "rescale_opacity",
    "save",
    "save_joblib",
    "show",
    "transform",
    "zoom_to",
]

# Lucid's star import brought these, too, and notebooks rely on it.
_ALSO = ("_display_html", "_image_url", "np", "tf")
__all__ += list(_ALSO)
