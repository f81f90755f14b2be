"""Search in a store by words and by figures of real images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from microscope.stores import FIGURED, drawn_index, drawn_store

from lucid_widgets import ActivationIndex, Microscope
from lucid_widgets.errors import ArgumentError, UnknownNameError

LABELS = ["panda", "fox"]


@pytest.fixture
def store(tmp_path: Path) -> Microscope:
    return drawn_store(tmp_path / "store", {"low": 5, "mixed4a": 12, "high": 2}, labels={"high": LABELS})


@pytest.fixture
def index() -> ActivationIndex:
    return drawn_index(FIGURED, [0, 0, 1, 1])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("high", ["high:0", "high:1"]),
        ("low:3", ["low:3"]),
        ("MIXED4a 4", ["mixed4a:4"]),  # not all channels, although the name has a 4
        ("mixed 11", ["mixed4a:11"]),
        ("panda", ["high:0"]),
        ("zebra", []),
        ("4", ["low:4", "mixed4a:4"]),
        ("<b>", []),
    ],
)
def test_words_find_layers_channels_and_labels(store: Microscope, text: str, expected: list[str]) -> None:
    assert store.search(text) == expected


def test_figures_of_the_index_are_those_computed_by_hand(index: ActivationIndex) -> None:
    assert index.figures("low", "selectivity") == pytest.approx([1, 0.5, 0, np.nan, 1 / 3], nan_ok=True)
    assert index.figures("high", "selectivity") == pytest.approx([0.8, 0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("selectivity > .3", ["low:0", "high:0", "low:1", "low:4"]),
        ("selectivity>=0.5 low", ["low:0", "low:1"]),
        ("selectivity < 0.4", ["low:2", "high:1", "low:4"]),
        ("low SELECTIVITY <= 0", ["low:2"]),
        ("strength > 2.5 selectivity < 0.6", ["low:1", "low:4"]),
        ("panda selectivity > 0.5", ["high:0"]),
        ("fox selectivity > 0.5", []),
        ("strength > 1e1", []),
    ],
)
def test_comparisons_keep_units_in_the_order_of_the_figure(
    store: Microscope, index: ActivationIndex, text: str, expected: list[str]
) -> None:
    assert store.search(text, images=index) == expected


def test_refuses_what_it_cannot_compare(store: Microscope, index: ActivationIndex) -> None:
    with pytest.raises(ArgumentError, match="no real images, which tell the selectivity"):
        store.search("selectivity > 0.5")
    with pytest.raises(ArgumentError, match="compares with no number"):
        store.search("selectivity > high", images=index)
    with pytest.raises(UnknownNameError, match="Did you mean 'selectivity'"):
        store.search("selectvity > 0.5", images=index)
