"""Objectives of directions in the channel space of a layer, in place of a single channel.

A direction is given by a vector, or is the embedding of a text or of another image.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.modelzoo.base.token_grid import same_transforms
from lucid_widgets.modelzoo.embeddings import image_embedding, text_embedding
from lucid_widgets.modelzoo.vision_base import T
from lucid_widgets.optvis.objectives.arguments import array, shape_of, whole
from lucid_widgets.optvis.objectives.arguments import text as text_argument
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.optvis.objectives.units import ROW_AND_COLUMN, activation_at
from lucid_widgets.optvis.objectives.views import as_nhwc, image_of, middle_slices
from lucid_widgets.optvis.objectives.wrapping import wrap_objective

_MIN_COSINE = 0.1
_EPSILON = 1e-4


def _dot(x: Any, y: Any) -> Any:
    """Return the dot product over channels, the last axis."""
    return tf.reduce_sum(x * y, -1)


def _dot_cossim(x: Any, y: Any, cossim_pow: float = 0) -> Any:
    """Return the mean over positions of the dot product of `x` and `y`, times a power of their cosine similarity."""
    product = _dot(x, y)
    if not cossim_pow:
        return tf.reduce_mean(product)
    cosine = product / (_EPSILON + _length(x)) / (_EPSILON + _length(y))
    return tf.reduce_mean(product * tf.maximum(_MIN_COSINE, cosine) ** cossim_pow)


def _length(t: Any) -> Any:
    # The square root has no gradient at zero, and the output of a ReLU is exactly zero in places.
    return tf.sqrt(tf.maximum(tf.reduce_sum(t**2, -1), 1e-12))


def _check_vector(layer_argument: str, ranks: tuple[int, ...]) -> Callable[[Mapping[str, Any], Any, int | None], None]:
    """Return a check that `vec` has one of the ranks, and one number for each channel of the layer."""

    def check(arguments: Mapping[str, Any], model: Any, batch: int | None) -> None:
        name, shape = arguments[layer_argument], shape_of(arguments["vec"]) or ()
        if len(shape) not in ranks:
            expected = "[channels]" if 1 in ranks else "[height, width, channels]"
            raise ArgumentError(f"vec has the shape {shape}.", f"Expected {expected}.")
        channels = None if name == "input" else model.get_layer(name).channels
        if channels is not None and shape[-1] != channels:
            raise ArgumentError(
                f"vec has {shape[-1]} numbers for each position, but layer {name!r} has {channels} channels.",
                "Expected one number for each channel.",
            )

    return check


_NUMBERS = {"vec": array, "batch": whole}


@wrap_objective(require_format="NHWC", numbers=_NUMBERS, layer="layer", check=_check_vector("layer", (1,)))
def direction(layer: str, vec: Any, cossim_pow: float = 0, batch: int | None = None) -> Callable[[T], Any]:
    """Activation along a direction: the dot product of a layer's activations with a vector, averaged over positions.

    Args:
        layer: Name of a layer.
        vec: The direction, `[channels]`: a list, an array or a tensor. Its length scales the objective.
        cossim_pow: Power of the cosine similarity between activations and direction, by which the dot product is
            multiplied; at least 0. A higher power prefers activations that point in this direction alone. Cosines below
            0.1 count as 0.1. Default: 0, the dot product alone.
        batch: Index of the image to look at. Default: the mean over all images.

    Returns:
        An objective: the product, averaged over positions and images.

    Raises:
        ArgumentError: If `vec` does not have one number for each channel of the layer.

    Example:
        >>> render_vis(model, objectives.direction("mixed4c", np.random.normal(size=320)))

    Source: Lucid's `objectives.direction`. The order of arguments is that of the last release; up to 0.3.8, `batch`
    came before `cossim_pow`.
    """
    return lambda T: _dot_cossim(image_of(T, batch)(layer), vec, cossim_pow)


direction_cossim = direction
"""Lucid's older name of `direction`."""


@wrap_objective(
    numbers={**_NUMBERS, "x": whole, "y": whole},
    layer="layer_name",
    aliases=ROW_AND_COLUMN,
    check=_check_vector("layer_name", (1,)),
)
def direction_neuron(
    layer_name: str,
    vec: Any,
    x: int | None = None,
    y: int | None = None,
    cossim_pow: float = 0,
    batch: int | None = None,
    *,
    row: int | None = None,
    column: int | None = None,
) -> Callable[[T], Any]:
    """Activation along a direction at one position, by default in the center of the layer.

    Args:
        layer_name: Name of a layer.
        vec: The direction, `[channels]`: a list, an array or a tensor.
        x: Row of the position, counted from the top. Default: the center. The name is Lucid's, in which x is the
            vertical axis. `row` is another name for it.
        y: Column of the position, counted from the left. Default: the center. `column` is another name for it.
        cossim_pow: Power of the cosine similarity, as for `direction`. Default: 0.
        batch: Index of the image to look at. Default: the mean over all images.
        row: Another name for `x`.
        column: Another name for `y`.

    Returns:
        An objective: the dot product at that position, averaged over images.

    Raises:
        ArgumentError: If `vec` does not have one number for each channel of the layer, or if `x` and `row`, or `y` and
            `column`, are both given.

    Example:
        >>> render_vis(model, objectives.direction_neuron("mixed4c", np.random.normal(size=320), row=3, column=3))

    Source: Lucid's `objectives.direction_neuron`. `row` and `column` are new.
    """

    def inner(T: T) -> Any:
        return _dot_cossim(activation_at(as_nhwc(middle_slices(image_of(T, batch)))(layer_name), x, y), vec, cossim_pow)

    return inner


@wrap_objective(require_format="NHWC", numbers=_NUMBERS, layer="layer", check=_check_vector("layer", (3, 4)))
def tensor_direction(layer: str, vec: Any, cossim_pow: float = 0, batch: int | None = None) -> Callable[[T], Any]:
    """Match of a pattern of activations: a direction for each position of a patch, in the center of the layer.

    Args:
        layer: Name of a layer.
        vec: The pattern, `[height, width, channels]` or `[1, height, width, channels]`, at most as large as the layer.
        cossim_pow: Power of the cosine similarity, as for `direction`. Default: 0.
        batch: Index of the image to look at. Default: the mean over all images.

    Returns:
        An objective: the dot product of activations and pattern, averaged over the positions of the patch and over
        images.

    Raises:
        ArgumentError: If `vec` has another number of channels than the layer, or is larger than it.

    Example:
        >>> pattern = np.random.normal(size=(3, 3, 320))
        >>> render_vis(model, objectives.tensor_direction("mixed4c", pattern))

    Source: Lucid's `objectives.tensor_direction`, which cut the layer in the wrong place if `vec` was larger.
    """

    def inner(T: T) -> Any:
        layer_acts = image_of(T, batch)(layer)
        height, width = vec.shape[-3:-1]
        known = layer_acts.shape[1:3]
        if any(size is not None and size < needed for size, needed in zip(known, (height, width), strict=True)):
            raise ArgumentError(
                f"vec has {height} x {width} positions, but layer {layer!r} has only {known[0]} x {known[1]}.",
                "Expected a smaller pattern, or a larger image.",
            )
        shape = tf.shape(layer_acts)
        top, left = (shape[1] - height) // 2, (shape[2] - width) // 2
        return _dot_cossim(layer_acts[:, top : top + height, left : left + width], vec, cossim_pow)

    return inner


@wrap_objective(require_format="NHWC", numbers=_NUMBERS, layer="layer", check=_check_vector("layer", (1,)))
def similarity(layer: str, vec: Any, batch: int | None = None) -> Callable[[T], Any]:
    """Cosine similarity of a layer's activations and a vector, averaged over positions.

    Unlike `direction`, it does not grow with the length of the activations.

    Args:
        layer: Name of a layer.
        vec: The vector, `[channels]`: a list, an array or a tensor. Its length has no effect.
        batch: Index of the image to look at. Default: the mean over all images.

    Returns:
        An objective: the cosine, from -1 to 1, averaged over positions and images.

    Raises:
        ArgumentError: If `vec` does not have one number for each channel of the layer.

    Example:
        >>> render_vis(model, objectives.similarity("mixed4c", np.random.normal(size=320)))

    Source: New.
    """

    def inner(T: T) -> Any:
        acts = image_of(T, batch)(layer)
        return tf.reduce_mean(_dot(acts, vec) / (_length(acts) * _length(tf.convert_to_tensor(vec))))

    return inner


def _of_text(arguments: Mapping[str, Any], model: Any) -> Objective:
    return similarity(arguments["layer"], text_embedding(model, arguments["text"]), arguments["batch"])


def _of_image(arguments: Mapping[str, Any], model: Any) -> Objective:
    found = image_embedding(model, arguments["layer"], arguments["orig_img"])
    return similarity(arguments["layer"], found, arguments["batch"])


def _check_resolved(
    resolve: Callable[[Mapping[str, Any], Any], Objective],
) -> Callable[[Mapping[str, Any], Any, int | None], None]:
    return lambda arguments, model, batch: resolve(arguments, model).validate(model, batch)


def _needs_model(name: str) -> Callable[[T], Any]:
    def inner(T: T) -> Any:
        raise ArgumentError(f"{name}() was evaluated without a model.", "Pass it to render_vis() or iter_vis().")

    return inner


@wrap_objective(
    numbers={"text": text_argument, "batch": whole}, layer="layer", check=_check_resolved(_of_text), resolve=_of_text
)
def text_direction(layer: str, text: str, batch: int | None = None) -> Callable[[T], Any]:
    """Cosine similarity of the embedding of the image and that of a text, in a model with a text encoder such as CLIP.

    Args:
        layer: Name of the layer with the embedding of the image, `[batch, channels]`. In a model of `models.from_clip`
            it is `"vision_projection"`.
        text: The text, such as `"a photo of a dog"`. `model.text_encoder` turns it into a vector.
        batch: Index of the image to look at. Default: the mean over all images.

    Returns:
        An objective: the cosine, from -1 to 1, averaged over images.

    Raises:
        ModelError: If the model has no text encoder.
        ArgumentError: If the encoder returns vectors of another length than the layer's.

    Example:
        >>> dog = objectives.text_direction("vision_projection", "a photo of a dog")
        >>> drawn = objectives.text_direction("vision_projection", "a drawing")
        >>> render_vis(clip, dog - 0.5 * drawn)

    Source: After Goh et al., "Multimodal Neurons in Artificial Neural Networks", Distill 2021.
    """
    return _needs_model("text_direction")


@wrap_objective(
    numbers={"orig_img": array, "batch": whole}, layer="layer", check=_check_resolved(_of_image), resolve=_of_image
)
def image_direction(layer: str, orig_img: Any, batch: int | None = None) -> Callable[[T], Any]:
    """Cosine similarity of a layer's activations and the mean activation of another image in that layer.

    In the layer with the embedding of CLIP, it is how similar two images are in what they mean.

    Args:
        layer: Name of a layer.
        orig_img: The other image, `[height, width, channels]` in [0, 1], of a size that the network takes.
        batch: Index of the image to look at. Default: the mean over all images.

    Returns:
        An objective: the cosine, from -1 to 1, averaged over positions and images.

    Raises:
        ArgumentError: If `orig_img` is not one image.
        ModelError: If the network cannot compute the layer for an image of its size.

    Example:
        >>> render_vis(model, objectives.image_direction("mixed5b", load("dog.jpg")))

    Source: After Goh et al., "Multimodal Neurons in Artificial Neural Networks", Distill 2021.
    """
    return _needs_model("image_direction")


@wrap_objective(
    numbers={"n_channel": whole, "vec": array, "batch": whole},
    layer=("layer", "facet_layer"),
    channel=("n_channel",),
    check=_check_vector("facet_layer", (1,)),
)
def facet(layer: str, n_channel: int, facet_layer: str, vec: Any, batch: int | None = None) -> Callable[[T], Any]:
    """How much of what excites a channel lies along a facet: a direction in an earlier layer, such as "is a face".

    Added to the channel, it makes the image show one of the kinds of things that the channel responds to. The
    activations of the earlier layer are weighted by their positive gradients, which are treated as constants.

    Args:
        layer: Name of the channel's layer.
        n_channel: Index of the channel.
        facet_layer: Name of a layer before it.
        vec: The facet, `[channels]` of `facet_layer`: the weights of a linear probe, or the difference of the mean
            activations of images with and without it.
        batch: Index of the image to look at. Default: the mean over all images.

    Returns:
        An objective: activations times positive gradients, along `vec`, summed over positions and averaged over images.

    Raises:
        ArgumentError: If `vec` does not have one number for each channel of the layer, or the channel does not depend
            on `facet_layer`.

    Example:
        >>> face = objectives.facet("mixed4a", 11, "mixed3b", np.random.normal(size=168))
        >>> render_vis(model, objectives.channel("mixed4a", 11) + 5 * face)

    Source: Goh et al., "Multimodal Neurons in Artificial Neural Networks", Distill 2021.
    """

    def inner(T: T) -> Any:
        if tf.executing_eagerly():
            raise ArgumentError(
                "facet() was evaluated outside an optimization.", "Pass it to render_vis() or iter_vis()."
            )
        again = same_transforms(T)
        # The layers of T may be parts of a batch put together, through which no gradient leads from one to the other.
        layers = T if again is None else again(T("input"))
        whole_layer, target = layers(facet_layer), layers(layer)
        per_image = tf.reduce_mean(target[..., n_channel], axis=list(range(1, target.shape.rank - 1)))
        (gradient,) = tf.compat.v1.gradients(per_image, [whole_layer])
        if gradient is None:
            raise ArgumentError(
                f"Layer {layer!r} does not depend on {facet_layer!r}.", "Expected facet_layer to be a layer before it."
            )
        weighted = tf.nn.relu(tf.stop_gradient(gradient)) * whole_layer
        along = tf.reduce_sum(weighted * vec, axis=list(range(1, whole_layer.shape.rank)))
        return tf.reduce_mean(along if batch is None else along[batch])

    return inner


__all__ = [
    "direction",
    "direction_cossim",
    "direction_neuron",
    "facet",
    "image_direction",
    "similarity",
    "tensor_direction",
    "text_direction",
]
