"""Fixtures for the widgets' tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ipywidgets
import pytest
from pages import FakeComm, Page, settled

OLD = int(ipywidgets.__version__.split(".")[0]) < 8
if OLD:
    from ipykernel.comm import Comm


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Page]]:
    """Pages of the widgets that a test makes, in order. The widgets are closed afterwards."""
    opened: list[Page] = []

    def create(data: Any = None, buffers: Any = None, **_: Any) -> Any:
        page = Page()
        page.opened(data, buffers)
        opened.append(page)
        # ipywidgets 7 insists on ipykernel's own class.
        return (
            type("OldComm", (FakeComm, Comm), {"comm_id": page.comm_id, "kernel": page})(page)
            if OLD
            else FakeComm(page)
        )

    if OLD:
        monkeypatch.setattr("ipywidgets.widgets.widget.Comm", create)
    else:
        monkeypatch.setattr("ipywidgets.widgets.widget.comm.create_comm", create)
    ours = set(_widgets())
    yield opened
    for name, widget in list(_widgets().items()):
        if name not in ours:
            widget.close()
    settled()


def _widgets() -> dict[str, Any]:
    """All open widgets, by id."""
    return ipywidgets.Widget.widgets if OLD else ipywidgets.widgets.widget._instances
