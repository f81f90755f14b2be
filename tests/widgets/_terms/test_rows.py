"""Moving the rows of a list of terms."""

from __future__ import annotations

import pytest

from lucid_widgets.optvis.objectives.text import parse
from lucid_widgets.widgets._terms.rows import Rows

THREE = parse('channel("a", 1) + channel("b", 2) - channel("c", 3)')


@pytest.mark.parametrize(
    ("moved", "to", "order"),
    [
        (0, 2, "bca"),
        (0, 1, "bac"),
        (0, 0, "abc"),
        (1, 0, "bac"),
        (1, 2, "acb"),
        (2, 0, "cab"),
        (2, 1, "acb"),
        (0, 99, "bca"),
        (2, -1, "cab"),
    ],
)
def test_moving_one_of_three_rows_keeps_the_order_of_the_others(moved: int, to: int, order: str) -> None:
    rows = Rows().showing(THREE)
    after = rows.moved(rows.rows[moved].id, to)
    assert [row.term.arguments["layer"] for row in after] == list(order)
    # Every row keeps its id, weight and sign.
    assert {row.id: row.term for row in after} == {row.id: row.term for row in rows}


def test_the_first_of_three_terms_moved_to_the_end_keeps_its_sign() -> None:
    rows = Rows().showing(THREE)
    after = rows.moved(rows.rows[0].id, 2)
    assert repr(after.objective()) == 'channel("b", 2) - channel("c", 3) + channel("a", 1)'
    again = after.moved(after.rows[0].id, 2).moved(after.rows[1].id, 2)
    assert repr(again.objective()) == 'channel("a", 1) + channel("b", 2) - channel("c", 3)'


def test_three_rotations_restore_a_list_of_three() -> None:
    rows = Rows().showing(THREE)
    rotated = rows
    for _ in range(3):
        rotated = rotated.moved(rotated.rows[0].id, 2)
    assert rotated == rows
    assert rotated.objective() == THREE
