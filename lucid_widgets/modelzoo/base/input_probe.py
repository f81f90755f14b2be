"""The input range of a network, measured by running its first layers.

The layers before the first one that mixes positions (a convolution, a dense layer, a pool) prepare the image. They are
run on black, white and natural-looking images in each candidate range. The right range comes out near -1 to 1, or with
the deviation of standardized images; another one comes out far too large, or squeezed into a narrow band.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

__all__ = ["CANDIDATES", "WHOLE_NUMBERS", "InputKnowledge", "measured_range", "tell_guess", "without_telling"]

InputKnowledge = Literal["declared", "measured", "guessed"]
"""How the input range of a model was found."""

Array = npt.NDArray[Any]

CANDIDATES: tuple[tuple[float, float], ...] = ((0, 255), (0, 1), (-1, 1))
"""The ranges that are tried."""

WHOLE_NUMBERS: dict[str, tuple[int, int]] = {
    **{"uint8": (0, 255), "int8": (-128, 127), "uint16": (0, 65535)},
    **dict.fromkeys(("int16", "int32", "int64", "uint32", "uint64"), (0, 255)),
}
"""Black and white of images of whole numbers, by their type."""

_SIDE = 32
_NARROWEST, _WIDEST = 1.0, 5.5
# How much better the best candidate has to be than the next one.
_MARGIN = 0.2

_log = logging.getLogger(__name__)
_tells: ContextVar[bool] = ContextVar("tells", default=True)


def measured_range(
    prepare: Callable[[Array], Sequence[Array]], image_shape: Sequence[int | None]
) -> tuple[float, float] | None:
    """Return the candidate range that fits the first layers of a network, or None if none clearly fits best.

    Args:
        prepare: Returns what the first layers that mix positions receive for images `[batch, height, width, channels]`.
        image_shape: `(height, width, channels)` of the network.
    """
    images = _probes(image_shape)
    marks: list[tuple[float, tuple[float, float]]] = []
    unchanged = True
    for low, high in CANDIDATES:
        fed = (low + images * (high - low)).astype(np.float32)
        outputs = [np.asarray(output, np.float64) for output in prepare(fed)]
        outputs = [output.reshape(len(images), -1) for output in outputs if len(output) == len(images)]
        if not outputs or not all(np.isfinite(output).all() and output.size for output in outputs):
            continue
        unchanged = unchanged and all(np.allclose((o.min(), o.max()), (low, high), rtol=1e-3) for o in outputs)
        marks.append((float(np.mean([_misfit(output) for output in outputs])), (low, high)))
    marks.sort()
    if not marks or unchanged or (len(marks) > 1 and marks[1][0] - marks[0][0] < _MARGIN):
        return None
    return marks[0][1]


def tell_guess(owner: str, value_range: tuple[Any, Any], maker: str) -> None:
    """Tell the user that the input range of a model is a guess, and how to set it.

    Args:
        owner: The model's name.
        value_range: The guess.
        maker: The call that takes `image_value_range=`.
    """
    if not _tells.get():
        return
    low, high = value_range
    _log.warning(
        "%s: nothing in the network shows which pixel values it expects; %s for black and %s for white is a guess. "
        "If it was trained on other values, pass them: %s(..., image_value_range=(0, 255)).",
        *(owner, low, high, maker),
    )


@contextmanager
def without_telling() -> Iterator[None]:
    """Make `tell_guess` silent in this thread, because the caller shows the guess itself."""
    token = _tells.set(False)
    try:
        yield
    finally:
        _tells.reset(token)


def _misfit(output: Array) -> float:
    """How far the values are from those of a prepared image: 0 for a span of 1 to 5.5 around zero."""
    low, high = output.min(axis=0), output.max(axis=0)  # of each pixel, because channels may have different offsets
    span = float(np.mean(high - low))
    if span <= 0:
        return np.inf
    misfit = abs(np.log2(span / np.clip(span, _NARROWEST, _WIDEST)))
    return float(misfit + np.mean(np.abs(high + low)) / 2 / span)


def _probes(image_shape: Sequence[int | None]) -> Array:
    """Return a black, a white and two natural-looking images, `[4, height, width, channels]` in [0, 1]."""
    height, width, channels = image_shape
    shape = (height or _SIDE, width or _SIDE, channels or 3)
    noise = np.random.default_rng(0).standard_normal((2, *shape))
    frequency = np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.fftfreq(shape[1])[None])
    spectrum = np.fft.fft2(noise, axes=(1, 2)) / np.maximum(frequency, 1 / max(shape))[..., None]
    natural = np.fft.ifft2(spectrum, axes=(1, 2)).real
    natural = 0.45 + 0.25 * (natural - natural.mean()) / natural.std()
    return np.concatenate([np.zeros((1, *shape)), np.ones((1, *shape)), np.clip(natural, 0, 1)])
