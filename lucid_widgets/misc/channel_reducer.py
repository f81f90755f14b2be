"""`ChannelReducer`: reduce many channels to a few directions, with scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lucid_widgets.errors import ArgumentError, did_you_mean, whole_number
from lucid_widgets.misc._optional import needed

__all__ = ["ChannelReducer"]


class ChannelReducer:
    """Reduces the last dimension of activations to a few components.

    Args:
        n_components: Number of components, at least 1.
        reduction_alg: A class of `sklearn.decomposition`, or its name: "NMF", "PCA", "FastICA", ...
        **kwargs: Passed to that class.

    Attributes:
        components: The directions, `[n_components, channels]`, after fitting. Other attributes of the scikit-learn
            object are available too, without the underscore at their end.

    Raises:
        ArgumentError: If there is no such class, or scikit-learn is not installed.
        OutOfRangeError: If `n_components` is below 1.

    Example:
        >>> reducer = ChannelReducer(3)
        >>> reducer.fit_transform(activations).shape
        (14, 14, 3)

    Source: Lucid's `misc.channel_reducer`. (Lucid's cannot be copied, and has every attribute.)
    """

    def __init__(self, n_components: int = 3, reduction_alg: Any = "NMF", **kwargs: Any) -> None:
        self.n_components = whole_number("n_components", n_components, 1)
        self._reducer = _class_of(reduction_alg)(n_components=self.n_components, **kwargs)

    def fit(self, acts: npt.ArrayLike) -> ChannelReducer:
        """Fit the directions to activations `[..., channels]`."""
        self._reducer.fit(_flat(acts))
        return self

    def fit_transform(self, acts: npt.ArrayLike) -> npt.NDArray[Any]:
        """Fit the directions to activations `[..., channels]`, and return them as `[..., n_components]`."""
        return _reshaped(self._reducer.fit_transform(_flat(acts)), acts)

    def transform(self, acts: npt.ArrayLike) -> npt.NDArray[Any]:
        """Reduce activations `[..., channels]` to `[..., n_components]`."""
        return _reshaped(self._reducer.transform(_flat(acts)), acts)

    def inverse_transform(self, reduced: npt.ArrayLike) -> npt.NDArray[Any]:
        """Return the activations `[..., channels]` that `[..., n_components]` represents."""
        return _reshaped(self._reducer.inverse_transform(_flat(reduced)), reduced)

    __call__ = transform

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_"):
            if hasattr(self._reducer, f"{name}_"):
                return getattr(self._reducer, f"{name}_")
            if hasattr(self._reducer, name):
                return getattr(self._reducer, name)
        raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}. Is it fitted?")


def _class_of(reduction_alg: Any) -> Any:
    if not isinstance(reduction_alg, str):
        return reduction_alg
    decomposition = needed("sklearn.decomposition", "ChannelReducer")
    classes = [name for name in decomposition.__all__ if name[0].isupper()]
    if reduction_alg not in classes:
        raise ArgumentError(
            f"scikit-learn has no decomposition {reduction_alg!r}.", did_you_mean(reduction_alg, classes)
        )
    return getattr(decomposition, reduction_alg)


def _flat(acts: npt.ArrayLike) -> npt.NDArray[Any]:
    values = np.asarray(acts)
    return values.reshape(-1, values.shape[-1])


def _reshaped(rows: npt.NDArray[Any], like: npt.ArrayLike) -> npt.NDArray[Any]:
    return rows.reshape(*np.shape(like)[:-1], rows.shape[-1])
