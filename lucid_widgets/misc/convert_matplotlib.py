"""Convert Matplotlib figures to arrays."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

__all__ = ["matplotlib_to_numpy"]


def matplotlib_to_numpy(plt: Any) -> npt.NDArray[np.float32]:
    """Return a figure as an image.

    Args:
        plt: `matplotlib.pyplot` for the current figure, or a figure.

    Returns:
        RGBA, `[height, width, 4]` in [0, 1].

    Source: Lucid's `misc.convert_matplotlib`.
    """
    buffer = io.BytesIO()
    plt.savefig(buffer, format="png")
    with Image.open(buffer) as image:
        return np.asarray(image.convert("RGBA"), np.float32) / np.float32(255)
