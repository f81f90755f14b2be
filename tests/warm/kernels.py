"""Kernels that start in a tenth of a second: forked from a process that has imported TensorFlow and this package.

Importing both takes seconds of CPU time per kernel. Tests of what happens during the import use the kernel "python3".
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
KERNEL = "warm"


@contextmanager
def warm_kernels(folder: Path) -> Iterator[dict[str, str]]:
    """Start the process that kernels are forked from. Yields the environment variables for who starts them.

    Args:
        folder: A new folder with a short path, for a socket and the description of the kernel.
    """
    address = folder / "socket"
    spec = folder / "kernels" / KERNEL
    spec.mkdir(parents=True)
    description = {
        "argv": [sys.executable, "-S", str(HERE / "launch.py"), str(address), "{connection_file}"],
        "display_name": "Python 3",
        "language": "python",
    }
    (spec / "kernel.json").write_text(json.dumps(description))
    inherited = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    log = folder / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, str(HERE / "fork_server.py"), str(address)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=inherited,
        )
    try:
        yield {"JUPYTER_PATH": str(folder)}
    finally:
        server.kill()
        server.wait(20)
