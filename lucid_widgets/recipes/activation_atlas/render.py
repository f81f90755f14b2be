"""Icons of directions in a layer."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.frames import FloatArray
from lucid_widgets.modelzoo.vision_base import Layer, T
from lucid_widgets.modelzoo.vision_models import as_model
from lucid_widgets.optvis import param, transform
from lucid_widgets.optvis.engine.iteration import FrameIterator
from lucid_widgets.optvis.objectives import penalize_boundary_complexity, wrap_objective
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.optvis.objectives.units import position
from lucid_widgets.optvis.render import iter_vis

__all__ = ["direction_neuron_S", "direction_neuron_cossim_S", "iter_icons", "render_icons"]

_SMALLEST_COSINE = 0.1
# Share of an icon's color that its opacity decides, so that transparent parts are dark but visible.
_FADE = 0.8
# Mean square of directions from which on the border of an icon counts in full, as in Inception V1.
_LARGE_SQUARE = 10.0


@wrap_objective(layer="layer_name")
def direction_neuron_S(
    layer_name: str, vec: Any, batch: int | None = None, x: int | None = None, y: int | None = None, S: Any = None
) -> Callable[[T], Any]:
    """Activation along a direction at one position, averaged over channels.

    Args:
        layer_name: Name of a layer with positions.
        vec: The direction, `[channels]`.
        batch: Index of the image, which is required.
        x: Row of the position. Default: the center.
        y: Column of the position. Default: the center.
        S: A matrix `[channels, channels]` that the direction is multiplied by, such as the inverse of the covariance of
            the activations. Default: None.

    Returns:
        An objective: the mean over channels of activation times direction.

    Source: Lucid's `render.direction_neuron_S`.
    """
    return partial(_match, layer_name, vec, batch, x, y, 0, S)


@wrap_objective(layer="layer_name")
def direction_neuron_cossim_S(
    layer_name: str,
    vec: Any,
    batch: int | None = None,
    x: int | None = None,
    y: int | None = None,
    cossim_pow: float = 2,
    S: Any = None,
) -> Callable[[T], Any]:
    """Activation along a direction at one position, times a power of the cosine between the two.

    Args:
        layer_name: As for `direction_neuron_S`; so are the next four arguments, and the last one.
        vec: The direction.
        batch: Index of the image.
        x: Row of the position. Default: the center.
        y: Column of the position. Default: the center.
        cossim_pow: The power, at least 0. Cosines below 0.1 count as 0.1. Default: 2.
        S: A matrix.

    Returns:
        An objective.

    Source: Lucid's `render.direction_neuron_cossim_S`, whose cosine lacked the length of the direction, and was a mean
    over channels.
    """
    return partial(_match, layer_name, vec, batch, x, y, cossim_pow, S)


def _match(
    layer_name: str, vec: Any, batch: int | None, x: int | None, y: int | None, cossim_pow: float, S: Any, T: T
) -> Any:
    if batch is None:
        raise ArgumentError("No image of the batch was chosen.", "Pass batch=0, or the index of another image.")
    layer = T(layer_name)
    row, column = position(layer, x, y)
    acts = layer[batch, row, column]
    wanted = tf.cast(vec, acts.dtype)
    if S is not None:
        wanted = tf.linalg.matvec(tf.cast(S, acts.dtype), wanted, transpose_a=True)
    dot = tf.reduce_mean(acts * wanted)
    if cossim_pow == 0:
        return dot
    squares = tf.reduce_sum(tf.square(acts)) * tf.reduce_sum(tf.square(wanted))
    cosine = tf.reduce_sum(acts * wanted) * tf.math.rsqrt(tf.maximum(squares, 1e-12))
    return dot * tf.maximum(cosine, _SMALLEST_COSINE) ** cossim_pow


def render_icons(
    directions: Sequence[npt.ArrayLike] | npt.NDArray[Any],
    model: Any,
    layer: str | Layer,
    size: int = 80,
    n_steps: int = 128,
    verbose: bool = False,
    S: Any = None,
    num_attempts: int = 3,
    cossim: bool = True,
    alpha: bool = False,
    *,
    seed: int = 0,
) -> tuple[list[FloatArray], list[float]]:
    """Draw an icon for each direction, and keep the best of several attempts.

    Args:
        directions: Directions, `[n, channels]`.
        model: Whatever `as_model` accepts.
        layer: A layer with positions, or its name.
        size: Width and height in pixels. Default: 80.
        n_steps: Number of steps. Default: 128.
        verbose: Whether to print the objectives of each attempt. Default: False.
        S: A matrix, see `direction_neuron_S`. Default: None.
        num_attempts: Number of attempts, from different noise. Default: 3.
        cossim: Whether to maximize the cosine as well, see `direction_neuron_cossim_S`. Default: True.
        alpha: Whether icons fade to dark where the direction does not need them. Default: False.
        seed: Any integer. Default: 0.

    Returns:
        The icons, `[size, size, 3]` each, and the objective that each reached.

    Raises:
        ArgumentError: There are no directions.

    Source: Lucid's `render.render_icons`, whose list of objectives was always empty, and whose icons stayed gray for
    networks with small activations.
    """
    best: list[tuple[float, FloatArray]] = []
    for attempt in range(whole_number("num_attempts", num_attempts, 1)):
        frames = iter_icons(directions, model, layer, size, n_steps, S, cossim, alpha, seed=seed + attempt)
        images = [frame.images for frame in frames][-1]
        reached = frames.measure(_objectives(directions, layer, S, cossim))
        if verbose:
            print(f"attempt {attempt + 1}: {', '.join(f'{value:.3g}' for value in reached)}")
        made = list(zip(reached, _faded(images), strict=True))
        best = [max(pair, key=lambda each: each[0]) for pair in zip(best or made, made, strict=True)]
    return [icon for _, icon in best], [value for value, _ in best]


def iter_icons(
    directions: Sequence[npt.ArrayLike] | npt.NDArray[Any],
    model: Any,
    layer: str | Layer,
    size: int = 80,
    n_steps: int = 128,
    S: Any = None,
    cossim: bool = True,
    alpha: bool = False,
    *,
    seed: int = 0,
) -> FrameIterator:
    """Yield frames with all icons while they take shape. The arguments are those of `render_icons`."""
    count = len(directions)
    if not count:
        raise ArgumentError("There are no directions.", "Pass at least one.")
    parts = _objectives(directions, layer, S, cossim)
    border = penalize_boundary_complexity((count, size, size, 4 if alpha else 3), w=5)
    weight = _border_weight(directions, S)
    return iter_vis(
        as_model(model),
        Objective.sum([*parts, border if weight == 1 else weight * border]),
        partial(param.image, size, batch=count, alpha=alpha),
        steps=n_steps,
        seed=seed,
        transforms=_transforms(size, alpha),
        relu_gradient_override=False,
    )


def _border_weight(directions: Sequence[npt.ArrayLike] | npt.NDArray[Any], S: Any) -> float:
    """Weight of the border, in proportion to what an icon can gain: the mean square of its direction.

    With a fixed weight, icons of networks with small activations, such as those with batch normalization, remain gray.
    """
    if S is not None:
        return 1  # a matrix such as an inverse covariance sets the scale itself
    square = float(np.mean(np.square(np.asarray(directions, np.float32))))
    return min(1, square / _LARGE_SQUARE)


@functools.cache
def _transforms(size: int, alpha: bool) -> tuple[transform.Transform, ...]:
    """Return the same functions at each call, because other ones would be compiled again."""
    angles = [*range(-20, 20), *range(-10, 10), *range(-5, 5), *[0] * 5]
    return (
        transform.pad(16, mode="constant"),
        *(transform.jitter(each) for each in (4, 4, 8, 8, 8)),
        transform.random_scale([0.998**power for power in range(20, 40)]),
        transform.random_rotate(angles),
        transform.jitter(2),
        transform.crop_or_pad_to(size, size),
        *((transform.collapse_alpha_random(),) if alpha else ()),
    )


def _objectives(directions: Any, layer: str | Layer, S: Any, cossim: bool) -> list[Objective]:
    name = layer.name if isinstance(layer, Layer) else layer
    make: Any = direction_neuron_cossim_S if cossim else direction_neuron_S
    return [make(name, np.asarray(each, np.float32), batch=index, S=S) for index, each in enumerate(directions)]


def _faded(images: FloatArray) -> FloatArray:
    return images[..., :3] * (1 - _FADE + _FADE * images[..., 3:]) if images.shape[-1] == 4 else images
