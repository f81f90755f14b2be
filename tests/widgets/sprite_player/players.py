"""What SpritePlayer's tests share."""

from __future__ import annotations

from export.animations import textures
from pages import Page

FRAMES = textures(6, 16, 20)


def mine(pages: list[Page]) -> list[Page]:
    """The pages of players, without those of their layouts, which are widgets too."""
    return [page for page in pages if "_sheets" in page.state]
