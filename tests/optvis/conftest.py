from __future__ import annotations

import pytest
from optvis.tiny_network import Tiny


@pytest.fixture
def model() -> Tiny:
    return Tiny()
