"""What tests all over the suite share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from needs import ROOT, missing

# Before anybody imports TensorFlow: its start-up chatter is not a test's output.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


@pytest.fixture(scope="session")
def models_dir() -> Path:
    """The folder of real networks and photographs; skips the test where it is absent."""
    named = os.environ.get("LUCID_WIDGETS_MODEL_DIR")
    folder = Path(named) if named else ROOT.parent / "shared" / "models"
    if not (folder / "inception_v1_bvlc.pb").is_file():
        missing(f"the ImageNet networks are not in {folder} (set LUCID_WIDGETS_MODEL_DIR)")
    return folder
