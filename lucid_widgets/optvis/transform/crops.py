"""`random_crops`: several crops of each image in every step, as MaCo needs them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from lucid_widgets.errors import OutOfRangeError, finite_number, whole_number
from lucid_widgets.optvis import seeding

_SMALLEST = 0.05


@dataclass(frozen=True)
class random_crops:
    """Show the network several random crops of each image in every step, large ones first and small ones later.

    The objective is the mean over the crops. So the image excites the unit at all places and scales, first in outline
    and then in detail. A step takes as long as one for `count` images.

    Args:
        count: Number of crops per image and step, at least 1. Default: 6.
        size: Width and height of the crops in pixels, after resizing. Default: None, the size of the image.
        largest: Mean side of the crops in the first step, as a share of the image's side. Default: 0.5.
        smallest: The same from step `steps` on. Default: 0.25, which suits images of 128 to 256 pixels.
        steps: Number of steps in which the crops shrink. Default: 256.
        spread: Standard deviation of their centers around the middle of the image, as a share of its side. Default:
            0.15. Crops never leave the image.
        noise: Standard deviation of the noise that is added to each pixel. Default: 0.04.

    Returns:
        A transform from `[batch, height, width, channels]` to `[count * batch, size, size, channels]`.

    Raises:
        ArgumentError: If a number is not finite or not whole.
        OutOfRangeError: If a number is outside its range.

    Example:
        >>> crops = transform.random_crops(16, largest=0.8)
        >>> render_vis(model, "mixed4a:152", lambda: param.maco(256), transforms=[crops])

    Source: Fel et al., "Unlocking Feature Visualization for Deeper Networks with MAgnitude Constrained Optimization",
    NeurIPS 2023. Its implementation in xplique takes 32 crops of an image of 512 pixels, and they shrink to 0.05.
    """

    count: int = 6
    size: int | None = None
    largest: float = 0.5
    smallest: float = 0.25
    steps: int = 256
    spread: float = 0.15
    noise: float = 0.04

    def __post_init__(self) -> None:
        whole_number("count of random_crops()", self.count, 1)
        whole_number("steps of random_crops()", self.steps, 1)
        if self.size is not None:
            whole_number("size of random_crops()", self.size, 1)
        for name in ("largest", "smallest"):
            if not 0 < finite_number(f"{name} of random_crops()", getattr(self, name)) <= 1:
                raise OutOfRangeError(
                    f"{name} of random_crops() is {getattr(self, name)!r}.", "Expected a number above 0, at most 1."
                )
        for name in ("spread", "noise"):
            finite_number(f"{name} of random_crops()", getattr(self, name), 0)

    @property
    def versions(self) -> int:
        """Number of images that the network sees of each image."""
        return int(self.count)

    def __call__(self, t: Any) -> Any:
        """Return crop 1 of all images, then crop 2 of all images, and so on."""
        batch, height, width, channels = t.shape
        rows, columns = (height, width) if self.size is None else (self.size, self.size)
        step = seeding.current_step()
        progress = tf.clip_by_value(tf.cast(0 if step is None else step, tf.float32) / self.steps, 0.0, 1.0)
        mean = self.largest + (self.smallest - self.largest) * progress
        draws = tf.random.stateless_normal([self.count, 3], seeding.next_key())
        side = tf.clip_by_value(mean + _SMALLEST * draws[:, 2:], min(_SMALLEST, self.smallest), 1.0)
        center = tf.clip_by_value(0.5 + self.spread * draws[:, :2], side / 2, 1 - side / 2)
        first, last = center - side / 2, center + side / 2
        # As products, because threads add up the gradient of tf.image.crop_and_resize in any order.
        down = _sampling(first[:, :1], last[:, :1], height, rows)
        across = _sampling(first[:, 1:], last[:, 1:], width, columns)
        crops = tf.einsum("njw,nbiwc->nbijc", across, tf.einsum("nih,bhwc->nbiwc", down, t))
        crops = tf.reshape(crops, (self.count * batch, rows, columns, channels))
        if not self.noise:
            return crops
        shape = tf.shape(crops)
        gaussian = tf.random.stateless_normal(shape, seeding.next_key(), 0.0, self.noise)
        return crops + gaussian + seeding.uniform(shape, -self.noise / 2, self.noise / 2)


def _sampling(first: Any, last: Any, size: int, count: int) -> Any:
    """Return matrices `[n, count, size]` that sample rows of pixels bilinearly.

    Args:
        first: Where the first sample is, `[n, 1]`, from 0 at the first pixel to 1 at the last.
        last: Where the last sample is.
        size: Number of pixels.
        count: Number of samples.
    """
    between = tf.linspace(0.0, 1.0, count) if count > 1 else tf.constant([0.5])
    places = (first + (last - first) * between) * (size - 1)
    return tf.nn.relu(1 - tf.abs(places[:, :, None] - tf.range(size, dtype=tf.float32)))


__all__ = ["random_crops"]
