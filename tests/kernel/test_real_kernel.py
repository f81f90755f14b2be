"""A run in a real kernel: cells return at once, other cells run, the page controls the run, and interrupts end it."""

from __future__ import annotations

import time
from typing import Any

import ipykernel
import pytest
from kernel.conftest import PATIENCE_SECONDS, TELL, Notebook

# Whether the kernel handles messages of the page, in a thread, while a cell is running.
HAS_SUBSHELLS = ipykernel.version_info >= (7, 1)

IDLE_HANDLER = "print(get_ipython().kernel.saved_sigint_handler)"
IGNORED = "1\n"  # signal.SIG_IGN, the handler of an idle kernel


def run_widget(notebook: Notebook) -> str:
    """Run a widget in the background. Returns its comm."""
    notebook.run("w = OptimizationCanvas(frames); w.run()")
    comm = notebook.widget()
    notebook.until_status(comm, "running")
    return comm


def test_other_cells_run_and_the_page_controls_the_run(notebook: Notebook) -> None:
    comm = run_widget(notebook)
    notebook.send(comm, {"type": "want", "client": "page", "seen": 0})
    notebook.until(lambda: any(each["type"] == "frame" for each in notebook.customs(comm)))
    notebook.run("begin = w.current_step\nwhile w.current_step == begin: time.sleep(0.01)")

    notebook.command(comm, "pause")
    notebook.until_status(comm, "paused")
    step = int(notebook.run("print(w._live.runner.frame.step)"))
    assert int(notebook.run("time.sleep(0.2); print(w._live.runner.frame.step)")) == step

    notebook.command(comm, "resume")
    notebook.until_status(comm, "running")
    notebook.command(comm, "stop")
    notebook.until_status(comm, "stopped")
    assert notebook.run("print(is_closed())") == "True\n"


@pytest.mark.skipif(not HAS_SUBSHELLS, reason="this kernel handles no messages of the page while a cell is running")
def test_the_page_pauses_a_run_while_a_cell_blocks_the_kernel(notebook: Notebook) -> None:
    comm = run_widget(notebook)
    # JupyterLab also sends the messages of widgets to a subshell.
    session, control = notebook.client.session, notebook.client.control_channel
    control.send(session.msg("create_subshell_request"))
    subshell = control.get_msg(timeout=PATIENCE_SECONDS)["content"]["subshell_id"]
    request = notebook.start_busy_cell("while w.status != 'paused': time.sleep(0.01)")
    notebook.command(comm, "pause", subshell)
    notebook.finish(request)
    notebook.until_status(comm, "paused")


def test_an_interrupt_of_an_idle_kernel_stops_the_run(notebook: Notebook) -> None:
    for _ in range(2):
        comm = run_widget(notebook)
        notebook.interrupt()
        notebook.until_status(comm, "stopped")
        assert notebook.run("print(is_closed())") == "True\n"
        notebook.reset()
    # Without a run, an idle kernel ignores interrupts as it did before.
    assert notebook.run(IDLE_HANDLER) == IGNORED
    notebook.interrupt()
    assert notebook.run(IDLE_HANDLER) == IGNORED


def test_an_interrupt_stops_a_run_that_the_page_started(notebook: Notebook) -> None:
    notebook.run("w = OptimizationCanvas(frames)")
    comm = notebook.widget()
    notebook.command(comm, "run")
    notebook.until_status(comm, "running")
    notebook.interrupt()
    notebook.until_status(comm, "stopped")


def test_an_interrupt_during_a_message_of_another_widget_stops_the_run(notebook: Notebook) -> None:
    comm = run_widget(notebook)
    notebook.run("""
        def block(button):
            print("running", flush=True)
            while True: time.sleep(0.01)
        button = ipywidgets.Button()
        button.on_click(block)
    """)
    button = next(each for each, state in notebook.state.items() if state["_model_name"] == "ButtonModel")
    notebook.send(button, {"event": "click"})
    notebook.until(lambda: [each for each in notebook.messages if each["msg_type"] == "stream"])
    notebook.interrupt()
    notebook.until_status(comm, "stopped")


def test_an_interrupt_of_wait_stops_the_run_without_an_error(notebook: Notebook) -> None:
    comm = run_widget(notebook)
    notebook.run(TELL)
    request = notebook.start("threading.Thread(target=tell).start(); print(w.wait()); print(is_closed())")
    notebook.until(lambda: notebook.replies(request, "stream"))
    notebook.interrupt()
    assert notebook.finish(request).split() == ["waiting", "stopped", "True"]
    notebook.until_status(comm, "stopped")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("while True: time.sleep(0.01)", "KeyboardInterrupt"),
        ("while True: await asyncio.sleep(0.01)", "CancelledError"),
    ],
    ids=["synchronous", "asynchronous"],
)
def test_an_interrupt_of_another_cell_stops_the_run(code: str, error: str, notebook: Notebook) -> None:
    notebook.run("import asyncio")
    comm = run_widget(notebook)
    request = notebook.start_busy_cell(code)
    notebook.interrupt()
    with pytest.raises(RuntimeError, match=error):
        notebook.finish(request)
    notebook.until_status(comm, "stopped")


def test_a_paused_run_survives_an_interrupt(notebook: Notebook) -> None:
    notebook.run("w = OptimizationCanvas(frames); w.step(); w.wait()")
    request = notebook.start_busy_cell("while True: time.sleep(0.01)")
    notebook.interrupt()
    with pytest.raises(RuntimeError, match="KeyboardInterrupt"):
        notebook.finish(request)
    assert notebook.run("print(w.status)") == "paused\n"


@pytest.mark.parametrize("cell", ["cell-1", ""], ids=["named cell", "unnamed cell"])
def test_running_a_cell_again_stops_its_earlier_run(cell: str, notebook: Notebook) -> None:
    code = "w = OptimizationCanvas(frames); w.run(); v = OptimizationCanvas(frames)"
    notebook.run(code, cell)
    earlier = next(comm for comm, state in notebook.state.items() if "total_steps" in state)
    notebook.until_status(earlier, "running")
    notebook.run("x = OptimizationCanvas(frames); old = w", "another cell")
    assert notebook.run("print(w.status)") == "running\n"
    known = set(notebook.state)
    notebook.run(code, cell)
    later = next(comm for comm, state in notebook.state.items() if "total_steps" in state and comm not in known)
    notebook.until_status(earlier, "stopped")
    notebook.until_status(later, "running")
    assert notebook.run("print(old is w, old.status, w.status)").split() == ["False", "stopped", "running"]


def test_a_cell_that_runs_often_keeps_few_widgets(notebook: Notebook) -> None:
    notebook.run("first = None")
    megabytes = "print(int(open('/proc/self/statm').read().split()[1]) * 4096 // 1_000_000)"
    used = []
    for _ in range(10):
        for _ in range(20):
            notebook.run(
                "w = OptimizationCanvas(frames, record_every=1); w.step(3); w.wait(); first = first or w", "cell"
            )
        used.append(int(notebook.run(megabytes)))
    assert used[-1] - used[0] < 20, used
    open_comms = (
        "print(sum(isinstance(each, OptimizationCanvas) for each in ipywidgets.widgets.widget._instances.values()))"
    )
    assert notebook.run(open_comms) == "2\n"  # the newest, and the one before, whose view a page may still remove
    assert notebook.run("print(first.status, first.image is None, len(first._live.recorded))") == "stopped False 0\n"


def test_a_progress_bar_leaves_no_widgets(notebook: Notebook) -> None:
    notebook.run("from lucid_widgets.misc.waiting import ProgressBar")
    notebook.run("count = lambda: len(ipywidgets.widgets.widget._instances)\nbefore = count()")
    notebook.run("bar = ProgressBar(total=2, leave=False); bar.update(2)")
    assert notebook.run("print(count() > before)") == "True\n"
    notebook.run("bar.close(); bar.close()")
    notebook.run(
        "never_shown = ProgressBar(total=2, leave=False, delay=1000); never_shown.update(1); never_shown.close()"
    )
    assert notebook.run("print(count() - before)") == "0\n"


def test_a_widget_that_a_page_shows_stays_open_when_its_cell_runs_again(notebook: Notebook) -> None:
    code = "w = OptimizationCanvas(frames)"
    notebook.run(code, "cell")
    shown = notebook.widget()
    notebook.send(shown, {"type": "hello", "client": "page"})
    for _ in range(3):
        notebook.run(code, "cell")
    notebook.send(shown, {"type": "bye", "client": "page"})
    assert shown not in closed_by(notebook)
    notebook.run(code, "cell")
    assert shown in closed_by(notebook)


def test_a_widget_of_a_page_that_was_reloaded_is_closed_when_its_cell_runs_again(notebook: Notebook) -> None:
    code = "w = OptimizationCanvas(frames); w"
    notebook.run(code, "cell")
    shown = notebook.widget()
    notebook.send(shown, {"type": "hello", "client": "page"})
    notebook.send(shown, {"type": "hidden", "client": "page"})  # the widget is outside the window
    notebook.send(shown, {"type": "bye", "client": "page", "leaving": True})
    for _ in range(2):
        notebook.run(code, "cell")
    assert shown in closed_by(notebook)


def test_a_player_is_closed_once_no_page_shows_it_and_its_cell_runs_again(notebook: Notebook) -> None:
    notebook.run("import numpy as np\nfrom lucid_widgets import SpritePlayer")
    code = "p = SpritePlayer(np.zeros((2, 4, 4, 3)))\np"
    shown = ""
    for place in range(6):
        known = set(notebook.state)
        notebook.run(code, "cell")
        made = next(comm for comm, state in notebook.state.items() if "fps" in state and comm not in known)
        if place == 0:
            shown = made
            notebook.send(shown, {"type": "hello", "client": "page"})
        elif place == 3:
            assert closed_by(notebook) == set()
            notebook.send(shown, {"type": "bye", "client": "page"})
    assert closed_by(notebook) == {shown}  # not those that a page may still show for the first time


def test_a_player_that_nothing_shows_costs_nothing_once_its_cell_runs_again(notebook: Notebook) -> None:
    notebook.run("import numpy as np, ipywidgets\nfrom lucid_widgets import SpritePlayer\nkept = []")
    for place in range(4):
        notebook.run("kept.append(SpritePlayer(np.zeros((2, 4, 4, 3))))", "cell")
        if place == 0:
            notebook.ask_for_all_widgets()  # as a page that is loaded again
    assert notebook.run("print([each.comm is None for each in kept])") == "[True, True, False, False]\n"
    assert notebook.run("print(len(ipywidgets.widgets.widget._instances))") == "4\n"  # with their layouts
    before = len(notebook.messages)
    player = notebook.run("kept[0]; print(kept[0].model_id)").strip()
    opened = [each["content"] for each in notebook.messages[before:] if each["msg_type"] == "comm_open"]
    assert [each["data"]["state"]["_model_name"] for each in opened] == ["LayoutModel", "AnyModel"]
    assert opened[1]["comm_id"] == player
    notebook.send(player, {"type": "ping"})
    notebook.until(lambda: {"type": "pong"} in notebook.customs(player))


def test_a_widget_in_a_box_stays_open_when_its_cell_runs_again(notebook: Notebook) -> None:
    notebook.run("import numpy as np, ipywidgets\nfrom lucid_widgets import SpritePlayer\nboxes = []")
    for _ in range(4):
        notebook.run("boxes.append(ipywidgets.VBox([SpritePlayer(np.zeros((2, 4, 4, 3)))]))", "cell")
    assert notebook.run("print([each.children[0].comm is None for each in boxes])") == f"{[False] * 4}\n"


def closed_by(notebook: Notebook) -> set[str]:
    """Ids of the widgets that were closed, without their layouts."""
    closed = {each["content"]["comm_id"] for each in notebook.messages if each["msg_type"] == "comm_close"}
    return {comm for comm in closed if notebook.state[comm]["_model_name"] != "LayoutModel"}


def test_close_ends_the_run(notebook: Notebook) -> None:
    run_widget(notebook)
    assert notebook.run("w.close(); print(is_closed())") == "True\n"
    notebook.until(lambda: [each for each in notebook.messages if each["msg_type"] == "comm_close"])


def test_a_run_prints_nothing_and_does_not_keep_the_kernel_from_exiting(new_notebook: Any) -> None:
    run_widget(new_notebook)
    new_notebook.run("time.sleep(0.2)")
    assert [each for each in new_notebook.messages if each["msg_type"] in ("stream", "error")] == []
    # A kernel that does not end within half of this time is terminated.
    new_notebook.manager.shutdown_wait_time = 2 * PATIENCE_SECONDS
    begin = time.monotonic()
    new_notebook.manager.shutdown_kernel()
    assert time.monotonic() - begin < PATIENCE_SECONDS
