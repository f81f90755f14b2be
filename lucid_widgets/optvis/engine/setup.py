"""`Setup`: what an optimization is made of beside its model and its objective."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.optvis.engine.optimizers import Optimizer
from lucid_widgets.optvis.objectives.arguments import hashable
from lucid_widgets.optvis.speed.precision import Precision
from lucid_widgets.optvis.transform import Transform, check_images

Parameterization = Callable[[], Any]


@dataclass(frozen=True)
class Setup:
    """How an image is made, and how it is optimized. Like an objective, it is a structure and numbers.

    Attributes:
        param_f: The parameterization.
        transforms: What the image must be robust to.
        optimizer: The optimizer.
        relu_gradient_override: Whether ReLU gradients are redirected.
        noise_ids: The number under which each image of the batch draws; 0, 1, 2 and so on where it is None.
        jit_compile: Whether XLA compiles whole steps; None where that is for the engine to say.
        precision: What the network is computed in; likewise.
    """

    param_f: Parameterization
    transforms: Sequence[Transform]
    optimizer: Optimizer
    relu_gradient_override: bool = True
    noise_ids: tuple[int, ...] | None = None
    jit_compile: bool | None = None
    precision: Precision | None = None

    @property
    def structure(self) -> Hashable:
        """What has to be compiled: all but the numbers."""
        return (
            _by_value(self.param_f),
            tuple(getattr(each, "structure", None) or hashable(each) for each in self.transforms),
            self.optimizer.structure,
            self.relu_gradient_override,
            self.noise_ids,
            self.jit_compile,
            self.precision,
        )

    @property
    def numbers(self) -> tuple[float, ...]:
        """The numbers that can change without compiling anything: those of the optimizer, then of the transforms."""
        return (*self.optimizer.numbers, *(n for each in self.transforms for n in getattr(each, "numbers", ())))

    @property
    def functions(self) -> tuple[Callable[..., Any], ...]:
        """The functions that it is made of."""
        return (self.param_f, *self.transforms)

    def transformed(self, images: Any, numbers: Iterator[Any]) -> Any:
        """The images as the network shall see them, with `numbers` (tensors, say) in place of the transforms' own."""
        for place, each in enumerate(self.transforms):
            own = [next(numbers) for _ in getattr(each, "numbers", ())]
            images = each.apply(images, own) if own else each(images)  # type: ignore[attr-defined]
            check_images(images, f"transforms[{place}]")
        return images


def as_noise_ids(numbers: Sequence[int] | None) -> tuple[int, ...] | None:
    """Checks `noise_ids`.

    Raises:
        ArgumentError: There are none.
        OutOfRangeError: One is below 0.
    """
    if numbers is None:
        return None
    checked = tuple(whole_number("noise_ids", each, 0) for each in numbers)
    if not checked:
        raise ArgumentError("noise_ids is empty.", "Expected one number for each image of the batch.")
    return checked


def _by_value(function: Callable[..., Any]) -> Hashable:
    """A function's identity: by value for `functools.partial`, so that equal settings are compiled once."""
    if isinstance(function, partial):
        return (function.func, hashable(function.args), hashable(sorted(function.keywords.items())))
    return hashable(function)


__all__ = ["Parameterization", "Setup", "as_noise_ids"]
