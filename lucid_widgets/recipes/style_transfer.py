"""The content of one photograph in the style of another one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy.typing as npt
import tensorflow as tf

from lucid_widgets.frames import FloatArray
from lucid_widgets.modelzoo.base.private_names import outside_graphs
from lucid_widgets.modelzoo.vision_base import Layer, T
from lucid_widgets.modelzoo.vision_models import as_model
from lucid_widgets.optvis import param
from lucid_widgets.optvis.engine.iteration import FrameIterator
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.optvis.render import iter_vis
from lucid_widgets.optvis.style import StyleLoss
from lucid_widgets.recipes._images import model_image

__all__ = ["iter_style_transfer", "style_transfer"]


def style_transfer(
    content: npt.ArrayLike,
    style: npt.ArrayLike,
    model: Any,
    content_layers: str | Layer | Sequence[str | Layer],
    style_layers: str | Layer | Sequence[str | Layer],
    n_steps: int = 512,
    content_weight: float = 100.0,
    *,
    seed: int = 0,
) -> FloatArray:
    """Make an image with the content of one photograph and the style of another one.

    Args:
        content: The photograph with the content, `[height, width, channels]`: floats in [0, 1], or uint8. Both are
            cropped and resized to the size that the network was made for, if it has one.
        style: The photograph with the style.
        model: Whatever `as_model` accepts.
        content_layers: Layers whose activations should be those of the content; later ones leave more freedom.
        style_layers: Layers in which the same channels should be active together as for the style.
        n_steps: Number of steps. Default: 512.
        content_weight: Weight of the content relative to the style. Default: 100.
        seed: Any integer. Default: 0.

    Returns:
        `[height, width, channels]` in [0, 1].

    Raises:
        UnknownNameError: The model has no such layer.

    Example:
        >>> made = style_transfer(photograph, painting, "EmojiNet", "mixed4a", ["conv2d1", "mixed3a"])

    Source: Gatys, Ecker & Bethge, "A Neural Algorithm of Artistic Style", 2015, with Lucid's parameterization and
    losses of its style transfer notebook: mean absolute differences.
    """
    frames = iter_style_transfer(
        *(content, style, model, content_layers, style_layers, n_steps, content_weight),
        seed=seed,
        every=max(n_steps, 1),
    )
    return [frame.images[0] for frame in frames][-1]


@outside_graphs()
def iter_style_transfer(
    content: npt.ArrayLike,
    style: npt.ArrayLike,
    model: Any,
    content_layers: str | Layer | Sequence[str | Layer],
    style_layers: str | Layer | Sequence[str | Layer],
    n_steps: int = 512,
    content_weight: float = 100.0,
    *,
    seed: int = 0,
    every: int | None = None,
) -> FrameIterator:
    """Yield frames while the image takes shape. The arguments are those of `style_transfer`, and `every` of `iter_vis`.

    Example:
        >>> frames = iter_style_transfer(photograph, painting, model, "mixed4a", ["conv2d1", "mixed3a"])
        >>> OptimizationCanvas(frames).run()
    """
    visible = as_model(model)
    kept, manner = (model_image(each, visible) for each in (content, style))
    names = names_of(content_layers)
    # The activations of the content, a list with one tensor for each layer.
    wanted = StyleLoss(names, style_func=tf.identity).set_style(visible, kept[None])
    like = StyleLoss(names_of(style_layers)).set_style(visible, manner[None])
    return iter_vis(
        visible,
        like.objective + content_weight * Objective(partial(_nearness, wanted), "content"),
        image_like(kept),
        steps=n_steps,
        seed=seed,
        every=every,
        transforms=(),
        relu_gradient_override=False,
    )


def names_of(layers: str | Layer | Sequence[str | Layer]) -> list[str]:
    """Return the names of a layer, or of several."""
    given = [layers] if isinstance(layers, (str, Layer)) else list(layers)
    return [each.name if isinstance(each, Layer) else each for each in given]


def image_like(photograph: FloatArray) -> Callable[[], Any]:
    """Return a parameterization of images with the size and the channels of a photograph."""
    height, width, channels = photograph.shape
    more: dict[str, Any] = {} if channels == 3 else {"channels": channels}
    return partial(param.image, width, height, batch=1, **more)


def _nearness(wanted: StyleLoss, T: T) -> Any:
    return -wanted.style_loss(T)
