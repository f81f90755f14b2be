"""`Frame`: one moment of an optimization, and the interface between its two halves.

The code that makes frames is mathematics and TensorFlow; the code that shows and exports them is threads, bytes and
the browser. `Frame` needs only NumPy, so the second half can be built and tested without a network.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from lucid_widgets.errors import ArgumentError

__all__ = ["FloatArray", "Frame", "finite_or_none"]

FloatArray = npt.NDArray[np.float32]
"""Array of float32."""


@dataclass(frozen=True, eq=False)
class Frame:
    """The images after `step` updates.

    Attributes:
        step: Number of updates so far; 0 for the initial image.
        objective: The value that the last update measured, on the transformed image and before it changed the image,
            as Lucid prints it. None for the initial image.
        images: `[batch, height, width, channels]`, float32 in [0, 1], read-only.
        elapsed: Seconds of optimization so far, without pauses.
        objectives: The objective at each step since the previous frame, oldest first. Empty for the initial image.

    Raises:
        ArgumentError: If `images` does not have four dimensions.
    """

    step: int
    objective: float | None
    images: FloatArray
    elapsed: float = 0.0
    objectives: FloatArray = field(default_factory=lambda: np.zeros(0, np.float32))

    def __post_init__(self) -> None:
        images = np.asarray(self.images, np.float32)
        if images.ndim != 4:
            raise ArgumentError(
                f"The images of a Frame have the shape {images.shape}.", "Expected [batch, height, width, channels]."
            )
        images = images.view()
        images.flags.writeable = False
        object.__setattr__(self, "images", images)

    def __repr__(self) -> str:
        value = "None" if self.objective is None else f"{self.objective:.4g}"
        return f"Frame(step={self.step}, objective={value}, images={'x'.join(map(str, self.images.shape))})"


def finite_or_none(value: float | None) -> float | None:
    """Return a number that JSON can hold: `value`, or None in place of NaN and infinities.

    Args:
        value: A number, or None.
    """
    return None if value is None or not np.isfinite(value) else float(value)
