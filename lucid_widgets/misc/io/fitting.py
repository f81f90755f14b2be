"""`fit_image`: crop and resize an image, for example to start an optimization from it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from lucid_widgets.errors import whole_number
from lucid_widgets.misc.io.serialize_array import check_brightness, to_pillow

__all__ = ["fit_image"]


def fit_image(image: npt.ArrayLike, width: int, height: int | None = None, *, alpha: bool = False) -> Any:
    """Crop the largest centered area that has the aspect ratio of the result, then resize it.

    Args:
        image: `[height, width]`, or `[height, width, channels]` with 1, 3 or 4 channels; floats in [0, 1], uint8 or
            booleans.
        width: Width of the result in pixels.
        height: Height of the result in pixels. default: `width`.
        alpha: Whether the result has a fourth channel with the opacity. An image without transparency is opaque.

    Returns:
        float32 `[height, width, 3]`, or `[height, width, 4]` with `alpha`, in [0, 1], for `param.image(init_val=)`.

    Raises:
        ArgumentError: If the array is not an image.
        OutOfRangeError: If the size is below 1.

    Example:
        >>> start = fit_image(load("dog.jpg"), 224)
        >>> render_vis(model, "mixed4c:12", lambda: param.image(224, init_val=start))
    """
    columns = whole_number("width", width, 1)
    rows = columns if height is None else whole_number("height", height, 1)
    check_brightness(image)
    pillow = to_pillow(image).convert("RGBA" if alpha else "RGB")
    share = min(pillow.width / columns, pillow.height / rows)
    left, top = (pillow.width - columns * share) / 2, (pillow.height - rows * share) / 2
    box = (left, top, left + columns * share, top + rows * share)
    fitted = pillow.resize((columns, rows), Image.Resampling.LANCZOS, box=box)
    return np.asarray(fitted, np.float32) / np.float32(255)
