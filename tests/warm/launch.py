"""What Jupyter starts as the kernel "warm": asks for a forked kernel, and stands for it until one of them ends.

Passes signals on to the kernel. Imports nothing that takes long.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
import time
from types import FrameType

SECONDS_TO_IMPORT = 120


def connected(address: str) -> socket.socket:
    """A connection to the process that forks, which may still be importing TensorFlow."""
    deadline = time.monotonic() + SECONDS_TO_IMPORT
    while True:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(address)
            return connection
        except OSError:
            connection.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def main() -> None:
    parent = os.getppid()
    address, connection_file = sys.argv[1:]
    connection = connected(address)
    request = {"connection_file": connection_file, "environment": dict(os.environ), "folder": os.getcwd()}
    connection.sendall(json.dumps(request).encode() + b"\n")
    kernel = int(connection.makefile().readline())

    def pass_on(number: int, _: FrameType | None) -> None:
        os.kill(kernel, number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, pass_on)
    while not select.select([connection], [], [], 1)[0] and os.getppid() == parent:
        pass  # closing the connection, at the end of this process, ends the kernel


if __name__ == "__main__":
    main()
