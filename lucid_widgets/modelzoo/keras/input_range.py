"""`InputRange`: what a network expects for black and for white, and in which channel order.

Each family in `keras.applications` has a `preprocess_input`. All of them apply a scale and an offset per channel, and
some reverse the channels, so the three fields of an `InputRange` say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lucid_widgets.errors import ArgumentError, unknown_name

__all__ = ["INPUT_RANGES", "InputRange", "named_input_range"]

_MEAN_RGB = (123.68, 116.779, 103.939)
_TORCH_MEAN, _TORCH_DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class InputRange:
    """The values that a network expects.

    Attributes:
        low: Value for black: a number, or one per channel in the network's order.
        high: Value for white, likewise.
        is_BGR: Whether blue comes first.
    """

    low: Any
    high: Any
    is_BGR: bool = False

    def reversed(self) -> InputRange:
        """Return the same range for the other channel order."""
        low, high = (bound[::-1] if isinstance(bound, tuple) else bound for bound in (self.low, self.high))
        return InputRange(low, high, not self.is_BGR)


INPUT_RANGES: Mapping[str, InputRange] = {
    "raw": InputRange(0, 255),
    "tf": InputRange(-1, 1),
    "caffe": InputRange(
        tuple(-mean for mean in reversed(_MEAN_RGB)), tuple(255 - mean for mean in reversed(_MEAN_RGB)), is_BGR=True
    ),
    "torch": InputRange(
        tuple(-mean / deviation for mean, deviation in zip(_TORCH_MEAN, _TORCH_DEVIATION, strict=True)),
        tuple((1 - mean) / deviation for mean, deviation in zip(_TORCH_MEAN, _TORCH_DEVIATION, strict=True)),
    ),
}
"""The conventions of `keras.applications` under Keras's names, and `"raw"`, which is 0 to 255."""


def named_input_range(preprocess: str | Callable[[Any], Any]) -> InputRange:
    """Input range that `preprocess=` asks for.

    Args:
        preprocess: A name in `INPUT_RANGES`, or a function such as `keras.applications.resnet.preprocess_input`, from
            images in 0 to 255 to what the network expects.

    Raises:
        UnknownNameError: If there is no convention of that name.
        ArgumentError: If the function is not a scale and an offset per channel.
    """
    if callable(preprocess):
        return _measured(preprocess)
    if preprocess not in INPUT_RANGES:
        raise unknown_name("convention", str(preprocess), "preprocess=", list(INPUT_RANGES))
    return INPUT_RANGES[preprocess]


def _measured(preprocess: Callable[[Any], Any]) -> InputRange:
    """Find the range that has the same effect as a function, by calling it with a few images."""
    probe = np.random.default_rng(0).uniform(0, 255, (3, 4, 5, 3)).astype(np.float32)
    probe[0], probe[1] = 0, 255
    # Some functions work in place.
    result = np.asarray(preprocess(probe.copy()), np.float64)
    if result.shape == probe.shape:
        low, high = result[0, 0, 0], result[1, 0, 0]
        for order, is_BGR in ((slice(None), False), (slice(None, None, -1), True)):
            same = low + probe[..., order] / 255 * (high - low)
            if np.allclose(result, same, rtol=1e-4, atol=1e-4 * np.abs(high - low).max()):
                return InputRange(tuple(low.tolist()), tuple(high.tolist()), is_BGR)
    raise ArgumentError(
        f"{getattr(preprocess, '__name__', preprocess)!r} is not a scale and an offset per channel.",
        "Make it the first layer of the model, or pass image_value_range=(low, high).",
    )
