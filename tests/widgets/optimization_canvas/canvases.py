"""What the canvas's tests share."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from pages import Page
from PIL import Image

from lucid_widgets.widgets.optimization_canvas import OptimizationCanvas

Make = Callable[..., tuple[OptimizationCanvas, Page]]


def decoded(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


def level(step: int) -> int:
    """Brightness of all pixels of a fake frame."""
    return step % 256
