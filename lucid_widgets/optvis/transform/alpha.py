"""What the network sees of a transparent image: `collapse_alpha_random` and `ignore_alpha`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lucid_widgets.errors import ArgumentError
from lucid_widgets.optvis.param.random import image_sample


def collapse_alpha_random(sd: float = 0.5) -> Callable[[Any], Any]:
    """Blend images over a random background, which is different in each step.

    The optimizer cannot rely on what lies behind the image, so it makes transparent what the objective does not need.

    Args:
        sd: Strength of the background, as `sd` of `param.image_sample`. Default: 0.5.

    Returns:
        A transform from `[batch, height, width, 4]` to `[batch, height, width, 3]`.

    Raises:
        ArgumentError: If the images have no opacity, or an earlier transform changes their size at random (raised when
            the transform is applied).

    Example:
        >>> seen = [transform.collapse_alpha_random(), *transform.standard_transforms]
        >>> render_vis(model, "mixed4a:152", lambda: param.image(128, alpha=True), transforms=seen)

    Source: Lucid's `transform.collapse_alpha_random`; Mordvintsev, Pezzotti, Schubert & Olah, "Differentiable Image
    Parameterizations", Distill 2018.
    """

    def inner(t: Any) -> Any:
        if t.shape.rank != 4 or t.shape[3] != 4 or None in t.shape:
            raise ArgumentError(
                f"collapse_alpha_random received images of shape {tuple(t.shape)}.",
                "Expected [batch, height, width, 4], and no earlier transform that changes the size at random.",
            )
        rgb, alpha = t[..., :3], t[..., 3:]
        return alpha * rgb + (1 - alpha) * image_sample([*t.shape[:3], 3], sd=sd)

    return inner


@dataclass(frozen=True)
class ignore_alpha:
    """Show the network the colors only, as if the image were opaque.

    Returns:
        A transform from `[batch, height, width, 4]` to `[batch, height, width, 3]`.

    Raises:
        ArgumentError: If the images have no opacity (raised when the transform is applied).

    Example:
        >>> seen = [transform.ignore_alpha(), transform.random_crops()]
        >>> render_vis(model, "mixed4a:152", lambda: param.maco(256, alpha=True), transforms=seen)
    """

    def __call__(self, t: Any) -> Any:
        if t.shape[-1] != 4:
            raise ArgumentError(
                f"ignore_alpha received images of shape {tuple(t.shape)}.", "Expected [batch, height, width, 4]."
            )
        return t[..., :3]


__all__ = ["collapse_alpha_random", "ignore_alpha"]
