from __future__ import annotations

import pytest

from lucid_widgets.widgets._explorer import explorer, features


@pytest.fixture(autouse=True)
def few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make feature images in few steps, before the program that is fast but takes seconds to compile."""
    for module in (explorer, features):
        monkeypatch.setattr(module, "STEPS", 8)
