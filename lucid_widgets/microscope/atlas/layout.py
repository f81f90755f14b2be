"""Layouts of activations in the plane: UMAP, t-SNE, positions of the user, and turning one layout onto another."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lucid_widgets.errors import ArgumentError, unknown_name
from lucid_widgets.frames import FloatArray
from lucid_widgets.misc._optional import needed
from lucid_widgets.recipes.activation_atlas.layout import aligned_umap, normalize_layout

METHODS = ("umap", "tsne")
"""Names of the methods."""

# t-SNE is given the first principal components, which speeds it up and removes noise.
_COMPONENTS = 50
_NEIGHBORS = 50
_PERPLEXITY = 30.0


def checked_method(layout: Any) -> str | npt.NDArray[np.float64]:
    """Return the name of a method whose library is installed, or positions.

    Raises:
        UnknownNameError: There is no such method.
        ArgumentError: The library is missing, or the positions are not in [0, 1].
    """
    if isinstance(layout, str):
        if layout not in METHODS:
            raise unknown_name("layout", layout, "render_atlas", METHODS)
        try:
            needed({"umap": "umap", "tsne": "sklearn.manifold"}[layout], f"layout={layout!r}", "atlas")
        except ArgumentError as error:
            other = ' layout="tsne" needs only scikit-learn.' if layout == "umap" else ""
            raise ArgumentError(error.message, error.hint + other) from error
        return layout
    places = np.asarray(layout, np.float64)
    if places.ndim != 2 or places.shape[1] != 2 or not np.all((places >= 0) & (places <= 1)):
        raise ArgumentError(
            f"layout has the shape {places.shape}.", "Expected 'umap', 'tsne', or positions [activations, 2] in [0, 1]."
        )
    return places


def laid_out(
    activations: FloatArray, method: str, *, seed: int, onto: npt.NDArray[Any] | None = None
) -> npt.NDArray[np.float32]:
    """Return positions of activations in the plane.

    Args:
        activations: `[n, channels]`.
        method: One of `METHODS`.
        seed: Seed of the method.
        onto: Positions `[n, 2]` of the same image parts in another atlas, onto which these are turned. Default: None.

    Returns:
        `[n, 2]` in [0, 1].
    """
    length = np.linalg.norm(activations, axis=1, keepdims=True)
    unit = activations / np.maximum(length, 1e-12)  # both methods then compare directions
    if method == "umap":
        options = {"metric": "euclidean", "n_neighbors": min(_NEIGHBORS, len(unit) - 1), "random_state": seed}
        found = aligned_umap(unit, {**options, "n_jobs": 1}, normalize=False)
    else:
        found = _tsne(unit, seed)
    if onto is None:
        return normalize_layout(found).astype(np.float32)
    return np.clip(turned(found, onto), 0, 1).astype(np.float32)


def turned(layout: npt.ArrayLike, onto: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Move, turn and reflect a layout so that its points are as close as possible to those of another one.

    The scale is that of equal spread. The scale of least squares would shrink a layout that matches the other one only
    loosely to its middle.

    Args:
        layout: `[n, 2]`.
        onto: `[n, 2]`, in the same order.

    Returns:
        `[n, 2]`, the rotation that solves the orthogonal Procrustes problem, with the mean and the spread of `onto`.
    """
    given, wanted = np.asarray(layout, np.float64), np.asarray(onto, np.float64)
    centered, target = given - given.mean(0), wanted - wanted.mean(0)
    left, _, right = np.linalg.svd(centered.T @ target)
    scale = np.linalg.norm(target) / max(float(np.linalg.norm(centered)), 1e-12)
    return np.asarray(scale * centered @ left @ right + wanted.mean(0))


def _tsne(unit: FloatArray, seed: int) -> npt.NDArray[Any]:
    what = 'layout="tsne"'
    components = min(_COMPONENTS, *unit.shape)
    reduced = needed("sklearn.decomposition", what, "atlas").PCA(components, random_state=seed).fit_transform(unit)
    perplexity = min(_PERPLEXITY, max(1.0, (len(unit) - 1) / 3))
    start = "pca" if components >= 2 else "random"
    method = needed("sklearn.manifold", what, "atlas").TSNE(2, perplexity=perplexity, init=start, random_state=seed)
    # With several threads, which wait for each other in a loop, small layouts take up to sixty times as long.
    with needed("threadpoolctl", what, "atlas").threadpool_limits(1, user_api="openmp"):
        return np.asarray(method.fit_transform(reduced))


__all__ = ["METHODS", "checked_method", "laid_out", "turned"]
