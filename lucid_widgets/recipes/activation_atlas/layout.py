"""Layouts of activations in two dimensions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lucid_widgets.errors import ArgumentError
from lucid_widgets.misc._optional import needed

__all__ = ["aligned_umap", "normalize_layout"]


def normalize_layout(
    layout: npt.ArrayLike, min_percentile: float = 1, max_percentile: float = 99, relative_margin: float = 0.1
) -> npt.NDArray[Any]:
    """Move outliers to the edge of a layout, and scale it to [0, 1] along both axes.

    Args:
        layout: Positions, `[n, 2]`.
        min_percentile: Percentile along each axis below which positions are outliers. Default: 1.
        max_percentile: Percentile along each axis above which positions are outliers. Default: 99.
        relative_margin: How far outliers may lie outside these percentiles, as a share of the distance between them.
            Default: 0.1.

    Returns:
        `[n, 2]` in [0, 1]. Along an axis on which all positions are equal, they are 0.

    Source: Lucid's `layout.normalize_layout`, whose margin was larger above than below.
    """
    places = np.asarray(layout, np.float64)
    low, high = np.percentile(places, [min_percentile, max_percentile], axis=0)
    margin = relative_margin * (high - low)
    clipped = np.clip(places, low - margin, high + margin)
    clipped -= clipped.min(axis=0)
    size = clipped.max(axis=0)
    return clipped / np.where(size > 0, size, 1)


def aligned_umap(
    activations: npt.ArrayLike | Sequence[npt.ArrayLike],
    umap_options: Mapping[str, Any] | None = None,
    normalize: bool = True,
    verbose: bool = False,
) -> Any:
    """Lay out activations in two dimensions with UMAP, several groups of them together.

    Args:
        activations: `[n, channels]`, or a list of such arrays with the same channels.
        umap_options: Arguments of `umap.UMAP`. Default: 50 neighbors, a smallest distance of 0.05, the cosine metric.
        normalize: Whether to scale the layout to [0, 1], see `normalize_layout`. Default: True.
        verbose: Whether UMAP prints its progress. Default: False.

    Returns:
        Positions `[n, 2]`, or a list of them, one array for each group.

    Raises:
        ArgumentError: umap-learn is not installed, or there are fewer activations than it needs.

    Source: Lucid's `layout.aligned_umap`, which split groups of different sizes in the wrong places.
    """
    groups = list(activations) if isinstance(activations, (list, tuple)) else [activations]
    arrays = [np.asarray(group, np.float32) for group in groups]
    together = np.concatenate(arrays)
    options = {"n_components": 2, "n_neighbors": 50, "min_dist": 0.05, "metric": "cosine", "verbose": verbose}
    umap = needed("umap", "aligned_umap", "atlas")
    try:
        layout = np.asarray(umap.UMAP(**{**options, **(umap_options or {})}).fit_transform(together))
    except (RecursionError, SystemError, ValueError) as error:
        raise ArgumentError(
            f"UMAP could not lay out {len(together)} activations: {error}", "Pass more of them, or other umap_options."
        ) from error
    if normalize:
        layout = normalize_layout(layout)
    parts = np.split(layout, np.cumsum([len(array) for array in arrays])[:-1])
    return parts if isinstance(activations, (list, tuple)) else parts[0]
