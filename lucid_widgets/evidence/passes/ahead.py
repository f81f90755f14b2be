"""`ahead`: read the next items of an iterator on another thread."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterable
from typing import Any, TypeVar

Item = TypeVar("Item")

_END = object()


def ahead(items: Iterable[Item], count: int = 2) -> Generator[Item, None, None]:
    """Yield items that another thread reads in advance, at most `count` of them.

    The thread ends with the iterator, also when it is closed early. An error while reading is raised here.
    """
    found: queue.Queue[Any] = queue.Queue(maxsize=count)
    stopped = threading.Event()

    def put(item: Any) -> bool:
        while not stopped.is_set():
            try:
                found.put(item, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def read() -> None:
        try:
            for item in items:
                if not put((item, None)):
                    return
            put((_END, None))
        except BaseException as error:
            put((None, error))

    thread = threading.Thread(target=read, name="lucid-widgets-images", daemon=True)
    thread.start()
    try:
        while True:
            item, error = found.get()
            if error is not None:
                raise error
            if item is _END:
                return
            yield item
    finally:
        stopped.set()
        thread.join()


__all__ = ["ahead"]
