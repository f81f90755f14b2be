"""Every block of Python in the README and the documentation runs, page by page, in a fresh process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from needs import ROOT
from PIL import Image

DOCS = ROOT / "docs"
PAGES = [page for page in [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))] if "```python" in page.read_text()]
# Regenerated and compared: pages that are quick to run.
COMPARED = {"concepts/transforms.md": "transforms.webp"}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def run(*arguments: str, **variables: str) -> str:
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "MPLBACKEND": "agg", **variables}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-6000:]
    return done.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_runs_all_blocks(page: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed = run("docs/code_blocks.py", str(page), LUCID_WIDGETS_CACHE=str(tmp_path))
    with capsys.disabled():
        for line in printed.splitlines():
            if " skipped: " in line:
                print(f"\n{line}", end="")


@pytest.mark.parametrize("page", COMPARED)
def test_makes_the_committed_image_again(page: str, tmp_path: Path) -> None:
    run("docs/make_images.py", "--out", str(tmp_path), str(DOCS / page))
    name = COMPARED[page]
    made, committed = (
        np.asarray(Image.open(folder / "images" / name).convert("RGB"), np.float32) / 255 for folder in (tmp_path, DOCS)
    )
    assert made.shape == committed.shape
    assert np.abs(made - committed).mean() < 0.03


def test_every_committed_image_is_made_by_some_page() -> None:
    text = "".join(page.read_text() for page in DOCS.rglob("*.md"))
    made = {DOCS / folder / line.split(" = ")[0] for kind, folder in KINDS.items() for line in _comments(text, kind)}
    screenshots = {path for path in (DOCS / "images").iterdir() if path.name in NOT_RENDERED}
    assert {path for folder in KINDS.values() for path in (DOCS / folder).iterdir()} == made | screenshots


KINDS = {"image": "images", "player": "players"}
NOT_RENDERED = {"favicon.png", "workbench.webp", "feature-grid.webp", "builder.webp"}


def _comments(text: str, kind: str) -> list[str]:
    return [part.split(" -->")[0] for part in text.split(f"<!-- {kind}: ")[1:]]
