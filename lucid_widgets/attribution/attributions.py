"""`spatial_attribution` and `channel_attribution`: how much each part of a layer contributes to a target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from lucid_widgets.attribution.from_layer import FromLayer
from lucid_widgets.attribution.inputs import checked_image, checked_layer, require_positions
from lucid_widgets.attribution.targets import Target, as_target
from lucid_widgets.errors import ArgumentError, unknown_name, whole_number
from lucid_widgets.frames import FloatArray
from lucid_widgets.modelzoo.adapt import as_model
from lucid_widgets.modelzoo.vision_base import Layer

Method = Literal["integrated_gradients", "gradient_x_activation", "grad_cam", "hires_cam"]
"""How attributions are computed; `spatial_attribution` describes the four methods."""

STEPS = 32
"""Default number of steps along the path of integrated gradients."""


@dataclass(frozen=True)
class Attribution:
    """How much each position, or each channel, of a layer contributes to a target.

    Attributes:
        layer: Name of the layer.
        target: The target, as it was passed.
        method: The method.
        axis: What `values` are for: "positions" or "channels".
        values: `[height, width]` (in a transformer, `[tokens]`) for positions; `[channels]` for channels. Positive
            values raise the target. Those of Grad-CAM for positions are never negative.
        contributions: `values` before they are summed, one number per position and channel, in the shape of
            `activations`. `contributions[row, column]` are the channels of one position, and `contributions[..., c]`
            are the positions of one channel.
        activations: Activations of the layer, `[height, width, channels]`, `[tokens, channels]` or `[channels]`.
        value: The target for the image.
        baseline_value: The target at the baseline.
        error: Completeness error: the distance between the sum of `values` and `value - baseline_value`, relative to
            the latter. 0.01 means that the attributions explain the change of the target to 1 %.
    """

    layer: str
    target: Target
    method: Method
    axis: Literal["positions", "channels"]
    values: FloatArray = field(repr=False)
    contributions: FloatArray = field(repr=False)
    activations: FloatArray = field(repr=False)
    value: float
    baseline_value: float
    error: float


def spatial_attribution(
    model: Any,
    image: npt.ArrayLike,
    layer: str | Layer,
    target: Target,
    *,
    method: Method = "integrated_gradients",
    steps: int = STEPS,
    baseline: npt.ArrayLike = 0.0,
    smooth_max_pool: bool = False,
) -> Attribution:
    """Return how much each position of a layer contributes to a target.

    With the activations `A` of the layer and the target `t`, the contribution of position (y, x) and channel c is

    - "integrated_gradients": `(A - baseline) * mean(dt/dA)`, where the gradient is averaged over the straight path
      from the baseline to `A`, by Gauss-Legendre quadrature. The sum of all contributions approaches `t(A) -
      t(baseline)` as `steps` grows.
    - "gradient_x_activation": `A * dt/dA`, as in Lucid.
    - "grad_cam": `A * mean_yx(dt/dA)`. Sums over channels that are negative count as 0.
    - "hires_cam": the name under which "gradient_x_activation" for positions is known as a class activation map.

    Args:
        model: Whatever `as_model` accepts.
        image: `[height, width, channels]`, floats in [0, 1] or uint8.
        layer: The layer, or its name. `"input"` attributes to pixels.
        target: A class, by name or index, whose logit is the target; an objective or its text; `At(layer, row,
            column)`, a position of a later layer; or a pair of these, for the first minus the second.
        method: Default: "integrated_gradients", the most faithful one on the networks in the documentation.
        steps: Number of steps along the path of integrated gradients. Default: 32.
        baseline: Activations that stand for "nothing here": a number, `[channels]`, such as the mean over a data set,
            or an array like the activations. Default: 0.
        smooth_max_pool: Replace gradients of max pools above the layer by those of average pools, as Lucid's notebooks
            do: a max pool passes its gradient to one position only. The completeness error usually grows. Default:
            False.

    Returns:
        An `Attribution` with `values` `[height, width]`; `[tokens]` in a transformer.

    Raises:
        ArgumentError: The image has the wrong shape or range, the layer has no positions, or the target does not
            depend on the layer.
        UnknownNameError: The model has no such layer, class or method.
        ModelError: The target is a class, and the model has no class layer.

    Example:
        >>> dog = attribution.spatial_attribution(model, image, "mixed4a", ("dog", "cat"))
        >>> dog.values.shape, dog.contributions.shape
        ((8, 8), (8, 8, 256))

    Source: Sundararajan et al., "Axiomatic Attribution for Deep Networks", 2017; Olah et al., "The Building Blocks of
    Interpretability", Distill 2018; Selvaraju et al., "Grad-CAM", 2017; Draelos & Carin, "HiResCAM", 2020.
    """
    return _attribution("positions", model, image, layer, target, method, steps, baseline, smooth_max_pool)


def channel_attribution(
    model: Any,
    image: npt.ArrayLike,
    layer: str | Layer,
    target: Target,
    *,
    method: Method = "integrated_gradients",
    steps: int = STEPS,
    baseline: npt.ArrayLike = 0.0,
    smooth_max_pool: bool = False,
) -> Attribution:
    """Return how much each channel of a layer contributes to a target.

    The contributions are those of `spatial_attribution`, which documents the arguments, summed over positions. Layers
    without positions are accepted as well.

    Returns:
        An `Attribution` with `values` `[channels]`.

    Raises:
        ArgumentError: The image has the wrong shape or range, or the target does not depend on the layer.
        UnknownNameError: The model has no such layer, class or method.
        ModelError: The target is a class, and the model has no class layer.

    Example:
        >>> dog = attribution.channel_attribution(model, image, "mixed4a", "dog", steps=8)
        >>> best = dog.values.argsort()[::-1][:5]  # the channels that speak most for the class
    """
    return _attribution("channels", model, image, layer, target, method, steps, baseline, smooth_max_pool)


def _attribution(
    axis: Literal["positions", "channels"],
    model: Any,
    image: npt.ArrayLike,
    layer: str | Layer,
    target: Target,
    method: Method,
    steps: int,
    baseline: npt.ArrayLike,
    smooth_max_pool: bool,
) -> Attribution:
    visible = as_model(model)
    name = checked_layer(visible, layer)
    if method not in get_args(Method):
        raise unknown_name("method", str(method), f"{axis[:-1]} attribution", get_args(Method))
    count = whole_number("steps", steps, 1)
    given = checked_image(visible, image)
    objective = as_target(visible, given, target)
    network = FromLayer(visible, given, name)
    acts = network.values
    if axis == "positions":
        require_positions(name, acts, "Use channel_attribution, or a layer below it.")
    start = _baseline(baseline, acts, name)

    def gradients(batch: FloatArray) -> tuple[FloatArray, FloatArray]:
        return network.gradients(objective, batch, smooth_max_pool)

    ends, gradient = multiplier(method, gradients, acts, start, count)
    if method == "grad_cam":
        gradient = gradient.mean(tuple(range(acts.ndim - 1)), keepdims=True)
    factor = acts - start if method == "integrated_gradients" else acts
    contributions = (factor * gradient).astype(np.float32)
    if axis == "positions":
        values = contributions.sum(-1)
        values = np.maximum(values, 0) if method == "grad_cam" else values
    else:
        values = contributions.sum(tuple(range(acts.ndim - 1)))
    value, baseline_value = map(float, ends)
    error = _relative(float(values.sum(dtype=np.float64)), value - baseline_value)
    return Attribution(name, target, method, axis, values, contributions, acts, value, baseline_value, error)


def multiplier(
    method: Method,
    gradients: Callable[[FloatArray], tuple[FloatArray, FloatArray]],
    acts: FloatArray,
    start: FloatArray,
    steps: int,
) -> tuple[FloatArray, FloatArray]:
    """Return the values of a target at the two ends of the path, and the gradient that a method multiplies with.

    Args:
        method: The method.
        gradients: A function from activations `[batch, ...]` to values and gradients of the target.
        acts: Activations of the layer.
        start: The baseline, in the same shape.
        steps: Number of steps along the path of integrated gradients.

    Returns:
        The values `[2]` at `acts` and at `start`, and the gradient in the shape of `acts`, before Grad-CAM averages it.
    """
    ends = np.stack([acts, start])
    if method != "integrated_gradients":
        values, found = gradients(ends)
        return values, found[0]
    # Gauss-Legendre quadrature. Where the gradient changes fast, as near a baseline of 0 in networks with response
    # normalization, it leaves a fraction of the completeness error that equally spaced midpoints leave.
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    places = ((nodes + 1) / 2).reshape(-1, *[1] * acts.ndim)
    path = np.float32(start + places * (acts - start))
    values, found = gradients(np.concatenate([ends, path]))
    return values[:2], np.tensordot(weights / 2, found[2:], 1).astype(np.float32)


def _baseline(baseline: npt.ArrayLike, acts: FloatArray, layer: str) -> FloatArray:
    try:
        given = np.asarray(baseline, np.float32)
        start = np.broadcast_to(given, acts.shape)
    except (TypeError, ValueError):
        raise ArgumentError(
            f"The baseline has the shape {np.shape(baseline)}.",
            f"Expected a number, {acts.shape[-1:]} or {acts.shape} for layer {layer!r}.",
        ) from None
    if not np.isfinite(start).all():
        raise ArgumentError("The baseline contains NaN or infinity.", "Expected finite numbers.")
    return start


def _relative(total: float, change: float) -> float:
    distance = abs(total - change)
    return distance / abs(change) if change else float("inf") if distance else 0.0


__all__ = ["Attribution", "Method", "channel_attribution", "spatial_attribution"]
