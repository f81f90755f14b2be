"""Activations and attributions at random positions of one's own images. Lucid downloaded them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.frames import FloatArray
from lucid_widgets.modelzoo.base.private_names import outside_graphs
from lucid_widgets.modelzoo.vision_base import Layer
from lucid_widgets.modelzoo.vision_models import as_model
from lucid_widgets.optvis.objectives import class_logit
from lucid_widgets.recipes._images import model_image

__all__ = ["collect_activations", "collect_attributions"]

_BATCH = 16


def collect_activations(
    model: Any, layer: str | Layer, images: Iterable[npt.ArrayLike], per_image: int = 1, *, seed: int = 0
) -> FloatArray:
    """Return activations at random positions of images.

    Args:
        model: Whatever `as_model` accepts.
        layer: A layer with positions, or its name.
        images: Images, `[height, width, channels]` in [0, 1] or uint8. They are cropped and resized to the size that
            the network was made for, if it has one.
        per_image: Number of positions for each image. Default: 1, as in Lucid.
        seed: Any integer. Default: 0.

    Returns:
        `[n, channels]`, in the order of the images.

    Raises:
        ArgumentError: There are no images, or the layer has no positions.

    Example:
        >>> activations = collect_activations("EmojiNet", "mixed4a", photographs, per_image=4)
    """
    return np.concatenate([acts for acts, _ in _collected(model, layer, images, per_image, seed, None, ())])


def collect_attributions(
    model: Any,
    layer: str | Layer,
    images: Iterable[npt.ArrayLike],
    class_layer: str,
    classes: Sequence[int | str],
    per_image: int = 1,
    *,
    seed: int = 0,
) -> tuple[FloatArray, FloatArray]:
    """Return activations at random positions of images, and how much each contributes to the scores of classes.

    An attribution is the product of the activations at a position and their gradient, summed over channels.

    Args:
        model: As for `collect_activations`; so are the next two arguments, and the last two.
        layer: A layer below `class_layer`.
        images: Images.
        class_layer: The layer with the scores, preferably logits.
        classes: Indices of classes, or their labels.
        per_image: Number of positions for each image. Default: 1.
        seed: Any integer. Default: 0.

    Returns:
        Activations `[n, channels]` and attributions `[n, classes]`, in the order of the images.

    Raises:
        ArgumentError: There are no images, the layer has no positions, or the classes do not depend on it.
    """
    found = list(_collected(model, layer, images, per_image, seed, class_layer, classes))
    return np.concatenate([acts for acts, _ in found]), np.concatenate([given for _, given in found])


@outside_graphs()
def _collected(
    model: Any,
    layer: str | Layer,
    images: Iterable[npt.ArrayLike],
    per_image: int,
    seed: int,
    class_layer: str | None,
    classes: Sequence[int | str],
) -> list[tuple[FloatArray, FloatArray]]:
    visible = as_model(model)
    name = layer.name if isinstance(layer, Layer) else layer
    visible.get_layer(name)
    count = whole_number("per_image", per_image, 1)
    scores = [class_logit(class_layer, each) for each in classes] if class_layer is not None else []
    for score in scores:
        score.validate(visible)

    @tf.function(autograph=False, reduce_retracing=True)
    def compute(shown: tf.Tensor) -> tuple[tf.Tensor, list[tf.Tensor]]:
        T = visible.import_graph(shown)
        acts = T(name)
        if acts.shape.rank != 4:
            raise ArgumentError(f"Layer {name!r} has no positions.", "Expected a layer [height, width, channels].")
        gradients = [tf.compat.v1.gradients(score(T), acts)[0] for score in scores]
        if any(gradient is None for gradient in gradients):
            raise ArgumentError(f"{class_layer!r} does not depend on {name!r}.", "Expected a layer below the classes.")
        return acts, [tf.reduce_sum(gradient * acts, -1) for gradient in gradients]

    rng = np.random.default_rng(seed)
    results = []
    for batch in _batches(model_image(image, visible) for image in images):
        acts, given = compute(tf.constant(batch))
        height, width = acts.shape[1:3]
        rows, columns = rng.integers(height, size=(len(batch), count)), rng.integers(width, size=(len(batch), count))
        place = np.arange(len(batch))[:, None], rows, columns
        attributions = np.stack([each.numpy()[place].reshape(-1) for each in given], -1) if given else np.zeros((0, 0))
        results.append((acts.numpy()[place].reshape(-1, acts.shape[-1]), attributions.astype(np.float32)))
    if not results:
        raise ArgumentError("There are no images.", "Pass at least one.")
    return results


def _batches(images: Iterator[FloatArray]) -> Iterator[FloatArray]:
    """Yield images of one size together, at most `_BATCH` at a time."""
    kept: list[FloatArray] = []
    while chunk := list(islice(images, 1)):
        if kept and (len(kept) == _BATCH or chunk[0].shape != kept[0].shape):
            yield np.stack(kept)
            kept = []
        kept += chunk
    if kept:
        yield np.stack(kept)
