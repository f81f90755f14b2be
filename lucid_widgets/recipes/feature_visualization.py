"""Images of channels and neurons, with the value of their objective at each step."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.modelzoo.vision_base import Layer, T
from lucid_widgets.modelzoo.vision_models import as_model
from lucid_widgets.optvis import objectives, param
from lucid_widgets.optvis.default_image import default_size
from lucid_widgets.optvis.engine.iteration import FrameIterator
from lucid_widgets.optvis.engine.optimizers import Adam
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.optvis.render import iter_vis
from lucid_widgets.recipes._images import fitting_transforms

__all__ = ["channel", "iter_channel", "iter_neuron", "neuron"]

_PALE_ALPHA = 0.1


def neuron(
    model: Any,
    layer: str | Layer,
    channel_indices: int | Sequence[int],
    alpha: bool = False,
    negative: bool = False,
    decorrelation_matrix: None = None,
    n_steps: int = 128,
    parallel_transforms: int = 16,
    lr: float = 0.05,
    override_gradients: bool = True,
    *,
    seed: int = 0,
) -> Any:
    """Visualize the neurons in the center of a layer. The arguments are those of `channel`.

    Source: Lucid's `feature_visualization.neuron`.
    """
    settings = _checked(decorrelation_matrix, n_steps, lr, alpha, negative, override_gradients, seed)
    return _visualized(objectives.neuron, model, layer, channel_indices, settings)


def channel(
    model: Any,
    layer: str | Layer,
    channel_indices: int | Sequence[int],
    alpha: bool = False,
    negative: bool = False,
    decorrelation_matrix: None = None,
    n_steps: int = 128,
    parallel_transforms: int = 16,
    lr: float = 0.05,
    override_gradients: bool = True,
    *,
    seed: int = 0,
) -> Any:
    """Visualize channels of a layer, each in an image.

    Args:
        model: Whatever `as_model` accepts.
        layer: The layer, or its name.
        channel_indices: A channel, or several.
        alpha: Whether to make transparent what the channel does not need. Default: False.
        negative: Whether to minimize the activation instead. Default: False.
        decorrelation_matrix: Must be None, as in Lucid.
        n_steps: Number of steps. Default: 128.
        parallel_transforms: Has no effect, as in Lucid.
        lr: Learning rate of Adam. Default: 0.05.
        override_gradients: Whether to redirect the gradients of inactive ReLUs in the first 16 steps. Default: True.
        seed: Any integer. Default: 0.

    Returns:
        For one channel, a tuple of the image `[1, height, width, channels]` and the activation at each step
        `[1, n_steps]`. For several, a list with a tuple of an image `[height, width, channels]` and activations
        `[n_steps]` for each.

    Raises:
        UnknownNameError: The model has no such layer.
        OutOfRangeError: The layer has no such channel.

    Example:
        >>> image, activations = feature_visualization.channel("EmojiNet", "mixed4a", 27, n_steps=64)

    Source: Lucid's `feature_visualization.channel`, which redirected gradients at all steps.
    """
    settings = _checked(decorrelation_matrix, n_steps, lr, alpha, negative, override_gradients, seed)
    return _visualized(objectives.channel, model, layer, channel_indices, settings)


def iter_neuron(model: Any, layer: str | Layer, channel_indices: int | Sequence[int], **settings: Any) -> FrameIterator:
    """Yield frames with all images while they take shape. The arguments are those of `neuron` that have an effect."""
    return _frames(objectives.neuron, model, layer, _as_list(channel_indices), _checked(**{**_DEFAULTS, **settings}))


def iter_channel(
    model: Any, layer: str | Layer, channel_indices: int | Sequence[int], **settings: Any
) -> FrameIterator:
    """Yield frames with all images while they take shape. The arguments are those of `channel` that have an effect.

    Example:
        >>> OptimizationCanvas(feature_visualization.iter_channel(model, "mixed4a", [27, 152])).run()
    """
    return _frames(objectives.channel, model, layer, _as_list(channel_indices), _checked(**{**_DEFAULTS, **settings}))


_DEFAULTS: dict[str, Any] = {
    **{"decorrelation_matrix": None, "n_steps": 128, "lr": 0.05, "alpha": False, "negative": False},
    **{"override_gradients": True, "seed": 0},
}


def _checked(
    decorrelation_matrix: None,
    n_steps: int,
    lr: float,
    alpha: bool,
    negative: bool,
    override_gradients: bool,
    seed: int,
) -> dict[str, Any]:
    if decorrelation_matrix is not None:
        raise ArgumentError(
            "decorrelation_matrix was passed.", "Leave it out; for other directions, use objectives.direction."
        )
    return {
        **{"n_steps": n_steps, "lr": lr, "alpha": alpha, "negative": negative},
        **{"override_gradients": override_gradients, "seed": seed},
    }


def _as_list(channels: int | Sequence[int]) -> list[int]:
    return list(channels) if isinstance(channels, (list, tuple, np.ndarray, range)) else [channels]  # type: ignore[list-item]


def _visualized(make: Any, model: Any, layer: str | Layer, channels: Any, settings: dict[str, Any]) -> Any:
    visible, indices = as_model(model), _as_list(channels)
    results = []
    for place, index in enumerate(indices):
        # One at a time, with the random numbers of its place in the batch, so that each has its own objective.
        frames = _frames(make, visible, layer, [index], settings, place=place)
        monitored = _signed(make, layer, index, settings) if settings["alpha"] else None
        values: list[float] = []
        image = next(frames).images
        for step in range(settings["n_steps"]):
            if monitored is not None:
                values += frames.measure([monitored])
            while frames.step < step + 1:
                frame = frames.advance(step + 1 - frames.step)
                image = frame.images
                values += [] if monitored is not None else list(map(float, frame.objectives))
        results.append((image, np.asarray(values, np.float32)))
    if len(results) == 1:
        image, values_ = results[0]
        return image, values_[None]
    return [(image[0], values_) for image, values_ in results]


def _signed(make: Any, layer: str | Layer, index: int, settings: dict[str, Any], batch: int = 0) -> Objective:
    name = layer.name if isinstance(layer, Layer) else layer
    return (-1 if settings["negative"] else 1) * make(name, index, batch=batch)


def _frames(
    make: Any, model: Any, layer: str | Layer, channels: list[int], settings: dict[str, Any], place: int = 0
) -> FrameIterator:
    visible, alpha = as_model(model), settings["alpha"]
    objective = Objective.sum([_signed(make, layer, each, settings, n) for n, each in enumerate(channels)])
    height, width, colors = visible.image_shape
    size = default_size(visible, objective)
    height, width = height or size, width or size
    if alpha:
        objective = objective * Objective(_clear, "clear") - _PALE_ALPHA * objectives.blur_alpha_each_step()
    more: dict[str, Any] = {"channels": colors} if colors not in (None, 3) else {"alpha": alpha}
    frames = iter_vis(
        visible,
        objective,
        partial(param.image, width, height, batch=len(channels), **more),
        steps=settings["n_steps"],
        seed=settings["seed"],
        transforms=fitting_transforms(height, width, alpha),
        optimizer=Adam(settings["lr"]),
        relu_gradient_override=settings["override_gradients"],
        noise_ids=range(place, place + len(channels)),
    )
    return frames


def _clear(T: T) -> Any:
    """Share of the image that is transparent."""
    return 1 - tf.reduce_mean(T("input")[..., -1])
