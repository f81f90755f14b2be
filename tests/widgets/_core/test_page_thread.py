"""Threads of the kernel: which one handles the messages of a page, and that all of them reach the page."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import ContextVar
from types import SimpleNamespace
from typing import Any

import pytest
from pages import FakeComm

from lucid_widgets.widgets._core import cell_reruns, still_images
from lucid_widgets.widgets._core.commands import let_page_choose_thread
from lucid_widgets.widgets.optimization_canvas import OptimizationCanvas


class Comm:
    """A comm of ipykernel 7.4: it prefers the thread that last sent something."""

    def __init__(self, subshells: list[str] | None) -> None:
        manager = SimpleNamespace(list_subshell=lambda: subshells)
        thread = None if subshells is None else SimpleNamespace(manager=manager)
        self.kernel = SimpleNamespace(shell_channel_thread=thread)
        self._reply_subshell_id = "sender"

    def _reply_subshell_for(self, data: Any, wanted: str | None) -> str | None:
        return getattr(self, "_reply_subshell_id", wanted)


@pytest.mark.parametrize(
    ("subshells", "wanted", "chosen"),
    [
        (["page", "sender"], "page", "page"),
        (["sender"], "page", None),  # a subshell from before a restart: its messages would never be read
        (["page"], None, None),
        (None, "page", None),
    ],
)
def test_the_page_chooses_the_thread_if_it_exists(
    subshells: list[str] | None, wanted: str | None, chosen: str | None
) -> None:
    comm = Comm(subshells)
    let_page_choose_thread(comm)
    assert comm._reply_subshell_for({}, wanted) == chosen


def test_kernels_without_this_choice_are_left_alone() -> None:
    let_page_choose_thread(None)
    let_page_choose_thread(SimpleNamespace())


# As in ipykernel 7.0: it has a value only in threads that the kernel has started.
PARENT: ContextVar[dict[str, Any]] = ContextVar("shell_parent")


def on_another_thread(call: Callable[[], object]) -> None:
    errors: list[BaseException] = []

    def run() -> None:
        try:
            call()
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(60)
    assert errors == []


@pytest.fixture
def parents(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The message that the kernel answers, for each message to the page and each changed display."""
    seen: list[Any] = []
    send = FakeComm.send
    PARENT.set({"cell": 1})

    def send_as_kernel(comm: FakeComm, *args: Any, **kwargs: Any) -> None:
        seen.append(PARENT.get())
        send(comm, *args, **kwargs)

    monkeypatch.setattr(FakeComm, "send", send_as_kernel)
    monkeypatch.setattr(still_images, "update_display", lambda *args, **kwargs: seen.append(PARENT.get()))
    return seen


def test_threads_of_no_cell_speak_for_the_one_that_made_the_widget(pages: Any, parents: list[Any]) -> None:
    canvas = OptimizationCanvas(())
    parents.clear()
    on_another_thread(lambda: canvas.set_trait("title", "from a thread"))
    assert parents == [{"cell": 1}]
    assert pages[-1].state["title"] == "from a thread"
    PARENT.set({"cell": 2})
    canvas.title = "from a cell"
    assert parents[1:] == [{"cell": 2}]


def test_displays_change_from_threads_of_no_cell(pages: Any, parents: list[Any]) -> None:
    outputs = still_images.Outputs(cell_reruns.CellContext())
    outputs.show(({"text/plain": "view"}, {}), {}, changes=False)
    on_another_thread(lambda: outputs.keep(lambda: {"image/png": "new"}, watched=False))
    on_another_thread(lambda: outputs.replace({"image/png": "new"}, "still"))
    assert parents == [{"cell": 1}] * 2


def test_errors_of_sending_are_raised_as_they_are() -> None:
    def fail() -> None:
        raise KeyError("not a message")

    with pytest.raises(KeyError, match="not a message"):
        cell_reruns.CellContext().send(fail)


def test_a_thread_of_no_cell_has_no_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    PARENT.set({"metadata": {"cellId": "one"}, "header": {"msg_type": "execute_request"}})
    shell = SimpleNamespace(kernel=SimpleNamespace(get_parent=lambda channel: PARENT.get()))
    monkeypatch.setattr(cell_reruns, "get_ipython", lambda: shell)
    assert cell_reruns.cell_id() == "one"
    ids: list[str] = []
    on_another_thread(lambda: ids.append(cell_reruns.cell_id()))
    assert ids == [""]
