"""`Scenes`: an endless stream of labeled images composed of sprites and textures, the same for the same seed.

Four fifths of the images show an emoji at a random scale, rotation and position, over noise, a gradient or a pale
texture; half of these also show a faded part of another emoji. The last fifth shows a texture in random colors.
"""

from __future__ import annotations

import math

import numpy as np
import tensorflow as tf

from lucid_widgets.modelzoo.emojinet.classes import EMOJI, TEXTURES
from lucid_widgets.modelzoo.emojinet.training.compositing import gradient, noise, over, photograph, sharp_and_soft, warp
from lucid_widgets.modelzoo.emojinet.training.seeded_draws import SeededDraws
from lucid_widgets.modelzoo.emojinet.training.sprites import draw_sprites
from lucid_widgets.modelzoo.emojinet.training.textures import draw_textures

__all__ = ["Scenes"]

_TEXTURE_SIDE = 1.6  # as a multiple of the image's side, because the image shows only a part of the texture
_TEXTURE_SHARE = len(TEXTURES) / (len(EMOJI) + len(TEXTURES))


class Scenes:
    """Batches of labeled images. A batch depends on the seed and on its index only.

    Args:
        seed: Seed of all images, and of the variants of the textures.
        size: Side of the images, in pixels.
        smallest: Smallest size of an emoji, as a fraction of the image's side.
        texture_variants: Number of variants of each texture, drawn at construction.
        sprites: uint8 `[128, side, side, 4]`, as from `draw_sprites`; default: drawn with the emoji font.

    Raises:
        LucidError: If the emoji font is not installed.

    Example:
        >>> images, labels = Scenes(seed=0, size=64).batch(index=0, count=32)
        >>> images.shape
        TensorShape([32, 64, 64, 3])
    """

    def __init__(
        self,
        seed: int,
        size: int = 96,
        smallest: float = 0.6,
        texture_variants: int = 16,
        sprites: np.ndarray | None = None,
    ) -> None:
        self.seed = seed
        self.size = size
        self.smallest = smallest
        drawn = draw_sprites(list(EMOJI.values()), size) if sprites is None else sprites
        textures = draw_textures(texture_variants, seed, round(_TEXTURE_SIDE * size))
        self._sprites = sharp_and_soft(drawn)
        self._textures = sharp_and_soft(textures.reshape(-1, *textures.shape[2:], 1))
        self._variants = texture_variants

    def batch(self, index: int | tf.Tensor, count: int) -> tuple[tf.Tensor, tf.Tensor]:
        """Compose images, and return them with their labels.

        Args:
            index: Index of the batch; an int or an integer tensor.
            count: Number of images.

        Returns:
            float32 images `[count, size, size, 3]` in [0, 1], and int32 labels `[count]`, indices into
            `classes.LABELS`. The first four fifths are emoji, the others textures.
        """
        draw = SeededDraws(tf.stack([tf.cast(self.seed, tf.int32), tf.cast(index, tf.int32)]))
        textures = round(count * _TEXTURE_SHARE)
        emoji_label = draw.whole(count - textures, len(EMOJI))
        texture_label = draw.whole(textures, len(TEXTURES))
        images = tf.concat([self._emoji(emoji_label, draw), self._texture(texture_label, draw)], 0)
        return photograph(images, draw), tf.concat([emoji_label, len(EMOJI) + texture_label], 0)

    def _emoji(self, label: tf.Tensor, draw: SeededDraws) -> tf.Tensor:
        count = label.shape[0]
        scene = self._background(count, draw)
        # A distractor: another emoji, faded and mostly outside the image, which is not the label.
        half = count // 2
        other = self._sprite(draw.whole(half, len(EMOJI)), draw, scale=(0.3, 0.6), reach=(0.35, 0.6))
        other *= draw.uniform((half, 1, 1, 1), 0.3, 0.8)
        scene = tf.concat([over(scene[:half], other), scene[half:]], 0)
        return over(scene, self._sprite(label, draw, scale=(self.smallest, 1.15), reach=(0.0, 0.16)))

    def _texture(self, label: tf.Tensor, draw: SeededDraws) -> tf.Tensor:
        count = label.shape[0]
        turn, offset = draw.uniform(count, -0.15, 0.15), draw.uniform((count, 2), -0.02, 0.02)
        return self._color(self._field(label, draw, 0.5, turn, offset), draw)

    def _field(
        self, texture: tf.Tensor, draw: SeededDraws, least: float, turn: tf.Tensor, offset: tf.Tensor
    ) -> tf.Tensor:
        """Return textures in [0, 1], of which a share between `least` and 0.95 is visible."""
        count = texture.shape[0]
        picked = texture * self._variants + draw.whole(count, self._variants)
        zoom = _TEXTURE_SIDE * draw.uniform(count, least, 0.95)
        return warp(self._textures, picked, self.size, zoom, turn, offset, draw, "REFLECT")

    def _color(self, field: tf.Tensor, draw: SeededDraws) -> tf.Tensor:
        """Return a field in [0, 1] as a blend of two random colors of different brightness."""
        count = field.shape[0]
        dark, light = draw.uniform((count, 1, 1, 3), 0, 1), draw.uniform((count, 1, 1, 3), 0, 1)
        # Push the two colors apart along the gray axis until their means differ by 0.3.
        gap = tf.reduce_mean(light - dark, -1, keepdims=True)
        push = tf.maximum(0.3 - tf.abs(gap), 0) * tf.where(gap < 0, -0.5, 0.5)
        return tf.clip_by_value(dark - push + field * (light - dark + 2 * push), 0, 1)

    def _sprite(
        self, label: tf.Tensor, draw: SeededDraws, scale: tuple[float, float], reach: tuple[float, float]
    ) -> tf.Tensor:
        """Return warped sprites. `scale`, and `reach` (the distance from the center), are fractions of the side."""
        count = label.shape[0]
        side = tf.exp(draw.uniform(count, math.log(scale[0]), math.log(scale[1])))
        distance, angle = draw.uniform(count, *reach), draw.uniform(count, 0, 2 * math.pi)
        # Large subjects stay near the center, so that their characteristic parts are visible.
        distance *= tf.minimum(1.0, 1.3 - side) if reach[0] == 0 else 1.0
        offset = -(distance / side)[:, None] * tf.stack([tf.cos(angle), tf.sin(angle)], -1)
        turn = 0.35 * draw.normal(count) * draw.chance(count, 0.8)
        zoom = self._sprites.shape[2] / (side * self.size)
        return warp(self._sprites, label, self.size, zoom, turn, offset, draw)

    def _background(self, count: int, draw: SeededDraws) -> tf.Tensor:
        noisy, patterned = count // 2, count // 5
        noisy_part = noise(noisy, self.size, draw)
        plain = gradient(count - noisy, self.size, draw)
        turn, offset = draw.uniform(patterned, -3.14, 3.14), draw.uniform((patterned, 2), -0.2, 0.2)
        field = self._field(draw.whole(patterned, len(TEXTURES)), draw, 0.4, turn, offset)
        # A texture behind a subject is pale. At full contrast the label would be ambiguous.
        pattern = (self._color(field, draw) - 0.5) * draw.uniform((patterned, 1, 1, 1), 0.1, 0.45)
        scene = tf.concat([noisy_part, plain[:patterned] + pattern, plain[patterned:]], 0)
        # Shuffled, because the label must not depend on the kind of background.
        return tf.gather(tf.clip_by_value(scene, 0, 1), draw.order(count))
