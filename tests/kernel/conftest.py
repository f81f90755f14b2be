"""A real Jupyter kernel, and a client that speaks to it as a notebook's page does."""

from __future__ import annotations

import os
import queue
import signal
import textwrap
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jupyter_client.manager import start_new_kernel
from needs import ROOT

PATIENCE_SECONDS = 60.0

SETUP = """
import threading, time
import ipywidgets
import numpy as np
from lucid_widgets.frames import Frame
from lucid_widgets.widgets import OptimizationCanvas

class Frames:
    '''An endless stream, and a record of when it was closed.'''

    def __init__(self):
        self.closed = threading.Event()

    def __call__(self):
        step = 0
        try:
            while True:
                yield Frame(step, float(step), np.full((1, 4, 4, 3), step % 256 / 255, np.float32))
                step += 1
                time.sleep(0.01)  # stands for a compiled call, which also leaves the interpreter to other threads
        finally:
            self.closed.set()

def is_closed():
    return frames.closed.wait(60)
"""

# Functions for another thread, which return once `wait` waits for a run on the main thread.
TELL = """
import sys, threading, time

def is_waiting():
    frame = sys._current_frames()[threading.main_thread().ident]
    while frame is not None and frame.f_code.co_name != "_wait_while_in_motion":
        frame = frame.f_back
    return frame is not None

def until_waiting():
    while not is_waiting(): time.sleep(0.01)

def tell():
    until_waiting()
    print("waiting", flush=True)
"""

RESET = """
ipywidgets.Widget.close_all()
frames = Frames()
"""


class Notebook:
    """A kernel and the messages that it sent.

    Attributes:
        messages: All messages of the IOPub channel, in order.
        state: The traits of each open widget, by comm.
    """

    def __init__(self, kernel: str) -> None:
        env = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
        self.manager, self.client = start_new_kernel(kernel_name=kernel, env=env)
        self.messages: list[dict[str, Any]] = []
        self.state: dict[str, dict[str, Any]] = {}
        self.pid = int(self.run("import os; print(os.getpid())"))

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def reset(self) -> None:
        """Close all widgets and forget what the kernel sent so far."""
        self.run(RESET)
        self.messages.clear()
        self.state.clear()

    def start(self, code: str, cell: str = "") -> str:
        """Send a cell without waiting for it. Returns the id of the request."""
        content = {
            "code": textwrap.dedent(code),
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": False,
        }
        message = self.client.session.msg("execute_request", content, metadata={"cellId": cell} if cell else {})
        self.client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def finish(self, request: str) -> str:
        """Wait for a cell. Returns its standard output, and raises RuntimeError if the cell failed."""
        self.until(lambda: self.replies(request, "status", execution_state="idle"))
        for error in self.replies(request, "error"):
            raise RuntimeError(f"{error['content']['ename']}: {error['content']['evalue']}")
        return "".join(each["content"]["text"] for each in self.replies(request, "stream"))

    def run(self, code: str, cell: str = "") -> str:
        return self.finish(self.start(code, cell))

    def start_busy_cell(self, code: str) -> str:
        """Send a cell and wait until its code is running. Returns the id of the request."""
        request = self.start(f"print('running', flush=True)\n{textwrap.dedent(code)}")
        self.until(lambda: self.replies(request, "stream"))
        return request

    def widget(self) -> str:
        """Comm of the newest widget that has a run."""
        return [comm for comm, state in self.state.items() if "total_steps" in state][-1]

    def send(self, comm: str, content: dict[str, Any], subshell: str | None = None) -> None:
        data = {"method": "custom", "content": content}
        message = self.client.session.msg("comm_msg", {"comm_id": comm, "data": data})
        if subshell is not None:
            message["header"]["subshell_id"] = subshell
        self.client.shell_channel.send(message)

    def ask_for_all_widgets(self) -> None:
        """Ask for the state of all widgets, as a page does when it is loaded."""
        comm = f"control-{len(self.messages)}"
        session = self.client.session
        content = {"comm_id": comm, "target_name": "jupyter.widget.control", "data": {}}
        self.client.shell_channel.send(session.msg("comm_open", content, metadata={"version": "1.0.0"}))
        content = {"comm_id": comm, "data": {"method": "request_states"}}
        self.client.shell_channel.send(session.msg("comm_msg", content))
        self.until(lambda: [each for each in self.messages if each["content"].get("comm_id") == comm])

    def command(self, comm: str, name: str, subshell: str | None = None) -> None:
        """Send a command, as a button on the page does, and wait for its reply."""
        rid = f"{name}-{len(self.messages)}"
        self.send(comm, {"type": "cmd", "rid": rid, "name": name, "args": {}}, subshell)
        self.until(lambda: [each for each in self.customs(comm) if each.get("rid") == rid])
        (reply,) = [each for each in self.customs(comm) if each.get("rid") == rid]
        assert reply["ok"], reply

    def customs(self, comm: str) -> list[dict[str, Any]]:
        """Custom messages of a widget, in order."""
        return [
            each["content"]["data"]["content"]
            for each in self.messages
            if each["msg_type"] == "comm_msg"
            and each["content"]["comm_id"] == comm
            and each["content"]["data"].get("method") == "custom"
        ]

    def until(self, predicate: Callable[[], object]) -> None:
        """Receive messages until the predicate is true."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not predicate():
            left = deadline - time.monotonic()
            assert left > 0, (self.state, self.messages[-5:])
            self._receive(min(left, 0.5))

    def until_status(self, comm: str, *statuses: str) -> None:
        self.until(lambda: self.state[comm]["status"] in statuses)

    def replies(self, request: str, kind: str, **content: Any) -> list[dict[str, Any]]:
        """Messages of one kind that a request caused and whose content includes these items."""
        return [
            each
            for each in self.messages
            if each["msg_type"] == kind
            and each["parent_header"].get("msg_id") == request
            and content.items() <= each["content"].items()
        ]

    def interrupt(self) -> None:
        """Interrupt the kernel.

        The manager would signal what stands for a warm kernel, which passes signals on a moment later. An interrupt
        that an idle kernel should ignore could then arrive in the next cell.
        """
        os.kill(self.pid, signal.SIGINT)

    def _receive(self, seconds: float) -> None:
        try:
            message = self.client.get_iopub_msg(timeout=seconds)
        except queue.Empty:
            return
        self.messages.append(message)
        content = message["content"]
        if message["msg_type"] == "comm_open":
            self.state[content["comm_id"]] = dict(content["data"]["state"])
        elif message["msg_type"] == "comm_msg" and content["data"].get("method") == "update":
            self.state[content["comm_id"]] |= content["data"]["state"]


@pytest.fixture
def new_notebook(warm_kernel: str) -> Iterator[Notebook]:
    """A kernel that only this test uses."""
    opened = Notebook(warm_kernel)
    try:
        opened.run(SETUP)
        opened.reset()
        yield opened
    finally:
        opened.close()


@pytest.fixture(scope="module")
def shared_notebook(warm_kernel: str) -> Iterator[Notebook]:
    opened = Notebook(warm_kernel)
    try:
        opened.run(SETUP)
        yield opened
    finally:
        opened.close()


@pytest.fixture
def notebook(shared_notebook: Notebook) -> Notebook:
    """The kernel that the tests of this module share, without widgets."""
    shared_notebook.reset()
    return shared_notebook
