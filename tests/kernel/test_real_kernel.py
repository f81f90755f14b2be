"""A run in a real kernel: the cell returns, other cells run, the page steers, and whatever should end it does."""

from __future__ import annotations

import time
from typing import Any

import ipykernel
import pytest

pytestmark = pytest.mark.kernel

# 7.0 broke sending from threads; from 7.1 on, a page's messages are handled while a cell runs.
SUBSHELLS = ipykernel.version_info >= (7, 1)


def test_the_cell_returns_at_once_and_the_page_steers(notebook: Any) -> None:
    notebook.run("w = OptimizationCanvas(frames); w.run()")
    comm = notebook.widget()
    notebook.until_status(comm, "running")
    notebook.send(comm, {"type": "want", "client": "page", "seen": 0})
    notebook.until(lambda: any(each["type"] == "frame" for each in notebook.customs(comm)))

    # Another cell runs meanwhile, and the run goes on under it.
    before, after = notebook.run("print(w.current_step); time.sleep(0.6); print(w.current_step)").split()
    assert int(after) > int(before)

    taken = notebook.command(comm, "pause")
    notebook.until_status(comm, "paused")
    assert taken < 1.0  # 200 ms were asked for on a machine at rest; this one may be busy
    step = int(notebook.run("print(w._runner.frame.step)"))
    assert int(notebook.run("time.sleep(0.2); print(w._runner.frame.step)")) == step

    notebook.command(comm, "resume")
    notebook.until_status(comm, "running")
    notebook.command(comm, "stop")
    notebook.until_status(comm, "stopped")
    assert notebook.run("time.sleep(0.1); print(len(ended))") == "1\n"


@pytest.mark.skipif(not SUBSHELLS, reason="this kernel handles no page's messages while a cell runs")
def test_the_page_is_heard_while_a_cell_blocks_the_kernel(notebook: Any) -> None:
    notebook.run("w = OptimizationCanvas(frames); w.run()")
    comm = notebook.widget()
    # As JupyterLab does: comm messages go to a subshell.
    session, control = notebook.client.session, notebook.client.control_channel
    control.send(session.msg("create_subshell_request"))
    subshell = control.get_msg(timeout=20)["content"]["subshell_id"]
    notebook.until_status(comm, "running")
    request = notebook.start("time.sleep(3)")
    notebook.until(lambda: notebook._of(request, "status", execution_state="busy"))
    data = {"method": "custom", "content": {"type": "cmd", "rid": "x", "name": "pause", "args": {}}}
    message = session.msg("comm_msg", {"comm_id": comm, "data": data})
    message["header"]["subshell_id"] = subshell
    notebook.client.shell_channel.send(message)
    begin = time.monotonic()
    notebook.until_status(comm, "paused")
    assert time.monotonic() - begin < 1.5
    assert not notebook._of(request, "status", execution_state="idle")
    notebook.finish(request)


def test_an_interrupt_while_the_kernel_is_idle_ends_the_run(notebook: Any) -> None:
    notebook.run("import signal; before = signal.getsignal(signal.SIGINT)")
    notebook.run("w = OptimizationCanvas(frames); w.run()")
    comm = notebook.widget()
    notebook.until_status(comm, "running")
    time.sleep(0.2)  # the kernel says "idle" a little before it is
    notebook.interrupt()
    notebook.until_status(comm, "stopped")
    assert notebook.run("time.sleep(0.1); print(len(ended))") == "1\n"  # the worker is still at its last nap
    # Once more without a run: the kernel is as it was, and survives.
    notebook.interrupt()
    assert notebook.run("print(get_ipython().kernel.saved_sigint_handler)") == "1\n"
    notebook.run("w.run()")
    notebook.until_status(comm, "running")
    time.sleep(0.2)
    notebook.interrupt()
    notebook.until_status(comm, "stopped")


def test_an_interrupt_reaches_a_run_that_the_page_started(notebook: Any) -> None:
    notebook.run("w = OptimizationCanvas(frames)")
    comm = notebook.widget()
    notebook.command(comm, "run")
    notebook.until_status(comm, "running")
    time.sleep(0.2)
    notebook.interrupt()
    notebook.until_status(comm, "stopped")


def test_an_interrupt_of_wait_is_a_clean_stop(notebook: Any) -> None:
    notebook.run("w = OptimizationCanvas(frames); w.run()")
    comm = notebook.widget()
    request = notebook.start("print(w.wait()); print(len(ended))")
    notebook.until(lambda: notebook._of(request, "status", execution_state="busy"))
    time.sleep(0.2)
    notebook.interrupt()
    assert notebook.finish(request) == "stopped\n1\n"
    notebook.until_status(comm, "stopped")


def test_an_interrupt_of_another_cell_ends_the_run_too(notebook: Any) -> None:
    notebook.run("w = OptimizationCanvas(frames); w.run()")
    comm = notebook.widget()
    notebook.until_status(comm, "running")
    request = notebook.start("print('in', flush=True)\nwhile True: time.sleep(0.01)")
    notebook.until(lambda: notebook._of(request, "stream"))
    notebook.interrupt()
    with pytest.raises(RuntimeError, match="KeyboardInterrupt"):
        notebook.finish(request)
    notebook.until_status(comm, "stopped")


def test_a_paused_run_survives_an_interrupt(notebook: Any) -> None:
    notebook.run("w = OptimizationCanvas(frames); w.step(); w.wait()")
    request = notebook.start("print('in', flush=True)\nwhile True: time.sleep(0.01)")
    notebook.until(lambda: notebook._of(request, "stream"))
    notebook.interrupt()
    with pytest.raises(RuntimeError, match="KeyboardInterrupt"):
        notebook.finish(request)
    assert notebook.run("print(w.status)") == "paused\n"


@pytest.mark.parametrize("cell", ["cell-1", ""], ids=["named cell", "unnamed cell"])
def test_running_the_cell_again_ends_the_old_run(cell: str, notebook: Any) -> None:
    code = "w = OptimizationCanvas(frames); v = OptimizationCanvas(frames); w.run()"
    notebook.run(code, cell)
    comm = next(each for each, state in notebook.state.items() if "total_steps" in state)
    notebook.until_status(comm, "running")
    notebook.run("x = OptimizationCanvas(frames); old = w", "another cell")
    assert notebook.run("print(w.status)") == "running\n"
    notebook.run(code, cell)
    notebook.until_status(comm, "stopped")
    assert notebook.run("print(old is w, old.status, w.status)").split()[:2] == ["False", "stopped"]
    assert "running" in notebook.run("time.sleep(.1); print(w.status)")


def test_close_ends_the_run(notebook: Any) -> None:
    notebook.run("w = OptimizationCanvas(frames); w.run()")
    comm = notebook.widget()
    notebook.until_status(comm, "running")
    assert notebook.run("w.close(); print(len(ended))") == "1\n"
    notebook.until(lambda: [each for each in notebook.messages if each["msg_type"] == "comm_close"])


def test_nothing_is_printed_and_the_kernel_ends_while_a_run_goes_on(notebook: Any) -> None:
    notebook.run("w = OptimizationCanvas(frames); w.run()")
    notebook.until_status(notebook.widget(), "running")
    notebook.run("time.sleep(0.2)")
    assert [each for each in notebook.messages if each["msg_type"] in ("stream", "error")] == []
    begin = time.monotonic()
    notebook.manager.shutdown_kernel()
    assert time.monotonic() - begin < 5
