"""TensorFlow's first import, without its start-up messages.

TensorFlow reports on stderr that there is no GPU, which instructions the processor has, and what XLA starts. None of it
is an error, but a notebook shows it in red. TF_CPP_MIN_LOG_LEVEL hides most of it. The first lines are written before
TensorFlow reads that variable, and are held back here while TensorFlow is imported.

A person's own TF_CPP_MIN_LOG_LEVEL is kept: at level 0 or 1, TensorFlow writes everything that it always does.
"""

from __future__ import annotations

import importlib
import os
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager

VARIABLE = "TF_CPP_MIN_LOG_LEVEL"
"""Environment variable with the lowest level of message that TensorFlow writes. TensorFlow reads it when imported."""

ERRORS_ONLY = "2"
"""The level that this package sets by default."""

STDERR = 2

MESSAGE = re.compile(
    rb"WARNING: All log messages before absl::InitializeLog\(\) is called are written to STDERR"
    rb"|(?:.*\] )?To enable the following instructions: .*"
    rb"|(?:[\d. :-]+: )?[IW](?:[\d. :]+)? \S+:\d+\] .*"
    rb"|(?:[\d. :-]+: )?E(?:[\d. :]+)? \S+:\d+\] (?:failed call to cuInit:|Unable to register cu\w+ factory:) .*"
)
"""A line that reports no fault. TensorFlow calls two of them errors: a machine without a GPU, and a library that is
registered twice."""

GPU_DRIVERS = ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd")
"""Files of the drivers of NVIDIA, of Windows in WSL, and of AMD."""

_lock = threading.RLock()


def set_log_level() -> None:
    """Make TensorFlow report errors only, unless the environment has its own setting."""
    os.environ.setdefault(VARIABLE, ERRORS_ONLY)


def import_tensorflow() -> None:
    """Import TensorFlow, and let it look for a GPU, without its start-up messages."""
    with without_messages():
        tensorflow = importlib.import_module("tensorflow")
        # The first look reports that there is no GPU as an error. Where there is one, it would claim memory and must
        # wait until the caller has configured it.
        if not any(map(os.path.exists, GPU_DRIVERS)):
            tensorflow.config.list_physical_devices("GPU")


@contextmanager
def without_messages() -> Iterator[None]:
    """Hold back what the process writes to its stderr in the `with` block, and afterwards write all but messages.

    After an exception, everything is written. In a notebook, Python's own `sys.stderr` is another stream.
    """
    if os.environ.get(VARIABLE, ERRORS_ONLY) in ("0", "1"):
        yield
        return
    with _lock:
        try:
            original = os.dup(STDERR)
        except OSError:  # a program without a console has no such descriptor
            yield
            return
        failed = True
        with tempfile.TemporaryFile() as held:
            os.dup2(held.fileno(), STDERR)
            try:
                yield
                failed = False
            finally:
                os.dup2(original, STDERR)
                os.close(original)
                held.seek(0)
                text = held.read()
                _write(text if failed else filtered(text))


def filtered(text: bytes) -> bytes:
    """Return text without the lines that are a `MESSAGE`."""
    return b"".join(line for line in text.splitlines(keepends=True) if not MESSAGE.fullmatch(line.rstrip(b"\r\n")))


def _write(text: bytes) -> None:
    with open(os.dup(STDERR), "wb") as stderr:
        stderr.write(text)


__all__ = ["filtered", "import_tensorflow", "set_log_level", "without_messages"]
