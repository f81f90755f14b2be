"""CSS that plays a sprite sheet on any page, with `@keyframes` and `steps(n)`."""

from __future__ import annotations

import re

from lucid_widgets.errors import ArgumentError
from lucid_widgets.export.sprites import Sheet
from lucid_widgets.export.timing import MAX_FPS, Mode, checked_fps, order

__all__ = ["css_snippet"]


def css_snippet(sheet: Sheet, url: str, *, fps: float = 20, mode: Mode = "loop", name: str = "sprite") -> str:
    """Return CSS that plays a sprite sheet in `<div class="sprite"></div>`.

    A complete grid moves by `steps(n)` horizontally and, if it has several rows, vertically. In a grid with empty
    cells, and in mode "alternate" (for which `animation-direction` would show the ends twice), each frame gets a
    keyframe. The first frame stands still if the viewer's system is set to reduced motion.

    Args:
        sheet: The sheet whose image is at `url`.
        url: Address of the image, relative to the page.
        fps: Frames per second, 0.1 to 240.
        mode: "loop", "alternate" or "once" (stay on the last frame).
        name: Name of the class and the animation: letters, digits, `-` and `_`.

    Raises:
        ArgumentError: If `name` is not a valid name in CSS.

    Example:
        >>> print(css_snippet(Sheet.of(np.zeros((8, 32, 32, 3)), columns=8), "neuron.png", fps=10))
        .sprite {
          width: 32px;
          height: 32px;
          background: url("neuron.png") 0 0 / 256px 32px;
          animation: sprite-x 0.8s steps(8, jump-none) infinite;
        }
        @keyframes sprite-x { to { background-position-x: -224px; } }
        @media (prefers-reduced-motion: reduce) { .sprite { animation: none; } }
    """
    fps = checked_fps(fps, MAX_FPS, "CSS")
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", name):
        raise ArgumentError(
            f"{name!r} is not the name of a CSS class.",
            "Expected letters, digits, '-' and '_', a letter first.",
        )
    shown = order(sheet.count, mode)
    times = "1 forwards" if mode == "once" else "infinite"
    plain = mode != "alternate" and sheet.count == sheet.rows * sheet.columns
    animations, keyframes = (_steps if plain else _listed)(sheet, shown, fps, times, name)
    lines = [
        f".{name} {{",
        f"  width: {sheet.width}px;",
        f"  height: {sheet.height}px;",
        f"  background: {_url(url)} 0 0 / {sheet.columns * sheet.width}px {sheet.rows * sheet.height}px;",
        *([f"  animation: {', '.join(animations)};"] if animations else []),
        "}",
        *keyframes,
        f"@media (prefers-reduced-motion: reduce) {{ .{name} {{ animation: none; }} }}",
    ]
    return "\n".join(lines) + "\n"


def _steps(sheet: Sheet, shown: list[int], fps: float, times: str, name: str) -> tuple[list[str], list[str]]:
    seconds = len(shown) / fps
    animations, keyframes = [], []
    if sheet.columns > 1:
        again = times.replace("1", str(sheet.rows), 1)
        animations.append(f"{name}-x {seconds / sheet.rows:.6g}s steps({sheet.columns}, jump-none) {again}")
        keyframes.append(_to(f"{name}-x", "x", (sheet.columns - 1) * sheet.width))
    if sheet.rows > 1:
        animations.append(f"{name}-y {seconds:.6g}s steps({sheet.rows}, jump-none) {times}")
        keyframes.append(_to(f"{name}-y", "y", (sheet.rows - 1) * sheet.height))
    return animations, keyframes


def _to(name: str, axis: str, pixels: int) -> str:
    return f"@keyframes {name} {{ to {{ background-position-{axis}: -{pixels}px; }} }}"


def _listed(sheet: Sheet, shown: list[int], fps: float, times: str, name: str) -> tuple[list[str], list[str]]:
    if len(shown) == 1:
        return [], []
    lines = [f"@keyframes {name} {{"]
    for place, frame in enumerate(shown):
        row, column = divmod(frame, sheet.columns)
        at = f"{-column * sheet.width}px {-row * sheet.height}px"
        # "once" stays on the state of `to`.
        selector = f"{100 * place / len(shown):.6g}%" + (", to" if place == len(shown) - 1 else "")
        lines.append(f"  {selector} {{ background-position: {at}; }}")
    return [f"{name} {len(shown) / fps:.6g}s step-end {times}"], [*lines, "}"]


def _url(url: str) -> str:
    """Quote an address, so that it cannot end the string, the rule or the `<style>` element around it."""
    escaped = re.sub(r'["\\<>{}\x00-\x1f\x7f-\x9f\u2028\u2029]', lambda found: f"\\{ord(found[0]):x} ", url)
    return f'url("{escaped}")'
