"""A player in a fake notebook, with frames of known colors in the state that Python would send."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from page.fake_notebook import FakeNotebook
from playwright.sync_api import Browser

from lucid_widgets.export.sprite_frames import make_sprite_frames, notes_of

Open = Callable[..., FakeNotebook]

# Time stands still for the player until `play`, so that no frame is skipped on a loaded machine.
HELD: dict[str, Any] = {"held": True, "script": "window.heldFrames = true"}

WRITABLE = ("frame", "playing", "fps", "mode", "crossfade", "zoom", "pixelated")
COLORS = [(250, 10, 20), (20, 240, 30), (30, 20, 230), (200, 200, 10), (10, 200, 200), (200, 10, 200)]


def plain_frames(count: int, height: int = 8, width: int = 8) -> np.ndarray:
    """Frames as uint8 `[count, height, width, 3]`. The color of each frame identifies it."""
    frames = np.zeros((count, height, width, 3), np.uint8)
    frames[..., 0] = (np.arange(count) % 256)[:, None, None]
    frames[..., 1] = (np.arange(count) // 256)[:, None, None]
    frames[..., 2] = 77
    return frames


def open_player(
    browser: Browser,
    frames: np.ndarray,
    *,
    notes: dict[str, Any] | None = None,
    sprite_frames: dict[str, Any] | None = None,
    **options: Any,
) -> FakeNotebook:
    """Open a page with one player."""
    options = {"lossless": False, **options}
    made = make_sprite_frames(frames, lossless=options.pop("lossless"))
    defaults = {
        "_sprite_frames": {**made.meta, **(sprite_frames or {})},
        "_notes": notes_of(frames, len(frames), **(notes or {})),
        "title": "",
        "frame": 0,
        "playing": False,
        "fps": 20,
        "mode": "loop",
        "crossfade": False,
        "zoom": 0,
        "pixelated": False,
    }
    options.setdefault("data", {"_sheets": list(made.sheets)})
    return FakeNotebook(browser, bundle="sprite_player", defaults=defaults, writable=WRITABLE, **options)


def shown(notebook: FakeNotebook, view: int = 0) -> int:
    """Index of the frame on the canvas, read from its pixels."""
    red, green, blue, alpha = notebook.pixel(5, 5, view)
    assert (blue, alpha) == (77, 255)
    return red + 256 * green


def state(notebook: FakeNotebook, name: str) -> Any:
    return notebook.page.evaluate("(name) => host.state[name]", name)


def play(notebook: FakeNotebook, milliseconds: float) -> list[int]:
    """The frames that the page draws in this time, in order. Needs `HELD`."""
    return list(
        notebook.page.evaluate(
            """(milliseconds) => {
              const canvas = document.querySelector("canvas");
              const drawn = [];
              let { draws } = canvas.dataset;
              pass(milliseconds, () => {
                if (canvas.dataset.draws !== draws) drawn.push(Number(canvas.dataset.frame));
                draws = canvas.dataset.draws;
              });
              return drawn;
            }""",
            milliseconds,
        )
    )
