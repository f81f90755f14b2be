from __future__ import annotations

import pytest
from optvis.tiny_network import Tiny

from lucid_widgets.optvis.speed import xla


@pytest.fixture
def model() -> Tiny:
    return Tiny()


@pytest.fixture(autouse=True)
def room_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests have far more shapes than a session, and some look for what is compiled."""
    monkeypatch.setattr(xla, "MOST_COMPILED", 10**6)
