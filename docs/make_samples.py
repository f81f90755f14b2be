"""Draw the sample images of `ImageExplorer`: scenes of classes that EmojiNet knows, drawn with Noto Color Emoji.

    python docs/make_samples.py

The font (SIL Open Font License 1.1) must be installed; it is not part of the package.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

import lucid_widgets
from lucid_widgets.modelzoo.emojinet.classes import EMOJI
from lucid_widgets.modelzoo.emojinet.training.sprites import draw_sprites

SIZE = 224
FOLDER = Path(lucid_widgets.__file__).parent / "widgets" / "_explorer" / "samples"
# Subjects of each scene: label, size, left and top edge, and degrees of rotation.
SCENES: dict[str, list[tuple[str, int, int, int, float]]] = {
    "panda and fox": [("fox", 112, 110, 12, -8), ("panda", 132, 2, 84, 5)],
    "cat and bicycle": [("bicycle", 126, 94, 94, 0), ("cat", 122, 2, 6, 6)],
    "ladybird and tulip": [("tulip", 140, 86, 10, -4), ("ladybird", 116, 2, 92, 14)],
}
SKIES = [
    ((0.63, 0.78, 0.90), (0.55, 0.70, 0.42)),
    ((0.86, 0.80, 0.72), (0.62, 0.58, 0.56)),
    ((0.93, 0.88, 0.70), (0.45, 0.62, 0.46)),
]


def background(top: tuple[float, ...], bottom: tuple[float, ...]) -> Image.Image:
    """A sky over a meadow with a soft horizon."""
    height = np.linspace(0, 1, SIZE)[:, None, None]
    share = 1 / (1 + np.exp(-14 * (height - 0.66)))
    sky, meadow = np.asarray(top) + 0.08 * (height - 0.3), np.asarray(bottom) - 0.1 * (height - 0.8)
    colors = (1 - share) * sky + share * meadow
    return Image.fromarray(np.rint(255 * np.broadcast_to(colors, (SIZE, SIZE, 3)).clip(0, 1)).astype(np.uint8))


def main() -> None:
    """Write the images."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for (name, subjects), colors in zip(SCENES.items(), SKIES, strict=True):
        scene = background(*colors)
        for label, size, left, top, angle in subjects:
            sprite = Image.fromarray(draw_sprites([EMOJI[label]], 2 * size)[0])
            turned = sprite.rotate(angle, Image.Resampling.BICUBIC, expand=True)
            small = turned.resize((turned.width // 2, turned.height // 2), Image.Resampling.LANCZOS)
            scene.paste(small, (left, top), small)
        scene.save(FOLDER / f"{name.replace(' ', '_')}.png", optimize=True)


if __name__ == "__main__":
    main()
