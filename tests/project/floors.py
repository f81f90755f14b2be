"""Runs the fast tests with the oldest and with the newest versions that pyproject.toml admits: `make floors`.

    python tests/project/floors.py oldest|newest [options of pytest]

Each has an environment below build/floors. The test tools come from the environment that runs this script, which a .pth
file puts last on the path, so that their needs do not decide the versions.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "build" / "floors"
# A notebook server and tests of other libraries' newest behavior are left out.
TESTS = ("tests/runner", "tests/widgets", "tests/export", "tests/misc", "tests/optvis", "tests/modelzoo")


def floors() -> list[str]:
    """The oldest versions of the packages that this package needs, as requirements."""
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    return [re.sub(r">=([\w.]+).*", r"==\1", requirement) for requirement in needed]


def install(name: str) -> str:
    """Make an environment. Returns its interpreter."""
    python = str(FOLDER / name / "bin" / "python")
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if not Path(python).is_file():
        subprocess.run([sys.executable, "-m", "venv", str(FOLDER / name)], check=True)
    (site,) = (FOLDER / name / "lib").glob("python*/site-packages")
    shared = site / "shared.pth"
    shared.unlink(missing_ok=True)  # pip would count what an earlier run shares
    wanted = [*floors(), "ipykernel==6.17.*"] if name == "oldest" else ["--upgrade", str(ROOT)]
    subprocess.run([*pip, *wanted], check=True)
    subprocess.run([python, "-m", "pip", "check"], check=True)
    shared.write_text(f"{ROOT}\n{sysconfig.get_path('purelib')}\n")
    return python


def main(name: str, options: list[str]) -> int:
    """Install and test one of the two. Returns pytest's exit status."""
    command = [install(name), "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "default"]
    chosen = ["-m", "not (slow or browser or kernel or models)", *(options or TESTS)]
    return subprocess.run([*command, *chosen], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
