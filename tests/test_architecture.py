"""The layers of the package: a module may import only from its own row or from a row above it in this list."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from needs import ROOT
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

PACKAGE = ROOT / "lucid_widgets"

# From the modules that import nothing of the package to those that import most. A name stands for a module, or for a
# folder and everything in it; the longest matching name decides.
ROWS: list[set[str]] = [
    {"_startup", "errors", "frames"},
    {"misc"},
    {"images"},
    {"export", "recording", "runner", "_runner"},
    {"modelzoo"},
    {"optvis", "optvis.seeding"},
    {"optvis.affine", "optvis.overrides", "optvis.param", "optvis.speed"},
    {"optvis.objectives"},
    {"optvis.style", "optvis.transform"},
    {"optvis.engine"},
    {"optvis.cache_keys", "optvis.classification", "optvis.default_image", "optvis.many", "optvis.render"}
    | {"optvis.unit_frames", "optvis.vis_t"},
    {"attribution", "evidence"},
    {"recipes"},
    {"scratch"},
    {"microscope"},
    {"widgets"},
    {"", "__main__", "lucid_alias"},
]

# Lucid's import paths for code that lives elsewhere. They hold nothing but imports, so they may import from any row.
FACADES = {"misc.gradient_override", "misc.redirected_relu_grad", "optvis.objectives_util"}

# Left of `Frame` is TensorFlow; right of it are threads, bytes and the browser.
WITHOUT_TENSORFLOW = [
    "",
    "errors",
    "evidence",
    "export",
    "frames",
    "images",
    "microscope",
    "misc",
    "recording",
    "runner",
    "widgets.atlas_map",
    "widgets.evidence_panel",
    "widgets.feature_grid",
    "widgets.optimization_canvas",
    "widgets.sprite_player",
]

MOST_MODULES = 14
MOST_LINES = 399
TOP_LEVEL = {
    *("lucid_widgets", "js", "tests", "notebooks", "docs"),
    *("pyproject.toml", "Makefile", "mkdocs.yml", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"),
}


def name_of(path: Path) -> str:
    """The dotted name of a module within the package; empty for the package itself."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def row_of(module: str) -> int:
    fitting = [
        (len(name), row)
        for row, names in enumerate(ROWS)
        for name in names
        if module == name or (name and module.startswith(f"{name}."))
    ]
    assert fitting, f"{module} has no row: add it to ROWS"
    return max(fitting)[1]


@cache
def tree_of(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text())


@cache
def imports_of(module: str) -> set[str]:
    """The package's own modules that a module imports when it is imported (not those only type checkers see)."""
    found: set[str] = set()

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            return
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner.removeprefix("lucid_widgets.") in MODULES else node.module)
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(tree_of(module))
    own = {name for name in found if name == "lucid_widgets" or name.startswith("lucid_widgets.")}
    return {name.removeprefix("lucid_widgets").removeprefix(".") for name in own}


def test_modules_import_only_from_their_own_row_or_above() -> None:
    upwards = {
        module: sorted(name for name in imports_of(module) if row_of(name) > row_of(module))
        for module in MODULES
        if module not in FACADES
    }
    assert not {module: names for module, names in upwards.items() if names}


@pytest.mark.parametrize("module", sorted(FACADES))
def test_facades_hold_nothing_but_imports(module: str) -> None:
    body = tree_of(module).body
    kinds = [type(node) for node in body]
    assert set(kinds) == {ast.Expr, ast.ImportFrom, ast.Assign}
    assert ast.unparse(body[-1]).startswith("__all__ = ")


TEST_FILES = sorted((ROOT / "tests").rglob("*.py"))
FOLDERS = sorted({path.parent for path in (*MODULES.values(), *TEST_FILES)})


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_folder_is_too_full(folder: Path) -> None:
    assert len(list(folder.glob("*.py"))) <= MOST_MODULES


def test_public_modules_list_what_they_export() -> None:
    public = [name for name in MODULES if "._" not in f".{name}"]
    assigned = (ast.Assign, ast.AnnAssign, ast.AugAssign)
    assert not [
        name
        for name in public
        if not any(
            isinstance(node, assigned) and ast.unparse(node).startswith("__all__") for node in tree_of(name).body
        )
    ]


def test_no_import_cycle() -> None:
    done: set[str] = set()

    def walk(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, f"import cycle: {' -> '.join([*path[path.index(module) :], module])}"
        if module in done:
            return
        for imported in imports_of(module) - {module}:
            walk(imported, (*path, module))
        done.add(module)

    for module in MODULES:
        walk(module, ())


def test_no_file_is_too_long() -> None:
    written = [path for path in JS_FILES if path.name != "traits.d.ts"]  # a script makes it
    lengths = {str(path): len(path.read_text().splitlines()) for path in [*MODULES.values(), *TEST_FILES, *written]}
    assert not {path: length for path, length in lengths.items() if length > MOST_LINES}


def nodes_of(module: str, *kinds: type[ast.AST]) -> Iterator[Any]:
    return (node for node in ast.walk(tree_of(module)) if isinstance(node, kinds))


# Modules that import by name: facades whose names load on first use, optional dependencies, and guarded private names.
# `evidence.index` imports what needs TensorFlow only when an index is built, `microscope.remote` when a task runs, and
# a grid when a network renders its images or opens a channel.
DYNAMIC_IMPORTS = {
    "",
    "evidence.index",
    "lucid_alias",
    "microscope.remote",
    "misc._optional",
    "misc.io.showing",
    "optvis.speed.private_names",
    "widgets",
    "widgets._grid.stored.stored_cells",
    "widgets.feature_grid",
}
# What may be imported within a function, because it may be missing or because it is slow to load.
OPTIONAL = {"av", "nltk", "scipy", "sklearn", "tensorflow"}


def hidden_imports(module: str) -> Iterator[str]:
    """Imports within functions, and by name, that are not of optional packages."""
    for function in nodes_of(module, ast.FunctionDef, ast.AsyncFunctionDef):
        for node in ast.walk(function):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if not {name.partition(".")[0] for name in names} <= OPTIONAL:
                yield f"{module}, line {node.lineno}: {ast.unparse(node)}"
    for call in nodes_of(module, ast.Call):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name in {"import_module", "__import__"} and module not in DYNAMIC_IMPORTS:
            optional = isinstance(call.args[0], ast.Constant) and str(call.args[0].value).partition(".")[0] in OPTIONAL
            if not optional:
                yield f"{module}, line {call.lineno}: {ast.unparse(call)}"


def test_imports_are_at_the_top_unless_they_are_optional() -> None:
    assert not [found for module in MODULES for found in hidden_imports(module)]


# Undocumented attributes without an underscore.
UNDOCUMENTED = {
    "building_function",
    "capture",
    "captures",
    "capture_call_time_value",
    "gradient_registry",
    "outer_graph",
}


@pytest.mark.parametrize("module", [name for name in MODULES if name.startswith("optvis.engine")])
def test_the_engine_uses_no_private_name_of_tensorflow_or_keras(module: str) -> None:
    own = {name for node in nodes_of(module, ast.FunctionDef, ast.ClassDef) for name in [node.name]}
    own |= {node.attr for node in nodes_of(module, ast.Attribute) if ast.unparse(node.value) in {"self", "cls"}}
    for node in nodes_of(module, ast.Attribute):
        private = node.attr.startswith("_") and not re.fullmatch("__(?!internal)[a-z]+__", node.attr)
        assert not private or node.attr in own, f"line {node.lineno}: {ast.unparse(node)}"
        assert node.attr not in UNDOCUMENTED, f"line {node.lineno}: {ast.unparse(node)}"
    for node in nodes_of(module, ast.ImportFrom):
        assert not re.match(r"tensorflow\.python|keras\.src", node.module or ""), f"line {node.lineno}: {node.module}"


def test_only_the_engine_side_knows_widgets_and_only_widgets_know_them() -> None:
    for module in MODULES:
        if module.partition(".")[0] == "widgets" or module == "":
            continue
        assert not {name for name in imports_of(module) if name.partition(".")[0] == "widgets"}, module


def entries() -> dict[str, set[str]]:
    """For each circle of imports, by the module through which Python enters it: the modules of the circle.

    Importing a module imports its packages first, so a package and the modules that it imports are a circle, which is
    always entered through the package. Any other circle would depend on who is imported first.
    """
    order = list(MODULES)
    place = {module: index for index, module in enumerate(order)}
    pairs = [
        (place[module], place[name])
        for module in order
        for name in {*imports_of(module), *packages_of(module)} - {module}
        if name in place
    ]
    graph = csr_matrix((np.ones(len(pairs)), np.transpose(pairs)), shape=(len(order), len(order)))
    _, labels = connected_components(graph, connection="strong")
    circles: dict[int, set[str]] = defaultdict(set)
    for module, label in zip(order, labels, strict=True):
        circles[label].add(module)
    return {min(circle, key=len): circle for circle in circles.values() if len(circle) > 1}


def packages_of(module: str) -> list[str]:
    """The packages that Python imports before a module, from the outermost."""
    parts = module.split(".") if module else []
    return [".".join(parts[:count]) for count in range(len(parts))]


def test_every_circle_of_imports_is_a_package_and_its_modules() -> None:
    for entry, circle in entries().items():
        assert MODULES[entry].name == "__init__.py"
        assert all(entry in packages_of(module) for module in circle - {entry}), circle


@pytest.mark.slow
def test_every_module_imports_alone() -> None:
    # A process that has imported the rows above forks one process for each entry to a circle, which imports that one
    # first. No other module depends on the order of imports.
    script = """
import importlib, json, os, sys
failed = {}
for row, alone in json.loads(sys.argv[1]):
    for module in alone:
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                importlib.import_module(module)
            except BaseException as error:
                os.write(write, repr(error).encode())
            os._exit(0)
        os.close(write)
        with os.fdopen(read) as pipe:
            message = pipe.read()
        os.waitpid(child, 0)
        if message:
            failed[module] = message
    if failed:
        break
    for module in row:
        importlib.import_module(module)
print(json.dumps(failed))
"""
    rows: list[tuple[list[str], list[str]]] = [([], []) for _ in ROWS]
    first = entries()
    for name in MODULES:
        row, alone = rows[len(ROWS) - 1 if name in FACADES else row_of(name)]
        row.append(f"lucid_widgets.{name}".rstrip("."))
        if name in first:
            alone.append(row[-1])
    # What costs seconds and is not ours is imported once, before the forks.
    warm = "import tensorflow, keras, ipywidgets, anywidget, tqdm.auto\n"
    done = subprocess.run(
        [sys.executable, "-c", warm + script, json.dumps(rows)], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {}


def test_modules_that_need_no_tensorflow_do_not_load_it() -> None:
    names = [f"lucid_widgets.{module}".rstrip(".") for module in WITHOUT_TENSORFLOW]
    script = f"import importlib, sys\nfor name in {names}:\n    importlib.import_module(name)\n"
    script += "    assert not {'tensorflow', 'keras'} & sys.modules.keys(), name\n"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_nothing_else_at_the_top_level() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    top = {line.split("/")[0] for line in listed.stdout.splitlines()}
    assert {name for name in top if not name.startswith(".")} <= TOP_LEVEL


JS = ROOT / "js"
JS_FILES = sorted(path for folder in ("src", "test") for path in (JS / folder).rglob("*.*"))
JS_MODULES = [path for path in JS_FILES if path.suffix == ".js" and path.is_relative_to(JS / "src")]
# From the modules that import nothing of the package to those that import most, as `ROWS` for Python. Files directly in
# `js/src` are the entries of the bundles.
JS_ROWS: list[set[str]] = [
    {"core/text"},
    {"core/wire", "core/input", "core/objective", "core/run", "core/layout", "core/network", "core/explorer"}
    | {"core/atlas"},
    {"views/base"},
    {"views/controls"},
    {"views/atlas", "views/evidence", "views/mesh", "views/model", "views/network", "views/player"},
    {"views/canvas", "views/objective"},
    {"views/grid", "views/workbench"},
    {"views/explorer"},
    {"session.js", "widget.js"},
]


def js_row_of(path: Path) -> int:
    """Row of a JavaScript module. Entries, which import from every row, come last."""
    module = path.relative_to(JS / "src").as_posix()
    for row, names in enumerate(JS_ROWS):
        if any(module == name or module.startswith(f"{name}/") for name in names):
            return row
    assert "/" not in module, f"{module} has no row: add its folder to JS_ROWS"
    return len(JS_ROWS)


@pytest.mark.parametrize("path", JS_MODULES, ids=lambda path: path.relative_to(JS / "src").as_posix())
def test_javascript_imports_only_from_its_own_row_or_above(path: Path) -> None:
    # Types in JSDoc (`import("...")`) are erased, so they may point anywhere.
    found = re.findall(r'^import\b[^;]*?"(\.[^"]+\.js)"', path.read_text(), re.MULTILINE)
    upwards = {name for name in found if js_row_of((path.parent / name).resolve()) > js_row_of(path)}
    assert not upwards, f"{path.relative_to(JS)} imports from a later row: {sorted(upwards)}"


@pytest.mark.parametrize("folder", sorted({path.parent for path in JS_FILES}), ids=lambda path: path.name)
def test_no_javascript_folder_is_too_full(folder: Path) -> None:
    assert len([path for path in folder.iterdir() if path.suffix in {".js", ".css"}]) <= MOST_MODULES
