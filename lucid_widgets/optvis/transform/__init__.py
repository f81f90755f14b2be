"""Transforms: small random changes that a visualization must survive, which keeps it free of high-frequency noise.

A transform is a function of images `[batch, height, width, channels]` that returns images: `jitter(8)` is one. It is
applied in each step with new random numbers. `random_affine` and `random_color` draw once for each image, all others
once for the whole batch.

| | |
|---|---|
| position | `jitter`, `random_roll` |
| scale and rotation | `random_scale`, `random_rotate`; with the position: `random_affine` |
| size | `pad`, `crop_or_pad_to` |
| several crops of each image | `random_crops` |
| a transparent image | `collapse_alpha_random`, `ignore_alpha` |
| colors | `random_color` |
| gradient only | `normalize_gradient`, `smooth_gradient` |
| chains | `compose`, `standard_transforms` (Lucid's), `default_transforms` (this package's), `token_transforms` |

`transforms=` takes a transform, a list of them, or "affine" (`default_transforms`), "standard" (`standard_transforms`),
"crops" (`random_crops`), "tokens" (`token_transforms`, for transformers) or "nothing".
"""

from lucid_widgets.optvis.affine import random_affine
from lucid_widgets.optvis.transform.alpha import collapse_alpha_random, ignore_alpha
from lucid_widgets.optvis.transform.chains import (
    Transform,
    Transforms,
    as_transforms,
    check_images,
    compose,
    default_transforms,
    standard_transforms,
    token_transforms,
)
from lucid_widgets.optvis.transform.crops import random_crops
from lucid_widgets.optvis.transform.geometry import _angle2rads as _angle2rads  # old notebooks call it
from lucid_widgets.optvis.transform.geometry import _rand_select as _rand_select  # old notebooks call it
from lucid_widgets.optvis.transform.geometry import crop_or_pad_to, jitter, pad, random_rotate, random_scale
from lucid_widgets.optvis.transform.gradient import normalize_gradient, smooth_gradient
from lucid_widgets.optvis.transform.tokens import random_color, random_roll

__all__ = [
    "Transform",
    "Transforms",
    "as_transforms",
    "check_images",
    "collapse_alpha_random",
    "compose",
    "crop_or_pad_to",
    "default_transforms",
    "ignore_alpha",
    "jitter",
    "normalize_gradient",
    "pad",
    "random_affine",
    "random_color",
    "random_crops",
    "random_roll",
    "random_rotate",
    "random_scale",
    "smooth_gradient",
    "standard_transforms",
    "token_transforms",
]
