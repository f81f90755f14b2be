"""`EvidenceTraits`: the real images of a unit, for the page."""

from __future__ import annotations

from typing import Any

import traitlets

from lucid_widgets.widgets._core.traits import Data, Flag, Real, Record, Text


class IndexTraits(traitlets.HasTraits):
    """A trait for `IndexMaking`."""

    _evidence_build: dict[str, Any] = Record(
        output=True,
        help="How the index is made: state (none, no unit, waiting, building, paused, ready, stopped or failed), "
        "source, done, total, seconds left, message and hint.",
    )


class EvidenceTraits(IndexTraits):
    """Traits for `UnitView` and `RealImages`."""

    show_evidence: bool = Flag(
        False,
        help="Whether the page shows real images that excite the unit. If so, an index is made when it is missing.",
    )
    _evidence: dict[str, Any] = Record(
        output=True,
        help="About the unit: its images of each kind, histogram and figures; an empty dict if there is none.",
    )
    _evidence_crops: bytes = Data(
        b"", output=True, help="The parts of these images that the unit sees, in one file: one row per kind."
    )
    _evidence_wholes: bytes = Data(b"", output=True, help="The whole images, in the same order.")
    _evidence_value: dict[str, Any] = Record(
        output=True, help="How strongly the visualization excites the unit: value, and a comparison in words."
    )
    report: dict[str, Any] = Record(
        output=True,
        help="The report of the newest check of a unit, as `Report.to_json`; an empty dict if there is none.",
    )
    stop_at: float | None = Real(
        None,
        allow_none=True,
        min=0,
        max=100,
        help="Pause a run when its image excites the unit more than this percentage of the real images; None for "
        "never. The image is measured about twice per second, while the page shows real images.",
    )
    relevant_to: str = Text(
        "",
        help='Class, by name or index, by whose relevance the top images of the unit are ordered; "" for the order of '
        "their activation.",
    )
    _relevance: dict[str, Any] = Record(
        output=True,
        help="The top images in the order of the unit's relevance to a class: state (running, ready or failed), unit, "
        "to, order (place among the top images, and relevance), message and hint.",
    )
    _sensitivity: dict[str, Any] = Record(
        output=True,
        help="How the unit answers to its top images when they are changed: state (none if it cannot be "
        "measured, running, ready or failed), unit, value, shares by change, and words.",
    )
    _check: dict[str, Any] = Record(
        output=True, help="The check: state (resting, running or failed), unit, part, done, total, message and hint."
    )


__all__ = ["EvidenceTraits", "IndexTraits"]
