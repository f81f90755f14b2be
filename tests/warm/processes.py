"""Python processes that start in a tenth of a second: forked from one that has imported TensorFlow and this package.

Importing both takes seconds of processor time. Tests of what happens during the import start `sys.executable`, or the
kernel "python3".
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from ctypes.util import find_library
from pathlib import Path

HERE = Path(__file__).parent
KERNEL = "warm"
MODULES = (
    "tensorflow",
    "keras",
    "ipywidgets",
    "lucid_widgets.widgets.feature_grid",
    "lucid_widgets.widgets.lucid_widget",
)


def user_environment() -> dict[str, str]:
    """Environment variables for a process on a user's machine, where nothing is set about TensorFlow's messages."""
    return {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}


def fast_environment() -> dict[str, str]:
    """`user_environment` with jemalloc, if it is installed, for a process that makes graphs.

    Making a graph allocates memory millions of times. With jemalloc, which Linux distributions have as a package, it
    takes a tenth less processor time than with glibc's allocator, because protobuf has that one return memory again and
    again.
    """
    jemalloc = find_library("jemalloc") if sys.platform == "linux" else None
    return ({"LD_PRELOAD": jemalloc} if jemalloc else {}) | user_environment()


class ForkServer:
    """The process that others are forked from. It imports TensorFlow when the first one is asked for.

    Args:
        more: Modules to import before the others: tqdm looks for ipykernel when it is imported.

    Attributes:
        python: The beginning of a command, in place of `sys.executable`. Options of Python are not supported.
    """

    def __init__(self, *more: str) -> None:
        self._folder = Path(tempfile.mkdtemp())  # a short path, as sockets need
        address = str(self._folder / "socket")
        self.python = [sys.executable, "-S", str(HERE / "launch.py"), address]
        with socket.socket(socket.AF_UNIX) as listener, (self._folder / "log").open("wb") as output:
            listener.bind(address)
            listener.listen()
            self._process = subprocess.Popen(
                [sys.executable, str(HERE / "fork_server.py"), *more, *MODULES],
                stdin=listener,
                stdout=output,
                stderr=output,
                # Not for programs that the forked processes start: fork_server.py replaces the environment.
                env=fast_environment(),
            )

    def close(self) -> None:
        self._process.kill()
        self._process.wait(20)
        shutil.rmtree(self._folder)


def write_kernel(folder: Path, python: list[str]) -> None:
    """Describe the kernel `KERNEL` in a folder for JUPYTER_PATH."""
    spec = folder / "kernels" / KERNEL
    spec.mkdir(parents=True)
    description = {
        "argv": [*python, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Python 3",
        "language": "python",
        "env": {"TF_NUM_INTRAOP_THREADS": "0", "TF_NUM_INTEROP_THREADS": "0"},  # one for each processor
    }
    (spec / "kernel.json").write_text(json.dumps(description))
