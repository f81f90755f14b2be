"""Frames that look like feature visualizations, and decoders that are independent of the package."""

from __future__ import annotations

import io

import av
import numpy as np
from PIL import Image, ImageSequence


def textures(count: int, height: int, width: int, channels: int = 3) -> np.ndarray:
    """Two 1/f textures that blend into each other, uint8 `[count, height, width, channels]`."""
    rng = np.random.default_rng(0)
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None])
    frequency[0, 0] = 1
    waves = rng.normal(size=(2, channels, height, width))
    waves += 2 * waves.mean(1, keepdims=True) * channels**0.5  # color channels are correlated, as in photographs
    first = np.fft.ifft2((waves[0] + 1j * waves[1]) / frequency**1.6).real
    last = np.fft.ifft2((waves[1] - 1j * waves[0]) / frequency**1.6).real
    out = np.empty((count, height, width, channels), np.uint8)
    for index, angle in enumerate(np.linspace(0, np.pi / 2, count)):
        mixed = first * np.cos(angle) + last * np.sin(angle)
        out[index] = np.rint(255 / (1 + np.exp(-1.2 * mixed / (mixed.std() or 1)))).transpose(1, 2, 0)
    return out


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    """Peak signal-to-noise ratio in decibels; infinite if both are equal."""
    error = np.mean((one.astype(np.float64) - other) ** 2)
    return float(10 * np.log10(255**2 / error)) if error else float("inf")


def decoded(file: io.BytesIO, format: str, mode: str = "RGB") -> tuple[np.ndarray, list[int]]:
    """The frames, and the duration of each in milliseconds."""
    if format == "mp4":
        with av.open(file, "r") as video:
            stream = video.streams.video[0]
            seen = list(video.decode(stream))
            times = [round(1000 * float(frame.duration * (frame.time_base or 0))) for frame in seen]
            return np.stack([frame.to_ndarray(format="rgb24") for frame in seen]), times
    frames, times = [], []
    with Image.open(file) as image:
        for frame in ImageSequence.Iterator(image):
            frames.append(np.asarray(frame.convert(mode)))
            times.append(round(frame.info.get("duration", 0)))
    return np.stack(frames), times
