"""Synthetic stimuli, such as gratings of all orientations, and `tuning`, the response of a unit to each of them."""

from __future__ import annotations

import colorsys
import io
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import tensorflow as tf
from PIL import Image, ImageDraw

from lucid_widgets.attribution.inputs import checked_image, traced
from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.frames import FloatArray
from lucid_widgets.modelzoo.adapt import as_model
from lucid_widgets.optvis.many import even_batch
from lucid_widgets.optvis.objectives import ObjectiveLike, as_objective
from lucid_widgets.optvis.objectives.views import image_of

MOST = 16
"""Most images per call of the network."""

_GRAY = 0.5
_WIDTH, _HEIGHT, _EDGE, _THUMB = 480, 160, 12, 40


@dataclass(frozen=True)
class Stimuli:
    """Images that differ in one quantity.

    Attributes:
        quantity: What differs, with its unit, such as "orientation in degrees".
        values: The quantity for each image, ascending.
        images: `[len(values), size, size, 3]` in [0, 1].
    """

    quantity: str
    values: tuple[float, ...]
    images: FloatArray = field(repr=False)


@dataclass(frozen=True)
class Tuning:
    """The response of a unit to each of several stimuli.

    A notebook shows it as a curve, above some of the stimuli.

    Attributes:
        objective: The unit, as text.
        stimuli: The stimuli.
        responses: The value of the objective for each stimulus, `[len(stimuli.values)]`.
    """

    objective: str
    stimuli: Stimuli = field(repr=False)
    responses: FloatArray

    @property
    def best(self) -> float:
        """The quantity to which the unit responds most."""
        return self.stimuli.values[int(self.responses.argmax())]

    @property
    def picture(self) -> FloatArray:
        """The plotted curve, `[height, width, 3]` in [0, 1]. The line across is a response of 0."""
        return np.asarray(np.asarray(self._drawn()) / 255, np.float32)

    def _drawn(self) -> Image.Image:
        sheet = Image.new("RGB", (_WIDTH, _HEIGHT + _THUMB + 3 * _EDGE + 12), "white")
        pen = ImageDraw.Draw(sheet)
        low, high = min(0.0, float(self.responses.min())), max(0.0, float(self.responses.max()))
        spread = (high - low) or 1.0
        across = np.linspace(_EDGE + _THUMB / 2, _WIDTH - _EDGE - _THUMB / 2, len(self.responses))
        down = _EDGE + (_HEIGHT - _EDGE) * (high - self.responses) / spread
        zero = _EDGE + (_HEIGHT - _EDGE) * high / spread
        pen.line([(_EDGE, zero), (_WIDTH - _EDGE, zero)], "#b0b0b0")
        points = list(zip(across.tolist(), down.tolist(), strict=True))
        pen.line(points, "#c2410c", 2)
        for x, y in points:
            pen.ellipse([x - 2, y - 2, x + 2, y + 2], "#c2410c")
        pen.text((_EDGE, 0), f"{high:.3g}", "black")
        for index in np.unique(np.linspace(0, len(points) - 1, 9).round().astype(int)).tolist():
            pixels = Image.fromarray(np.uint8(np.round(255 * self.stimuli.images[index])))
            left = round(points[index][0] - _THUMB / 2)
            sheet.paste(pixels.resize((_THUMB, _THUMB), Image.Resampling.LANCZOS), (left, _HEIGHT + _EDGE))
            pen.text((left, _HEIGHT + _EDGE + _THUMB + 2), f"{self.stimuli.values[index]:g}", "black")
        pen.text((_EDGE + 60, 0), f"{self.objective} by {self.stimuli.quantity}", "black")
        return sheet

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self._drawn().save(buffer, "PNG")
        return buffer.getvalue()


def gratings(size: int = 96, *, wavelength: float = 12.0, phase: float = 0.0, count: int = 24) -> Stimuli:
    """Sinusoidal gratings of all orientations, which fade to gray toward the border.

    Args:
        size: Width and height in pixels. Default: 96.
        wavelength: Distance between two stripes in pixels, at least 2. Default: 12.
        phase: Phase at the center in degrees: 0 is a bright stripe. Default: 0.
        count: Number of orientations. Default: 24.

    Returns:
        The stimuli by the direction of the stripes in degrees, clockwise from horizontal, from 0 to below 180.

    Raises:
        ArgumentError: The wavelength is below 2, which pixels cannot show.
        OutOfRangeError: `size` or `count` is below 1.

    Example:
        >>> attribution.gratings(64, count=4).values
        (0.0, 45.0, 90.0, 135.0)
    """
    if not wavelength >= 2:
        raise ArgumentError(f"wavelength is {wavelength!r}.", "Expected at least 2 pixels.")
    x, y, radius = _coordinates(size)
    envelope = np.exp(-((radius / (size / 3.5)) ** 2))
    angles = np.arange(whole_number("count", count, 1)) * 180 / count
    images = []
    for angle in np.radians(angles):
        across = y * np.cos(angle) - x * np.sin(angle)
        wave = np.cos(2 * np.pi * across / wavelength + np.radians(phase))
        images.append(_GRAY + 0.5 * envelope * wave)
    return _stimuli("orientation in degrees", angles, np.repeat(np.stack(images)[..., None], 3, -1))


def curves(size: int = 96, *, radius: float = 24.0, width: float = 5.0, arc: float = 120.0, count: int = 36) -> Stimuli:
    """Dark arcs of a circle on gray that pass through the center of the image, in all orientations.

    Args:
        size: Width and height in pixels. Default: 96.
        radius: Radius of the circle in pixels. Default: 24.
        width: Width of the line in pixels. Default: 5.
        arc: Angle of the arc in degrees. Default: 120.
        count: Number of orientations. Default: 36.

    Returns:
        The stimuli by the direction from the arc to the center of its circle in degrees, clockwise from the right, from
        0 to below 360.

    Raises:
        ArgumentError: The radius or the width is not positive.
        OutOfRangeError: `size` or `count` is below 1.

    Example:
        >>> attribution.curves(64, count=4).values
        (0.0, 90.0, 180.0, 270.0)

    Source: after Cammarata et al., "Curve Detectors", Distill 2020.
    """
    if not (radius > 0 and width > 0):
        raise ArgumentError(f"radius is {radius!r}, and width {width!r}.", "Expected positive numbers of pixels.")
    x, y, _ = _coordinates(size)
    angles = np.arange(whole_number("count", count, 1)) * 360 / count
    images = []
    for angle in np.radians(angles):
        right, below = x - radius * np.cos(angle), y - radius * np.sin(angle)
        # Distance from the line, which is outside half its width. A pixel at the edge is covered in part.
        line = np.clip((width + 1) / 2 - np.abs(np.hypot(right, below) - radius), 0, 1)
        turned = np.angle(np.exp(1j * (np.arctan2(below, right) - angle - np.pi)))
        ends = np.clip((np.radians(arc) / 2 - np.abs(turned)) * radius + 0.5, 0, 1)
        images.append(_GRAY * (1 - line * ends))
    return _stimuli("orientation in degrees", angles, np.repeat(np.stack(images)[..., None], 3, -1))


def color_patches(size: int = 96, *, saturation: float = 1.0, count: int = 24) -> Stimuli:
    """Disks of all hues on gray.

    Args:
        size: Width and height in pixels. The disk has half that diameter. Default: 96.
        saturation: Saturation of the colors, in [0, 1]. Default: 1.
        count: Number of hues. Default: 24.

    Returns:
        The stimuli by the hue in degrees: 0 is red, 120 green, 240 blue.

    Raises:
        ArgumentError: The saturation is not in [0, 1].
        OutOfRangeError: `size` or `count` is below 1.

    Example:
        >>> attribution.color_patches(64, count=3).images[1, 32, 32].tolist()
        [0.0, 1.0, 0.0]
    """
    if not 0 <= saturation <= 1:
        raise ArgumentError(f"saturation is {saturation!r}.", "Expected a number in [0, 1].")
    _, _, distance = _coordinates(size)
    disk = np.clip(size / 4 - distance + 0.5, 0, 1)[..., None]
    hues = np.arange(whole_number("count", count, 1)) * 360 / count
    colors = [np.asarray(colorsys.hsv_to_rgb(hue / 360, saturation, 1.0)) for hue in hues]
    return _stimuli("hue in degrees", hues, np.stack([_GRAY + disk * (color - _GRAY) for color in colors]))


def tuning(model: Any, objective: ObjectiveLike, stimuli: Stimuli) -> Tuning:
    """Measure the response of a unit to each of several stimuli.

    Args:
        model: Whatever `as_model` accepts. It must take color images of the size of the stimuli.
        objective: The unit, such as `objectives.neuron("mixed3b", 379)`, which looks at the center of the image; text
            such as "mixed3b:379" is the mean over all positions.
        stimuli: The stimuli, such as `gratings()`, or your own `Stimuli`.

    Returns:
        A `Tuning`.

    Raises:
        ArgumentError: The stimuli have another shape or range, or the objective is of another type.
        UnknownNameError: The model has no such layer.
        ModelError: The network cannot take images of this size.

    Example:
        >>> found = attribution.tuning(model, objectives.neuron("conv2d1", 3), attribution.gratings(64))
        >>> found.responses.shape
        (24,)

    Source: after Cammarata et al., "Curve Detectors", Distill 2020.
    """
    visible = as_model(model)
    wanted = as_objective(objective, visible)
    wanted.validate(visible, 1)
    images = np.concatenate([checked_image(visible, image) for image in stimuli.images])
    kinds = {int: tf.int32, float: tf.float32}
    numbers = [tf.constant(number, kinds.get(type(number))) for number in wanted.numbers]
    size = even_batch(len(images), MOST)

    def compute(given: tf.Tensor, *fed: Any) -> tf.Tensor:
        layers = visible.import_graph(given)
        each = [wanted.evaluate(image_of(layers, index), iter(fed)) for index in range(size)]
        return tf.stack([tf.reduce_sum(tf.cast(value, tf.float32)) for value in each])

    program = traced(visible, ("tuning", wanted.structure, size), compute, images.shape[1:])
    responses = []
    for start in range(0, len(images), size):
        chunk = images[start : start + size]
        # A full batch, so that all batches share one compiled function.
        filled = np.concatenate([chunk, np.repeat(chunk[:1], size - len(chunk), 0)])
        responses.append(np.asarray(program(tf.constant(filled), *numbers))[: len(chunk)])
    return Tuning(str(wanted), stimuli, np.concatenate(responses))


def _coordinates(size: int) -> tuple[Any, Any, Any]:
    """Return x to the right and y down, 0 at pixel `size // 2`, and the distance from there."""
    side = whole_number("size", size, 1)
    y, x = np.mgrid[:side, :side] - float(side // 2)
    return x, y, np.hypot(x, y)


def _stimuli(quantity: str, values: Any, images: Any) -> Stimuli:
    return Stimuli(quantity, tuple(values.tolist()), np.asarray(np.clip(images, 0, 1), np.float32))


__all__ = ["Stimuli", "Tuning", "color_patches", "curves", "gratings", "tuning"]
