"""A real kernel, spoken to as a notebook's page does it."""

from __future__ import annotations

import os
import textwrap
import time
from collections.abc import Iterator
from typing import Any

import pytest
from jupyter_client.manager import start_new_kernel
from needs import ROOT

PATIENCE_SECONDS = 30.0

SETUP = """
import time, threading
import numpy as np
from lucid_widgets.frames import Frame
from lucid_widgets.widgets import OptimizationCanvas

ended = []

def frames(pause=0.01):
    # Naps stand in for compiled calls: like those, they leave the interpreter to others.
    step = 0
    try:
        while True:
            yield Frame(step, float(step), np.full((1, 4, 4, 3), step % 256 / 255, np.float32))
            step += 1
            time.sleep(pause)
    finally:
        ended.append(step)
"""


class Notebook:
    """A kernel and what it sent."""

    def __init__(self) -> None:
        env = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
        self.manager, self.client = start_new_kernel(env=env)
        self.messages: list[dict[str, Any]] = []
        self.state: dict[str, dict[str, Any]] = {}

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def start(self, code: str, cell: str = "") -> str:
        """Sends a cell and does not wait for it. Returns the id of the request."""
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
        """Waits for a cell. Returns what it printed; raises what it raised."""
        self.until(lambda: self._of(request, "status", execution_state="idle"))
        for error in self._of(request, "error"):
            raise RuntimeError(f"{error['content']['ename']}: {error['content']['evalue']}")
        return "".join(each["content"]["text"] for each in self._of(request, "stream"))

    def run(self, code: str, cell: str = "") -> str:
        return self.finish(self.start(code, cell))

    def widget(self) -> str:
        """The comm of the newest widget with a run."""
        return [comm for comm, state in self.state.items() if "total_steps" in state][-1]

    def send(self, comm: str, content: dict[str, Any]) -> None:
        data = {"method": "custom", "content": content}
        self.client.shell_channel.send(self.client.session.msg("comm_msg", {"comm_id": comm, "data": data}))

    def command(self, comm: str, name: str, **args: Any) -> float:
        """Sends a command as the page does. Returns the seconds until its reply."""
        rid = f"{name}-{len(self.messages)}"
        begin = time.monotonic()
        self.send(comm, {"type": "cmd", "rid": rid, "name": name, "args": args})
        self.until(lambda: [each for each in self.customs(comm) if each.get("rid") == rid])
        (reply,) = [each for each in self.customs(comm) if each.get("rid") == rid]
        assert reply["ok"], reply
        return time.monotonic() - begin

    def customs(self, comm: str) -> list[dict[str, Any]]:
        return [
            each["content"]["data"]["content"]
            for each in self.messages
            if each["msg_type"] == "comm_msg"
            and each["content"]["comm_id"] == comm
            and each["content"]["data"].get("method") == "custom"
        ]

    def until(self, predicate: Any, seconds: float = PATIENCE_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while not predicate():
            left = deadline - time.monotonic()
            assert left > 0, (self.state, self.messages[-5:])
            self.listen(min(left, 0.5))

    def until_status(self, comm: str, *statuses: str) -> None:
        self.until(lambda: self.state[comm]["status"] in statuses)

    def listen(self, seconds: float) -> None:
        """Takes in one message, if one comes."""
        try:
            message = self.client.get_iopub_msg(timeout=seconds)
        except Exception:
            return
        self.messages.append(message)
        content = message["content"]
        if message["msg_type"] == "comm_open":
            self.state[content["comm_id"]] = dict(content["data"]["state"])
        elif message["msg_type"] == "comm_msg" and content["data"].get("method") == "update":
            self.state[content["comm_id"]] |= content["data"]["state"]

    def interrupt(self) -> None:
        self.manager.interrupt_kernel()

    def _of(self, request: str, kind: str, **content: Any) -> list[dict[str, Any]]:
        return [
            each
            for each in self.messages
            if each["msg_type"] == kind
            and each["parent_header"].get("msg_id") == request
            and content.items() <= each["content"].items()
        ]


@pytest.fixture
def notebook() -> Iterator[Notebook]:
    opened = Notebook()
    try:
        opened.run(SETUP)
        yield opened
    finally:
        opened.close()
