"""`Report`: what `check` measured about a visualization, and the verdict."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lucid_widgets.misc.io.scoping import expanded
from lucid_widgets.misc.io.writing import write_whole
from lucid_widgets.misc.outside import in_html

Verdict = Literal["consistent", "mixed", "do not rely on it"]
"""How far a visualization can be trusted."""

ORDER: tuple[Verdict, ...] = ("consistent", "mixed", "do not rely on it")
"""From the best to the worst."""


@dataclass(frozen=True)
class Line:
    """One check.

    Attributes:
        name: What was checked, in a word.
        verdict: The verdict of this check alone.
        text: What was measured, and what it means, in one sentence.
        figures: Every figure behind it. JSON can hold them.
    """

    name: str
    verdict: Verdict
    text: str
    figures: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """The result of `check`. A notebook shows it as a table; `save` writes JSON or a page.

    Attributes:
        unit: The unit, "layer:channel".
        model: Name of the model.
        images: Name of the image set.
        count: Number of its images.
        verdict: The verdict.
        rule: The rule that decided it, in one sentence.
        lines: The checks.
        settings: The settings of `check`.
    """

    unit: str
    model: str
    images: str
    count: int
    verdict: Verdict
    rule: str
    lines: tuple[Line, ...]
    settings: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<Report {self.unit} of {self.model}: {self.verdict}>"

    def __getitem__(self, name: str) -> Line:
        """The check of this name."""
        return next(line for line in self.lines if line.name == name)

    def to_json(self) -> dict[str, Any]:
        """Return the report as a dict that JSON can hold."""
        return {**vars(self), "lines": [dict(vars(line)) for line in self.lines]}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Report:
        """Return the report that `to_json` described."""
        return cls(**{**values, "lines": tuple(Line(**line) for line in values["lines"])})

    def to_html(self) -> str:
        """Return a page that needs no other files and no kernel."""
        title = in_html(f"{self.unit} of {self.model}")
        return (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1"><style>:root { color-scheme: light '
            "dark } body { margin: 2rem auto; max-width: 760px; padding: 0 1rem; font: 15px/1.5 system-ui, sans-serif }"
            f"</style></head><body><main>{self._repr_html_()}<details><summary>All figures</summary>"
            f"<pre>{in_html(json.dumps(self.to_json(), indent=1))}</pre></details></main></body></html>\n"
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the report.

        Args:
            path: A file name that ends in `.json` or `.html`.
        """
        place = expanded(path)
        is_page = place.suffix.lower() in (".html", ".htm")
        write_whole(place, (self.to_html() if is_page else json.dumps(self.to_json(), indent=1)).encode())

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><th style="text-align: left; vertical-align: top; padding: 4px 12px 4px 0">{in_html(line.name)}'
            f'</th><td style="text-align: left; padding: 4px 0">{in_html(line.text)} '
            f"<strong>{in_html(line.verdict)}</strong></td></tr>"
            for line in self.lines
        )
        return (
            f'<div style="max-width: 760px"><p><strong>{in_html(self.unit)}</strong> of {in_html(self.model)}: '
            f"<strong>{in_html(self.verdict)}</strong></p><p>{in_html(self.rule)}</p>"
            f'<table style="border-collapse: collapse">{rows}</table></div>'
        )


def worst(verdicts: list[Verdict]) -> Verdict:
    """Return the worst of some verdicts."""
    return max(verdicts, key=ORDER.index)


__all__ = ["Line", "Report", "Verdict", "worst"]
