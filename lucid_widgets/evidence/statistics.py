"""`Statistics`: what a pass over a data set keeps about every unit, as NumPy arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from lucid_widgets.frames import FloatArray

BINS = 64
"""Number of bins of a histogram."""

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Statistics:
    """Statistics of all units, of which there are U, over N images.

    "Value" is the activation of a unit in an image, reduced to one number: its maximum over the positions, for example.
    "Position" counts the positions of the layer row by row. A mean has none; that of the maximum takes its place.

    Attributes:
        count: Number of images seen, int64 `[]`.
        top_values: The k largest values, the largest first, float32 `[U, k]`. Of equal values, that of the earliest
            image comes first.
        top_images: Their images, int32 `[U, k]`; -1 if there were fewer images.
        top_positions: Their positions, int32 `[U, k]`.
        bottom_values: The k smallest values, the smallest first, `[U, k]`.
        bottom_images: Their images.
        bottom_positions: Their positions.
        sums: Sum of the values, float64 `[U]`.
        squares: Sum of their squares, float64 `[U]`.
        zeros: Number of images whose value is 0 or less, int64 `[U]`.
        histogram: Number of images by value, int32 `[U, BINS]`.
        lows: Lower end of the histogram's first bin, float32 `[U]`.
        widths: Width of its bins, float32 `[U]`.
        label_sums: Sum of the positive parts of the values by label, float64 `[labels, U]`.
        label_counts: Number of images by label, int64 `[labels]`.
        sample_images: A random sample of the images, in ascending order, int32 `[S]`.
        sample_values: Their values, float32 `[S, U]`; NaN for an image that was skipped.
        sample_positions: Their positions, int32 `[S, U]`.
    """

    count: Array
    top_values: FloatArray
    top_images: Array
    top_positions: Array
    bottom_values: FloatArray
    bottom_images: Array
    bottom_positions: Array
    sums: Array
    squares: Array
    zeros: Array
    histogram: Array
    lows: FloatArray
    widths: FloatArray
    label_sums: Array
    label_counts: Array
    sample_images: Array
    sample_values: FloatArray
    sample_positions: Array

    @classmethod
    def empty(cls, units: int, keep: int, labels: int, sample: Array) -> Statistics:
        """Return the statistics of no images.

        Args:
            units: Number of units.
            keep: Number of largest and of smallest values, at least 1.
            labels: Number of labels.
            sample: The images of the sample, in ascending order.
        """
        kept = (units, keep)
        return cls(
            count=np.zeros((), np.int64),
            top_values=np.full(kept, -np.inf, np.float32),
            top_images=np.full(kept, -1, np.int32),
            top_positions=np.zeros(kept, np.int32),
            bottom_values=np.full(kept, np.inf, np.float32),
            bottom_images=np.full(kept, -1, np.int32),
            bottom_positions=np.zeros(kept, np.int32),
            sums=np.zeros(units, np.float64),
            squares=np.zeros(units, np.float64),
            zeros=np.zeros(units, np.int64),
            histogram=np.zeros((units, BINS), np.int32),
            lows=np.zeros(units, np.float32),
            widths=np.zeros(units, np.float32),
            label_sums=np.zeros((labels, units), np.float64),
            label_counts=np.zeros(labels, np.int64),
            sample_images=np.asarray(sample, np.int32),
            sample_values=np.full((len(sample), units), np.nan, np.float32),
            sample_positions=np.zeros((len(sample), units), np.int32),
        )

    @classmethod
    def of(cls, arrays: Mapping[str, Any]) -> Statistics:
        """Return statistics made of arrays by name."""
        return cls(**{name: np.asarray(arrays[name]) for name in NAMES})

    def arrays(self) -> dict[str, Array]:
        """Return the arrays by name."""
        return {name: getattr(self, name) for name in NAMES}

    # Derived figures, one per unit.

    @property
    def means(self) -> Array:
        """Mean value, float64 `[U]`; NaN without images."""
        return self.sums / self._images

    @property
    def deviations(self) -> Array:
        """Standard deviation of the values, float64 `[U]`."""
        return np.sqrt(np.maximum(self.squares / self._images - self.means**2, 0))

    @property
    def zero_shares(self) -> Array:
        """Share of images whose value is 0 or less, float64 `[U]`."""
        return self.zeros / self._images

    @property
    def sparsities(self) -> Array:
        """Lifetime sparsity, float64 `[U]`: 0 for a constant value, near 1 for a unit that few images excite.

        It is `1 - mean(a)² / mean(a²)`; NaN for a unit that is always 0.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            return 1 - self.means**2 / (self.squares / self._images)

    @property
    def selectivities(self) -> tuple[Array, Array]:
        """Class selectivity, float64 `[U]`, and the label that excites each unit most, int64 `[U]`.

        The selectivity is `(m_max - m_rest) / (m_max + m_rest)`, where m_max is the largest mean of a label and m_rest
        the mean over the means of the other labels. NaN for a unit that is never positive, or with fewer than two
        labels.

        Source: Morcos et al., "On the importance of single directions for generalization", ICLR 2018.
        """
        seen = self.label_counts > 0
        units = len(self.sums)
        if seen.sum() < 2:
            return np.full(units, np.nan), np.full(units, -1)
        means = self.label_sums[seen] / self.label_counts[seen, None]
        best = means.argmax(0)
        largest = means.max(0)
        rest = (means.sum(0) - largest) / (len(means) - 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            return (largest - rest) / (largest + rest), np.flatnonzero(seen)[best]

    @property
    def _images(self) -> Array:
        return np.where(self.count > 0, self.count, np.nan)


NAMES = tuple(field.name for field in fields(Statistics))
"""Names of the arrays."""

__all__ = ["BINS", "NAMES", "Statistics"]
