"""How the adapters say that a layer cannot be computed: which layer, for which images, and what would do."""

from __future__ import annotations

from collections.abc import Sequence

from lucid_widgets.errors import ModelError


def size_words(height: int | None, width: int | None) -> str:
    """`224 x 224`, with `any` for a side that is not known."""
    return f"{'any' if height is None else height} x {'any' if width is None else width}"


def cannot_compute(
    owner: str,
    layer: str,
    *,
    at: str,
    reason: str,
    received: Sequence[int | None],
    expected: Sequence[int | None],
) -> ModelError:
    """The error for a layer whose computation failed while it was being built.

    Args:
        owner: The model's name.
        layer: The layer that was asked for.
        at: The layer at which the computation failed, itself or one below it.
        reason: What TensorFlow or Keras said, shortened.
        received: Height and width of the images, None where not known.
        expected: Height and width that the model was made for, None where it does not say.
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
    """The error for a reshape that took parts of one image for several images."""
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
    """The part of a TensorFlow or Keras message that a person can use: its first line, without the node's dump."""
    text = str(getattr(error, "message", None) or error).strip()
    line = text.splitlines()[0] if text else type(error).__name__
    return line.split(" for '{{node")[0].strip()
