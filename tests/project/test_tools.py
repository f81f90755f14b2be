"""Lint, format and types, in Python and in JavaScript, and the front end's own tests."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest
from needs import ROOT, node_modules


def run(*command: str, folder: str = ".") -> None:
    done = subprocess.run(command, cwd=ROOT / folder, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize(
    "command",
    [("ruff", "check"), ("ruff", "format", "--check"), ("mypy",)],
    ids=" ".join,
)
def test_python_is_clean(command: tuple[str, ...]) -> None:
    run(sys.executable, "-m", *command, *(["."] if command[0] == "ruff" else []))


def test_the_installed_packages_fit_together() -> None:
    run(sys.executable, "-m", "pip", "check")


@pytest.mark.parametrize("script", ["check", "test"])
def test_the_front_end_is_clean(script: str) -> None:
    node_modules()
    npm = shutil.which("npm")
    assert npm, "Node.js without npm"
    run(npm, "run", "--silent", script, folder="js")
