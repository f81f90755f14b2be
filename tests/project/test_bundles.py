"""The committed bundles are up to date, and the wheel contains them, so that users need no Node.js."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from needs import ROOT, node_modules, program

pytestmark = pytest.mark.slow

JS = ROOT / "js"
STATIC = ROOT / "lucid_widgets" / "static"
# Limits in bytes. The workbench is the largest, but a notebook contains only one or two of them; the canvas contains a
# player.
WIDGETS = {
    "atlas_map": 60_000,
    "evidence_panel": 50_000,
    "feature_grid": 84_000,
    "html_player": 52_000,
    "image_explorer": 74_000,
    "lucid_widget": 268_000,
    "mesh_view": 640_000,
    "network_graph": 90_000,
    "objective_builder": 68_000,
    "optimization_canvas": 74_000,
    "sprite_player": 52_000,
}
BUNDLES = sorted(f"{name}.{kind}" for name in WIDGETS for kind in ("css", "js"))
MAX_WHEEL_BYTES = 7_000_000  # mostly the weights of EmojiNet and EmojiViT


def source_hash() -> str:
    sources = [path.relative_to(JS).as_posix() for path in (JS / "src").rglob("*") if path.is_file()]
    digest = hashlib.sha256()
    for name in sorted([*sources, "build.mjs", "package.json"]):
        digest.update(name.encode() + b"\0" + (JS / name).read_bytes() + b"\0")
    return digest.hexdigest()


def test_there_are_no_other_bundles() -> None:
    assert sorted(path.name for path in STATIC.iterdir() if path.suffix != ".py") == sorted([*BUNDLES, "licenses.txt"])


@pytest.mark.parametrize("name", BUNDLES)
def test_bundle_was_built_from_these_sources(name: str) -> None:
    banner = (STATIC / name).read_text().splitlines()[0]
    match = re.fullmatch(r"/\* lucid_widgets sha256:([0-9a-f]{64}) \*/", banner)
    assert match, f"{name} has no banner"
    assert match[1] == source_hash(), "js/ was changed without building: npm run build --prefix js"


@pytest.mark.parametrize("name", BUNDLES)
def test_bundle_is_small_and_has_several_lines(name: str) -> None:
    text = (STATIC / name).read_text()
    assert len(text.encode()) < WIDGETS[Path(name).stem]
    # anywidget treats a text of one line as the name of a file.
    assert text.count("\n") >= 2
    assert text.endswith("\n")


def test_build_is_reproducible() -> None:
    node_modules()
    script = """
import { bundles } from "./build.mjs";
process.stdout.write(JSON.stringify(Object.fromEntries(await bundles())));
"""
    node = program("node", reason="Node.js is not installed")
    done = subprocess.run(
        [node, "--input-type=module", "-e", script], cwd=JS, capture_output=True, timeout=120, check=True
    )
    built = json.loads(done.stdout)
    assert sorted(built) == BUNDLES
    for name in BUNDLES:
        assert built[name].encode() == (STATIC / name).read_bytes(), name


def build(folder: Path, **variables: str) -> None:
    # The wheel is built from the sdist, like a release. No isolation is needed: the build tools are installed.
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        env={**os.environ, **variables},
        capture_output=True,
        timeout=300,
        check=True,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build(folder)
    (built,) = folder.glob("*.whl")
    return built


def test_the_same_sources_make_the_same_wheel_and_sdist(wheel: Path, tmp_path: Path) -> None:
    build(tmp_path, TZ="Asia/Kathmandu", LC_ALL="C", PYTHONHASHSEED="1")
    for path in (wheel, next(wheel.parent.glob("*.tar.gz"))):
        assert path.read_bytes() == (tmp_path / path.name).read_bytes(), path.name


def test_every_package_in_a_bundle_has_its_license() -> None:
    """The packages that the sources of the page import by name are those whose licenses are listed."""
    sources = "\n".join(path.read_text() for path in (JS / "src").rglob("*.js"))
    imported = set(re.findall(r"""(?:from|import) ["']((?:@[\w-]+/)?[\w-]+)""", sources))
    licenses = (STATIC / "licenses.txt").read_text()
    assert imported
    assert [name for name in sorted(imported) if f"\n{name}\n" not in licenses] == []


def test_wheel_has_the_bundles_and_only_this_package(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"lucid_widgets/static/{name}" for name in BUNDLES} <= names
    assert "lucid_widgets/py.typed" in names
    assert {f"lucid_widgets/modelzoo/emojinet/{name}" for name in ("weights.npz", "MODEL_CARD.md")} <= names
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"lucid_widgets"}


def test_wheel_is_small(wheel: Path) -> None:
    assert wheel.stat().st_size < MAX_WHEEL_BYTES


def test_wheel_has_every_module(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    modules = {
        f"lucid_widgets/{path.relative_to(ROOT / 'lucid_widgets').as_posix()}"
        for path in (ROOT / "lucid_widgets").rglob("*.py")
    }
    assert modules <= names
