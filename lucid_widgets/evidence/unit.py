"""`UnitEvidence`: what the images of an index say about one unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from lucid_widgets.errors import unknown_name
from lucid_widgets.evidence.display import unit_html
from lucid_widgets.evidence.fields import Box
from lucid_widgets.evidence.picks import KINDS, SHOWN, Pick, of_kind
from lucid_widgets.misc.io.serialize_array import UInt8Array

if TYPE_CHECKING:
    from lucid_widgets.evidence.index import ActivationIndex


@dataclass(frozen=True)
class Shown:
    """An image that stands for a unit.

    Attributes:
        image: Its place in the image set.
        id: Its name.
        label: Its label, or None.
        value: The unit's value.
        row: Row of the position where the unit is most active.
        column: Column of that position.
        box: The pixels that this position sees: top, left, bottom, right, the last two excluded.
    """

    image: int
    id: str
    label: str | None
    value: float
    row: int
    column: int
    box: Box


class UnitEvidence:
    """The evidence about one unit. A notebook shows it as a strip of crops, a histogram and figures.

    Attributes:
        index: The index.
        layer: Name of the layer.
        channel: The channel.
    """

    def __init__(self, index: ActivationIndex, layer: str, channel: int, number: int) -> None:
        self.index, self.layer, self.channel = index, layer, channel
        self._number = number

    def __repr__(self) -> str:
        return f"<UnitEvidence {self.name}: {self.summary}>"

    @property
    def name(self) -> str:
        """The unit as "layer:channel"."""
        return f"{self.layer}:{self.channel}"

    @property
    def top(self) -> tuple[Shown, ...]:
        """The images that excite the unit most, the strongest first, all that the index has."""
        return self._shown("most", self.index.statistics.top_values.shape[1])

    @property
    def bottom(self) -> tuple[Shown, ...]:
        """The images that excite the unit least, the weakest first."""
        return self._shown("least", self.index.statistics.bottom_values.shape[1])

    def spread(self, count: int = SHOWN) -> tuple[Shown, ...]:
        """Images from `count` equal parts of a sample, ordered by value, the strongest first."""
        return self._shown("spread", count)

    def shown(self, kind: str) -> tuple[Shown, ...]:
        """The nine images of a kind: "most", "spread" or "least"."""
        if kind not in KINDS:
            raise unknown_name("kind", kind, "UnitEvidence", KINDS)
        return self._shown(kind, SHOWN)

    def crop(self, shown: Shown, size: int | None = None) -> UInt8Array:
        """Return the part of an image that the unit sees, uint8 `[height, width, 3]`.

        Args:
            shown: One of the images.
            size: Sides of the result in pixels; default: those of the part. The crop is enlarged to a square around the
                part where the image allows it.
        """
        image = self.index.image(shown.image)
        top, left, bottom, right = self._scaled(shown.box, image) if size is None else self._square(shown.box, image)
        part = image[top:bottom, left:right]
        if size is None:
            return part
        return np.asarray(Image.fromarray(part).resize((size, size), Image.Resampling.BICUBIC))

    def image(self, shown: Shown) -> UInt8Array:
        """Return the whole image as the index keeps it, uint8 `[height, width, 3]`."""
        return self.index.image(shown.image)

    # Figures.

    @property
    def max(self) -> float:
        """The largest value."""
        return float(self.index.statistics.top_values[self._number, 0])

    @property
    def mean(self) -> float:
        """The mean value."""
        return float(self.index.statistics.means[self._number])

    @property
    def deviation(self) -> float:
        """The standard deviation of the values."""
        return float(self.index.statistics.deviations[self._number])

    @property
    def zeros(self) -> float:
        """Share of the images whose value is 0 or less."""
        return float(self.index.statistics.zero_shares[self._number])

    @property
    def is_dead(self) -> bool:
        """Whether no image activates the unit."""
        return self.max <= 0

    @property
    def sparsity(self) -> float:
        """Lifetime sparsity: 0 for a constant value, near 1 for a unit that few images excite."""
        return float(self.index.statistics.sparsities[self._number])

    @property
    def selectivity(self) -> tuple[float, str] | None:
        """Class selectivity in [0, 1], and the label that excites the unit most; None without labels or activity."""
        figures, labels = self.index._selectivities
        figure = float(figures[self._number])
        return None if np.isnan(figure) else (figure, self.index.labels[int(labels[self._number])])

    @property
    def histogram(self) -> tuple[np.ndarray, np.ndarray]:
        """Number of images per bin, int `[64]`, and the edges of the bins, float `[65]`."""
        statistics = self.index.statistics
        counts = statistics.histogram[self._number]
        edges = statistics.lows[self._number] + statistics.widths[self._number] * np.arange(len(counts) + 1)
        return counts, edges

    @property
    def filled_histogram(self) -> tuple[np.ndarray, np.ndarray]:
        """The histogram without the empty bins at its ends."""
        counts, edges = self.histogram
        filled = np.flatnonzero(counts)
        first, last = (int(filled[0]), int(filled[-1]) + 1) if len(filled) else (0, len(counts))
        return counts[first:last], edges[first : last + 1]

    def quantile(self, share: float) -> float:
        """Return the value that this share of the images does not exceed. It is estimated from the sample."""
        values = self._sample
        return float(np.quantile(values, share)) if len(values) else float("nan")

    def percentile(self, value: float) -> float:
        """Return the share of the images, in percent, whose value is lower.

        It is exact above the smallest of the kept largest values, and estimated from the sample below.
        """
        statistics, count = self.index.statistics, len(self.index)
        tops = statistics.top_values[self._number]
        tops = tops[np.isfinite(tops)]
        if len(tops) == count or (len(tops) and value > tops[-1]):
            return 100.0 * (count - int((tops >= value).sum())) / count
        return 100.0 * float((self._sample < value).mean()) if len(self._sample) else 0.0

    def in_words(self, value: float) -> str:
        """Say how a value compares with those of the images, such as "3.1 times the highest of 12,000 images"."""
        count, highest = len(self.index), self.max
        of = f"{count:,} image{'s' if count != 1 else ''}"
        if value >= highest:
            if highest <= 0:
                return (
                    f"above the highest of {of}, none of which activates the unit"
                    if value > highest
                    else f"no more than any of {of}"
                )
            return f"{value / highest:.1f} times the highest of {of}"
        percentile = self.percentile(value)
        return f"higher than {'less than 1' if percentile < 1 else f'{percentile:.0f}'} % of {of}"

    @property
    def summary(self) -> str:
        """The figures in one line."""
        if self.is_dead:
            return f"dead: none of {len(self.index):,} images activates it"
        parts = [f"highest {self.max:.3g}", f"mean {self.mean:.3g}", f"zero on {100 * self.zeros:.0f} % of images"]
        if self.selectivity is not None:
            parts.append(f"selectivity {self.selectivity[0]:.2f} for {self.selectivity[1]}")
        return ", ".join(parts)

    def to_json(self) -> dict[str, Any]:
        """Return the figures as a dict that JSON can hold."""
        counts, edges = self.filled_histogram
        selectivity = self.selectivity
        return {
            "unit": self.name,
            "images": len(self.index),
            "max": self.max,
            "mean": self.mean,
            "deviation": self.deviation,
            "zeros": self.zeros,
            "dead": self.is_dead,
            "sparsity": None if np.isnan(self.sparsity) else self.sparsity,
            "selectivity": None if selectivity is None else selectivity[0],
            "label": None if selectivity is None else selectivity[1],
            "histogram": counts.tolist(),
            "edges": [float(edges[0]), float(edges[-1])],
        }

    def _repr_html_(self) -> str:
        return unit_html(self)

    @property
    def _sample(self) -> np.ndarray:
        values = self.index.statistics.sample_values[:, self._number]
        return values[np.isfinite(values)]

    def _shown(self, kind: str, count: int) -> tuple[Shown, ...]:
        picks = of_kind(self.index.statistics, self._number, kind, count)
        return tuple(self._described(pick) for pick in picks)

    def _described(self, pick: Pick) -> Shown:
        field = self.index.field(self.layer)
        row, column = field.place(pick.position)
        name, label = self.index.image_id(pick.image), self.index.image_label(pick.image)
        return Shown(pick.image, name, label, pick.value, row, column, field.box(pick.position))

    def _scaled(self, box: Box, image: UInt8Array) -> Box:
        """The box in a kept image, which may be smaller than the one that the network saw."""
        down, across = image.shape[0] / self.index.size[0], image.shape[1] / self.index.size[1]
        top, left = int(box[0] * down), int(box[1] * across)
        return top, left, max(top + 1, round(box[2] * down)), max(left + 1, round(box[3] * across))

    def _square(self, box: Box, image: UInt8Array) -> Box:
        top, left, bottom, right = self._scaled(box, image)
        side = min(max(bottom - top, right - left), *image.shape[:2])
        top = min(max((top + bottom - side) // 2, 0), image.shape[0] - side)
        left = min(max((left + right - side) // 2, 0), image.shape[1] - side)
        return top, left, top + side, left + side


__all__ = ["Shown", "UnitEvidence"]
