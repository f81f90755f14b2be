"""Servers of notebooks and apps, started with nothing of the user's home and ended with all their kernels."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STARTUP_SECONDS = 120


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def log_of(folder: Path) -> str:
    """The end of what the server in `folder` has printed."""
    return (folder / ".home" / "server.log").read_text(errors="replace")[-4000:]


@contextmanager
def started(command: list[str], folder: Path, ready: str) -> Iterator[None]:
    """Run a server in `folder` until the end of the block, which begins when it answers at the address `ready`."""
    home = folder / ".home"
    home.mkdir(exist_ok=True)
    environment = {
        **os.environ,
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
        "PATH": f"{Path(command[0]).parent}{os.pathsep}{os.environ['PATH']}",
    }
    log = home / "server.log"
    with log.open("wb") as output:
        # In a separate session, so that its kernels can be stopped with it.
        server = subprocess.Popen(
            command, env=environment, stdout=output, stderr=output, cwd=folder, start_new_session=True
        )
        try:
            deadline = time.monotonic() + STARTUP_SECONDS
            while not _answers(ready):
                if server.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(log_of(folder))
                time.sleep(0.2)
            yield
        finally:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait(20)


def _answers(address: str) -> bool:
    try:
        urllib.request.urlopen(address, timeout=2).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


@contextmanager
def jupyter(folder: Path, python: str, application: str) -> Iterator[str]:
    """Run a Jupyter application ("lab", "notebook" or the old "classic") in `folder` and yield its address."""
    settings = folder / ".home" / "config" / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false", "checkForUpdates": false}')
    port = free_port()
    classic = application == "classic"
    options = {
        "lab": (
            *("--IdentityProvider.token=", f"--ServerApp.root_dir={folder}", "--LabApp.expose_app_in_browser=True"),
            *("--LabApp.news_url=", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"),
        ),
        "notebook": (
            *("--IdentityProvider.token=", f"--ServerApp.root_dir={folder}"),
            "--JupyterNotebookApp.expose_app_in_browser=True",
        ),
        "classic": ("--NotebookApp.token=", "--NotebookApp.password=", f"--NotebookApp.notebook_dir={folder}"),
    }
    command = [
        *(python, "-m", "jupyter", "notebook" if classic else application, "--no-browser", "--allow-root"),
        *(f"--port={port}", "--ip=127.0.0.1", *options[application]),
    ]
    address = f"http://127.0.0.1:{port}"
    with started(command, folder, f"{address}/api/status" if not classic else f"{address}/api"):
        yield address
