"""What a test cannot do without: skipped with the reason where it is absent, but never in CI, where all is there."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).parents[1]


def missing(reason: str) -> NoReturn:
    """Skips the test for this reason; fails it where CI is set."""
    if os.environ.get("CI"):
        pytest.fail(f"CI must have it: {reason}")
    pytest.skip(reason)


def models_folder() -> Path:
    """Where the real networks and photographs would be: LUCID_WIDGETS_MODEL_DIR, or beside the checkout."""
    named = os.environ.get("LUCID_WIDGETS_MODEL_DIR")
    return Path(named) if named else ROOT.parent / "shared" / "models"


def program(*names: str, reason: str) -> str:
    """The path of the first of these programs that is installed."""
    for name in names:
        found = shutil.which(name)
        if found:
            return found
    missing(reason)


def chromium() -> str:
    """The path of a Chromium or Chrome; the environment variable CHROMIUM may name it."""
    return program(
        *filter(None, [os.environ.get("CHROMIUM")]),
        "chromium",
        "chromium-browser",
        "google-chrome",
        reason="no Chromium is installed",
    )


def node_modules() -> Path:
    """The folder of the front end's development tools."""
    program("node", reason="Node.js is not installed")
    folder = ROOT / "js" / "node_modules"
    if not (folder / "esbuild").is_dir():
        missing("the front end's tools are not installed (npm ci --prefix js)")
    return folder
