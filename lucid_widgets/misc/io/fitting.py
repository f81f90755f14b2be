"""`fit_image`: any picture, cut and resized to the shape that an optimization starts from."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from lucid_widgets.errors import whole_number
from lucid_widgets.misc.io.serialize_array import to_pillow


def fit_image(image: npt.ArrayLike, width: int, height: int | None = None, *, alpha: bool = False) -> Any:
    """The middle of a picture in another shape: cut to that shape at its full extent, then resized.

    Args:
        image: `[height, width]`, or `[height, width, channels]` with 1, 3 or 4 channels; floats in [0, 1], uint8 or
            booleans, in 256 levels.
        width: Of the result, in pixels.
        height: Of the result; the width unless given.
        alpha: Whether the result has a fourth channel, opacity: the picture's own, or all opaque.

    Returns:
        A float32 array `[height, width, 3]`, or with 4 channels, in [0, 1]: what `param.image(init_val=)` takes.

    Raises:
        ArgumentError: For an array that is not a picture.
        OutOfRangeError: For a size below 1.

    Example:
        >>> start = fit_image(load("dog.jpg"), 224)
        >>> render_vis(model, "mixed4c:12", lambda: param.image(224, init_val=start))
    """
    wide = whole_number("A picture's width", width, 1)
    high = wide if height is None else whole_number("A picture's height", height, 1)
    picture = to_pillow(image).convert("RGBA" if alpha else "RGB")
    share = min(picture.width / wide, picture.height / high)
    left, top = (picture.width - wide * share) / 2, (picture.height - high * share) / 2
    box = (left, top, left + wide * share, top + high * share)
    fitted = picture.resize((wide, high), Image.Resampling.LANCZOS, box=box)
    return np.asarray(fitted, np.float32) / np.float32(255)


__all__ = ["fit_image"]
