"""A page that plays an animation by itself: one HTML file, without a network, a kernel or a server.

The player in it is the one of the notebook. Its Content-Security-Policy allows exactly the script and the style in the
file, and no connection to anywhere, so that a file from somebody else can be opened without a worry.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from functools import cache
from pathlib import Path
from typing import Any

from lucid_widgets.errors import LucidError
from lucid_widgets.export.sprite_frames import SpriteFrames
from lucid_widgets.export.timing import Mode, checked_fps, order
from lucid_widgets.misc.io.serialize_array import encode_png

FASTEST = 120
"""Frames a second that the player goes up to; screens seldom show more."""

_STATIC = Path(__file__).parent.parent / "static"

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<noscript><img alt="{title}" src="data:image/png;base64,{poster}"></noscript>
<script type="application/json" id="animation">{data}</script>
<script type="module">{script}</script>
</body>
</html>
"""

_PAGE_STYLE = """
:root { color-scheme: light dark; }
body { margin: 0; padding: 16px; background: light-dark(#fff, #0f1114); }
.lucidw { margin-inline: auto; }
"""


def html_page(
    reel: SpriteFrames,
    *,
    fps: float = 20,
    mode: Mode = "loop",
    title: str = "",
    notes: dict[str, Any] | None = None,
    **state: Any,
) -> bytes:
    """The bytes of the file.

    Args:
        reel: The frames, as `make_sprite_frames` gives them.
        fps: Frames a second, 0.1 to 120.
        mode: "loop", "alternate" or "once".
        title: Of the page and the player. Like the labels in `notes`, it is text: nothing in it becomes markup.
        notes: Labels, steps, seeds and objectives of the frames, as `notes_of` gives them.
        **state: Further state of the player: frame, crossfade, zoom, pixelated.
    """
    order(1, mode)
    script, style = player_source("js"), player_source("css") + _PAGE_STYLE
    about = {
        "frame": 0,
        "playing": True,
        "crossfade": False,
        "zoom": 0,
        "pixelated": False,
        **state,
        "reel": reel.meta,
        "sheets": [base64.b64encode(sheet).decode("ascii") for sheet in reel.sheets],
        "notes": notes or {},
        "title": title,
        "fps": checked_fps(fps, FASTEST, "HTML"),
        "mode": mode,
    }
    # In a script element "</script" and "<!--" would be read as markup, so no "<" may be left.
    data = json.dumps(about, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; img-src data: blob:;"
        " base-uri 'none'; form-action 'none'"
    )
    page = _PAGE.format(
        policy=policy,
        title=html.escape(title or "Animation"),
        style=style,
        script=script,
        data=data,
        poster=base64.b64encode(encode_png(reel.pixels[0])).decode("ascii"),
    )
    return page.encode("utf-8")


@cache
def player_source(kind: str) -> str:
    """The page's player, as text that can stand inside an element."""
    path = _STATIC / f"html_player.{kind}"
    try:
        source = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise LucidError(
            f"The player of HTML files is missing: {path}.",
            "A released package contains it. In a source checkout, run `npm ci && npm run build` in js/.",
        ) from None
    assert not any(end in source for end in ("</script", "</style", "<!--"))
    return source


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}'"
