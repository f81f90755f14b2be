"""Paths of what some tests need. A test is skipped if it is missing, but fails in CI, where everything is installed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

TESTS = Path(__file__).parent
ROOT = TESTS.parent


def missing(reason: str) -> NoReturn:
    """Skip the current test, or fail it if the environment variable CI is set."""
    if os.environ.get("CI"):
        pytest.fail(f"CI must have it: {reason}")
    pytest.skip(reason)


def models_folder() -> Path:
    """Folder of the ImageNet networks: LUCID_WIDGETS_MODEL_DIR, or `shared/models` next to the checkout."""
    named = os.environ.get("LUCID_WIDGETS_MODEL_DIR")
    return Path(named) if named else ROOT.parent / "shared" / "models"


def program(*names: str, reason: str) -> str:
    """Path of the first of these programs that is installed."""
    for name in names:
        found = shutil.which(name)
        if found:
            return found
    missing(reason)


def chromium(*preferred: str) -> str:
    """Path of Chromium or Chrome. The environment variable CHROMIUM takes precedence, then programs of these names."""
    return program(
        *filter(None, [os.environ.get("CHROMIUM")]),
        *preferred,
        "chromium",
        "chromium-browser",
        "google-chrome",
        reason="no Chromium is installed",
    )


def node_modules() -> Path:
    """Folder of the front end's development tools."""
    program("node", reason="Node.js is not installed")
    folder = ROOT / "js" / "node_modules"
    if not (folder / "esbuild").is_dir():
        missing("the front end's tools are not installed (npm ci --prefix js)")
    return folder
