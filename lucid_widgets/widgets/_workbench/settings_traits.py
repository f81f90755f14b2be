"""`SettingsTraits`: the settings of a run as traits, except its objective, and what the page knows about them."""

from __future__ import annotations

from typing import Any

import traitlets

from lucid_widgets.widgets._core.traits import (
    IMAGE_SIZE_MIN,
    MAX_SEED,
    MAX_STEPS,
    Choice,
    Data,
    Flag,
    Real,
    Record,
    Records,
    Whole,
)
from lucid_widgets.widgets._workbench.run_settings import OPTIMIZERS, PARAMETERIZATIONS, ROBUST_TO

IMAGE_SIZE_MAX = 2048
ZOOMS = ("fit", "1x", "2x")
_OPTIMIZER = (
    'Name of the optimizer: "Adam" is Lucid\'s; "AdamCosine" is the same, but its learning rate falls to a tenth during'
    " the run. For the others see Keras."
)
MAX_BATCH = 64


class SettingsTraits(traitlets.HasTraits):
    """Traits with the names of the fields of `RunSettings`, and how the image is shown."""

    steps: int = Whole(512, min=1, max=MAX_STEPS, help="Number of updates of a run.")
    seed: int = Whole(0, min=0, max=MAX_SEED, help="Seed of all random numbers.")
    image_size: int = Whole(128, min=IMAGE_SIZE_MIN, max=IMAGE_SIZE_MAX, help="Width and height in pixels.")
    batch: int = Whole(1, min=1, max=MAX_BATCH, help="Number of images that are optimized together.")
    parameterization: str = Choice(
        PARAMETERIZATIONS,
        "fourier",
        help='Numbers that are optimized: Fourier coefficients ("fourier"), "pixels", only the phases of Fourier'
        ' coefficients, with the amplitudes of natural images ("maco"), a sum of images of many resolutions'
        ' ("direct_ascent"), or the weights of a small network that paints the image ("cppn"). `decorrelate` and'
        " `start_image` have no effect on the last three.",
    )
    decorrelate: bool = Flag(
        True, help="Whether colors are optimized in a space in which those of natural images are uncorrelated."
    )
    alpha: bool = Flag(
        False,
        help="Whether opacity is optimized too, in front of a random background. With MaCo, opacity shows where the"
        " gradients were large.",
    )
    robust_to: str = Choice(
        ROBUST_TO,
        "affine",
        help='Random transforms before each step: `shift`, `scale` and `rotate` ("affine"), Lucid\'s chain of'
        ' transforms ("standard"), several random crops ("crops"), rolls and color changes for transformers ("tokens",'
        ' also by `shift`, `scale` and `rotate`), or none ("nothing"). The default depends on the model.',
    )
    shift: float = Real(6.0, min=0, max=256, help="Largest random shift along each axis in pixels.")
    scale: float = Real(0.1, min=0, max=0.9, help="Largest random change of size: 0.1 scales by 0.9 to 1.1.")
    rotate: float = Real(10.0, min=0, max=180, help="Largest random rotation in degrees.")
    optimizer: str = Choice(tuple(OPTIMIZERS), "Adam", help=_OPTIMIZER)
    learning_rate: float = Real(
        0.05,
        min=1e-6,
        max=1e6,
        help="Size of an update. Until it is changed, it follows `optimizer` and `parameterization`.",
    )
    zoom: str = Choice(ZOOMS, "fit", help='Size of the image on the page: as large as fits ("fit"), "1x" or "2x".')
    shown: int = Whole(
        -1, min=-1, max=MAX_BATCH - 1, help="Index of the image that is shown; -1 shows the whole batch as a grid."
    )
    _start_image_about: dict[str, Any] = Record(
        output=True, help="About `start_image`: name, width and height; empty if a run starts from noise."
    )
    _start_image_thumbnail: bytes = Data(b"", output=True, help="Thumbnail of `start_image`, an image file.")
    _set_in_code: list[str] = Records(
        output=True, help="Settings without effect, because `param_f`, `transforms` or `optimizer` decides them."
    )
    _undo: dict[str, Any] = Record(
        output=True, help="Names of the settings that `undo` would change back (undo) and `redo` change again (redo)."
    )


__all__ = ["IMAGE_SIZE_MAX", "MAX_BATCH", "SettingsTraits"]
