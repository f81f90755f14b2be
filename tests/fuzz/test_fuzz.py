"""Random damage to everything that is read from outside: see README.md."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from fuzz.feeding import fault
from fuzz.guard import watched
from fuzz.targets import TARGETS

# Inputs in a test: about half a second of processor time for each target.
COUNTS = {"settings": 60, "expressions": 200, "manifests": 100, "metadata": 40, "graphs": 40}


@pytest.mark.slow
@pytest.mark.parametrize("target", TARGETS)
def test_damaged_input_is_refused_and_does_nothing_else(target: str, tmp_path: Path) -> None:
    found = {seed: fault(target, seed, tmp_path / "x") for seed in range(COUNTS.get(target, 300))}
    assert {seed: what for seed, what in found.items() if what} == {}


def test_the_guard_notices_files_and_processes_outside(tmp_path: Path) -> None:
    inside = tmp_path / "x"
    inside.mkdir()
    with watched(inside) as faults:
        (inside / "file").write_text("x")
        (tmp_path / "file").write_text("x")
        subprocess.run(["true"], check=True)
    assert [each.split()[0] for each in faults if "file" in each or "Popen" in each] == ["writes", "subprocess.Popen"]
