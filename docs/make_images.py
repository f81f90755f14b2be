"""Make the images and players of the documentation, by running the code of its pages.

    python docs/make_images.py                        # all pages
    python docs/make_images.py docs/gallery.md        # some
    python docs/make_images.py --out FOLDER PAGE      # into another folder

`docs/code_blocks.py` describes the comments that name the images. `render_vis` normally chooses a random seed; here it
gets a fixed one, so the images are the same each time on the same machine.
"""

from __future__ import annotations

import argparse
import secrets
from pathlib import Path
from typing import Any

import numpy as np
from code_blocks import run_page
from PIL import Image

DOCS = Path(__file__).resolve().parent
GAP = 4
QUALITY = 82


def tiled(value: Any, columns: int = 8) -> Image.Image:
    """One image of one or more images: an array, a batch, or a list of either, at most `columns` in a row.

    Images of different sizes are put below each other.
    """
    parts = value if isinstance(value, (list, tuple)) else [value]
    images = [image for part in parts for image in (np.asarray(part) if np.ndim(part) == 4 else [np.asarray(part)])]
    if len({image.shape for image in images}) > 1:
        return stacked(images)
    height, width, channels = images[0].shape
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    sheet = np.ones((rows * (height + GAP) - GAP, columns * (width + GAP) - GAP, 4))
    sheet[..., 3] = 0  # the gaps are transparent
    for index, image in enumerate(images):
        top, left = index // columns * (height + GAP), index % columns * (width + GAP)
        sheet[top : top + height, left : left + width, :channels] = image
        if channels == 3:
            sheet[top : top + height, left : left + width, 3] = 1
    opaque = len(images) == 1 and channels == 3
    return Image.fromarray(np.round(sheet * 255).astype(np.uint8)).convert("RGB" if opaque else "RGBA")


def stacked(images: list[Any]) -> Image.Image:
    """Images `[height, width, 3]` below each other, each in the middle, on white."""
    width, height = max(each.shape[1] for each in images), sum(len(each) + GAP for each in images) - GAP
    sheet, top = np.ones((height, width, 3)), 0
    for each in images:
        left = (width - each.shape[1]) // 2
        sheet[top : top + len(each), left : left + each.shape[1]] = each
        top += len(each) + GAP
    return Image.fromarray(np.round(sheet * 255).astype(np.uint8))


def write(folder: Path, kind: str, name: str, value: Any) -> None:
    """Write one image or player below `folder`."""
    target = folder / ("images" if kind == "image" else "players") / name
    target.parent.mkdir(parents=True, exist_ok=True)
    if kind == "player":
        value.save(target)
    else:
        tiled(value).save(target, quality=QUALITY, method=6)
    print(f"{target}: {target.stat().st_size / 1e3:.0f} kB")


def make(page: Path, folder: Path) -> None:
    """Run all blocks of a page, and write its images and players below `folder`."""
    secrets.randbits = lambda k: 0  # where `render_vis` takes its seed from
    run_page(page, quick=False, output=lambda kind, name, value: write(folder, kind, name, value))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", nargs="*", type=Path)
    parser.add_argument("--out", type=Path, default=DOCS, help="folder that gets images/ and players/")
    arguments = parser.parse_args()
    pages = arguments.pages or [page for page in sorted(DOCS.rglob("*.md")) if "<!-- image:" in page.read_text()]
    folder = arguments.out.resolve()
    for page in pages:
        make(page.resolve(), folder)


if __name__ == "__main__":
    main()
