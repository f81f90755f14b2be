"""`most_relevant`: the images that excite a unit, ordered by what the unit does to a class in them."""

from __future__ import annotations

from typing import Any

from lucid_widgets.attribution.attributions import channel_attribution
from lucid_widgets.attribution.targets import Target
from lucid_widgets.errors import whole_number
from lucid_widgets.evidence.picks import SHOWN
from lucid_widgets.evidence.unit import Shown, UnitEvidence
from lucid_widgets.modelzoo.adapt import as_model


def most_relevant(
    model: Any, unit: UnitEvidence, target: Target, images: Any = None, *, count: int = SHOWN
) -> tuple[tuple[Shown, float], ...]:
    """Return top images of a unit, ordered by the unit's relevance to a class: activation × gradient.

    An image can excite a unit strongly and yet owe its class to other units. The unit speaks most for the class in the
    images at the top of this order.

    Args:
        model: Whatever `as_model` accepts: the network of the index.
        unit: The evidence about the unit, `index["mixed4a:56"]`.
        target: A class, by name or index, or another target of `attribution.channel_attribution`.
        images: The image set of the index, to choose from all top images that the index knows, 25 by default; default:
            only from the nine of which the index keeps copies.
        count: Most images to return; default: 9.

    Returns:
        Pairs of an image and the relevance of the unit in it, the most relevant first.

    Raises:
        ArgumentError: The index is stale, or these are other images.
        UnknownNameError: The model has no such class.

    Example:
        >>> [(shown.label, relevance) for shown, relevance in most_relevant(model, index["mixed5b:56"], "fox")]

    Source: after relevance maximization, Achtibat et al., "From attribution maps to human-understandable explanations
    through concept relevance propagation", Nature Machine Intelligence 2023, with activation × gradient as relevance.
    """
    visible, index = as_model(model), unit.index
    index.require(visible)
    most = whole_number("count", count, 1)
    found = None if images is None else index.read_images(images)
    channels = visible.image_shape[-1] or 3

    def relevance(shown: Shown) -> float:
        image = unit.image(shown) if found is None else found.image(shown.image, index.size)
        seen = image.mean(-1, keepdims=True).astype(image.dtype) if channels == 1 else image
        attribution = channel_attribution(visible, seen, unit.layer, target, method="gradient_x_activation")
        return float(attribution.values[unit.channel])

    chosen = unit.top[:SHOWN] if found is None else unit.top
    pairs = [(shown, relevance(shown)) for shown in chosen]
    return tuple(sorted(pairs, key=lambda pair: -pair[1])[:most])


__all__ = ["most_relevant"]
