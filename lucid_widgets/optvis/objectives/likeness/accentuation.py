"""`accentuate`: a channel, while the image stays like a photograph that it starts from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.modelzoo.base.token_grid import same_transforms
from lucid_widgets.modelzoo.vision_base import T
from lucid_widgets.optvis.objectives.arguments import array, real, whole
from lucid_widgets.optvis.objectives.image import check_size
from lucid_widgets.optvis.objectives.views import as_nhwc, image_of
from lucid_widgets.optvis.objectives.wrapping import wrap_objective


@wrap_objective(
    require_format="NHWC",
    numbers={"n_channel": whole, "orig_img": array, "strength": real, "batch": whole},
    layer=("layer", "kept_layer"),
    channel="n_channel",
)
def accentuate(
    layer: str, n_channel: int, kept_layer: str, orig_img: Any, strength: float = 1.0, batch: int | None = None
) -> Callable[[T], Any]:
    """Mean activation of a channel, pulled back toward an image that it starts from (feature accentuation).

    The pull is along the gradient of the distance from that image in another layer. There, the image and the optimized
    one pass through the same random transforms. In each step, the pull is scaled to the gradient of the channel, so
    `strength` means the same for all units and layers.

    Args:
        layer: Name of the channel's layer.
        n_channel: Index of the channel.
        kept_layer: Name of the layer in which the image stays similar. Early layers keep its details, late ones only
            its content.
        orig_img: The image to stay close to, `[height, width, channels]` or `[batch, height, width, channels]` in
            [0, 1], of the size of the optimized image. Start from it too: `param.image(..., init_val=image)`.
        strength: The pull relative to that of the channel: sums of absolute gradients of the pixels. Default: 1, equal.
        batch: Index of the image to look at. Default: the mean over all images.

    Returns:
        An objective: the activation, averaged over positions and images. Only its gradient has the pull.

    Raises:
        ArgumentError: If the image has another size, or the objective is evaluated outside an optimization.

    Example:
        >>> dog = load("dog.jpg")
        >>> height, width, _ = dog.shape
        >>> clearer = objectives.accentuate("mixed4b", 11, "mixed3a", dog)
        >>> render_vis(model, clearer, lambda: param.image(width, height, init_val=dog))

    Source: Hamblin, Fel, Saha, Konkle & Alvarez, "Feature Accentuation: Revealing 'What' Features Respond to in Natural
    Images", 2024, which balances the two gradients once, at the start. Here it is done in each step.
    """

    def inner(T: T) -> Any:
        again = same_transforms(T)
        if again is None:
            raise ArgumentError(
                "accentuate() was evaluated outside an optimization.", "Pass it to render_vis() or iter_vis()."
            )
        optimized = T("input")
        check_size("orig_img of accentuate()", orig_img, optimized)
        start = tf.broadcast_to(tf.cast(orig_img, tf.float32), optimized.shape)
        kept = as_nhwc(again(start))(kept_layer)
        excitation = tf.reduce_mean(image_of(T, batch)(layer)[..., n_channel])
        squares = tf.reduce_sum((T(kept_layer) - tf.stop_gradient(kept)) ** 2, -1)
        distances = tf.reduce_mean(tf.sqrt(squares + 1e-12), [1, 2])
        # One number for each image, so that images do not influence each other.
        ratio = tf.math.divide_no_nan(_pull(excitation, optimized), _pull(tf.reduce_sum(distances), optimized))
        pulled = strength * tf.reduce_sum(tf.stop_gradient(ratio) * distances)
        return excitation + tf.stop_gradient(pulled) - pulled

    return inner


def _pull(value: Any, images: Any) -> Any:
    """Return the sum of the absolute gradients of the pixels of each image, `[batch]`."""
    (gradient,) = tf.compat.v1.gradients(value, [images])
    return tf.zeros(images.shape[:1]) if gradient is None else tf.reduce_sum(tf.abs(gradient), [1, 2, 3])


__all__ = ["accentuate"]
