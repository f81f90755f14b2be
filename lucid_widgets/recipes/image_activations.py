"""The activations of all layers of a network for an image."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy.typing as npt

from lucid_widgets.attribution.inputs import activations
from lucid_widgets.frames import FloatArray
from lucid_widgets.modelzoo.vision_models import as_model
from lucid_widgets.recipes._images import model_image

__all__ = ["image_activations", "iter_image_activations", "manifest_image_activations"]


def image_activations(
    model: Any, image: npt.ArrayLike, layer_names: Sequence[str] | None = None
) -> dict[str, FloatArray]:
    """Return the activations of layers for an image.

    Args:
        model: Whatever `as_model` accepts.
        image: `[height, width, channels]`, floats in [0, 1] or uint8. It is cropped and resized to the size that the
            network was made for, if it has one.
        layer_names: The layers. Default: all listed layers with positions, those with the tag "conv".

    Returns:
        One array `[height, width, channels]` for each layer, by name.

    Raises:
        UnknownNameError: The model has no such layer.

    Example:
        >>> image_activations("EmojiNet", photograph)["mixed4a"].shape
        (8, 8, 256)

    Source: Lucid's `recipes.image_activations`.
    """
    visible = as_model(model)
    names = [layer.name for layer in visible.layers if "conv" in layer.tags] if layer_names is None else layer_names
    return activations(visible, model_image(image, visible), list(names))


def iter_image_activations(
    model: Any, image: npt.ArrayLike, layer_names: Sequence[str] | None = None
) -> Iterator[tuple[str, FloatArray]]:
    """Yield the name and the activations of one layer after the other. The arguments are those of `image_activations`.

    All layers come from one pass through the network, so the first one takes as long as all of them.
    """
    yield from image_activations(model, image, layer_names).items()


def manifest_image_activations(model: Any, image: npt.ArrayLike, **kwargs: Any) -> dict[str, Any]:
    """Return the activations of layers for an image as a record for `save`.

    Args:
        model: As for `image_activations`.
        image: As for `image_activations`.
        **kwargs: Further arguments of `image_activations`.

    Returns:
        `type`, `took` (seconds) and `values`, a list with `value`, `shape` and `layer_name` for each layer.

    Source: Lucid's `image_activations.manifest_image_activations`.
    """
    began = time.perf_counter()
    found = image_activations(model, image, **kwargs)
    took = time.perf_counter() - began
    values = [
        {"type": "activations", "value": value, "shape": value.shape, "layer_name": name}
        for name, value in found.items()
    ]
    return {"type": "image-activations", "took": took, "values": values}
