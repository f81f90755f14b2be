"""Which thread of the kernel handles the messages of a page."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from lucid_widgets.widgets._core.commands import let_page_choose_thread


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
