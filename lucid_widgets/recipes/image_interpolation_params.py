"""A parameterization of images between each pair of objectives."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.errors import whole_number
from lucid_widgets.optvis.param import lowres_tensor

__all__ = ["multi_interpolation_basis"]

_SCALES = (1, 2, 4, 8)
_FINE_SCALES = (1, 2)


def multi_interpolation_basis(
    n_objectives: int = 6, n_interp_steps: int = 5, width: int = 128, channels: int = 3
) -> Any:
    """Images between each pair of objectives, which share what they have in common, so that they look aligned.

    The result `t` is unconstrained; `param.to_valid_rgb` makes colors of it. For all objectives `a` and `b`:

    - `t[a, b, i]` equals `t[b, a, -1 - i]`: the way back shows the same images.
    - `t[a, b, 0]` does not depend on `b`: it is the image of `a` alone.
    - `t[a, a, i]` does not depend on `i`.

    Args:
        n_objectives: Number of objectives. Default: 6.
        n_interp_steps: Number of images from one objective to another, with both ends. Default: 5.
        width: Width and height in pixels. Default: 128.
        channels: Number of channels. Default: 3.

    Returns:
        `[n_objectives, n_objectives, n_interp_steps, width, width, channels]`.

    Raises:
        OutOfRangeError: A number is below 1.

    Example:
        >>> basis = multi_interpolation_basis(3, 5, 64)
        >>> images = param.to_valid_rgb(tf.reshape(basis, [-1, 64, 64, 3]), decorrelate=True)

    Source: Lucid's `image_interpolation_params.multi_interpolation_basis`, which took the way back from the wrong pair,
    had three channels in any case, and did not keep the properties that it documents.
    """
    objectives = whole_number("n_objectives", n_objectives, 1)
    steps = whole_number("n_interp_steps", n_interp_steps, 1)
    side, depth = whole_number("width", width, 1), whole_number("channels", channels, 1)

    def coarse(shape: list[int], first: tuple[int, ...], scales: tuple[int, ...]) -> Any:
        parts = [lowres_tensor(shape, [*first, max(1, side // k), max(1, side // k), depth]) for k in scales]
        return tf.add_n(parts)

    image = [side, side, depth]
    shared = coarse(image, (), _SCALES)
    ends = [coarse(image, (), _SCALES) for _ in range(objectives)]
    between: dict[tuple[int, int], Any] = {}
    place = np.linspace(0, 1, steps, dtype=np.float32) if steps > 1 else np.zeros(1, np.float32)
    # What lies between two ends fades out toward both, so that the ends belong to one objective each.
    inside = tf.constant((4 * place * (1 - place))[:, None, None, None])
    weight = tf.constant(place[:, None, None, None])
    for a in range(objectives):
        between[a, a] = tf.zeros([steps, *image])
        for b in range(a + 1, objectives):
            between[a, b] = inside * coarse([steps, *image], (steps,), _FINE_SCALES)
            between[b, a] = between[a, b][::-1]
    rows = [
        tf.stack([(1 - weight) * ends[a] + weight * ends[b] + between[a, b] for b in range(objectives)])
        for a in range(objectives)
    ]
    return tf.stack(rows) + shared
