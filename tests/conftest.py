"""What tests all over the suite share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from needs import chromium, missing, models_folder
from playwright.sync_api import Browser, sync_playwright

# Before anybody imports TensorFlow: its start-up chatter is not a test's output.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


@pytest.fixture(scope="session")
def models_dir() -> Path:
    """The folder of real networks and photographs; skips the test where it is absent."""
    folder = models_folder()
    if not (folder / "inception_v1_bvlc.pb").is_file():
        missing(f"the ImageNet networks are not in {folder} (set LUCID_WIDGETS_MODEL_DIR)")
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium, one for all tests; skips the test where none is installed."""
    path = chromium()
    # No lookups of hosts that a test has no business with.
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", *quiet])
        yield launched
        launched.close()
