"""Transforms: small random changes that the image has to survive, which keeps it free of high-frequency noise.

A transform is `configuration -> (images -> images)`: `jitter(8)` is a function that takes and returns
`[batch, height, width, channels]`. Their random choices are drawn anew at each step: Lucid's one for the whole batch,
`random_affine` one for each image.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.optvis import seeding
from lucid_widgets.optvis.affine import random_affine
from lucid_widgets.optvis.param.random import image_sample

Transform = Callable[[Any], Any]


def jitter(d: int, seed: int | None = None) -> Transform:
    """Cuts a window `d` pixels smaller at a random place.

    Args:
        d: Pixels by which height and width shrink.
        seed: Draws the places from this seed instead of the run's.

    Raises:
        ArgumentError: Where it is applied to an image that is not larger than `d`.

    Source: Lucid's `transform.jitter`.
    """

    whole_number("jitter's d", d, 0)

    def inner(t: Any) -> Any:
        if any(known is not None and known <= d for known in t.shape[1:3]):
            raise ArgumentError(
                f"jitter({d}) leaves nothing of {' x '.join(map(str, t.shape[1:3]))} pixels.",
                "Expected a larger image, or a pad() before.",
            )
        offset = seeding.integers([2], d + 1, seed=seed)
        size = tf.shape(t)[1:3] - d
        begin = tf.concat([[0], offset, [0]], 0)
        cut = tf.slice(t, begin, tf.concat([[-1], size, [-1]], 0))
        height, width = (None if known is None else known - d for known in t.shape[1:3])
        return tf.ensure_shape(cut, (t.shape[0], height, width, t.shape[3]))

    return inner


def pad(w: int, mode: str = "REFLECT", constant_value: float | str = 0.5) -> Transform:
    """Adds a margin of `w` pixels on each side.

    Args:
        w: Width of the margin.
        mode: "REFLECT", "SYMMETRIC" or "CONSTANT", in upper or lower case.
        constant_value: Colour of a constant margin; "uniform" draws a grey anew at each step.

    Source: Lucid's `transform.pad`.
    """
    whole_number("pad's w", w, 0)
    if mode.upper() not in ("REFLECT", "SYMMETRIC", "CONSTANT"):
        raise ArgumentError(f"pad has no mode {mode!r}.", "Expected 'REFLECT', 'SYMMETRIC' or 'CONSTANT'.")
    if isinstance(constant_value, str) and constant_value != "uniform":
        raise ArgumentError(f"pad received constant_value={constant_value!r}.", "Expected a number or 'uniform'.")

    most = {"REFLECT": -1, "SYMMETRIC": 0}.get(mode.upper())

    def inner(t: Any) -> Any:
        if most is not None and any(known is not None and known + most < w for known in t.shape[1:3]):
            raise ArgumentError(
                f"pad({w}) mirrors more than {' x '.join(map(str, t.shape[1:3]))} pixels have.",
                "Expected a larger image, or mode='constant'.",
            )
        value = seeding.uniform([]) if constant_value == "uniform" else constant_value
        return tf.pad(t, [[0, 0], [w, w], [w, w], [0, 0]], mode=mode, constant_values=value)

    return inner


def random_scale(scales: Iterable[float], seed: int | None = None) -> Transform:
    """Resizes by a factor picked from `scales`, bilinearly as TensorFlow 1 did (pixel corners, no antialiasing).

    Args:
        scales: Factors, each as likely as the others.
        seed: Draws the factors from this seed instead of the run's.

    Source: Lucid's `transform.random_scale`.
    """
    choices = _choices("random_scale", scales)
    if choices.min() <= 0:
        raise ArgumentError(f"random_scale received the factor {choices.min():g}.", "Expected factors above 0.")

    def inner(t: Any) -> Any:
        scale = _rand_select(choices, seed)
        size = tf.cast(scale * tf.cast(tf.shape(t)[1:3], tf.float32), tf.int32)
        resized = tf.raw_ops.ResizeBilinear(images=t, size=size, align_corners=False, half_pixel_centers=False)
        return tf.ensure_shape(resized, (t.shape[0], None, None, t.shape[3]))

    return inner


def random_rotate(angles: Iterable[float], units: str = "degrees", seed: int | None = None) -> Transform:
    """Turns counter-clockwise about the middle by an angle picked from `angles`; the size stays, corners become black.

    Args:
        angles: Angles, each as likely as the others.
        units: "degrees", or "radians" ("rads", "rad").
        seed: Draws the angles from this seed instead of the run's.

    Source: Lucid's `transform.random_rotate` (which took pi for 3.14).
    """
    choices = _angle2rads(_choices("random_rotate", angles), units)

    def inner(t: Any) -> Any:
        angle = _rand_select(choices, seed)
        size = tf.shape(t)[1:3]
        height, width = tf.unstack(tf.cast(size - 1, tf.float32))
        cos, sin = tf.cos(angle), tf.sin(angle)
        # Maps an output pixel to the input pixel it shows; the offsets keep the middle where it is.
        to_input = [
            *(cos, -sin, (width - (cos * width - sin * height)) / 2),
            *(sin, cos, (height - (sin * width + cos * height)) / 2),
            *(tf.zeros_like(cos), tf.zeros_like(cos)),
        ]
        turned = tf.raw_ops.ImageProjectiveTransformV3(
            images=t,
            transforms=tf.stack(to_input)[None],
            output_shape=size,
            interpolation="NEAREST",
            fill_mode="CONSTANT",
            fill_value=0.0,
        )
        return tf.ensure_shape(turned, t.shape)

    return inner


def normalize_gradient(grad_scales: Sequence[float] | None = None) -> Transform:
    """Leaves images as they are, and scales the gradient that comes back to length 1 for each of them.

    Args:
        grad_scales: The lengths, one for each image of the batch, where 1 is not wanted.

    Source: Lucid's `transform.normalize_gradient`. (Where the gradient was zero it became NaN.)
    """

    @tf.custom_gradient
    def inner(t: Any) -> Any:
        if grad_scales is not None and t.shape[0] not in (None, len(grad_scales)):
            raise ArgumentError(
                f"normalize_gradient received {len(grad_scales)} lengths for {t.shape[0]} images.",
                "Expected one for each image.",
            )

        def gradient(grad: Any) -> Any:
            length = tf.sqrt(tf.reduce_sum(grad**2, [1, 2, 3], keepdims=True))
            wanted = 1.0 if grad_scales is None else np.asarray(grad_scales, np.float32)[:, None, None, None]
            return tf.math.divide_no_nan(grad * wanted, length)

        return tf.identity(t), gradient

    return inner


def collapse_alpha_random(sd: float = 0.5) -> Transform:
    """Lays images with alpha over random ones, new at each step, so that what is transparent shows nothing definite.

    Args:
        sd: Strength of the random images, as in `param.image_sample`.

    Raises:
        ArgumentError: Where it is applied to images without alpha, or after a transform that changes their size.

    Example:
        >>> seen = [transform.collapse_alpha_random(), *transform.standard_transforms]
        >>> render_vis(model, "mixed4a:152", lambda: param.image(128, alpha=True), transforms=seen)

    Source: Lucid's `transform.collapse_alpha_random`.
    """

    def inner(t: Any) -> Any:
        if t.shape.rank != 4 or t.shape[3] != 4 or None in t.shape:
            raise ArgumentError(
                f"collapse_alpha_random received images of shape {tuple(t.shape)}.",
                "Expected [batch, height, width, 4], and no transform before it that changes the size at random.",
            )
        rgb, alpha = t[..., :3], t[..., 3:]
        return alpha * rgb + (1 - alpha) * image_sample([*t.shape[:3], 3], sd=sd)

    return inner


def crop_or_pad_to(height: int, width: int) -> Transform:
    """Cuts or fills (with black) evenly on all sides to a fixed size, for networks that take no other.

    Args:
        height: Height of the result in pixels.
        width: Width of the result in pixels.

    Source: Lucid's `transform.crop_or_pad_to`.
    """

    whole_number("crop_or_pad_to's height", height, 1)
    whole_number("crop_or_pad_to's width", width, 1)

    def inner(t: Any) -> Any:
        return tf.image.resize_with_crop_or_pad(t, height, width)

    return inner


def compose(transforms: Iterable[Transform]) -> Transform:
    """One transform that applies `transforms` from left to right.

    Source: Lucid's `transform.compose`.
    """
    steps = tuple(transforms)

    def inner(t: Any) -> Any:
        for step in steps:
            t = step(t)
        return t

    return inner


def check_images(t: Any, source: str) -> None:
    """An `ArgumentError` unless a transform has returned images, `[batch, height, width, channels]`."""
    if not tf.is_tensor(t) or t.shape.rank not in (4, None):
        what = f"a tensor of shape {t.shape}" if tf.is_tensor(t) else f"{type(t).__name__!r}"
        raise ArgumentError(
            f"{source} returned {what}.",
            "Expected [batch, height, width, channels] from a function of images, such as transform.jitter(8).",
        )


def as_transforms(transforms: Transform | Iterable[Transform] | None) -> tuple[Transform, ...]:
    """What `transforms=` means: None the default ones, a single callable itself, else all that it holds.

    Raises:
        ArgumentError: For anything that is not callable. (Lucid replaced tuples and single callables by the standard
            transforms without a word.)
    """
    if transforms is None:
        return tuple(default_transforms)
    if callable(transforms):
        return (transforms,)
    if isinstance(transforms, str) or not isinstance(transforms, Iterable):
        raise ArgumentError(
            f"transforms={transforms!r} is not a transform.",
            "Expected a list such as [transform.jitter(8)], or [] for none.",
        )
    made = tuple(transforms)
    for position, each in enumerate(made):
        if not callable(each):
            raise ArgumentError(
                f"transforms[{position}] is {each!r}, which is not callable.",
                "Expected functions such as transform.jitter(8).",
            )
        if each in _MAKERS:
            raise ArgumentError(
                f"transforms[{position}] is {each.__name__} itself.",
                "Expected what it returns, such as transform.jitter(8).",
            )
    return made


def _choices(name: str, values: Iterable[float]) -> Any:
    try:
        choices = np.asarray(list(values), np.float32)
    except (TypeError, ValueError):
        choices = np.zeros(0, np.float32)
    if choices.ndim != 1 or not choices.size or not np.isfinite(choices).all():
        raise ArgumentError(f"{name} has nothing to pick from.", "Expected a list of at least one finite number.")
    return choices


def _angle2rads(angle: Any, units: str) -> Any:
    """An angle in "degrees" or "radians" as radians; old notebooks call it by this name."""
    if units.lower() not in ("degrees", "radians", "rads", "rad"):
        raise ArgumentError(f"random_rotate knows no unit {units!r}.", "Expected 'degrees' or 'radians'.")
    return angle * np.float32(math.pi / 180 if units.lower() == "degrees" else 1)


def _rand_select(xs: Any, seed: int | None = None) -> Any:
    """One of a list of numbers, each as likely as the others, anew at each step; old notebooks call it by this name."""
    choices = _choices("_rand_select", xs)
    return tf.constant(choices)[seeding.integers([], len(choices), seed=seed)]


_MAKERS = (
    *(jitter, pad, random_scale, random_rotate, random_affine, normalize_gradient, collapse_alpha_random),
    crop_or_pad_to,
)

standard_transforms: list[Transform] = [
    pad(12, mode="constant", constant_value=0.5),
    jitter(8),
    random_scale([1 + (i - 5) / 50.0 for i in range(11)]),
    random_rotate([*range(-10, 11), *[0] * 5]),
    jitter(4),
]
"""What Lucid made an image robust to: shifts, 10 % of scale, 10 degrees of turn; one draw for the whole batch."""

default_transforms: list[Transform] = [random_affine()]
"""What `render_vis` makes an image robust to unless told otherwise: as much of the same, for each image by itself."""
