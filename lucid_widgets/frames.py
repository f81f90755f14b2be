"""`Frame`: one moment of an optimization, and the only thing that its two halves share.

Left of a frame is mathematics and TensorFlow; right of it are threads, bytes and the browser. It is NumPy only,
so that whatever shows or exports frames can be built and tested without a network.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Frame:
    """The image after `step` updates.

    Attributes:
        step: Number of updates that made the image; 0 is the initial image.
        objective: Value being maximized, as measured by the last of those updates (before it changed the image,
            on the transformed image, as Lucid prints it). None for the initial image.
        images: `[batch, height, width, channels]`, float32 in [0, 1], read-only.
        elapsed: Seconds of optimization so far; pauses are not counted.
        objectives: The objective at each step since the previous frame, the newest last. Empty for the initial image.
    """

    step: int
    objective: float | None
    images: FloatArray
    elapsed: float = 0.0
    objectives: FloatArray = field(default_factory=lambda: np.zeros(0, np.float32))

    def __post_init__(self) -> None:
        images = np.asarray(self.images, np.float32)
        if images.ndim != 4:
            raise ValueError(
                f"A Frame's images have the shape [batch, height, width, channels]. Received {images.shape}."
            )
        images = images.view()
        images.flags.writeable = False
        object.__setattr__(self, "images", images)

    def __repr__(self) -> str:
        value = "None" if self.objective is None else f"{self.objective:.4g}"
        return f"Frame(step={self.step}, objective={value}, images={'x'.join(map(str, self.images.shape))})"
