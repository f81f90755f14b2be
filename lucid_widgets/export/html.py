"""A page that plays an animation: one HTML file that needs no network, kernel or server.

It contains the player of the notebook. Its Content-Security-Policy allows only the script and the style in the file and
no connection, so a page from another person is safe to open.
"""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from lucid_widgets.errors import LucidError
from lucid_widgets.export.sprite_frames import SpriteFrames
from lucid_widgets.export.timing import Mode, checked_fps, order
from lucid_widgets.misc.io.serialize_array import encode_png
from lucid_widgets.misc.outside import in_html

__all__ = ["MAX_FPS", "html_page", "player_source"]

MAX_FPS = 120
"""Most frames per second of the player. Few screens show more."""

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
<noscript><img alt="{title}" src="data:image/png;base64,{poster}"><p>{without_script}</p></noscript>
<script type="application/json" id="animation">{data}</script>
<script type="module">{script}</script>
</body>
</html>
"""

_WITHOUT_SCRIPT = "This is the first frame of an animation. It plays where scripts are allowed."

_PAGE_STYLE = """
:root { color-scheme: light dark; }
body { margin: 0; padding: 16px; background: light-dark(#fff, #0f1114); }
.lucidw { margin-inline: auto; }
"""


def html_page(
    sprites: SpriteFrames,
    *,
    fps: float = 20,
    mode: Mode = "loop",
    title: str = "",
    notes: dict[str, Any] | None = None,
    **state: Any,
) -> bytes:
    """Return the content of the HTML file.

    Args:
        sprites: The frames, made by `make_sprite_frames`.
        fps: Frames per second, 0.1 to 120.
        mode: "loop", "alternate" or "once".
        title: Title of the page and the player. It is escaped, as are the labels in `notes`.
        notes: Labels, steps, seeds and objectives of the frames, made by `notes_of`.
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
        "sprite_frames": sprites.meta,
        "sheets": [base64.b64encode(sheet).decode("ascii") for sheet in sprites.sheets],
        "notes": notes or {},
        "title": title,
        "fps": checked_fps(fps, MAX_FPS, "HTML"),
        "mode": mode,
    }
    # Within a script element, "</script" and "<!--" are markup. No "<" may remain.
    data = json.dumps(about, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; img-src data: blob:;"
        " base-uri 'none'; form-action 'none'"
    )
    page = _PAGE.format(
        policy=policy,
        title=in_html(title or "Animation"),
        style=style,
        script=script,
        data=data,
        without_script=_WITHOUT_SCRIPT,
        poster=base64.b64encode(encode_png(sprites.pixels[0])).decode("ascii"),
    )
    return page.encode("utf-8")


@cache
def player_source(kind: str) -> str:
    """Return the script ("js") or the style ("css") of the player, as text that is valid within an element."""
    path = _STATIC / f"html_player.{kind}"
    try:
        source = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise LucidError(
            f"The player for HTML files is missing: {path}.",
            "Released packages contain it. In a source checkout, run `npm ci && npm run build` in js/.",
        ) from None
    assert not any(end in source for end in ("</script", "</style", "<!--"))
    return source


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}'"
