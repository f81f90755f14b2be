"""How similarly a network processes images: rank correlations of their channels, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from lucid_widgets.evidence.index import ActivationIndex
from lucid_widgets.frames import FloatArray

Array = npt.NDArray[np.float64]

_LEAST_GAP = 0.02


def features(index: ActivationIndex, layer: str, values: FloatArray, without: int | None = None) -> Array:
    """Return values relative to the channels' means over the data set.

    Positions are left out on purpose: two images of one thing show it at different places.

    Args:
        index: The index.
        layer: The layer.
        values: Spatial maxima of its channels, `[images, channels]`.
        without: A channel to leave out: that of the unit, which all its images excite.
    """
    return relative(values, np.asarray(index.statistics.means[index.numbers(layer)]), without)


def relative(values: npt.ArrayLike, means: npt.ArrayLike, without: int | None = None) -> Array:
    """Return values relative to the means of their channels, without channels that are always 0.

    Args:
        values: Values of the channels, `[images, channels]`.
        means: Their means over the data set, `[channels]`.
        without: A channel to leave out.
    """
    divisors = np.asarray(means, np.float64)
    used = np.abs(divisors) > 1e-6 * np.abs(divisors).max(initial=0)
    if without is not None:
        used[without] = False
    return np.asarray(values, np.float64)[:, used] / divisors[used]


def spearman(first: Array, second: Array) -> Array:
    """Return the rank correlations `[first, second]` between the rows of two arrays."""
    a, b = (_normalized(np.stack([_ranks(row) for row in rows])) for rows in (first, second))
    return a @ b.T


def among(rows: Array) -> Array:
    """Return the rank correlations of all pairs of different rows, flat."""
    return spearman(rows, rows)[np.triu_indices(len(rows), 1)]


def area_under_curve(higher: Array, lower: Array) -> float:
    """Return the share of pairs in which a value of `higher` exceeds one of `lower`; ties count half."""
    difference = np.ravel(higher)[:, None] - np.ravel(lower)[None]
    return float((difference > 0).mean() + (difference == 0).mean() / 2)


def path_similarity(images: Array, top: Array, ordinary: Array) -> float | None:
    """Return how far images are processed like a unit's real images: 1 as these among themselves, 0 as others are.

    Args:
        images: Features of the images in question.
        top: Features of the images that excite the unit most.
        ordinary: Features of images that hardly excite it.

    Returns:
        None if the unit's images are no more similar to each other than to the others.

    Source: after Geirhos et al., "Don't trust your eyes", ICML 2024, with channels in place of positions.
    """
    zero, one = float(spearman(top, ordinary).mean()), float(among(top).mean())
    if one - zero < _LEAST_GAP:
        return None
    return (float(spearman(images, top).mean()) - zero) / (one - zero)


def share_less_like(images: Array, top: Array, ordinary: Array) -> float:
    """Return the share of ordinary images that are less similar to a unit's real images than some images are.

    Unlike `path_similarity`, it takes into account how much similarities vary by chance.

    Args:
        images: Features of the images in question. Their mean similarity counts.
        top: Features of the images that excite the unit most.
        ordinary: Features of images that hardly excite it.
    """
    return area_under_curve(np.array([spearman(images, top).mean()]), spearman(ordinary, top).mean(1))


def in_common(top: Array, ordinary: Array) -> float | None:
    """Return how much the images that excite a unit most have in common, in standard deviations of ordinary images.

    Args:
        top: Features of the images that excite the unit most.
        ordinary: Features of images that hardly excite it.

    Returns:
        None if there are too few images to tell, or no channels.
    """
    if len(top) < 2 or len(ordinary) < 2 or not top.shape[1]:
        return None
    likeness = spearman(ordinary, top).mean(1)
    deviation = float(likeness.std())
    return float(among(top).mean() - likeness.mean()) / deviation if deviation > 0 else None


def spatial_layers(index: ActivationIndex) -> list[str]:
    """Return the layers whose channels have positions, in the order of the network."""
    return [name for name in index.layers if index.field(name).grid != (1, 1)]


def layers_from(index: ActivationIndex, layer: str) -> list[str]:
    """Return the layers with positions from a layer on; at least the last one."""
    names, spatial = list(index.layers), spatial_layers(index)
    later = [name for name in spatial if names.index(name) >= names.index(layer)]
    return later or spatial[-1:] or [layer]


def median(values: Sequence[float | None]) -> float | None:
    """Return the median of the known values; None if there are none."""
    known = [value for value in values if value is not None]
    return float(np.median(known)) if known else None


def _ranks(row: Array) -> Array:
    _, place, counts = np.unique(row, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    found: Array = (ends - (counts - 1) / 2)[place]
    return found


def _normalized(ranks: Array) -> Array:
    centered = ranks - ranks.mean(1, keepdims=True)
    length = np.linalg.norm(centered, axis=1, keepdims=True)
    return centered / np.where(length > 0, length, 1)


__all__ = [
    "among",
    "area_under_curve",
    "features",
    "in_common",
    "layers_from",
    "median",
    "path_similarity",
    "relative",
    "share_less_like",
    "spatial_layers",
    "spearman",
]
