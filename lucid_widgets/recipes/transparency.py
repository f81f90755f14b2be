"""Images that are transparent where the objective does not need them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from functools import partial
from typing import Any

import tensorflow as tf

from lucid_widgets.frames import FloatArray
from lucid_widgets.modelzoo.vision_base import T
from lucid_widgets.modelzoo.vision_models import as_model
from lucid_widgets.optvis import param, transform
from lucid_widgets.optvis.engine.iteration import FrameIterator
from lucid_widgets.optvis.objectives import as_objective, blur_alpha_each_step
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.optvis.render import iter_vis

__all__ = ["iter_transparent", "transparent"]


def transparent(
    model: Any,
    objective: Objective | Callable[[Any], Any] | str,
    size: int = 128,
    n_steps: int = 512,
    smoothness: float = 0.1,
    *,
    seed: int = 0,
) -> FloatArray:
    """Visualize an objective by an image with opacity.

    Args:
        model: Whatever `as_model` accepts; its network must take colors.
        objective: What to maximize, as for `render_vis`. It is multiplied by the transparent share of the image.
        size: Width and height in pixels. Default: 128.
        n_steps: Number of steps. Default: 512.
        smoothness: Weight of the penalty for opacity that changes from pixel to pixel. Default: 0.1.
        seed: Any integer. Default: 0.

    Returns:
        `[size, size, 4]` in [0, 1]: red, green, blue and opacity.

    Example:
        >>> show(transparent("EmojiNet", "mixed4a:27"))

    Source: Mordvintsev, Pezzotti, Schubert & Olah, "Differentiable Image Parameterizations", Distill 2018, and Lucid's
    notebook of it.
    """
    frames = iter_transparent(model, objective, size, n_steps, smoothness, seed=seed, every=max(n_steps, 1))
    return [frame.images[0] for frame in frames][-1]


def iter_transparent(
    model: Any,
    objective: Objective | Callable[[Any], Any] | str,
    size: int = 128,
    n_steps: int = 512,
    smoothness: float = 0.1,
    *,
    seed: int = 0,
    every: int | None = None,
) -> FrameIterator:
    """Yield frames while the image takes shape. The arguments are those of `transparent`, and `every` of `iter_vis`."""
    visible = as_model(model)
    wanted = as_objective(objective, visible) * Objective(_clear, "clear") - smoothness * blur_alpha_each_step()
    return iter_vis(
        visible,
        wanted,
        partial(param.image, size, batch=1, alpha=True),
        steps=n_steps,
        seed=seed,
        every=every,
        transforms=_transforms(),
    )


def _clear(T: T) -> Any:
    return 1 - tf.reduce_mean(T("input")[..., 3])


@functools.cache
def _transforms() -> tuple[transform.Transform, ...]:
    """Return the same functions at each call, because other ones would be compiled again."""
    return (transform.collapse_alpha_random(), *transform.standard_transforms)
