"""The engine's numbers under the plain plan, which uses nothing of what makes steps faster.

`LUCID_WIDGETS_PLAIN=1 pytest tests/optvis` runs all tests of the engine under this plan.
"""

from __future__ import annotations

import pytest
from optvis.engine.test_failing_runs import *  # noqa: F403
from optvis.engine.test_program import *  # noqa: F403
from optvis.tiny_network import Tiny

from lucid_widgets.optvis.engine.iteration import FrameIterator
from lucid_widgets.optvis.render import iter_vis
from lucid_widgets.optvis.speed.plan import PLAIN_VARIABLE


@pytest.fixture(autouse=True)
def plain_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PLAIN_VARIABLE, "1")


def test_programs_of_these_tests_are_plain(model: Tiny) -> None:
    frames: FrameIterator = iter_vis(model, "conv:1", steps=1, image_size=4)
    assert frames._task[2]._plan.plain
