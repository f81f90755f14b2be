"""`RunSettings`: everything that makes a picture, beside the network, as one record.

What the engine is given, the code to copy, the settings in a file and the history of runs are all made of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

import keras

from lucid_widgets.optvis import param
from lucid_widgets.optvis.affine import random_affine
from lucid_widgets.optvis.engine.optimizers import Adam, KerasOptimizer, Optimizer
from lucid_widgets.optvis.transform import Transform, collapse_alpha_random, standard_transforms
from lucid_widgets.widgets._workbench.start_image import StartImage

PARAMETERIZATIONS = ("fourier", "pixels", "cppn")
ROBUST_TO = ("affine", "standard", "nothing")

OPTIMIZERS = MappingProxyType({"Adam": 0.05, "Nadam": 0.05, "Adamax": 0.1, "RMSprop": 0.05, "Lion": 0.02, "SGD": 50.0})
"""The optimizers by name, all but Lucid's own Adam from Keras, with a learning rate that suits images."""

CPPN_SHARE = 0.1
"""Of these rates that suits the weights of a CPPN."""

# One instance: what is equal by identity is compiled once.
_COLLAPSE = collapse_alpha_random()


class InCode(NamedTuple):
    """What a person's own code decides in place of the recipe; None where the recipe does."""

    param_f: Callable[[], Any] | None = None
    transforms: tuple[Transform, ...] | None = None
    optimizer: Optimizer | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of a recipe that have no effect then."""
        return tuple(
            name for names, own in zip(_DECIDES.values(), self, strict=True) if own is not None for name in names
        )

    def owner_of(self, name: str) -> str | None:
        """The argument that decides a field in code; None where the recipe does."""
        return next((key for key, names in _DECIDES.items() if name in names and name in self.fields), None)


@dataclass(frozen=True)
class RunSettings:
    """The settings of one run. Its fields are the widget's traits of these names, which say what they mean."""

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

    def needs_new_picture(self, other: RunSettings) -> bool:
        """Whether a run with the one cannot go on with the other."""
        return any(getattr(self, name) != getattr(other, name) for name in (*IMAGE, "seed", "optimizer"))

    def steers(self, other: RunSettings) -> bool:
        """Whether a run that goes on with the other makes another picture from there."""
        return any(getattr(self, name) != getattr(other, name) for name in ("expression", "learning_rate", *ROBUSTNESS))

    @property
    def moves(self) -> tuple[Any, ...]:
        """What the image is made robust to."""
        return tuple(getattr(self, name) for name in ROBUSTNESS)

    @property
    def usual_rate(self) -> float:
        """A learning rate that suits the optimizer and what is optimized."""
        return OPTIMIZERS[self.optimizer] * (CPPN_SHARE if self.parameterization == "cppn" else 1)

    # What the engine is given.

    def param_f(self) -> Callable[[], Any]:
        """The parameterization. Equal recipes give equal ones, so that a program is compiled once for all."""
        if self.parameterization == "cppn":
            depth: dict[str, Any] = {"num_output_channels": 4} if self.alpha else {}
            return partial(param.cppn, self.image_size, batch=self.batch, **depth)
        return partial(param.image, self.image_size, batch=self.batch, **self.image_options(), **self._start())

    def image_options(self) -> dict[str, bool]:
        """Arguments of `param.image` that differ from its defaults."""
        chosen = {"decorrelate": self.decorrelate, "fft": self.parameterization == "fourier", "alpha": self.alpha}
        usual = {"decorrelate": True, "fft": True, "alpha": False}
        return {name: value for name, value in chosen.items() if value != usual[name]}

    def _start(self) -> dict[str, Any]:
        if self.start_image is None:
            return {}
        return {"init_val": self.start_image.fitted(self.image_size, self.alpha)}

    @property
    def starts_from_image(self) -> bool:
        """Whether there is a start image, and something that can start from one."""
        return self.start_image is not None and self.parameterization != "cppn"

    def transforms(self) -> tuple[Transform, ...]:
        """What the image is made robust to; where it has alpha, a random background comes first."""
        chains: dict[str, tuple[Transform, ...]] = {
            "affine": (random_affine(self.shift, self.scale, self.rotate),),
            "standard": tuple(standard_transforms),
            "nothing": (),
        }
        return (*((_COLLAPSE,) if self.alpha else ()), *chains[self.robust_to])

    def make_optimizer(self) -> Optimizer:
        """The optimizer."""
        if self.optimizer == "Adam":
            return Adam(self.learning_rate)
        return KerasOptimizer(getattr(keras.optimizers, self.optimizer)(self.learning_rate))


IMAGE = ("image_size", "batch", "parameterization", "decorrelate", "alpha", "start_image")
ROBUSTNESS = ("robust_to", "shift", "scale", "rotate")
OPTIMIZATION = ("optimizer", "learning_rate")
_DECIDES = {"param_f": IMAGE, "transforms": ROBUSTNESS, "optimizer": OPTIMIZATION}
FIELDS = tuple(field.name for field in fields(RunSettings))

__all__ = [
    "FIELDS",
    "IMAGE",
    "OPTIMIZATION",
    "OPTIMIZERS",
    "PARAMETERIZATIONS",
    "ROBUSTNESS",
    "ROBUST_TO",
    "InCode",
    "RunSettings",
]
