"""The pages of a site: HTML of the whole network, of a layer, and of a unit. Text is escaped here, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lucid_widgets.misc.outside import in_html

_WIDTH, _HEIGHT, _MARGIN = 320, 120, 10


@dataclass(frozen=True)
class Cell:
    """A unit in a grid of a page.

    Args:
        href: Address of its page, relative to the page with the grid.
        image: Address of its image; "" if it has none.
        text: What stands below the image.
        name: Name of the unit, for readers who do not see the image.
    """

    href: str
    image: str
    text: str
    name: str


def page(
    title: str, model: str, body: str, *, root: str, trail: Sequence[tuple[str, str]] = (), compares: bool = False
) -> str:
    """Return a whole page.

    Args:
        title: Its title.
        model: Name of the network.
        body: The HTML of its main part.
        root: Address of the site's first page from this page: "", "../" or "../../".
        trail: Names and addresses of the pages above this one.
        compares: Whether the search knows figures of the units.
    """
    hint = "mixed4a:12 or selectivity > 0.8" if compares else "mixed4a:12"
    links = [(model, "index.html"), *trail]
    above = " › ".join(f'<a href="{in_html(root + href)}">{in_html(name)}</a>' for name, href in links)
    return f"""<!doctype html>
<html lang="en" data-root="{in_html(root)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{in_html(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{root}site.css">
<script src="{root}units.js" defer></script>
<script src="{root}site.js" defer></script>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header>
<nav aria-label="Pages above this one">{above}</nav>
<div class="search" role="search">
<input type="search" aria-label="Search for a layer, a unit or a class" placeholder="Search, such as {hint}"
 autocomplete="off">
<p class="quiet" role="status"></p>
<ul aria-label="Search results"></ul>
</div>
</header>
<main id="main">
{body}
</main>
<footer>Feature visualizations made with lucid_widgets.</footer>
</body>
</html>
"""


def grid(cells: Iterable[Cell], size: tuple[int, int]) -> str:
    """Return a grid of units. A browser loads an image when it comes into view.

    Args:
        cells: The units.
        size: Width and height of an image in pixels.
    """
    items = []
    for cell in cells:
        image = (
            f'<img src="{in_html(cell.image)}" alt="" loading="lazy" decoding="async" width="{size[0]}" '
            f'height="{size[1]}">'
            if cell.image
            else '<span class="none"></span>'
        )
        label = f' aria-label="{in_html(cell.name)}"' if cell.name != cell.text else ""
        items.append(f'<li><a href="{in_html(cell.href)}"{label}>{image}<span>{in_html(cell.text)}</span></a></li>')
    return f'<ul class="grid">\n{chr(10).join(items)}\n</ul>'


def figure(image: str, alt: str, caption: str, size: tuple[int, int]) -> str:
    """Return an image with a caption.

    Args:
        image: Address of the image.
        alt: What it shows, for readers who do not see it.
        caption: What stands below it.
        size: Width and height in pixels.
    """
    return (
        f'<figure><img src="{in_html(image)}" alt="{in_html(alt)}" loading="lazy" width="{size[0]}" height="{size[1]}">'
        f"<figcaption>{in_html(caption)}</figcaption></figure>"
    )


def curve(steps: np.ndarray, values: np.ndarray) -> str:
    """Return a curve as SVG, with the first and the last value in words."""
    finite = np.isfinite(values)
    if finite.sum() < 2:
        return ""
    steps, values = steps[finite], values[finite].astype(float)
    low, high = float(values.min()), float(values.max())
    across = _MARGIN + (steps - steps[0]) / max(steps[-1] - steps[0], 1) * (_WIDTH - 2 * _MARGIN)
    down = _HEIGHT - _MARGIN - (values - low) / ((high - low) or 1) * (_HEIGHT - 2 * _MARGIN)
    points = " L".join(f"{x:.1f} {y:.1f}" for x, y in zip(across, down, strict=True))
    words = f"Objective: {values[0]:.3g} at step {steps[0]}, {values[-1]:.3g} at step {steps[-1]}"
    return (
        f'<svg class="curve" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{words}">'
        f'<path d="M{points}"/></svg>'
        f'<p class="quiet">{words}</p>'
    )


def facts(pairs: Mapping[str, Any]) -> str:
    """Return names and values as a list."""
    return (
        "<dl>"
        + "".join(f"<dt>{in_html(name)}</dt><dd>{in_html(str(each))}</dd>" for name, each in pairs.items())
        + "</dl>"
    )


def links(pairs: Iterable[tuple[str, str]]) -> str:
    """Return links in a row, by their text and their addresses."""
    each = "".join(f'<a href="{in_html(href)}">{in_html(text)}</a>' for text, href in pairs)
    return f'<nav class="steps" aria-label="Other units of the layer">{each}</nav>'


def heading(text: str, level: int = 1) -> str:
    """Return a heading."""
    return f"<h{level}>{in_html(text)}</h{level}>"


def paragraph(text: str) -> str:
    """Return a quiet line of text."""
    return f'<p class="quiet">{in_html(text)}</p>'


__all__ = ["Cell", "curve", "facts", "figure", "grid", "heading", "links", "page", "paragraph"]
