from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def tests_of_tricks_need_the_fast_plan(fast_plan: None) -> None:
    """The tests of this folder test the tricks, also when the suite runs under the plain plan."""
