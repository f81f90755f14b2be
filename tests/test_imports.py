"""Importing the package is quick and loads no TensorFlow; its names are loaded when used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import lucid_widgets

HEAVY = ("tensorflow", "keras")


def fresh(code: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def loaded_by(statement: str) -> str:
    return fresh(f"{statement}\nimport sys\nprint([name for name in {HEAVY!r} if name in sys.modules])")


@pytest.mark.parametrize(
    "statement",
    [
        "import lucid_widgets",
        "import lucid_widgets.widgets, lucid_widgets.runner, lucid_widgets.frames",
        "from lucid_widgets import OptimizationCanvas",
        "from lucid_widgets import show, load, save",
        "import lucid_widgets; dir(lucid_widgets)",
    ],
)
def test_these_load_no_tensorflow(statement: str) -> None:
    assert loaded_by(statement) == "[]"


def test_importing_the_package_is_quick() -> None:
    code = "import time\nbegin = time.process_time()\nimport lucid_widgets\nprint(time.process_time() - begin)"
    assert min(float(fresh(code)) for _ in range(3)) < 0.5


def test_every_public_name_is_there_and_stays_the_same() -> None:
    for name in lucid_widgets.__all__:
        assert getattr(lucid_widgets, name) is getattr(lucid_widgets, name)
        assert name in dir(lucid_widgets)


def test_a_misspelt_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(AttributeError, match=r"has no attribute 'LucidWiget'\. Did you mean 'LucidWidget'"):
        lucid_widgets.LucidWiget  # noqa: B018
    with pytest.raises(ImportError, match="render_viz"):
        exec("from lucid_widgets import render_viz")
    with pytest.raises(AttributeError, match="Did you mean 'OptimizationCanvas'"):
        lucid_widgets.widgets.OptimisationCanvas  # noqa: B018
