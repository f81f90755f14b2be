"""Encoding time, file size and error of each export format.

    python tests/benchmarks/export.py [--frames 60] [--size 256]

The frames are colored textures that blend into each other, like feature visualizations. They are harder to compress
than video. PSNR is computed over all frames, decoded by Pillow or PyAV.
"""

from __future__ import annotations

import argparse
import io
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from export.animations import decoded, psnr, textures

from lucid_widgets.export import Sheet, encode_animation

CASES: list[tuple[str, dict[str, Any]]] = [
    ("gif", {"dither": "floyd-steinberg"}),
    ("gif", {"dither": "ordered"}),
    ("gif", {"dither": "none"}),
    ("webp", {}),
    ("webp", {"quality": 75}),
    ("webp", {"lossless": True}),
    ("apng", {}),
    ("mp4", {}),
    ("mp4", {"quality": 80}),
    ("png", {}),
    ("jpg", {}),
    ("sheet.webp", {}),
    ("html", {}),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--size", type=int, default=256)
    asked = parser.parse_args()
    frames = textures(asked.frames, asked.size, asked.size)
    print(f"{'format':<12}{'settings':<30}{'seconds':>9}{'MB':>8}{'PSNR':>8}")
    for format, options in CASES:
        began = time.perf_counter()
        data = encode_animation(frames, format, **options)
        seconds = time.perf_counter() - began
        if format == "html":  # it contains the player's sheet, whose error is tested elsewhere
            print(f"{format:<12}{'':<30}{seconds:>9.2f}{len(data) / 1e6:>8.2f}{'':>8}")
            continue
        if format in ("png", "jpg", "sheet.webp"):
            columns = Sheet.of(frames).columns
            again = Sheet.from_bytes(data, columns=columns, count=len(frames)).frames
        else:
            again, times = decoded(io.BytesIO(data), format)
            again = np.repeat(
                again, np.rint(np.array(times) / 50).astype(int), 0
            )  # equal neighbors are stored as one frame
        words = ", ".join(f"{name}={value}" for name, value in options.items())
        print(f"{format:<12}{words:<30}{seconds:>9.2f}{len(data) / 1e6:>8.2f}{psnr(again, frames):>8.1f}")


if __name__ == "__main__":
    main()
