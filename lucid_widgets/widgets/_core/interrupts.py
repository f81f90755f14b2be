"""The kernel's interrupt button ends runs in the background, also while no cell runs.

An idle ipykernel ignores SIGINT: it puts Python's own handler in place only around each message, and what was
there before back afterwards. So while anything runs, "what was there before" becomes `_on_interrupt`. When
nothing runs any more, things are put back as they were. Handlers can be set on the main thread only; from
others the kernel's loop is asked to.

An interrupt of a cell that runs meanwhile reaches that cell first, and then, through IPython's event, the
runs.
"""

from __future__ import annotations

import signal
import threading
import weakref
from typing import Any

from IPython import get_ipython

from lucid_widgets.runner import stop_all

_moving: weakref.WeakSet[Any] = weakref.WeakSet()
_watched_shells: weakref.WeakSet[Any] = weakref.WeakSet()
_previous: Any = None


def set_moving(owner: object, moving: bool) -> None:
    """Says whether something of `owner`'s runs in the background now. May be called on any thread."""
    before = bool(_moving)
    if moving:
        _moving.add(owner)
    else:
        _moving.discard(owner)
    if before != bool(_moving):
        _arrange()


def _arrange() -> None:
    shell = get_ipython()
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return  # a plain script: Ctrl-C ends it as ever, and the worker with it
    if shell not in _watched_shells:
        _watched_shells.add(shell)
        shell.events.register("post_run_cell", _after_cell)
    if threading.current_thread() is threading.main_thread():
        _set_handler(kernel)
    elif getattr(kernel, "io_loop", None) is not None:
        kernel.io_loop.add_callback(_set_handler, kernel)


def _set_handler(kernel: Any) -> None:
    """Puts our handler where the kernel keeps the one for its idle time, or takes it away. Needs the main thread."""
    global _previous
    present = signal.getsignal(signal.SIGINT)
    after_message = getattr(kernel, "saved_sigint_handler", present)  # amid a message, what follows it
    if not _moving:
        if present is _on_interrupt:
            signal.signal(signal.SIGINT, _previous)
        if after_message is _on_interrupt:
            kernel.saved_sigint_handler = _previous
    elif _on_interrupt not in (present, after_message):
        _previous = after_message
        if present == after_message:  # no message is being handled
            signal.signal(signal.SIGINT, _on_interrupt)
        else:
            kernel.saved_sigint_handler = _on_interrupt


def _on_interrupt(number: int, frame: Any) -> None:
    stop_all()
    if callable(_previous):
        _previous(number, frame)


def _after_cell(result: Any) -> None:
    if isinstance(result.error_in_exec or result.error_before_exec, KeyboardInterrupt):
        stop_all()
