"""Style of an image: its textures, described by which channels of a layer are active together.

style = StyleLoss(["mixed3a", "mixed4a"]).set_style(model, load("painting.jpg"))
render_vis(model, style.objective - 0.01 * objectives.total_variation())
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy.typing as npt
import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.modelzoo.vision_base import T
from lucid_widgets.modelzoo.vision_models import as_model
from lucid_widgets.optvis.objectives.tree import Objective


def gram_style(a: Any) -> Any:
    """Gram matrix of activations: the mean product of every two channels.

    Args:
        a: Activations, `[..., channels]`.

    Returns:
        A tensor `[channels, channels]`, averaged over all positions and images.

    Source: Lucid's `style.gram_style`; Gatys, Ecker & Bethge, "A Neural Algorithm of Artistic Style", 2015.
    """
    rows = tf.reshape(a, [-1, a.shape[-1]])
    return tf.matmul(rows, rows, transpose_a=True) / tf.cast(tf.shape(rows)[0], rows.dtype)


def mean_l1_loss(g1: Any, g2: Any) -> Any:
    """Mean absolute difference of two tensors, a scalar.

    Args:
        g1: A tensor.
        g2: A tensor of the same shape.

    Source: Lucid's `style.mean_l1_loss`.
    """
    return tf.reduce_mean(tf.abs(g1 - g2))


def mean_l2_loss(g1: Any, g2: Any) -> Any:
    """Root of the mean squared difference of two tensors, a scalar. For equal tensors, its gradient is zero.

    Args:
        g1: A tensor.
        g2: A tensor of the same shape.

    Source: Lucid's `style.mean_l2_loss`, whose gradient was infinite for equal tensors.
    """
    square = tf.reduce_mean(tf.square(g1 - g2))
    safe = tf.where(square > 0, square, 1)
    return tf.where(square > 0, tf.sqrt(safe), 0)


class StyleLoss:
    """Difference between the style of the optimized image and that of a given image.

    Args:
        style_layers: Names of layers, at least one.
        ema_decay: Compare the exponential moving average of the style over steps instead of the style of the current
            image; each step keeps this share of the average, above 0 and below 1. Use it if a step shows only part of
            an image, such as one view of a mesh. Default: None, no average. The average is stored in this object until
            the next `set_style`, so a resumed run does not repeat an uninterrupted one exactly.
        style_func: Function from activations `[batch, height, width, channels]` to the tensor that is compared;
            Default: `gram_style`.
        loss_func: Function from two such tensors to a scalar. Default: `mean_l1_loss`.

    Attributes:
        style_layers: The names of the layers.
        target_vars: Style of the given image, one variable for each layer; empty before `set_style`.

    Raises:
        ArgumentError: If `style_layers` is not a list of names, or `ema_decay` is not between 0 and 1.

    Example:
        >>> style = StyleLoss(["mixed3a", "mixed4a"]).set_style(model, load("painting.jpg"))
        >>> render_vis(model, style.objective)

    Source: Lucid's `style.StyleLoss`; Gatys, Ecker & Bethge, "A Neural Algorithm of Artistic Style", 2015. Lucid's
    layers were tensors of a graph. Here they are names, and `input_grams`, `effective_grams` and `style_losses`
    are functions of `T`.
    """

    def __init__(
        self,
        style_layers: Sequence[str],
        ema_decay: float | None = None,
        style_func: Callable[[Any], Any] = gram_style,
        loss_func: Callable[[Any, Any], Any] = mean_l1_loss,
    ) -> None:
        if isinstance(style_layers, str) or not style_layers or not all(isinstance(n, str) for n in style_layers):
            raise ArgumentError(
                f"style_layers of StyleLoss() is {style_layers!r:.80}.",
                "Expected a list of layer names, such as ['mixed3a', 'mixed4a'].",
            )
        if ema_decay is not None and not 0 < ema_decay < 1:
            raise ArgumentError(f"ema_decay of StyleLoss() is {ema_decay!r}.", "Expected a number above 0 and below 1.")
        self.style_layers = tuple(style_layers)
        self.ema_decay = ema_decay
        self.style_func = style_func
        self.loss_func = loss_func
        self.target_vars: list[Any] = []
        self._averages: list[Any] = []
        self._weight: Any = None

    def set_style(self, model: Any, images: npt.ArrayLike) -> StyleLoss:
        """Set the style to compare with.

        Args:
            model: The model, as for `render_vis`.
            images: One or several images with that style, `[height, width, channels]` or `[batch, height, width,
                channels]` in [0, 1].

        Returns:
            This object, so that calls can be chained.

        Raises:
            UnknownNameError: If the model does not have one of the layers.
        """
        visible = as_model(model)

        def styles(t: Any) -> list[Any]:
            return self.input_grams(visible.import_graph(t))

        given = tf.cast(images, tf.float32)
        grams = tf.function(styles, autograph=False).get_concrete_function(given)(given)
        if [gram.shape for gram in grams] != [target.shape for target in self.target_vars]:
            self.target_vars = [tf.Variable(gram, trainable=False) for gram in grams]
            self._averages = [tf.Variable(tf.zeros_like(gram), trainable=False) for gram in grams]
            self._weight = tf.Variable(0.0, trainable=False)
        # Assigned, so that programs traced with these variables use the new style.
        for target, average, gram in zip(self.target_vars, self._averages, grams, strict=True):
            target.assign(gram)
            average.assign(tf.zeros_like(gram))
        self._weight.assign(0.0)
        return self

    def input_grams(self, T: T) -> list[Any]:
        """Return the style of the image, one tensor for each layer."""
        return [self.style_func(T(name)) for name in self.style_layers]

    def effective_grams(self, T: T) -> list[Any]:
        """Return the style to compare: that of the image, or its moving average with that style's gradient."""
        grams = self.input_grams(T)
        if self.ema_decay is None:
            return grams
        # Divided by the total weight so far, because the average starts at zero.
        weight = self._weight.assign(self.ema_decay * self._weight + (1 - self.ema_decay))
        averages = [
            average.assign(self.ema_decay * average + (1 - self.ema_decay) * tf.stop_gradient(gram)) / weight
            for average, gram in zip(self._averages, grams, strict=True)
        ]
        return [g + tf.stop_gradient(a - g) for g, a in zip(grams, averages, strict=True)]

    def style_losses(self, T: T) -> list[Any]:
        """Return the loss of each layer.

        Raises:
            ArgumentError: If no style was set.
        """
        if not self.target_vars:
            raise ArgumentError("No style was set.", "Call set_style(model, image) first.")
        return [
            self.loss_func(effective, target)
            for effective, target in zip(self.effective_grams(T), self.target_vars, strict=True)
        ]

    def style_loss(self, T: T) -> Any:
        """Return the sum of the losses of all layers."""
        return tf.add_n(self.style_losses(T))

    @property
    def objective(self) -> Objective:
        """The objective to maximize: minus the loss."""
        return Objective(lambda T: -self.style_loss(T), "style", f"Style {list(self.style_layers)}")


__all__ = ["StyleLoss", "gram_style", "mean_l1_loss", "mean_l2_loss"]
