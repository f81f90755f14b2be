"""`Sensitivity`: how a unit answers to changed images. Needs no TensorFlow, so results can be shown without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lucid_widgets.misc.outside import in_html


@dataclass(frozen=True)
class Sensitivity:
    """How a unit's answer changes when the images that excite it most are changed. A notebook shows it as bars.

    Attributes:
        unit: The unit, "layer:channel".
        value: Its mean answer to the unchanged images.
        shares: The mean answer to the changed images, as a share of `value`, by the name of the change. At 1, the
            change makes no difference. Empty if the images do not activate the unit.
        words: What follows for color and shape, in one sentence.
    """

    unit: str
    value: float
    shares: dict[str, float]
    words: str

    def __repr__(self) -> str:
        return f"<Sensitivity of {self.unit}: {self.words}>"

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Sensitivity:
        """Return what `to_json` described."""
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        """Return a dict that JSON can hold."""
        return dict(vars(self))

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><th style="text-align: left; font-weight: 400; padding: 2px 12px 2px 0">{in_html(name)}</th>'
            f'<td style="text-align: right; padding: 2px 8px 2px 0">{100 * share:.0f} %</td><td style="width: 160px">'
            f'<div style="height: 8px; width: {100 * min(max(share, 0), 1):.0f}%; background: currentColor; '
            f'opacity: .45; border-radius: 4px"></div></td></tr>'
            for name, share in self.shares.items()
        )
        return (
            f"<div><strong>{in_html(self.unit)}</strong>: {in_html(self.words)}"
            f'<table style="border-collapse: collapse">{rows}</table></div>'
        )


__all__ = ["Sensitivity"]
