"""What Matplotlib drew, as an array."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image


def matplotlib_to_numpy(plt: Any) -> npt.NDArray[np.float32]:
    """The current figure as an image.

    Args:
        plt: `matplotlib.pyplot`, or a figure: whatever has `savefig`.

    Returns:
        `[height, width, 4]` in [0, 1]: colours and opacity.

    Source: Lucid's `misc.convert_matplotlib`.
    """
    buffer = io.BytesIO()
    plt.savefig(buffer, format="png")
    with Image.open(buffer) as image:
        return np.asarray(image.convert("RGBA"), np.float32) / np.float32(255)


__all__ = ["matplotlib_to_numpy"]
