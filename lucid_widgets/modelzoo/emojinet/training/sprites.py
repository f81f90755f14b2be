"""Draws emoji with a colour font. Needed for training only: EmojiNet itself has its weights and no font."""

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

__all__ = ["draw_sprites", "find_font"]

_PLACES = (
    "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf",
    "/usr/share/fonts/noto/NotoColorEmoji.ttf",
    "/usr/share/fonts/google-noto-emoji/NotoColorEmoji.ttf",
    "/usr/local/share/fonts/NotoColorEmoji.ttf",
    "~/.fonts/NotoColorEmoji.ttf",
    "~/Library/Fonts/NotoColorEmoji.ttf",
)
_BITMAP_SIZE = 109  # the one size of which the font carries pictures
_MARGIN = 0.04  # of the side, so that a warped sprite has no cut edge


def find_font() -> Path:
    """Where Noto Color Emoji is on this machine.

    The environment variable LUCID_WIDGETS_EMOJI_FONT comes first, then the usual folders.

    Returns:
        The path of the font file.

    Raises:
        LucidError: It is nowhere; the message says how to get it.
    """
    named = os.environ.get("LUCID_WIDGETS_EMOJI_FONT")
    for place in [named] if named else _PLACES:
        path = Path(place).expanduser()
        if path.is_file():
            return path
    raise LucidError(
        f"The font Noto Color Emoji was not found{f' at {named}' if named else ''}.",
        "Install it (Debian and Ubuntu: apt install fonts-noto-color-emoji), "
        "or name its file in LUCID_WIDGETS_EMOJI_FONT. Only training needs it.",
    )


def draw_sprites(texts: Sequence[str], size: int = 96, font: str | os.PathLike[str] | None = None) -> np.ndarray:
    """Emoji as sprites, each fitted into a square.

    Args:
        texts: One emoji each.
        size: The side of a sprite, in pixels.
        font: The font's file; found by `find_font` by default.

    Returns:
        uint8 `[len(texts), size, size, 4]`, red, green, blue, alpha, colours multiplied by alpha.

    Raises:
        LucidError: There is no font, or it has no picture of a text.
    """
    face = PIL.ImageFont.truetype(str(font or find_font()), _BITMAP_SIZE)
    return np.stack([_draw(text, size, face) for text in texts])


def _draw(text: str, size: int, face: PIL.ImageFont.FreeTypeFont) -> np.ndarray:
    canvas = PIL.Image.new("RGBA", (2 * _BITMAP_SIZE, 2 * _BITMAP_SIZE))
    # Without a shaping engine a variation selector would be drawn as a glyph of its own.
    bare = text.replace("\N{VARIATION SELECTOR-16}", "")
    PIL.ImageDraw.Draw(canvas).text((20, 20), bare, font=face, embedded_color=True)
    box = canvas.getbbox()
    if box is None:
        raise LucidError(f"The font has no picture of {text!r}.", "Use the font Noto Color Emoji.")
    drawn = canvas.crop(box)
    side = round(max(drawn.size) * (1 + 2 * _MARGIN))
    square = PIL.Image.new("RGBA", (side, side))
    square.paste(drawn, ((side - drawn.width) // 2, (side - drawn.height) // 2))
    # "RGBa" is multiplied by alpha, which is what resampling and compositing want; Hamming does not ring, so no
    # colour ends up above its alpha.
    return np.asarray(square.convert("RGBa").resize((size, size), PIL.Image.Resampling.HAMMING))
