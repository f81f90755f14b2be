"""`pyproject.toml` declares what the package imports, and nothing that it does not."""

from __future__ import annotations

import ast
import re
import sys
import tomllib

from needs import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

# Distributions whose import name differs from their own name.
IMPORTED_AS = {"pillow": "PIL", "ipython": "IPython", "protobuf": "google", "scikit-learn": "sklearn"}

# Optional packages: the extra that installs them, and where they are imported inside functions.
OPTIONAL = {"av", "sklearn", "scipy", "nltk"}

# Only these modules of the package's own host are imported, and only if the host is there.
PROVIDED_BY_HOSTS: set[str] = set()


def declared(requirements: list[str]) -> set[str]:
    names = {re.match(r"[A-Za-z0-9._-]+", each).group().lower() for each in requirements}
    return {IMPORTED_AS.get(name, name) for name in names}


def imported() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "lucid_widgets").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"lucid_widgets"}


def test_declares_every_direct_import() -> None:
    assert imported() - OPTIONAL - PROVIDED_BY_HOSTS == declared(PROJECT["dependencies"])


def test_extras_cover_the_optional_imports() -> None:
    extras = PROJECT["optional-dependencies"]
    assert declared([*extras["video"], *extras["misc"]]) == OPTIONAL


def test_has_a_classifier_for_the_running_python() -> None:
    running = f"Programming Language :: Python :: {sys.version_info[0]}.{sys.version_info[1]}"
    assert running in PROJECT["classifiers"]


def test_oldest_python_is_the_same_everywhere() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    assert PROJECT["requires-python"] == ">=3.11"
    assert settings["ruff"]["target-version"] == "py311"
    assert settings["mypy"]["python_version"] == "3.11"
    assert "(3, 11)" in (ROOT / "Makefile").read_text()
