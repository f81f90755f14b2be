"""HTML of an index and of a unit, which notebooks show without a kernel: no scripts, and images as data."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import numpy as np

from lucid_widgets.evidence.picks import SHOWN
from lucid_widgets.misc.io.serialize_array import encode_jpeg
from lucid_widgets.misc.outside import in_html

if TYPE_CHECKING:
    from lucid_widgets.evidence.index import ActivationIndex
    from lucid_widgets.evidence.unit import UnitEvidence

CROP = 84
_QUALITY = 85
_ROWS = 40

_STYLE = (
    "font: 13px/1.45 var(--jp-ui-font-family, system-ui, sans-serif); color: var(--jp-ui-font-color1, inherit); "
    "max-width: 860px"
)
_FAINT = "color: var(--jp-ui-font-color2, inherit)"


def unit_html(unit: UnitEvidence) -> str:
    """Return a strip of crops, a histogram and the figures of a unit."""
    shown = unit.shown("most")
    cells = "".join(
        f'<figure style="margin: 0; width: {CROP}px">'
        f'<img src="{_data(unit.crop(one, CROP))}" width="{CROP}" height="{CROP}" '
        f'alt="{in_html(one.label or one.id)}" title="{in_html(f"{one.id}: {one.value:.4g}")}" '
        f'style="border-radius: 6px; display: block">'
        f'<figcaption style="{_FAINT}; font-size: 11px; overflow: hidden; text-overflow: ellipsis; '
        f'white-space: nowrap">{one.value:.3g}{" · " + in_html(one.label) if one.label else ""}</figcaption>'
        "</figure>"
        for one in shown
    )
    return (
        f'<div style="{_STYLE}"><strong>{in_html(unit.name)}</strong> '
        f'<span style="{_FAINT}">{in_html(str(unit.index.about["model"]))} · {len(unit.index):,} images</span>'
        f'<div style="display: flex; flex-wrap: wrap; gap: 6px; margin: 8px 0">{cells}</div>'
        f'<div style="display: flex; flex-wrap: wrap; gap: 16px; align-items: end">{histogram_svg(unit)}'
        f"<div>{in_html(unit.summary)}</div></div></div>"
    )


def histogram_svg(unit: UnitEvidence, width: int = 260, height: int = 56) -> str:
    """Return the histogram of a unit as SVG. Heights are square roots, so that rare values stay visible."""
    counts, edges = unit.filled_histogram
    heights = np.sqrt(counts / max(1, counts.max()))
    step = width / len(counts)
    bars = "".join(
        f'<rect x="{place * step:.1f}" y="{height - 14 - tall * (height - 16):.1f}" width="{max(1, step - 1):.1f}" '
        f'height="{tall * (height - 16):.1f}"/>'
        for place, tall in enumerate(heights)
        if tall > 0
    )
    label = f"Histogram of {len(unit.index):,} values from {edges[0]:.3g} to {edges[-1]:.3g}"
    return (
        f'<svg role="img" aria-label="{label}" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<g fill="currentColor" opacity="0.45">{bars}</g>'
        f'<g fill="currentColor" font-size="10"><text x="0" y="{height - 2}">{edges[0]:.3g}</text>'
        f'<text x="{width}" y="{height - 2}" text-anchor="end">{edges[-1]:.3g}</text></g></svg>'
    )


def index_html(index: ActivationIndex) -> str:
    """Return a table with the layers of an index."""
    rows = "".join(
        f'<tr><td style="text-align: left">{in_html(name)}</td><td>{index.channels(name)}</td>'
        f"<td>{len(index.dead(name))}</td><td>{_median(index.figures(name, 'sparsity'))}</td>"
        f"<td>{_median(index.figures(name, 'selectivity'))}</td></tr>"
        for name in index.layers[:_ROWS]
    )
    more = len(index.layers) - _ROWS
    skipped = f" · {len(index.skipped)} skipped" if index.skipped else ""
    return (
        f'<div style="{_STYLE}"><strong>{in_html(str(index.about["model"]))}</strong> '
        f'<span style="{_FAINT}">{len(index):,} images of {in_html(str(index.about["images"]))}{skipped}</span>'
        f'<table><thead><tr><th style="text-align: left">layer</th><th>units</th><th>dead</th>'
        f"<th>sparsity</th><th>selectivity</th></tr></thead><tbody>{rows}</tbody></table>"
        f"{f'<span>and {more} more layers</span>' if more > 0 else ''}</div>"
    )


def _median(figures: np.ndarray) -> str:
    known = figures[np.isfinite(figures)]
    return f"{np.median(known):.2f}" if len(known) else "–"


def _data(image: np.ndarray) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(encode_jpeg(image, _QUALITY)).decode()}"


__all__ = ["SHOWN", "histogram_svg", "index_html", "unit_html"]
