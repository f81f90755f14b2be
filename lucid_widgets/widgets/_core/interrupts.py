"""Ends background runs when the user interrupts the kernel, whether or not a cell is running.

An idle ipykernel ignores SIGINT. It installs Python's default handler before each message and restores the previous
handler afterwards. While anything is running, this module replaces both: an interrupt stops all runs, and if it arrives
during a message (a cell, or a message of a widget), it also raises KeyboardInterrupt there as usual. When nothing is
running any more, the kernel's own handlers are restored.

Handlers can only be installed on the main thread. Other threads ask the kernel's event loop to do it.
"""

from __future__ import annotations

import asyncio
import signal
import threading
import weakref
from typing import Any

from IPython import get_ipython

from lucid_widgets.runner import stop_all

_moving: weakref.WeakSet[Any] = weakref.WeakSet()
_watched_shells: weakref.WeakSet[Any] = weakref.WeakSet()
_handler_of_idle_kernel: Any = None


def set_moving(owner: object, moving: bool) -> None:
    """Record whether a run of `owner` is in motion. May be called on any thread."""
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
    if kernel is None or not hasattr(kernel, "pre_handler_hook"):
        return  # in a script or a terminal, Ctrl-C works as usual
    if shell not in _watched_shells:
        _watched_shells.add(shell)
        shell.events.register("post_run_cell", _after_cell)
    if threading.current_thread() is threading.main_thread():
        _set_handlers(kernel)
    else:
        kernel.io_loop.add_callback(_set_handlers, kernel)


def _set_handlers(kernel: Any) -> None:
    """Install our handlers while anything is in motion, or else restore the kernel's. Needs the main thread."""
    if _moving:
        _install(kernel)
    else:
        _restore(kernel)


def _install(kernel: Any) -> None:
    global _handler_of_idle_kernel
    if "pre_handler_hook" in vars(kernel):
        return

    def before_message() -> None:
        kernel.saved_sigint_handler = signal.signal(signal.SIGINT, _interrupt_message)

    kernel.pre_handler_hook = before_message
    present = signal.getsignal(signal.SIGINT)
    # During a message, the kernel keeps the handler that it will restore after it.
    _handler_of_idle_kernel = getattr(kernel, "saved_sigint_handler", present)
    kernel.saved_sigint_handler = _interrupt_idle_kernel
    if present == _handler_of_idle_kernel:
        signal.signal(signal.SIGINT, _interrupt_idle_kernel)
    elif present is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt_message)


def _restore(kernel: Any) -> None:
    if "pre_handler_hook" not in vars(kernel):
        return
    del kernel.pre_handler_hook
    present = signal.getsignal(signal.SIGINT)
    if kernel.saved_sigint_handler is _interrupt_idle_kernel:
        kernel.saved_sigint_handler = _handler_of_idle_kernel
    if present is _interrupt_idle_kernel:
        signal.signal(signal.SIGINT, _handler_of_idle_kernel)
    elif present is _interrupt_message:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _interrupt_idle_kernel(number: int, frame: Any) -> None:
    stop_all()
    if callable(_handler_of_idle_kernel):
        _handler_of_idle_kernel(number, frame)


def _interrupt_message(number: int, frame: Any) -> None:
    stop_all()
    signal.default_int_handler(number, frame)


def _after_cell(result: Any) -> None:
    # For cells with a top-level `await`, ipykernel installs a handler that cancels the cell.
    error = None if result is None else result.error_in_exec or result.error_before_exec
    if isinstance(error, KeyboardInterrupt | asyncio.CancelledError):
        stop_all()
