"""Scenes: labelled images composed of sprites and textures, endless, and equal for equal seeds.

Four of five show an emoji, at random scale, rotation and place, over noise, a gradient, or a pale texture, half of
them beside a faded piece of another emoji. The fifth is filled with a texture in random colours.
"""

from __future__ import annotations

import math

import numpy as np
import tensorflow as tf

from lucid_widgets.modelzoo.emojinet.classes import EMOJI, TEXTURES
from lucid_widgets.modelzoo.emojinet.training.sprites import draw_sprites
from lucid_widgets.modelzoo.emojinet.training.textures import draw_textures

__all__ = ["Scenes"]

_TEXTURE_SIDE = 1.6  # of the image's: a texture is seen in part
_TEXTURE_SHARE = len(TEXTURES) / (len(EMOJI) + len(TEXTURES))


class Scenes:
    """Makes batches of labelled images: `scenes.batch(step)` is a function of the seed and the step alone.

    Args:
        seed: Everything drawn follows from it, the variants of the textures too.
        size: The side of the images, in pixels.
        smallest: How small an emoji may be, in sides of the image.
        texture_variants: How many variants of each texture are drawn at the start.
        sprites: uint8 `[128, side, side, 4]`, as `draw_sprites` returns them; drawn with the font by default.

    Raises:
        LucidError: The emoji font is not installed.

    Example:
        >>> images, labels = Scenes(seed=0, size=64).batch(step=0, count=32)
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
        self._sprites = _sharp_and_soft(drawn)
        self._textures = _sharp_and_soft(textures.reshape(-1, *textures.shape[2:], 1))
        self._variants = texture_variants

    def batch(self, step: int | tf.Tensor, count: int) -> tuple[tf.Tensor, tf.Tensor]:
        """Images and labels.

        Args:
            step: Which batch; a whole number or an integer tensor.
            count: How many images.

        Returns:
            float32 images `[count, size, size, 3]` in [0, 1], and int32 labels `[count]`, indices into
            `classes.LABELS`. The first four fifths are emoji, the last are textures.
        """
        draw = _Draw(tf.stack([tf.cast(self.seed, tf.int32), tf.cast(step, tf.int32)]))
        textures = round(count * _TEXTURE_SHARE)
        emoji_label = draw.whole(count - textures, len(EMOJI))
        texture_label = draw.whole(textures, len(TEXTURES))
        images = tf.concat([self._emoji(emoji_label, draw), self._texture(texture_label, draw)], 0)
        return _photograph(images, draw), tf.concat([emoji_label, len(EMOJI) + texture_label], 0)

    def _emoji(self, label: tf.Tensor, draw: _Draw) -> tf.Tensor:
        count = label.shape[0]
        scene = self._background(count, draw)
        # A piece of something else, faded and mostly off the edge: the network must not take it for the subject.
        half = count // 2
        other = self._sprite(draw.whole(half, len(EMOJI)), draw, scale=(0.3, 0.6), reach=(0.35, 0.6))
        other *= draw.uniform((half, 1, 1, 1), 0.3, 0.8)
        scene = tf.concat([_over(scene[:half], other), scene[half:]], 0)
        return _over(scene, self._sprite(label, draw, scale=(self.smallest, 1.15), reach=(0.0, 0.16)))

    def _texture(self, label: tf.Tensor, draw: _Draw) -> tf.Tensor:
        count = label.shape[0]
        turn, offset = draw.uniform(count, -0.15, 0.15), draw.uniform((count, 2), -0.02, 0.02)
        return self._colour(self._field(label, draw, 0.5, turn, offset), draw)

    def _field(self, texture: tf.Tensor, draw: _Draw, least: float, turn: tf.Tensor, offset: tf.Tensor) -> tf.Tensor:
        """Textures in [0, 1], of which between the part `least` and nearly all is seen."""
        count = texture.shape[0]
        picked = texture * self._variants + draw.whole(count, self._variants)
        zoom = _TEXTURE_SIDE * draw.uniform(count, least, 0.95)
        return _warp(self._textures, picked, self.size, zoom, turn, offset, draw, "REFLECT")

    def _colour(self, field: tf.Tensor, draw: _Draw) -> tf.Tensor:
        """A field in [0, 1] as a blend of two random colours that can be told apart."""
        count = field.shape[0]
        dark, light = draw.uniform((count, 1, 1, 3), 0, 1), draw.uniform((count, 1, 1, 3), 0, 1)
        # Push the pair apart along grey until their luminances differ.
        gap = tf.reduce_mean(light - dark, -1, keepdims=True)
        push = tf.maximum(0.3 - tf.abs(gap), 0) * tf.where(gap < 0, -0.5, 0.5)
        return tf.clip_by_value(dark - push + field * (light - dark + 2 * push), 0, 1)

    def _sprite(
        self, label: tf.Tensor, draw: _Draw, scale: tuple[float, float], reach: tuple[float, float]
    ) -> tf.Tensor:
        """Sprites warped onto the image: `scale` in sides of the image, `reach` from its centre likewise."""
        count = label.shape[0]
        side = tf.exp(draw.uniform(count, math.log(scale[0]), math.log(scale[1])))
        distance, angle = draw.uniform(count, *reach), draw.uniform(count, 0, 2 * math.pi)
        # Large subjects stay near the middle, so that what tells them apart is in the picture.
        distance *= tf.minimum(1.0, 1.3 - side) if reach[0] == 0 else 1.0
        offset = -(distance / side)[:, None] * tf.stack([tf.cos(angle), tf.sin(angle)], -1)
        turn = 0.35 * draw.normal(count) * draw.chance(count, 0.8)
        zoom = self._sprites.shape[2] / (side * self.size)
        return _warp(self._sprites, label, self.size, zoom, turn, offset, draw)

    def _background(self, count: int, draw: _Draw) -> tf.Tensor:
        noisy, patterned = count // 2, count // 5
        noise = _noise(noisy, self.size, draw)
        plain = _gradient(count - noisy, self.size, draw)
        turn, offset = draw.uniform(patterned, -3.14, 3.14), draw.uniform((patterned, 2), -0.2, 0.2)
        field = self._field(draw.whole(patterned, len(TEXTURES)), draw, 0.4, turn, offset)
        # Behind a subject a texture is pale: at full contrast the label would be a matter of taste.
        pattern = (self._colour(field, draw) - 0.5) * draw.uniform((patterned, 1, 1, 1), 0.1, 0.45)
        scene = tf.concat([noise, plain[:patterned] + pattern, plain[patterned:]], 0)
        # Shuffled, so that which background it has says nothing of what else was drawn in order.
        return tf.gather(tf.clip_by_value(scene, 0, 1), draw.order(count))


class _Draw:
    """Stateless random numbers: each call takes the next seed, so equal seeds give equal scenes."""

    def __init__(self, seed: tf.Tensor) -> None:
        self._seed = seed
        self._calls = 0

    def _next(self) -> tf.Tensor:
        self._calls += 1
        return tf.random.fold_in(self._seed, self._calls)

    def uniform(self, shape: int | tuple[int, ...], low: float, high: float) -> tf.Tensor:
        return tf.random.stateless_uniform(_shape(shape), self._next(), low, high)

    def normal(self, shape: int | tuple[int, ...]) -> tf.Tensor:
        return tf.random.stateless_normal(_shape(shape), self._next())

    def whole(self, count: int, below: int) -> tf.Tensor:
        return tf.random.stateless_uniform((count,), self._next(), 0, below, tf.int32)

    def order(self, count: int) -> tf.Tensor:
        return tf.argsort(self.uniform(count, 0, 1))

    def chance(self, count: int, probability: float) -> tf.Tensor:
        return tf.cast(self.uniform(count, 0, 1) < probability, tf.float32)


def _shape(shape: int | tuple[int, ...]) -> tuple[int, ...]:
    return (shape,) if isinstance(shape, int) else shape


def _sharp_and_soft(pixels: np.ndarray) -> tf.Tensor:
    """Images `[count, side, side, channels]` as they are, and blurred for where they are shrunk."""
    sharp = tf.cast(pixels, tf.float32)
    soft = tf.nn.avg_pool2d(sharp, 3, 1, "SAME")
    # As bytes, which are made floats after the gather: the banks are large.
    return tf.cast(tf.round(tf.stack([sharp, soft])), tf.uint8)


def _over(below: tf.Tensor, sprite: tf.Tensor) -> tf.Tensor:
    """Composites a sprite, whose colours are multiplied by its alpha, over an image."""
    return below * (1 - sprite[..., 3:]) + sprite[..., :3]


def _warp(
    bank: tf.Tensor,
    index: tf.Tensor,
    size: int,
    zoom: tf.Tensor,
    turn: tf.Tensor,
    offset: tf.Tensor,
    draw: _Draw,
    fill: str = "CONSTANT",
) -> tf.Tensor:
    """Images of a bank under one affine map each, sampled once.

    Args:
        bank: uint8 `[2, number, side, side, channels]`: sharp ones and soft ones.
        index: `[count]`, which.
        size: The side of what is returned.
        zoom: `[count]`, pixels of the source to a pixel of the result. From 1.5 on the soft one is taken.
        turn: `[count]`, radians.
        offset: `[count, 2]`, from the centre of the source, in its sides.

    Returns:
        float32 `[count, size, size, channels]` in [0, 1].
    """
    side = bank.shape[2]
    source = tf.gather_nd(bank, tf.stack([tf.cast(zoom > 1.5, tf.int32), index], -1))
    stretch = 1 + draw.uniform((zoom.shape[0], 2), -0.1, 0.1)
    cos, sin = tf.cos(turn) * zoom, tf.sin(turn) * zoom
    a, b, d, e = cos * stretch[:, 0], -sin * stretch[:, 1], sin * stretch[:, 0], cos * stretch[:, 1]
    middle = (size - 1) / 2
    centre = (side - 1) / 2 + offset * side
    c, f = centre[:, 0] - (a + b) * middle, centre[:, 1] - (d + e) * middle
    zero = tf.zeros_like(a)
    warped = tf.raw_ops.ImageProjectiveTransformV3(
        images=source,
        transforms=tf.stack([a, b, c, d, e, f, zero, zero], -1),
        output_shape=[size, size],
        interpolation="BILINEAR",
        fill_mode=fill,
        fill_value=0.0,
    )
    return tf.cast(warped, tf.float32) / 255


def _noise(count: int, size: int, draw: _Draw) -> tf.Tensor:
    """Colour noise with a spectrum of 1 / frequency ** exponent, exponent 0.6 to 2, of random strength and mean."""
    half = size // 2 + 1
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None])
    frequency = np.maximum(frequency, 1 / size).astype(np.float32)
    amplitude = tf.exp(-draw.uniform((count, 1, 1, 1), 0.6, 2.0) * tf.math.log(frequency))
    parts = draw.normal((2, count, 3, size, half))
    field = tf.signal.irfft2d(tf.complex(parts[0], parts[1]) * tf.cast(amplitude, tf.complex64), [size, size])
    field = tf.transpose(field, [0, 2, 3, 1])
    field /= tf.math.reduce_std(field, [1, 2, 3], keepdims=True) + 1e-6
    # Some noise is grey, some coloured.
    grey = draw.uniform((count, 1, 1, 1), 0, 1)
    field = grey * tf.reduce_mean(field, -1, keepdims=True) + (1 - grey) * field
    return draw.uniform((count, 1, 1, 3), 0.1, 0.9) + draw.uniform((count, 1, 1, 1), 0.02, 0.3) * field


def _gradient(count: int, size: int, draw: _Draw) -> tf.Tensor:
    steps = tf.linspace(-0.5, 0.5, size)
    angle = draw.uniform((count, 1, 1, 1), 0, 2 * math.pi)
    ramp = 0.5 + tf.cos(angle) * steps[None, None, :, None] + tf.sin(angle) * steps[None, :, None, None]
    first, last = draw.uniform((count, 1, 1, 3), 0, 1), draw.uniform((count, 1, 1, 3), 0, 1)
    return first + ramp * (last - first)


def _photograph(images: tf.Tensor, draw: _Draw) -> tf.Tensor:
    """What a camera adds: brightness, contrast, saturation, and noise."""
    count = images.shape[0]
    each = (count, 1, 1, 1)
    grey = tf.reduce_mean(images, -1, keepdims=True)
    images = grey + draw.uniform(each, 0.65, 1.3) * (images - grey)
    images = 0.5 + draw.uniform(each, 0.65, 1.25) * (images - 0.5) + draw.uniform(each, -0.12, 0.12)
    noise = draw.normal(tuple(images.shape)) * draw.uniform(each, 0, 0.06)
    return tf.clip_by_value(images + noise, 0, 1)
