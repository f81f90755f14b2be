"""Chains of transforms: the package's three chains, and the conversion of the argument `transforms=`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

import tensorflow as tf

from lucid_widgets.errors import ArgumentError, UnknownNameError, did_you_mean
from lucid_widgets.optvis.affine import random_affine
from lucid_widgets.optvis.transform.alpha import collapse_alpha_random, ignore_alpha
from lucid_widgets.optvis.transform.crops import random_crops
from lucid_widgets.optvis.transform.geometry import crop_or_pad_to, jitter, pad, random_rotate, random_scale
from lucid_widgets.optvis.transform.gradient import normalize_gradient, smooth_gradient
from lucid_widgets.optvis.transform.tokens import random_color, random_roll

Transform: TypeAlias = Callable[[Any], Any]
"""A function from images to images, `[batch, height, width, channels]`."""

Transforms: TypeAlias = (
    Transform | Iterable[Transform] | Literal["affine", "standard", "crops", "tokens", "nothing"] | None
)
"""Whatever `as_transforms` accepts."""

_MAKERS = (
    *(jitter, pad, random_scale, random_rotate, random_affine, normalize_gradient, collapse_alpha_random),
    *(crop_or_pad_to, random_roll, random_color, smooth_gradient, ignore_alpha),
)
_LIST_METHODS = frozenset({"append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"})


class TransformChain(tuple[Transform, ...]):
    """An immutable sequence of transforms that can be added to lists, as Lucid's list of transforms could.

    A sum with a list is a list, and a sum with a tuple is a tuple.
    """

    __slots__ = ()

    def __add__(self, other: Any) -> Any:
        return [*self, *other] if isinstance(other, list) else super().__add__(other)

    def __radd__(self, other: Any) -> Any:
        return [*other, *self] if isinstance(other, list) else NotImplemented

    def __getattr__(self, name: str) -> Any:
        message = f"{type(self).__name__!r} object has no attribute {name!r}."
        if name in _LIST_METHODS:
            message = (
                f"The transforms of this package cannot be changed, so they have no {name}(). "
                "Pass a new list instead, such as [*standard_transforms, jitter(8)]."
            )
        raise AttributeError(message)


standard_transforms = TransformChain(
    (
        pad(12, mode="constant", constant_value=0.5),
        jitter(8),
        random_scale([1 + (i - 5) / 50.0 for i in range(11)]),
        random_rotate([*range(-10, 11), *[0] * 5]),
        jitter(4),
    )
)
"""Lucid's transforms: shifts of a few pixels, scales from 0.9 to 1.1 and rotations of up to 10 degrees.

They draw once for the whole batch. They change the size of the image in each step.
"""

default_transforms = TransformChain((random_affine(),))
"""The default transforms: the ranges of `standard_transforms`, drawn independently for each image."""


def transforms_of_tokens(roll: float, scale: float = 0.1, rotate: float = 10.0) -> TransformChain:
    """Return `token_transforms` with other amounts.

    Args:
        roll: As for `random_roll`.
        scale: As for `random_affine`.
        rotate: As for `random_affine`.
    """
    return TransformChain((smooth_gradient(), random_roll(roll), random_affine(0, scale, rotate), random_color()))


token_transforms = transforms_of_tokens(random_roll.distance)
"""Transforms for transformers, which with `default_transforms` often show noise with a grid of patches.

Rolls move the image against the patches, and the gradient is pulled toward a smooth image. Scales and rotations are
those of `default_transforms`.

Source: after Ghiasi, Kazemi et al., "What do Vision Transformers Learn? A Visual Exploration", 2022.
"""

_NAMED: Mapping[str, TransformChain] = MappingProxyType(
    {
        "affine": default_transforms,
        "standard": standard_transforms,
        "crops": TransformChain([random_crops()]),
        "tokens": token_transforms,
        "nothing": TransformChain(),
    }
)


def compose(transforms: Iterable[Transform]) -> Transform:
    """Combine transforms into one that applies them from left to right.

    Args:
        transforms: Transforms, possibly none.

    Returns:
        A transform.

    Source: Lucid's `transform.compose`.
    """
    steps = as_transforms([] if transforms is None else transforms)

    def inner(t: Any) -> Any:
        for step in steps:
            t = step(t)
        return t

    if (versions := versions_of(steps)) > 1:
        inner.versions = versions  # type: ignore[attr-defined]
    return inner


def versions_of(transforms: Iterable[Transform]) -> int:
    """Return how many versions of each image a chain shows to the network. Only `random_crops` makes several."""
    return math.prod(int(getattr(each, "versions", 1)) for each in transforms)


def as_transforms(transforms: Transforms) -> tuple[Transform, ...]:
    """Return the transforms that `transforms=` stands for.

    Args:
        transforms: A transform, or an iterable of transforms; "affine" for `default_transforms`, "standard" for
            `standard_transforms`, "crops" for `random_crops`, "tokens" for `token_transforms`, "nothing" for none; or
            None for `default_transforms`.

    Returns:
        A tuple of transforms, which are applied from left to right.

    Raises:
        UnknownNameError: If a string is none of these names. The message suggests the nearest.
        ArgumentError: If an element is not callable, or is a function such as `jitter` that returns a transform.

    Example:
        >>> as_transforms("nothing")
        ()

    Source: New. Lucid silently replaced tuples and single transforms by its standard transforms.
    """
    if transforms is None:
        return tuple(default_transforms)
    if isinstance(transforms, str):
        if transforms not in _NAMED:
            raise UnknownNameError(
                f"There are no transforms named {transforms!r}.", did_you_mean(transforms, list(_NAMED))
            )
        return tuple(_NAMED[transforms])
    if callable(transforms):
        return (_checked(transforms, "transforms"),)
    if not isinstance(transforms, Iterable):
        raise ArgumentError(
            f"transforms is {transforms!r}.",
            "Expected a list such as [transform.jitter(8)], or 'affine', 'standard', 'crops', 'tokens' or 'nothing'.",
        )
    return tuple(_checked(each, f"transforms[{position}]") for position, each in enumerate(transforms))


def check_images(t: Any, source: str) -> None:
    """Check what a transform returned.

    Args:
        t: The returned value.
        source: Name of the transform, for the error message.

    Raises:
        ArgumentError: If it is not a tensor `[batch, height, width, channels]`.
    """
    if not tf.is_tensor(t) or t.shape.rank not in (4, None):
        what = f"a tensor of shape {t.shape}" if tf.is_tensor(t) else f"{type(t).__name__!r}"
        raise ArgumentError(
            f"{source} returned {what}.",
            "Expected images [batch, height, width, channels]. A transform is a function of images, such as jitter(8).",
        )


def _checked(transform: Any, name: str) -> Transform:
    if not callable(transform):
        raise ArgumentError(f"{name} is {transform!r}.", "Expected a function of images, such as transform.jitter(8).")
    if transform in _MAKERS:
        raise ArgumentError(
            f"{name} is the function {transform.__name__}.", "Expected what it returns, such as transform.jitter(8)."
        )
    return transform


__all__ = [
    "Transform",
    "TransformChain",
    "Transforms",
    "as_transforms",
    "check_images",
    "compose",
    "default_transforms",
    "standard_transforms",
    "token_transforms",
    "transforms_of_tokens",
    "versions_of",
]
