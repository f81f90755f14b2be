"""The types of the traits, as the JavaScript sees them."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from needs import ROOT

JS = ROOT / "js"
TSC = JS / "node_modules" / ".bin" / "tsc"


@pytest.fixture(scope="module")
def make_traits() -> Any:
    spec = importlib.util.spec_from_file_location("make_traits", JS / "make_traits.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_declarations_are_up_to_date(make_traits: Any) -> None:
    assert make_traits.TARGET.read_text() == make_traits.content(), "run `make build`"


def problems(folder: Path, source: str) -> str:
    """What `tsc` says about JavaScript that reads a widget's state."""
    shutil.copy(JS / "src" / "traits.d.ts", folder)
    (folder / "view.js").write_text(source)
    options = json.loads((JS / "tsconfig.json").read_text())["compilerOptions"]
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "include": ["*"]}))
    done = subprocess.run([TSC, "-p", folder], capture_output=True, text=True, timeout=120)
    return done.stdout


@pytest.mark.skipif(not TSC.exists() or shutil.which("node") is None, reason="needs Node.js and js/node_modules")
def test_a_misspelled_trait_is_an_error(tmp_path: Path) -> None:
    view = "/** @param {WidgetState} state */\nexport const view = (state) => state.%s;\n"
    assert problems(tmp_path, view % "current_step") == ""
    assert "curent_step" in problems(tmp_path, view % "curent_step")
