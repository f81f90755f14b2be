"""Smooth images that are computed from coordinates, and computed again at any size."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import tensorflow as tf

from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.frames import FloatArray
from lucid_widgets.modelzoo.base.private_names import outside_graphs
from lucid_widgets.optvis import param, seeding
from lucid_widgets.optvis.engine.iteration import FrameIterator
from lucid_widgets.optvis.engine.state import State
from lucid_widgets.optvis.engine.tracing import variables_from
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.optvis.render import iter_vis

__all__ = ["at_size", "cppn_image", "iter_cppn"]

_RATE = 0.005
"""Learning rate of Lucid's notebook. The weights of a network need smaller steps than pixels."""


def cppn_image(
    model: Any,
    objective: Objective | Callable[[Any], Any] | str,
    size: int = 128,
    n_steps: int = 512,
    final_size: int | None = None,
    *,
    seed: int = 0,
    **settings: Any,
) -> FloatArray:
    """Visualize an objective by an image that a small network computes from the coordinates of each pixel.

    Args:
        model: Whatever `as_model` accepts.
        objective: What to maximize, as for `render_vis`.
        size: Width and height in pixels while it is optimized. Default: 128.
        n_steps: Number of steps. Default: 512.
        final_size: Width and height of the result. Default: `size`.
        seed: Any integer. Default: 0.
        **settings: Further arguments of `param.cppn`, such as `num_layers`.

    Returns:
        `[final_size, final_size, 3]` in [0, 1].

    Example:
        >>> large = cppn_image("EmojiNet", "mixed4a:27", 96, final_size=768)

    Source: Lucid's notebook xy2rgb.
    """
    frames = iter_cppn(model, objective, size, n_steps, seed=seed, every=max(n_steps, 1), **settings)
    images = [frame.images for frame in frames][-1]
    if final_size is None or frames.state is None:
        return images[0]
    return at_size(frames.state, final_size, **settings)[0]


def iter_cppn(
    model: Any,
    objective: Objective | Callable[[Any], Any] | str,
    size: int = 128,
    n_steps: int = 512,
    *,
    seed: int = 0,
    every: int | None = None,
    **settings: Any,
) -> FrameIterator:
    """Yield frames while the image takes shape. The arguments are those of `cppn_image`, and `every` of `iter_vis`.

    `at_size(frames.state, 768)` computes the current image at another size.
    """
    return iter_vis(
        model,
        objective,
        partial(param.cppn, whole_number("size", size, 1), **settings),
        steps=n_steps,
        seed=seed,
        every=every,
        optimizer=keras.optimizers.Adam(_RATE),
    )


@outside_graphs()
def at_size(state: State, size: int, **settings: Any) -> FloatArray:
    """Compute the images of a CPPN again at another size.

    Args:
        state: The state of a run whose parameterization is `param.cppn`, such as `frames.state`.
        size: Width and height in pixels.
        **settings: The other arguments of `param.cppn` with which the run was made.

    Returns:
        `[batch, size, size, channels]` in [0, 1].

    Raises:
        ArgumentError: The state belongs to another parameterization.

    Example:
        >>> frames = iter_cppn(model, "mixed4a:27", 96, 256)
        >>> for frame in frames: pass
        >>> large = at_size(frames.state, 1024)
    """
    side = whole_number("size", size, 1)

    @tf.function(autograph=False)
    def compute(params: list[Any]) -> Any:
        with seeding.scope(seeding.seed_tensor(state.seed), 0), variables_from(params):
            return param.cppn(side, **settings)

    try:
        images: FloatArray = compute(list(state.params)).numpy()
    except (ValueError, tf.errors.OpError) as error:
        raise ArgumentError(
            "The state is not that of a CPPN with these settings.", "Pass the settings with which the run was made."
        ) from error
    return images
