"""What an editor and mypy know about objectives: arguments, result, and mistakes."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from needs import ROOT

from lucid_widgets.optvis import objectives
from lucid_widgets.optvis.objectives import Objective, wrap_objective
from lucid_widgets.optvis.objectives.registry import OBJECTIVES

# A comment names the exact errors that mypy reports for its line; lines without one are correct.
PROGRAM = """
from collections.abc import Callable
from typing import Any

from lucid_widgets.optvis import objectives
from lucid_widgets.optvis.objectives import Objective, as_objective, wrap_objective
from lucid_widgets.optvis.render import render_vis
from lucid_widgets.optvis.transform import jitter, standard_transforms

one: Objective = objectives.channel("mixed4a", 152)
one = objectives.channel("mixed4a", n_channel=152, batch=0) - 0.5 * objectives.neuron("mixed4a", 3, row=1, column=2)
one = objectives.direction("mixed4a", [1.0, 2.0], cossim_pow=2) / 2 + objectives.total_variation()
one = as_objective(lambda T: T("input"))

objectives.channel("a", "b", 3, wrong=1)  # arg-type call-arg
objectives.channel("a")  # call-arg
objectives.channel("a", 1, 2, 3)  # call-arg
objectives.neuron("a", 1, row="top")  # arg-type
objectives.class_logit("a", 1.5)  # arg-type
objectives.L1(3)  # arg-type
text: str = objectives.channel("a", 1)  # assignment
as_objective(3)  # arg-type


@wrap_objective
def bare(layer: str, factor: float = 2.0) -> Callable[[Callable[[str], Any]], Any]:
    return lambda T: factor * T(layer)


@wrap_objective(require_format="NHWC", numbers=("n",), layer="layer", channel="n")
def called(layer: str, n: int) -> Callable[[Callable[[str], Any]], Any]:
    return lambda T: T(layer)[..., n]


one = bare("a") + bare("a", factor=3.0) + called("a", 3)
bare("a", factr=3.0)  # call-arg
called("a", "b")  # arg-type


@wrap_objective  # arg-type
def unlike(layer: str) -> int:
    return 3


def render(model: Any) -> None:
    render_vis(model, one, transforms="affine")
    render_vis(model, one, transforms=[*standard_transforms, jitter(8)])
    render_vis(model, one, transforms="afine")  # arg-type
    render_vis(model, one, transforms=[8])  # list-item
"""


@pytest.mark.slow
def test_mypy_accepts_correct_calls_and_rejects_wrong_ones(tmp_path: Path) -> None:
    source = textwrap.dedent(PROGRAM)
    path = tmp_path / "program.py"
    path.write_text(source)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--follow-imports=silent", "--no-error-summary", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    found: dict[int, list[str]] = {}
    for line in done.stdout.splitlines():
        if match := re.search(r"program\.py:(\d+): error: .*\[([a-z-]+)\]$", line):
            found.setdefault(int(match[1]), []).append(match[2])
    lines = enumerate(source.splitlines(), 1)
    wanted = {number: line.partition("  # ")[2].split() for number, line in lines if "  # " in line}
    assert {number: sorted(codes) for number, codes in found.items()} == wanted, done.stdout + done.stderr


@pytest.mark.parametrize("name", OBJECTIVES)
def test_signature_says_that_a_maker_returns_an_objective(name: str) -> None:
    signature = inspect.signature(getattr(objectives, name))
    assert signature.return_annotation is Objective
    assert all(each.annotation is not inspect.Parameter.empty for each in signature.parameters.values())


def test_signature_of_a_channel_is_complete() -> None:
    signature = inspect.signature(objectives.channel)
    assert list(signature.parameters) == ["layer", "n_channel", "batch"]
    assert signature.parameters["n_channel"].annotation == "int"
    assert signature.parameters["batch"].default is None


@pytest.mark.parametrize("parentheses", [True, False])
def test_signature_of_a_wrapped_function_is_its_own(parentheses: bool) -> None:
    def largest(layer: str, factor: float = 2.0) -> Any:
        """The largest activation."""
        return lambda T: factor * T(layer)

    maker = wrap_objective()(largest) if parentheses else wrap_objective(largest)
    signature = inspect.signature(maker)
    assert str(signature.replace(return_annotation=inspect.Signature.empty)) == "(layer: 'str', factor: 'float' = 2.0)"
    assert signature.return_annotation is Objective
    assert inspect.getdoc(maker) == "The largest activation."


@pytest.mark.parametrize("name", OBJECTIVES)
def test_docstring_describes_every_argument(name: str) -> None:
    doc = inspect.getdoc(getattr(objectives, name)) or ""
    first = doc.splitlines()[0]
    assert first.endswith(".")
    for argument in inspect.signature(getattr(objectives, name)).parameters:
        assert re.search(rf"^    {argument}: ", doc, re.MULTILINE), argument
    assert all(f"\n{section}:" in doc for section in ("Returns", "Example", "Source"))
