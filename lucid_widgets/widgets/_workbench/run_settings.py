"""`RunSettings`: everything except the model that determines an image, as one record.

The arguments of the engine, the code to copy, the settings file and the run history are all made from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

import keras

from lucid_widgets.errors import ArgumentError
from lucid_widgets.optvis import param
from lucid_widgets.optvis.affine import random_affine
from lucid_widgets.optvis.default_image import COLORS, COSINE_RATE, ImageFormat
from lucid_widgets.optvis.engine.optimizers import Adam, KerasOptimizer, Optimizer
from lucid_widgets.optvis.transform import (
    Transform,
    collapse_alpha_random,
    ignore_alpha,
    random_crops,
    standard_transforms,
)
from lucid_widgets.optvis.transform.chains import transforms_of_tokens
from lucid_widgets.widgets._workbench.start_image import StartImage

PARAMETERIZATIONS = ("fourier", "pixels", "maco", "direct_ascent", "cppn")
ROBUST_TO = ("affine", "standard", "crops", "tokens", "nothing")

OPTIMIZERS = MappingProxyType(
    {"Adam": 0.05, "AdamCosine": COSINE_RATE, "Nadam": 0.05, "Adamax": 0.1, "RMSprop": 0.05, "Lion": 0.02, "SGD": 50.0}
)
"""Names of optimizers, each with a learning rate that suits images.

"Adam" is Lucid's, and "AdamCosine" the same with a learning rate that falls during the run. The others are from Keras.
"""

MOVED = ("affine", "tokens")
"""Values of `robust_to` for which `shift`, `scale` and `rotate` have an effect."""

LEARNING_RATE_FACTORS = MappingProxyType({"cppn": 0.1, "maco": 4.0, "direct_ascent": 0.04})
"""Factors from a learning rate that suits images to one for the weights of a CPPN, phases, or a sum of images."""

NO_START = ("cppn", "maco", "direct_ascent")
"""Parameterizations without a start image, which have their own colors."""

COLOR_IMAGES = ImageFormat()

# One instance for all settings, because each transform object is compiled separately.
_COLLAPSE = collapse_alpha_random()


class InCode(NamedTuple):
    """Arguments of the constructor that replace settings; None where the settings apply."""

    param_f: Callable[[], Any] | None = None
    transforms: tuple[Transform, ...] | None = None
    optimizer: Optimizer | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of `RunSettings` that have no effect."""
        return tuple(
            name for names, own in zip(_DECIDES.values(), self, strict=True) if own is not None for name in names
        )

    def owner_of(self, name: str) -> str | None:
        """The argument that replaces a field; None if the field has an effect."""
        return next((key for key, names in _DECIDES.items() if name in names and name in self.fields), None)


@dataclass(frozen=True)
class RunSettings:
    """The settings of one run. The widget's traits of the same names document the fields."""

    expression: str = ""
    steps: int = 512
    seed: int = 0
    image_size: int = 128
    batch: int = 1
    parameterization: str = "fourier"
    decorrelate: bool = True
    alpha: bool = False
    start_image: StartImage | None = None
    robust_to: str = "affine"
    shift: float = 6.0
    scale: float = 0.1
    rotate: float = 10.0
    optimizer: str = "Adam"
    learning_rate: float = 0.05

    def needs_new_image(self, other: RunSettings) -> bool:
        """Whether a run with the other settings cannot continue with these."""
        return any(getattr(self, name) != getattr(other, name) for name in (*IMAGE, "seed", "optimizer"))

    def steers(self, other: RunSettings) -> bool:
        """Whether a run that continues with these settings makes a different image than with the others."""
        return any(getattr(self, name) != getattr(other, name) for name in ("expression", "rate", *ROBUSTNESS))

    @property
    def robustness(self) -> tuple[Any, ...]:
        """The values that determine the transforms."""
        return tuple(getattr(self, name) for name in ROBUSTNESS)

    @property
    def rate(self) -> tuple[float, int]:
        """The learning rate, and the number of steps in which it falls; 0 if it is constant."""
        return self.learning_rate, self.steps if self.optimizer == "AdamCosine" else 0

    @property
    def default_learning_rate(self) -> float:
        """A learning rate that suits the optimizer and the parameterization."""
        return OPTIMIZERS[self.optimizer] * LEARNING_RATE_FACTORS.get(self.parameterization, 1)

    # Arguments of the engine.

    def param_f(self, images: ImageFormat = COLOR_IMAGES) -> Callable[[], Any]:
        """The parameterization. Equal settings give equal functions, so that they share a compiled program.

        Args:
            images: Channels and aspect ratio of the model's images.

        Raises:
            ArgumentError: If the model's images cannot have such a parameterization.
        """
        if self.alpha and images.channels != COLORS:
            raise ArgumentError(
                f"An image of {images.channels} channels has no alpha.", "Switch it off; it needs red, green and blue."
            )
        if images.volume is not None and (self.alpha or self.parameterization not in ("fourier", "pixels")):
            what = "alpha" if self.alpha else f"the parameterization {self.parameterization!r}"
            raise ArgumentError(f"Volumes do not work with {what}.", "Choose Fourier or pixels, without alpha.")
        if self.parameterization == "cppn":
            depth = 4 if self.alpha else images.channels
            outputs: dict[str, Any] = {} if depth == COLORS else {"num_output_channels": depth}
            return partial(param.cppn, self.image_size, batch=self.batch, **outputs)
        sizes, options = images.sizes(self.image_size), self.image_options() | images.options
        make: Any  # the number of leading arguments varies, which types cannot follow
        if self.parameterization in ("maco", "direct_ascent"):
            summed = self.parameterization == "direct_ascent"
            if images.channels != COLORS or (summed and self.alpha):
                raise ArgumentError(
                    f"{'Direct ascent' if summed else 'MaCo'} makes images of three channels.",
                    "Choose another parameterization, or switch alpha off.",
                )
            make = param.direct_ascent if summed else param.maco
            return partial(make, *sizes, batch=self.batch, **({"alpha": True} if self.alpha else {}))
        make = images.make
        return partial(make, *sizes, batch=self.batch, **options, **self._start(images))

    def image_options(self) -> dict[str, bool]:
        """Arguments of `param.image` that differ from its defaults."""
        chosen = {"decorrelate": self.decorrelate, "fft": self.parameterization == "fourier", "alpha": self.alpha}
        defaults = {"decorrelate": True, "fft": True, "alpha": False}
        return {name: value for name, value in chosen.items() if value != defaults[name]}

    def _start(self, images: ImageFormat) -> dict[str, Any]:
        if self.start_image is None:
            return {}
        pixels = self.start_image.fitted(self.image_size, self.alpha)
        if images.channels == 1 and images.volume is None:
            pixels = pixels.mean(-1, keepdims=True)
        elif images.channels != COLORS or len(images.sizes(self.image_size)) > 1:
            raise ArgumentError(
                "The start image does not fit this network.",
                "Expected a network for square images of one or three channels. Remove the start image.",
            )
        return {"init_val": pixels}

    @property
    def starts_from_image(self) -> bool:
        """Whether there is a start image, and the parameterization can start from it."""
        return self.start_image is not None and self.parameterization not in NO_START

    def transforms(self) -> tuple[Transform, ...]:
        """The transforms. For an image with alpha, a random background comes first, unless alpha is not optimized."""
        chains: dict[str, tuple[Transform, ...]] = {
            "affine": (random_affine(self.shift, self.scale, self.rotate),),
            "standard": tuple(standard_transforms),
            "crops": (random_crops(),),
            "tokens": tuple(transforms_of_tokens(self.shift, self.scale, self.rotate)),
            "nothing": (),
        }
        seen = ignore_alpha() if self.parameterization == "maco" else _COLLAPSE
        return (*((seen,) if self.alpha else ()), *chains[self.robust_to])

    def make_optimizer(self) -> Optimizer:
        """A new optimizer."""
        if self.optimizer in ("Adam", "AdamCosine"):
            rate, decay_steps = self.rate
            return Adam(rate, decay_steps=decay_steps)
        return KerasOptimizer(getattr(keras.optimizers, self.optimizer)(self.learning_rate))


IMAGE = ("image_size", "batch", "parameterization", "decorrelate", "alpha", "start_image")
ROBUSTNESS = ("robust_to", "shift", "scale", "rotate")
OPTIMIZATION = ("optimizer", "learning_rate")
_DECIDES = {"param_f": IMAGE, "transforms": ROBUSTNESS, "optimizer": OPTIMIZATION}
FIELDS = tuple(field.name for field in fields(RunSettings))

__all__ = [
    "FIELDS",
    "IMAGE",
    "MOVED",
    "NO_START",
    "OPTIMIZATION",
    "OPTIMIZERS",
    "PARAMETERIZATIONS",
    "ROBUSTNESS",
    "ROBUST_TO",
    "InCode",
    "RunSettings",
]
