"""`until_percentile`: end a run when its image excites the unit as much as the best of real images."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from lucid_widgets.errors import finite_number, whole_number
from lucid_widgets.evidence.measuring import unit_values
from lucid_widgets.evidence.unit import UnitEvidence
from lucid_widgets.frames import Frame
from lucid_widgets.modelzoo.adapt import as_model


def until_percentile(
    frames: Iterable[Frame], model: Any, unit: UnitEvidence, percentile: float = 99.0, *, every: int = 1
) -> Iterator[Frame]:
    """Yield frames up to the first whose image excites the unit more than a percentage of the real images.

    An image that is optimized further resembles real images less and less, so this is a good place to stop. The
    objective of a run cannot tell, because it is a mean over positions, under transforms.

    Args:
        frames: What `iter_vis` returns.
        model: Whatever `as_model` accepts: the network of the index.
        unit: The evidence about the unit, `index["mixed4a:56"]`.
        percentile: Percentage of the real images, from 0 to 100; default: 99. At 100, no real image may excite it more.
        every: Measure every this many frames; default: 1.

    Returns:
        An iterator of frames. It ends with the frame that reached the percentile, or with the last one.

    Example:
        >>> for frame in until_percentile(iter_vis(model, "mixed5b:56"), model, index["mixed5b:56"]):
        ...     pass
        >>> show(frame.images)
    """
    visible = as_model(model)
    wanted = finite_number("percentile", percentile, 0, 100)
    step = whole_number("every", every, 1)
    return _until(frames, visible, unit, float(wanted), step)


def _until(frames: Iterable[Frame], model: Any, unit: UnitEvidence, percentile: float, every: int) -> Iterator[Frame]:
    for count, frame in enumerate(frames):
        yield frame
        if count % every == 0 and reaches(unit, _value(model, unit, frame), percentile):
            return


def reaches(unit: UnitEvidence, value: float, percentile: float) -> bool:
    """Return whether a value is as high as a percentile of the real images; 100 means the highest of them."""
    return value >= unit.max if percentile >= 100 else unit.percentile(value) >= percentile


def _value(model: Any, unit: UnitEvidence, frame: Frame) -> float:
    return float(unit_values(model, [unit.layer], frame.images)[unit.layer][:, unit.channel].max())


__all__ = ["reaches", "until_percentile"]
