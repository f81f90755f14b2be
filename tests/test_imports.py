"""Importing the package is fast and loads no TensorFlow; its names are imported on first use."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import lucid_widgets

HEAVY = ("tensorflow", "keras")


def fresh(code: str) -> str:
    """Output of a new interpreter that runs `code`."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def loaded_by(statement: str) -> str:
    return fresh(f"{statement}\nimport sys\nprint([name for name in {HEAVY!r} if name in sys.modules])")


@pytest.mark.slow
@pytest.mark.parametrize(
    "statement",
    [
        "import lucid_widgets",
        "import lucid_widgets.widgets, lucid_widgets.runner, lucid_widgets.frames",
        "from lucid_widgets import OptimizationCanvas",
        "from lucid_widgets import show, load, save",
        "from lucid_widgets import Frame, LucidError, SpritePlayer, errors, export",
        "import lucid_widgets; dir(lucid_widgets)",
    ],
)
def test_loads_no_tensorflow(statement: str) -> None:
    assert loaded_by(statement) == "[]"


def test_all_is_sorted_and_documented() -> None:
    assert lucid_widgets.__all__ == sorted(lucid_widgets.__all__)
    assert lucid_widgets.__doc__ is not None
    assert [name for name in lucid_widgets.__all__ if name not in f"{lucid_widgets.__doc__} __version__"] == []


@pytest.mark.slow
def test_dir_is_all_before_and_after_names_are_used() -> None:
    code = """
        import lucid_widgets
        before = dir(lucid_widgets)
        for name in lucid_widgets.__all__:
            assert getattr(lucid_widgets, name) is getattr(lucid_widgets, name), name
        assert before == dir(lucid_widgets) == sorted(lucid_widgets.__all__), dir(lucid_widgets)
    """
    assert fresh(textwrap.dedent(code)) == ""


def test_every_path_in_the_map_exists() -> None:
    assert lucid_widgets.__doc__ is not None
    root = Path(lucid_widgets.__file__).parent
    paths = [word for word in lucid_widgets.__doc__.split() if re.fullmatch(r"[a-z_/]+(\.py|/)", word)]
    assert len(paths) > 20
    assert [path for path in paths if not (root / path).exists()] == []


def test_suggests_the_nearest_name() -> None:
    with pytest.raises(AttributeError, match=r"has no attribute 'LucidWiget'\. Did you mean 'LucidWidget'"):
        lucid_widgets.LucidWiget  # noqa: B018
    with pytest.raises(ImportError, match="render_viz"):
        exec("from lucid_widgets import render_viz")
    with pytest.raises(AttributeError, match="Did you mean 'OptimizationCanvas'"):
        importlib.import_module("lucid_widgets.widgets").OptimisationCanvas  # noqa: B018
