"""Every block of Python in the README and the documentation runs, and makes the committed images."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from needs import ROOT
from PIL import Image
from warm.processes import fast_environment

DOCS = ROOT / "docs"
PAGES = [page for page in [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))] if "```python" in page.read_text()]
# Made again by `run_pages.py`.
COMPARED_IMAGE = "transforms.webp"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]


def run(python: list[str], *arguments: str, **variables: str) -> str:
    done = subprocess.run(
        [*python, *arguments],
        cwd=ROOT,
        env=fast_environment() | {"MPLBACKEND": "agg", **variables},
        capture_output=True,
        text=True,
        timeout=1200,
    )
    assert done.returncode == 0, f"{done.stdout[-6000:]}{done.stderr[-6000:]}"
    assert done.stderr == ""
    return done.stdout


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of images that are made again."""
    return tmp_path_factory.mktemp("made")


@pytest.fixture(scope="module")
def outputs(made: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, str]]:
    """Exit status and output of each page."""
    names = [str(page.relative_to(ROOT)) for page in PAGES]
    path = os.pathsep.join(map(str, (ROOT, DOCS, ROOT / "tests")))
    cache = tmp_path_factory.mktemp("cache")
    # Not the warm process: what TensorFlow prints there depends on the settings under which it was imported.
    command = "tests/docs/run_pages.py", str(made), *names
    printed = run([sys.executable], *command, LUCID_WIDGETS_CACHE=str(cache), PYTHONPATH=path)
    parts = re.split(r"^-- end of (\S+) (\d+)$", printed, flags=re.MULTILINE)
    return {name: (int(status), text) for text, name, status in zip(parts[::3], parts[1::3], parts[2::3], strict=False)}


@pytest.mark.parametrize("page", [str(page.relative_to(ROOT)) for page in PAGES])
def test_runs_all_blocks(page: str, outputs: dict[str, tuple[int, str]], capsys: pytest.CaptureFixture[str]) -> None:
    status, text = outputs[page]
    assert status == 0, text[-6000:]
    with capsys.disabled():
        for line in text.splitlines():
            if " skipped: " in line:
                print(f"\n{line}", end="")


def test_makes_the_committed_image_again(made: Path, outputs: dict[str, tuple[int, str]]) -> None:
    again, committed = (
        np.asarray(Image.open(folder / "images" / COMPARED_IMAGE).convert("RGB"), np.float32) / 255
        for folder in (made, DOCS)
    )
    assert again.shape == committed.shape
    assert np.abs(again - committed).mean() < 0.03


def test_every_committed_image_is_made_by_some_page() -> None:
    text = "".join(page.read_text() for page in DOCS.rglob("*.md"))
    made = {DOCS / folder / line.split(" = ")[0] for kind, folder in KINDS.items() for line in _comments(text, kind)}
    screenshots = {path for path in (DOCS / "images").iterdir() if path.name in NOT_RENDERED}
    assert {path for folder in KINDS.values() for path in (DOCS / folder).iterdir()} == made | screenshots


KINDS = {"image": "images", "player": "players"}
NOT_RENDERED = {
    *("favicon.png", "workbench.webp", "feature-grid.webp", "builder.webp", "explorer.webp"),
    *("explain-layers.webp", "transformers-mlp.webp"),  # of networks that are not in the repository
}


def _comments(text: str, kind: str) -> list[str]:
    return [part.split(" -->")[0] for part in text.split(f"<!-- {kind}: ")[1:]]
