"""Stands for a process that is forked with TensorFlow imported, until one of them ends.

    python -S launch.py ADDRESS -c CODE        (or -m MODULE, or a file, with their arguments)

The process has the input, output, environment and folder of this one. Signals are passed on to it. Imports nothing that
takes long.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
from types import FrameType


def main() -> int:
    parent = os.getppid()
    address, *arguments = (each for each in sys.argv[1:] if each != "-u")  # the descriptors are those of this process
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(address)
    socket.send_fds(connection, [b"\n"], [0, 1, 2])
    request = {"arguments": arguments, "environment": dict(os.environ), "folder": os.getcwd()}
    connection.sendall(json.dumps(request).encode() + b"\n")
    answers = connection.makefile()
    process = int(answers.readline())

    def pass_on(number: int, _: FrameType | None) -> None:
        os.kill(process, number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, pass_on)
    while not select.select([connection], [], [], 1)[0]:
        if os.getppid() != parent:
            return 1  # closing the connection ends the process
    status = int(answers.readline() or 1)
    return status if status >= 0 else 128 - status  # as shells do for a signal


if __name__ == "__main__":
    sys.exit(main())
