"""Style: what textures an image has, told by which channels of a layer are active together.

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
    """The Gram matrix of activations: how active each two channels are together.

    Args:
        a: `[..., channels]`.

    Returns:
        `[channels, channels]`, the mean over all positions and images.

    Source: Lucid's `style.gram_style`; Gatys, Ecker & Bethge, "A Neural Algorithm of Artistic Style", 2015.
    """
    rows = tf.reshape(a, [-1, a.shape[-1]])
    return tf.matmul(rows, rows, transpose_a=True) / tf.cast(tf.shape(rows)[0], rows.dtype)


def mean_l1_loss(g1: Any, g2: Any) -> Any:
    """The mean absolute difference.

    Source: Lucid's `style.mean_l1_loss`.
    """
    return tf.reduce_mean(tf.abs(g1 - g2))


def mean_l2_loss(g1: Any, g2: Any) -> Any:
    """The root of the mean squared difference; its gradient is zero where there is none.

    Source: Lucid's `style.mean_l2_loss`. (Its gradient was infinite there.)
    """
    square = tf.reduce_mean(tf.square(g1 - g2))
    safe = tf.where(square > 0, square, 1)
    return tf.where(square > 0, tf.sqrt(safe), 0)


class StyleLoss:
    """How far an image's style is from another's.

    Args:
        style_layers: Names of layers.
        ema_decay: Compares not the style of this step's image, but the average over the last steps, of which so much is
            kept at each: for images of which each step sees a part, such as views of a mesh. The average is kept in
            this object, and begins anew with `set_style`; runs with it are not repeated exactly by resuming.
        style_func: From activations `[batch, height, width, channels]` to what is compared.
        loss_func: From two of these to a number.

    Raises:
        ArgumentError: `style_layers` are not names, or `ema_decay` is not between 0 and 1.

    Example:
        >>> style = StyleLoss(["mixed3a", "mixed4a"]).set_style(model, load("painting.jpg"))
        >>> render_vis(model, style.objective)

    Source: Lucid's `style.StyleLoss`, whose layers were tensors of a session's graph; here they have names, and
    `input_grams`, `effective_grams` and `style_losses` are functions of T.
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
                f"StyleLoss received style_layers={style_layers!r:.80}.",
                "Expected a list of names of layers, such as ['mixed3a', 'mixed4a'].",
            )
        if ema_decay is not None and not 0 < ema_decay < 1:
            raise ArgumentError(f"StyleLoss received ema_decay={ema_decay!r}.", "Expected a number between 0 and 1.")
        self.style_layers = tuple(style_layers)
        self.ema_decay = ema_decay
        self.style_func = style_func
        self.loss_func = loss_func
        self.target_vars: list[Any] = []
        self._averages: list[Any] = []
        self._weight: Any = None

    def set_style(self, model: Any, images: npt.ArrayLike) -> StyleLoss:
        """Takes the style of images.

        Args:
            model: The model, as for `render_vis`.
            images: `[height, width, channels]` or `[batch, height, width, channels]` in [0, 1].

        Returns:
            Itself.

        Raises:
            UnknownNameError: The model has no such layer.
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
        # What was traced with them goes on with the new style.
        for target, average, gram in zip(self.target_vars, self._averages, grams, strict=True):
            target.assign(gram)
            average.assign(tf.zeros_like(gram))
        self._weight.assign(0.0)
        return self

    def input_grams(self, T: T) -> list[Any]:
        """The style of the image, for each layer."""
        return [self.style_func(T(name)) for name in self.style_layers]

    def effective_grams(self, T: T) -> list[Any]:
        """What is compared: the style of the image, or the average with the gradient of that of the image."""
        grams = self.input_grams(T)
        if self.ema_decay is None:
            return grams
        # Divided by the weight of what was seen so far, as the average began at zero.
        weight = self._weight.assign(self.ema_decay * self._weight + (1 - self.ema_decay))
        averages = [
            average.assign(self.ema_decay * average + (1 - self.ema_decay) * tf.stop_gradient(gram)) / weight
            for average, gram in zip(self._averages, grams, strict=True)
        ]
        return [g + tf.stop_gradient(a - g) for g, a in zip(grams, averages, strict=True)]

    def style_losses(self, T: T) -> list[Any]:
        """How far apart the styles are, for each layer.

        Raises:
            ArgumentError: No style was set.
        """
        if not self.target_vars:
            raise ArgumentError("No style was set.", "Call set_style(model, image) first.")
        return [
            self.loss_func(effective, target)
            for effective, target in zip(self.effective_grams(T), self.target_vars, strict=True)
        ]

    def style_loss(self, T: T) -> Any:
        """How far apart the styles are, all layers together."""
        return tf.add_n(self.style_losses(T))

    @property
    def objective(self) -> Objective:
        """What `render_vis` maximizes: minus the loss."""
        return Objective(lambda T: -self.style_loss(T), "style", f"Style {list(self.style_layers)}")


__all__ = ["StyleLoss", "gram_style", "mean_l1_loss", "mean_l2_loss"]
