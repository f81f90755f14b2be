"""Imports the modules named on the command line once, and forks a Python process for each connection to a socket.

The socket is the standard input. Nothing is imported before the first connection.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import signal
import socket
import sys
import threading
import types


def run(arguments: list[str]) -> None:
    """Do in this process what `python` does with these arguments: `-c code`, `-m module` or a file, and its own."""
    kind, *rest = arguments if arguments[0] in ("-c", "-m") else ("", *arguments)
    first = os.path.dirname(os.path.abspath(rest[0])) if not kind else os.getcwd() if kind == "-m" else ""
    sys.path[:1] = [first, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    if kind == "-c":
        sys.argv = ["-c", *rest[1:]]
        sys.modules["__main__"] = types.ModuleType("__main__")
        exec(compile(rest[0], "<string>", "exec"), sys.modules["__main__"].__dict__)
    else:
        sys.argv = rest
        start = runpy.run_module if kind else runpy.run_path
        start(rest[0], run_name="__main__", **({"alter_sys": True} if kind else {}))


def end_with(connection: socket.socket, process: int) -> None:
    """Kill a process as soon as the other side of the connection is closed."""
    connection.recv(1)
    os.kill(process, signal.SIGKILL)


def serve(connection: socket.socket) -> None:
    """Fork the process that was asked for, and send its id, and its exit status when it has ended."""
    _, descriptors, _, _ = socket.recv_fds(connection, 1, 3)
    request = json.loads(connection.makefile().readline())
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    process = os.fork()
    if process == 0:
        connection.close()
        os.setsid()
        for number, descriptor in enumerate(descriptors):
            os.dup2(descriptor, number)
            os.close(descriptor)
        os.chdir(request["folder"])
        os.environ.clear()
        os.environ.update(request["environment"])
        run(request["arguments"])
        return
    for descriptor in descriptors:
        os.close(descriptor)
    connection.sendall(f"{process}\n".encode())
    threading.Thread(target=end_with, args=(connection, process), daemon=True).start()
    status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    connection.sendall(f"{status}\n".encode())
    os._exit(0)


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # no zombies
    with socket.socket(fileno=os.dup(0)) as listener:
        while True:
            connection, _ = listener.accept()
            for name in sys.argv[1:]:
                importlib.import_module(name)
            gc.collect()
            gc.freeze()  # so that no process looks at the objects of the modules again and again
            if os.fork() == 0:
                listener.close()
                serve(connection)
                return
            connection.close()


if __name__ == "__main__":
    main()
