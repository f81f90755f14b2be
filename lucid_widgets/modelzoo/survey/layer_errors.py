"""Errors for a layer that cannot be computed: which layer, for which images, and which size works."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lucid_widgets.errors import ModelError

__all__ = ["cannot_compute", "first_line", "folded_batch", "size_words"]

_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
_NODES = re.compile(r"^\{\{[^{}]*\}\} *| *\[Op:\w+\]")
_KERAS_PREAMBLE = "Exception encountered when calling"
_KERAS_ARGUMENTS = "Arguments received by"


def size_words(*sides: int | None) -> str:
    """Return a size as text, `224 x 224`, with `any` for a side that is not known."""
    return " x ".join("any" if side is None else str(side) for side in sides)


def cannot_compute(
    owner: str,
    layer: str,
    *,
    at: str,
    reason: str,
    received: Sequence[int | None],
    expected: Sequence[int | None],
) -> ModelError:
    """Error for a layer that failed while it was being built.

    Args:
        owner: The model's name.
        layer: The requested layer.
        at: The layer that failed: the requested one, or one below it.
        reason: The message of TensorFlow or Keras, shortened.
        received: Height and width of the images, or depth, height and width of volumes; None if not known.
        expected: Height and width that the model was made for, None if not fixed.
    """
    sized = None not in received
    whom = f" for images of {size_words(*received)} pixels" if sized else ""
    culprit = reason.rstrip(".") if at == layer else f"{at!r} below it failed ({reason.rstrip('.')})"
    message = f"{owner} cannot compute layer {layer!r}{whom}: {culprit}."
    if not sized or tuple(received) == tuple(expected):
        return ModelError(message)
    return ModelError(message, _size_hint(at, expected))


def folded_batch(
    owner: str, layer: str, *, batch: int, rows: int, received: Sequence[int | None], expected: Sequence[int | None]
) -> ModelError:
    """Error for a reshape that split one image into several rows of the batch."""
    return ModelError(
        f"{owner} cannot compute layer {layer!r} for images of {size_words(*received)} pixels: a reshape below it "
        f"makes {rows} rows of {batch} {'image' if batch == 1 else 'images'}.",
        _size_hint(layer, expected),
    )


def _size_hint(at: str, expected: Sequence[int | None]) -> str:
    rest = f"layers below {at!r} take any size"
    if None in expected:
        return f"Try the image size that the model was trained on; {rest}."
    return f"The model expects {size_words(*expected)} pixels; {rest}."


def first_line(error: BaseException) -> str:
    """Return the readable part of a TensorFlow or Keras message: its first line, without the dump of the node.

    Keras puts a line about the call before the reason, and escape codes around the reason. Both are left out.
    """
    text = _ESCAPES.sub("", str(getattr(error, "message", None) or error))
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    told = [line for line in lines if not line.startswith(_KERAS_PREAMBLE)]
    line = told[0] if told and not told[0].startswith(_KERAS_ARGUMENTS) else (lines or [type(error).__name__])[0]
    return _NODES.sub("", line.split(" for '{{node")[0]).strip()
