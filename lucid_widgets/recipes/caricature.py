"""Caricatures: images that exaggerate what a layer of a network sees in a photograph."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.frames import FloatArray
from lucid_widgets.misc.io import load, save, showing
from lucid_widgets.misc.io.sanitizing import sanitize
from lucid_widgets.modelzoo.vision_base import Layer, Model, T
from lucid_widgets.modelzoo.vision_models import as_model
from lucid_widgets.optvis import param
from lucid_widgets.optvis.engine.iteration import FrameIterator
from lucid_widgets.optvis.objectives import wrap_objective
from lucid_widgets.optvis.objectives.arguments import real, whole
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.optvis.render import iter_vis
from lucid_widgets.recipes._images import fitting_transforms, model_image

__all__ = ["caricature", "dot_compare", "feature_inversion", "iter_caricature", "make_caricature"]

_SMALLEST_COSINE = 0.1


@wrap_objective(numbers={"batch": whole, "cossim_pow": real}, layer="layer")
def dot_compare(layer: str, batch: int = 1, cossim_pow: float = 0) -> Callable[[T], Any]:
    """Similarity of the activations of two images of the batch: image 0, and image `batch`.

    Args:
        layer: Name of a layer.
        batch: Index of the second image. Default: 1.
        cossim_pow: Power of the cosine similarity, by which the dot product is multiplied; at least 0. A higher power
            prefers images that look like the first one to images that only excite the same channels strongly. Cosines
            below 0.1 count as 0.1. Default: 0, the dot product alone.

    Returns:
        An objective: the dot product over all positions and channels, times that power.

    Example:
        >>> objective = dot_compare("mixed4c", batch=1, cossim_pow=1)

    Source: Lucid's `caricature.dot_compare`, whose cosine lacked the length of the first image's activations, and
    therefore grew with them.
    """

    def inner(T: T) -> Any:
        acts = T(layer)
        first, second = acts[0], acts[batch]
        dot = tf.reduce_sum(first * second)
        squares = tf.reduce_sum(tf.square(first)) * tf.reduce_sum(tf.square(second))
        # Not the root itself, whose gradient at 0 is infinite.
        cosine = dot * tf.math.rsqrt(tf.maximum(squares, 1e-12))
        return dot * tf.maximum(cosine, _SMALLEST_COSINE) ** cossim_pow

    return inner


def caricature(
    img: npt.ArrayLike,
    model: Any,
    layer: str | Layer | Sequence[str | Layer],
    n_steps: int = 512,
    cossim_pow: float = 0.0,
    verbose: bool = True,
    *,
    seed: int = 0,
) -> FloatArray:
    """Exaggerate what layers of a network see in a photograph.

    Args:
        img: The photograph, `[height, width, channels]`: floats in [0, 1], or uint8. It is cropped and resized to the
            size that the network was made for, if it has one.
        model: Whatever `as_model` accepts.
        layer: A layer, or several; each gets a caricature.
        n_steps: Number of steps. Default: 512.
        cossim_pow: Power of the cosine similarity, see `dot_compare`. Default: 0.
        verbose: Whether to show the caricatures with the names of their layers. Default: True.
        seed: Any integer. Default: 0.

    Returns:
        `[1 + layers, height, width, channels]` in [0, 1]: the photograph, then one caricature for each layer.

    Raises:
        UnknownNameError: The model has no such layer.
        ArgumentError: `img` is not an image.

    Example:
        >>> photograph, exaggerated = caricature(load("dog.jpg"), "InceptionV1", "mixed4c", cossim_pow=1)

    Source: Lucid's `recipes.caricature`.
    """
    frames = iter_caricature(img, model, layer, n_steps, cossim_pow, seed=seed, every=max(n_steps, 1))
    images = [frame.images for frame in frames][-1]
    if verbose:
        showing.images(list(images[1:]), _names(layer), domain=(0, 1))
    return images


def feature_inversion(*args: Any, **kwargs: Any) -> FloatArray:
    """Lucid's other name of `caricature`, with the same arguments."""
    return caricature(*args, **kwargs)


def iter_caricature(
    img: npt.ArrayLike,
    model: Any,
    layer: str | Layer | Sequence[str | Layer],
    n_steps: int = 512,
    cossim_pow: float = 0.0,
    *,
    seed: int = 0,
    every: int | None = None,
) -> FrameIterator:
    """Yield frames while caricatures take shape. The arguments are those of `caricature`, and `every` of `iter_vis`.

    The first image of each frame is the photograph. All images of the batch get the same random transforms, so that
    their positions correspond.

    Example:
        >>> OptimizationCanvas(iter_caricature(photograph, model, "mixed4a"), title="mixed4a").run()
    """
    visible = as_model(model)
    names = _names(layer)
    photograph = model_image(img, visible)
    height, width, channels = photograph.shape
    objective = Objective.sum([dot_compare(name, index, cossim_pow) for index, name in enumerate(names, 1)])
    return iter_vis(
        visible,
        objective,
        partial(_after, photograph, width, height, len(names), channels),
        steps=n_steps,
        seed=seed,
        every=every,
        transforms=fitting_transforms(height, width),
        relu_gradient_override=False,
    )


def make_caricature(
    image_url: str,
    saved_model_folder_url: str | os.PathLike[str],
    to: str | os.PathLike[str],
    *args: Any,
    **kwargs: Any,
) -> dict[str, Any]:
    """Make a caricature for each layer of a saved model, and save them.

    Args:
        image_url: Path or address of the photograph.
        saved_model_folder_url: A folder with a manifest, `manifest.json`, and the graph that it names.
        to: The folder to write `input.jpg`, one `.jpg` for each layer, and `results.json` to.
        *args: Further arguments of `caricature` after `layer`.
        **kwargs: The same by keyword.

    Returns:
        What `results.json` holds: the paths and shapes of the images.

    Source: Lucid's `caricature.make_caricature`.
    """
    model = Model.load_from_manifest(os.path.join(saved_model_folder_url, "manifest.json"))
    names = list(model.layers.names)
    images = caricature(load(image_url), model, names, *args, **{**kwargs, "verbose": False})
    paths = [os.path.join(to, f"{sanitize(name)}.jpg") for name in ("input", *names)]
    for image, path in zip(images, paths, strict=True):
        save(image, path)
    values = [{"type": "image", "url": path, "shape": images.shape[1:]} for path in paths[1:]]
    results = {"type": "caricature", "input_image": paths[0], "values": values}
    save(results, os.path.join(to, "results.json"))
    return results


def _names(layer: str | Layer | Sequence[str | Layer]) -> list[str]:
    layers = [layer] if isinstance(layer, (str, Layer)) else list(layer)
    names = [each.name if isinstance(each, Layer) else each for each in layers]
    if not names or not all(isinstance(name, str) for name in names):
        raise ArgumentError(f"layer is {layer!r}.", "Expected the name of a layer, or a list of names.")
    return names


def _after(photograph: FloatArray, width: int, height: int, batch: int, channels: int) -> Any:
    more: dict[str, Any] = {} if channels == 3 else {"channels": channels}
    made = param.image(width, height, batch=batch, **more)
    return tf.concat([np.asarray(photograph)[None], made], 0)
