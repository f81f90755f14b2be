"""Fixtures for the runner's tests."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def no_other_threads() -> Iterator[None]:
    before = set(threading.enumerate())  # threads of earlier tests, such as of a browser or a progress bar
    yield
    names = [thread.name for thread in threading.enumerate()]
    assert names.count("lucid-widgets") <= 1
    assert not [t.name for t in set(threading.enumerate()) - before if t.name != "lucid-widgets"]
