"""Imports TensorFlow and this package once, and forks a Jupyter kernel for each connection to a socket."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading

import ipywidgets  # noqa: F401
import keras  # noqa: F401
import tensorflow as tf  # noqa: F401
from ipykernel.kernelapp import IPKernelApp

import lucid_widgets.widgets.feature_grid
import lucid_widgets.widgets.lucid_widget  # noqa: F401


def end_with(connection: socket.socket) -> None:
    """End this process as soon as the other side of the connection is closed."""
    connection.recv(1)
    os._exit(1)


def become_kernel(connection: socket.socket, request: dict[str, object]) -> None:
    """Turn this process, which was just forked, into the kernel that was asked for."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.chdir(str(request["folder"]))
    os.environ.clear()
    os.environ.update(dict(request["environment"]), JPY_PARENT_PID=str(os.getppid()))  # type: ignore[call-overload]
    connection.sendall(f"{os.getpid()}\n".encode())
    threading.Thread(target=end_with, args=(connection,), daemon=True).start()
    sys.path[0] = ""  # the notebook's folder, as for other kernels
    IPKernelApp.launch_instance(argv=["-f", str(request["connection_file"])])


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # no zombies
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(sys.argv[1])
        listener.listen()
        while True:
            connection, _ = listener.accept()
            request = json.loads(connection.makefile().readline())
            if os.fork() == 0:
                listener.close()
                become_kernel(connection, request)
                os._exit(0)
            connection.close()


if __name__ == "__main__":
    main()
