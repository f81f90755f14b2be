"""Activations, gradients and attributions between two layers, by integrated gradients."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.modelzoo.base.private_names import outside_graphs
from lucid_widgets.modelzoo.vision_models import as_model
from lucid_widgets.optvis.overrides import gradient_override_map, l2_smoothed_maxpool_grad

__all__ = [
    "default_score_fn",
    "get_acts",
    "get_attr",
    "get_grad",
    "get_grad_or_attr",
    "get_multi_path_attr",
    "get_paths",
    "maxpool_override",
]

Array = npt.NDArray[Any]


def default_score_fn(t: Any) -> Any:
    """Sum of a tensor over all axes but the first, one number for each observation."""
    return tf.reduce_sum(t, axis=list(range(1, t.shape.rank)))


def maxpool_override() -> dict[str, Any]:
    """Return the overrides with which max pools have the gradient of a smoother pool."""
    return {"MaxPool": l2_smoothed_maxpool_grad}


@outside_graphs()
def get_acts(model: Any, layer_name: str, obses: npt.ArrayLike) -> Array:
    """Return the activations of a layer, `[batch, ...]`.

    Args:
        model: Whatever `as_model` accepts.
        layer_name: The layer.
        obses: Images in [0, 1], `[batch, height, width, channels]`.
    """
    visible = as_model(model)
    compute = tf.function(lambda images: visible.import_graph(images)(layer_name), autograph=False)
    return np.asarray(compute(tf.cast(obses, tf.float32)))


def get_grad_or_attr(
    model: Any,
    layer_name: str,
    prev_layer_name: str | None,
    obses: npt.ArrayLike,
    *,
    act_dir: Any = None,
    act_poses: Any = None,
    score_fn: Callable[[Any], Any] = default_score_fn,
    grad_or_attr: str,
    override: Mapping[str, Any] | None = None,
    integrate_steps: int = 1,
) -> Array:
    """Return how the score of a layer depends on an earlier layer.

    Args:
        model: Whatever `as_model` accepts.
        layer_name: The layer whose activations are scored.
        prev_layer_name: The earlier layer; None for the images.
        obses: Images in [0, 1], `[batch, height, width, channels]`.
        act_dir: A direction `[channels]` that the activations are multiplied by. Default: None.
        act_poses: One position for each image, `[batch, 2]`: its row and column. Default: all positions.
        score_fn: A function from these activations to scores. Default: their sum.
        grad_or_attr: "grad" for the gradient, "attr" for its product with the activations of the earlier layer.
        override: Gradients to override, as for `gradient_override_map`. Default: none.
        integrate_steps: Number of points on the way from zero to the activations of the earlier layer over which the
            gradient is averaged. Default: 1, the activations themselves.

    Returns:
        An array with the shape of the earlier layer.

    Raises:
        ArgumentError: `grad_or_attr` is neither, or the score does not depend on the earlier layer.
    """
    if grad_or_attr not in ("grad", "attr"):
        raise ArgumentError(f"grad_or_attr is {grad_or_attr!r}.", "Expected 'grad' or 'attr'.")
    gradient, before = _gradients(model, layer_name, prev_layer_name, obses, act_dir, act_poses, score_fn, override)
    points = np.linspace(0, 1, integrate_steps + 1)[1:]
    mean: Array = np.mean([gradient(before * point) for point in points], axis=0)
    return mean if grad_or_attr == "grad" else before * mean


def get_attr(model: Any, layer_name: str, prev_layer_name: str | None, obses: npt.ArrayLike, **kwargs: Any) -> Array:
    """Return the attribution of a layer to an earlier one. The arguments are those of `get_grad_or_attr`."""
    return get_grad_or_attr(model, layer_name, prev_layer_name, obses, **{**kwargs, "grad_or_attr": "attr"})


def get_grad(model: Any, layer_name: str, obses: npt.ArrayLike, **kwargs: Any) -> Array:
    """Return the gradient of a layer with respect to the images. The arguments are those of `get_grad_or_attr`."""
    return get_grad_or_attr(model, layer_name, None, obses, **{**kwargs, "grad_or_attr": "grad"})


def get_paths(acts: Array, nmf: Any, *, max_paths: int | None, integrate_steps: int) -> Iterator[list[Array]]:
    """Yield paths from zero to activations, in which half of the features come early and the others late.

    Args:
        acts: The activations.
        nmf: An object with `features`, `transform` and `inverse_transform`, such as `LayerNMF`.
        max_paths: Most paths, chosen at random by NumPy's generator; None for all.
        integrate_steps: Number of points of each path.

    Yields:
        The points, arrays of the shape of `acts`; the last one is `acts`.
    """
    reduced = nmf.transform(acts)
    residual = acts - nmf.inverse_transform(reduced)
    halves = list(itertools.combinations(range(nmf.features), nmf.features // 2))
    if nmf.features % 2 == 0:
        halves = [half for half in halves if 0 in half]  # the others are complements of these
    if max_paths is not None:
        count = min((max_paths + 1) // 2, len(halves))
        halves = [halves[each] for each in np.random.choice(len(halves), size=count, replace=False)]
    points = np.linspace(0, 1, integrate_steps + 1)[1:]
    for number, half in enumerate(halves):
        early = np.isin(np.arange(nmf.features), half)
        both = [early, ~early]
        if max_paths is not None and 2 * number + 1 == max_paths:
            both = [both[np.random.choice(2)]]
        for late in both:
            yield [
                nmf.inverse_transform(reduced * np.where(late, point**2, 1 - (1 - point) ** 2)) + residual * point
                for point in points
            ]


def get_multi_path_attr(
    model: Any,
    layer_name: str,
    prev_layer_name: str | None,
    obses: npt.ArrayLike,
    prev_nmf: Any,
    *,
    act_dir: Any = None,
    act_poses: Any = None,
    score_fn: Callable[[Any], Any] = default_score_fn,
    override: Mapping[str, Any] | None = None,
    max_paths: int | None = 50,
    integrate_steps: int = 10,
) -> Array:
    """Return the attribution of a layer to an earlier one, averaged over several paths from zero.

    Args:
        model: As for `get_grad_or_attr`; so are the arguments that are not described here.
        layer_name: The layer.
        prev_layer_name: The earlier layer.
        obses: Images.
        prev_nmf: The factorization of the earlier layer that defines the paths, see `get_paths`.
        act_dir: A direction.
        act_poses: Positions.
        score_fn: The score.
        override: Gradients to override.
        max_paths: Most paths. Default: 50.
        integrate_steps: Number of points of each path. Default: 10.

    Returns:
        An array with the shape of the earlier layer.
    """
    gradient, before = _gradients(model, layer_name, prev_layer_name, obses, act_dir, act_poses, score_fn, override)
    found = []
    for path in get_paths(before, prev_nmf, max_paths=max_paths, integrate_steps=integrate_steps):
        ways = [np.zeros_like(before), *path]
        found.append(sum((b - a) * gradient(b) for a, b in itertools.pairwise(ways)))
    mean: Array = np.mean(found, axis=0)
    return mean


@outside_graphs()
def _gradients(
    model: Any,
    layer_name: str,
    prev_layer_name: str | None,
    obses: npt.ArrayLike,
    act_dir: Any,
    act_poses: Any,
    score_fn: Callable[[Any], Any],
    override: Mapping[str, Any] | None,
) -> tuple[Callable[[Array], Array], Array]:
    """Return the gradient as a function of the earlier layer's activations, and the activations for the images."""
    visible = as_model(model)
    images = tf.cast(obses, tf.float32)
    before = np.asarray(images) if prev_layer_name is None else get_acts(visible, prev_layer_name, obses)

    @tf.function(autograph=False)
    def compute(given: tf.Tensor) -> tf.Tensor:
        with gradient_override_map(dict(override or {})):
            if prev_layer_name is None:
                T = visible.import_graph(given)
            else:
                T = visible.import_graph(images, input_map={prev_layer_name: given})
            acts = T(layer_name)
            if act_dir is not None:
                acts = tf.cast(act_dir, acts.dtype) * acts
            if act_poses is not None:
                acts = tf.gather_nd(acts, tf.cast(act_poses, tf.int32), batch_dims=1)
            found = tf.compat.v1.gradients(score_fn(acts), given)[0]
        if found is None:
            raise ArgumentError(
                f"{layer_name!r} does not depend on {prev_layer_name!r}.", "Expected a layer below the first one."
            )
        return tf.convert_to_tensor(found)

    return lambda acts: np.asarray(compute(tf.cast(acts, tf.float32))), before
