"""Textures like that of a photograph, and patterns that repeat without seams."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy.typing as npt
import tensorflow as tf

from lucid_widgets.errors import whole_number
from lucid_widgets.frames import FloatArray
from lucid_widgets.modelzoo.base.private_names import outside_graphs
from lucid_widgets.modelzoo.vision_base import Layer
from lucid_widgets.modelzoo.vision_models import as_model
from lucid_widgets.optvis import param, seeding
from lucid_widgets.optvis.engine.iteration import FrameIterator
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.optvis.render import iter_vis
from lucid_widgets.optvis.style import StyleLoss
from lucid_widgets.recipes._images import model_image
from lucid_widgets.recipes.style_transfer import names_of

__all__ = ["infinite_pattern", "iter_infinite_pattern", "iter_texture", "random_roll", "texture"]


def texture(
    photograph: npt.ArrayLike,
    model: Any,
    layers: str | Layer | Sequence[str | Layer],
    size: int = 128,
    n_steps: int = 256,
    *,
    seed: int = 0,
) -> FloatArray:
    """Make a texture like that of a photograph. It repeats without seams.

    Args:
        photograph: `[height, width, channels]`: floats in [0, 1], or uint8.
        model: Whatever `as_model` accepts.
        layers: Layers in which the same channels should be active together; later ones keep larger structures.
        size: Width and height of the texture in pixels. Default: 128.
        n_steps: Number of steps. Default: 256.
        seed: Any integer. Default: 0.

    Returns:
        `[size, size, channels]` in [0, 1].

    Raises:
        UnknownNameError: The model has no such layer.

    Example:
        >>> made = texture(load("bark.jpg"), "EmojiNet", ["conv2d1", "mixed3a"])

    Source: Gatys, Ecker & Bethge, "Texture Synthesis Using Convolutional Neural Networks", 2015.
    """
    frames = iter_texture(photograph, model, layers, size, n_steps, seed=seed, every=max(n_steps, 1))
    return [frame.images[0] for frame in frames][-1]


@outside_graphs()
def iter_texture(
    photograph: npt.ArrayLike,
    model: Any,
    layers: str | Layer | Sequence[str | Layer],
    size: int = 128,
    n_steps: int = 256,
    *,
    seed: int = 0,
    every: int | None = None,
) -> FrameIterator:
    """Yield frames while the texture takes shape. The arguments are those of `texture`, and `every` of `iter_vis`."""
    visible = as_model(model)
    like = StyleLoss(names_of(layers)).set_style(visible, model_image(photograph, visible)[None])
    return iter_infinite_pattern(visible, like.objective, size, n_steps, seed=seed, every=every)


def infinite_pattern(
    model: Any,
    objective: Objective | Callable[[Any], Any] | str,
    size: int = 128,
    n_steps: int = 256,
    *,
    seed: int = 0,
) -> FloatArray:
    """Visualize an objective by a pattern that repeats without seams: its edges fit each other.

    Args:
        model: Whatever `as_model` accepts.
        objective: What to maximize, as for `render_vis`.
        size: Width and height of one repetition in pixels. Default: 128.
        n_steps: Number of steps. Default: 256.
        seed: Any integer. Default: 0.

    Returns:
        `[size, size, channels]` in [0, 1]. `np.tile(pattern, (2, 3, 1))` repeats it.

    Example:
        >>> show(np.tile(infinite_pattern("EmojiNet", "mixed3a:12"), (2, 2, 1)))

    Source: Lucid's notebook of infinite patterns, which cut views out of a larger image.
    """
    frames = iter_infinite_pattern(model, objective, size, n_steps, seed=seed, every=max(n_steps, 1))
    return [frame.images[0] for frame in frames][-1]


def iter_infinite_pattern(
    model: Any,
    objective: Objective | Callable[[Any], Any] | str,
    size: int = 128,
    n_steps: int = 256,
    *,
    seed: int = 0,
    every: int | None = None,
) -> FrameIterator:
    """Yield frames while the pattern takes shape. The arguments are those of `infinite_pattern`."""
    visible = as_model(model)
    side, channels = whole_number("size", size, 1), visible.image_shape[-1]
    more: dict[str, Any] = {} if channels in (None, 3) else {"channels": channels}
    return iter_vis(
        visible,
        objective,
        partial(param.image, side, batch=1, **more),
        steps=n_steps,
        seed=seed,
        every=every,
        transforms=(random_roll,),
    )


def random_roll(images: Any) -> Any:
    """Move images by a random distance in each step. What leaves them at an edge returns at the opposite one.

    The network never sees the same seam twice, so the optimizer removes all of them.

    Args:
        images: `[batch, height, width, channels]`.
    """
    size = tf.shape(images)
    shift = tf.concat([seeding.integers([1], size[1]), seeding.integers([1], size[2])], 0)
    return tf.ensure_shape(tf.roll(images, shift, [1, 2]), images.shape)
