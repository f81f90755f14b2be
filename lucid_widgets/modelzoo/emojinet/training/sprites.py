"""Drawing emoji with a color font, which only training needs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import PIL.features
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont

from lucid_widgets.errors import LucidError
from lucid_widgets.misc.io.scoping import expanded

__all__ = ["draw_sprites", "find_font"]

_PLACES = (
    "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf",
    "/usr/share/fonts/noto/NotoColorEmoji.ttf",
    "/usr/share/fonts/google-noto-emoji/NotoColorEmoji.ttf",
    "/usr/local/share/fonts/NotoColorEmoji.ttf",
    "~/.fonts/NotoColorEmoji.ttf",
    "~/Library/Fonts/NotoColorEmoji.ttf",
)
_BITMAP_SIZE = 109  # the only size of the bitmaps in the font
_MARGIN = 0.04  # as a fraction of the sprite's side, so that warping does not cut off its edge


def find_font() -> Path:
    """Return the path of the font Noto Color Emoji.

    If the environment variable LUCID_WIDGETS_EMOJI_FONT is set, it names the file. If not, the usual folders are
    searched.

    Raises:
        LucidError: If there is no such file. The message says how to install the font.
    """
    named = os.environ.get("LUCID_WIDGETS_EMOJI_FONT")
    for place in [named] if named else _PLACES:
        path = expanded(place)
        if path.is_file():
            return path
    raise LucidError(
        f"The font Noto Color Emoji was not found{f' at {named}' if named else ''}.",
        "Install it (Debian and Ubuntu: apt install fonts-noto-color-emoji), "
        "or set LUCID_WIDGETS_EMOJI_FONT to its path. Only training needs it.",
    )


def draw_sprites(texts: Sequence[str], size: int = 96, font: str | os.PathLike[str] | None = None) -> np.ndarray:
    """Draw emoji as square sprites.

    Args:
        texts: The emoji, one per sprite.
        size: Side of a sprite, in pixels.
        font: Path of the font; default: the one that `find_font` returns.

    Returns:
        uint8 RGBA `[len(texts), size, size, 4]`, colors premultiplied by alpha.

    Raises:
        LucidError: If there is no font, or it does not contain one of the emoji.
    """
    face = PIL.ImageFont.truetype(str(font or find_font()), _BITMAP_SIZE)
    return np.stack([_draw(text, size, face) for text in texts])


def _draw(text: str, size: int, face: PIL.ImageFont.FreeTypeFont) -> np.ndarray:
    canvas = PIL.Image.new("RGBA", (2 * _BITMAP_SIZE, 2 * _BITMAP_SIZE))
    # Without a shaping engine, a variation selector would be drawn as a separate glyph.
    bare = text.replace("\N{VARIATION SELECTOR-16}", "")
    PIL.ImageDraw.Draw(canvas).text((20, 20), bare, font=face, embedded_color=True)
    box = canvas.getbbox()
    if box is None:
        raise LucidError(f"The font does not contain {text!r}.", "Use the font Noto Color Emoji.")
    drawn = canvas.crop(box)
    side = round(max(drawn.size) * (1 + 2 * _MARGIN))
    square = PIL.Image.new("RGBA", (side, side))
    square.paste(drawn, ((side - drawn.width) // 2, (side - drawn.height) // 2))
    # "RGBa" is premultiplied by alpha, as resampling and compositing require. The Hamming filter does not overshoot,
    # so no color exceeds its alpha.
    return np.asarray(square.convert("RGBa").resize((size, size), PIL.Image.Resampling.HAMMING))
