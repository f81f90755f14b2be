"""A virtual environment for each host that is tested, in build/hosts: `python -m browser.hosts.environments [names]`.

A host's own packages are installed with their major versions pinned. TensorFlow, Keras and what else a host does not
bring come from the environment that runs this script, which a .pth file puts last on the path.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from pathlib import Path

from needs import ROOT

FOLDER = ROOT / "build" / "hosts"
PAGES = FOLDER / "pages"

# Versions of ipykernel that hand the messages of widgets to threads in other ways than the newest does.
OTHER_KERNELS = ("7.0", "7.1", "7.2", "7.3")

ENVIRONMENTS: dict[str, tuple[str, ...]] = {
    "jupyterlab3": ("jupyterlab==3.*", "ipywidgets==8.*", "ipykernel==6.*", "anywidget>=0.9.21,<1"),
    "notebook7": ("notebook==7.*", "ipywidgets==8.*", "ipykernel==7.*", "anywidget>=0.9.21,<1"),
    "notebook6": ("notebook==6.5.*", "ipywidgets==8.*", "ipykernel==6.*", "anywidget>=0.9.21,<1"),
    "voila": ("voila==0.5.*", "ipywidgets==8.*", "ipykernel==7.*", "anywidget>=0.9.21,<1"),
    "marimo": ("marimo<1", "anywidget>=0.9.21,<1"),
    "panel": ("panel==1.*", "ipywidgets_bokeh==1.*", "ipywidgets==8.*", "anywidget>=0.9.21,<1"),
    # What Colab pins; ipykernel and Jupyter's client of that time need a classic notebook server.
    "colab": (
        *("ipywidgets==7.7.1", "traitlets==5.7.1", "ipykernel==6.17.1", "ipython==7.34.0", "jupyter-client==6.1.12"),
        *("notebook==6.5.*", "anywidget>=0.9.21,<1"),
    ),
    **{
        f"ipykernel{version}": (
            *("jupyterlab==4.*", "ipywidgets==8.*", f"ipykernel=={version}.*", "anywidget>=0.9.21,<1"),
        )
        for version in OTHER_KERNELS
    },
}
"""What is installed, by host. JupyterLab 4 and saved pages run in the environment of the tests."""

# What pages saved by ipywidgets and nbconvert load from content delivery networks, and Panel from unpkg.
PACKED = {"@jupyter-widgets/html-manager@1": "dist/embed-amd.js", "requirejs@2": "require.js"}


def python_of(name: str) -> str:
    """The interpreter of a host's environment."""
    return str(FOLDER / name / "bin" / "python")


def is_installed(name: str) -> bool:
    """Whether a host's environment has been made, from the present list of packages."""
    stamp = FOLDER / name / "installed.json"
    return name not in ENVIRONMENTS or (stamp.is_file() and json.loads(stamp.read_text()) == sorted(ENVIRONMENTS[name]))


def install(name: str) -> None:
    """Make a host's environment, unless it is there.

    Raises:
        CalledProcessError: If its packages cannot be installed.
    """
    if is_installed(name):
        return
    shutil.rmtree(FOLDER / name, ignore_errors=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    print(f"Installing {', '.join(ENVIRONMENTS[name])} in {FOLDER / name}", flush=True)
    subprocess.run([sys.executable, "-m", "venv", str(FOLDER / name)], check=True)
    command = [python_of(name), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *ENVIRONMENTS[name]]
    subprocess.run(command, check=True)
    share(name)
    (FOLDER / name / "installed.json").write_text(json.dumps(sorted(ENVIRONMENTS[name])))


def share(name: str) -> None:
    """Let a host's environment find this package, and TensorFlow where the tests find it."""
    (site,) = (FOLDER / name / "lib").glob("python*/site-packages")
    (site / "shared.pth").write_text(f"{ROOT}\n{sysconfig.get_path('purelib')}\n")


def pack_pages() -> None:
    """Put the scripts that saved pages load from elsewhere in `PAGES`."""
    for package, file in PACKED.items():
        target = PAGES / Path(file).name
        if target.is_file():
            continue
        PAGES.mkdir(parents=True, exist_ok=True)
        packed = subprocess.run(
            ["npm", "pack", "--silent", "--pack-destination", str(PAGES), package],
            check=True,
            capture_output=True,
            text=True,
        )
        archive = PAGES / packed.stdout.split()[-1]
        with tarfile.open(archive) as contents:
            packed_file = contents.extractfile(f"package/{file}")
            assert packed_file, f"{file} is a folder in {package}"
            target.write_bytes(packed_file.read())
        archive.unlink()


def main(names: list[str]) -> None:
    """Make the environments. One that fails leaves the others to be tested; its row then says "not run"."""
    for name in names or ENVIRONMENTS:
        try:
            install(name) if name != "pages" else pack_pages()
        except subprocess.CalledProcessError as error:
            print(f"{name} cannot be installed: {error}", file=sys.stderr)
    if not names:
        pack_pages()


if __name__ == "__main__":
    main(sys.argv[1:])
