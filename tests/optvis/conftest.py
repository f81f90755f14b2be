from __future__ import annotations

import pytest
from optvis.tiny_network import Tiny

from lucid_widgets.optvis.speed import xla
from lucid_widgets.optvis.speed.plan import PLAIN_VARIABLE


@pytest.fixture
def model() -> Tiny:
    return Tiny()


@pytest.fixture(autouse=True)
def no_limit_of_compiled_functions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests have far more shapes than a session, and some check what XLA compiles."""
    monkeypatch.setattr(xla, "MAX_COMPILED", 10**6)


@pytest.fixture
def fast_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Select the default speed plan, also when the suite runs under the plain one."""
    monkeypatch.delenv(PLAIN_VARIABLE, raising=False)
