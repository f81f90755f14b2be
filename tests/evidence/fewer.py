"""What makes `check` faster, with the same verdicts: fewer units, transforms and images to compare with."""

from __future__ import annotations

from lucid_widgets.evidence.checks import subjects

FEWER = {"OTHERS": 2, "TRANSFORMS": 4, "UNITS": 40}


def compare_fewer() -> None:
    """Change the numbers of this process."""
    vars(subjects).update(FEWER)
