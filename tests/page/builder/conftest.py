"""The page of an objective builder for the tiny network."""

from __future__ import annotations

import pytest
from page.builder.cards import Net
from page.live_widget import LiveWidget, OpenLive

from lucid_widgets.widgets.objective_builder import ObjectiveBuilder


@pytest.fixture
def live(open_live: OpenLive) -> LiveWidget:
    live = open_live(ObjectiveBuilder(Net(), batch=2, image_size=8))
    # Python's answer to the page's first request contains all that has changed by then.
    live.wait_for_request()
    return live
