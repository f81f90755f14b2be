"""Units that respond to the same images, and an index that is saved by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from evidence.networks import images, labels, whole_network

from lucid_widgets import ActivationIndex, ImageSet
from lucid_widgets.errors import UnknownNameError


@pytest.fixture(scope="module")
def index() -> ActivationIndex:
    data = ImageSet.from_array(images(60), labels(60))
    return ActivationIndex.build(whole_network(), data, ["first", "second"], path=False, verbose=False)


def test_related_units_are_those_with_the_largest_correlation(index: ActivationIndex) -> None:
    values = index.statistics.sample_values
    assert values.shape == (60, 6 + 8)
    with np.errstate(invalid="ignore"):
        expected = np.corrcoef(values.astype(np.float64), rowvar=False)
    found = index.related("first:2", 20)
    names = [f"first:{each}" for each in range(6)] + [f"second:{each}" for each in range(8)]
    others = [each for each in range(14) if each != 2 and np.isfinite(expected[2, each])]
    others.sort(key=lambda each: -expected[2, each])
    assert [name for name, _ in found] == [names[each] for each in others]
    assert [value for _, value in found] == pytest.approx([expected[2, each] for each in others], abs=1e-5)
    assert index.related("first:2", 3) == found[:3]
    within = index.related(("first", 2), 2, layers=["second"])
    assert within == [each for each in found if each[0].startswith("second")][:2]


def test_dead_units_are_related_to_none(index: ActivationIndex) -> None:
    assert index.dead("second") == [7]
    assert index.related("second:7") == []
    assert "second:7" not in dict(index.related("second:0", 20))
    with pytest.raises(UnknownNameError):
        index.related("first:0", layers=["third"])


def test_a_saved_index_opens_again(index: ActivationIndex, tmp_path: Path) -> None:
    index.save(tmp_path / "index")
    again = ActivationIndex.open(tmp_path / "index")
    again.save(tmp_path / "index")
    again = ActivationIndex.open(tmp_path / "index")
    for name, value in index.statistics.arrays().items():
        assert np.array_equal(getattr(again.statistics, name), value, equal_nan=value.dtype.kind == "f"), name
    unit = again["second:1"]
    assert np.array_equal(unit.crop(unit.top[0]), index["second:1"].crop(index["second:1"].top[0]))
    assert unit.top[0] == index["second:1"].top[0]
