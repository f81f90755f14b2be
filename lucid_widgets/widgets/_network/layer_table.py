"""`layer_table`: the layers of a network as HTML, for readers without widgets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lucid_widgets.misc.outside.text import in_html


def layer_table(network: str, layers: Sequence[Sequence[Any]], selected: str = "") -> str:
    """Return a table that unfolds at a click, without JavaScript.

    Args:
        network: Name of the network.
        layers: For each layer its name, kind, size in words, and number of channels, as `diagram_record` returns them.
        selected: Name of the layer that is emphasized; empty for none.
    """
    rows = [_row("th", "Layer", "Kind", "Size", "Channels")]
    for name, kind, size, channels in layers:
        rows.append(_row("th" if name == selected else "td", name, kind, size, f"{channels:,}" if channels else ""))
    summary = f"{in_html(network)}: {len(layers)} {'layer' if len(layers) == 1 else 'layers'}"
    return f"<details><summary>{summary}</summary><table>{''.join(rows)}</table></details>"


def _row(tag: str, *cells: str) -> str:
    return f"<tr>{''.join(f'<{tag}>{in_html(cell)}</{tag}>' for cell in cells)}</tr>"


__all__ = ["layer_table"]
