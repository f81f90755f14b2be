"""`Setup`: everything that defines an optimization besides its model and its objective."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.optvis.engine.optimizers import Optimizer
from lucid_widgets.optvis.objectives.arguments import hashable
from lucid_widgets.optvis.speed.precision import Precision
from lucid_widgets.optvis.transform import Transform, check_images
from lucid_widgets.optvis.transform.chains import versions_of

Parameterization = Callable[[], Any]


@dataclass(frozen=True)
class Setup:
    """How an image is parameterized and optimized. Like an objective, a setup has a structure and numbers.

    Attributes:
        param_f: The parameterization.
        transforms: Transforms that the image should be robust to.
        optimizer: The optimizer.
        relu_gradient_override: Whether gradients of inactive units are redirected: of ReLUs in the first steps, and of
            an objective behind a GELU or SiLU in all of them.
        noise_ids: One number per image of the batch, which selects its random numbers; None for 0, 1, 2, ...
        jit_compile: Whether XLA compiles whole steps; None for the default of the devices.
        precision: Precision of the network; None for the default of the devices.
        early_steps: Number of steps made by the program that compiles quickly; None for what suits the images' size.
    """

    param_f: Parameterization
    transforms: Sequence[Transform]
    optimizer: Optimizer
    relu_gradient_override: bool = True
    noise_ids: tuple[int, ...] | None = None
    jit_compile: bool | None = None
    precision: Precision | None = None
    early_steps: int | None = None

    @property
    def structure(self) -> Hashable:
        """Everything that requires compiling again if it changes: all but the numbers."""
        return (
            _by_value(self.param_f),
            tuple(getattr(each, "structure", None) or hashable(each) for each in self.transforms),
            self.optimizer.structure,
            self.relu_gradient_override,
            self.noise_ids,
            self.jit_compile,
            self.precision,
            self.early_steps,
        )

    @property
    def numbers(self) -> tuple[float, ...]:
        """Numbers that can change without compiling: those of the optimizer, then those of the transforms."""
        return (*self.optimizer.numbers, *(n for each in self.transforms for n in getattr(each, "numbers", ())))

    @property
    def versions(self) -> int:
        """Number of versions of each image that the network sees; the images of a version follow each other."""
        return versions_of(self.transforms)

    @property
    def functions(self) -> tuple[Callable[..., Any], ...]:
        """The parameterization and the transforms."""
        return (self.param_f, *self.transforms)

    def transformed(self, images: Any, numbers: Iterator[Any]) -> Any:
        """Return the images as the network should see them.

        Args:
            images: `[batch, height, width, channels]`.
            numbers: Used in place of the transforms' own numbers; may be tensors.
        """
        for index, each in enumerate(self.transforms):
            own = [next(numbers) for _ in getattr(each, "numbers", ())]
            images = each.apply(images, own) if own else each(images)  # type: ignore[attr-defined]
            check_images(images, f"transforms[{index}]")
        return images


def as_noise_ids(noise_ids: Sequence[int] | None) -> tuple[int, ...] | None:
    """Return checked `noise_ids`.

    Raises:
        ArgumentError: They are empty or not whole numbers.
        OutOfRangeError: A number is below 0.
    """
    if noise_ids is None:
        return None
    if isinstance(noise_ids, (str, bytes)) or not isinstance(noise_ids, Iterable):
        raise ArgumentError(f"noise_ids is {noise_ids!r}.", "Expected a list of whole numbers, one per image.")
    checked = tuple(whole_number("noise_ids", each, 0) for each in noise_ids)
    if not checked:
        raise ArgumentError("noise_ids is empty.", "Expected one number per image of the batch.")
    return checked


def _by_value(function: Callable[..., Any]) -> Hashable:
    """Return a function's identity: by value for `functools.partial`, so that equal settings are compiled once."""
    if isinstance(function, partial):
        return (function.func, hashable(function.args), hashable(sorted(function.keywords.items())))
    return hashable(function)


__all__ = ["Parameterization", "Setup", "as_noise_ids"]
