"""Faults of kernel and connection: a killed kernel, a restart from outside, two tabs, a cut connection."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser.lab import Notebook, OpenNotebook, Widget, load
from browser.test_life import CANVAS, FRAMES, running
from playwright.sync_api import Browser, WebSocketRoute

pytestmark = pytest.mark.browser


def answers(notebook: Notebook) -> None:
    """Run the cells again, and press the buttons of the new widget."""
    notebook.run(0)
    notebook.run(1)
    widget = running(notebook.widget())
    widget.press("pause")
    widget.wait_for_status("paused")
    widget.press("resume")
    widget.wait_for_status("running")


def wait_for_new_kernel(notebook: Notebook) -> None:
    notebook.page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'"
    )


def test_killed_kernel_leaves_last_image_and_new_one_answers(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([FRAMES, CANVAS, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"])
    notebook.run(0)
    notebook.run(1)
    widget = running(notebook.widget())
    notebook.run(2, wait=False)
    # JupyterLab reports a kernel that died and was restarted.
    notebook.page.locator(".jp-Dialog", has_text="died").locator(".jp-mod-accept").click()
    picture = widget.pixels()
    assert any(picture)
    widget.press("pause")
    widget.wait_for(lambda: "The kernel does not respond" in widget.root.inner_text())
    assert widget.pixels() == picture
    wait_for_new_kernel(notebook)
    answers(notebook)


def test_widget_answers_after_restart_through_the_server(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([FRAMES, CANVAS])
    notebook.run(0)
    notebook.run(1)
    running(notebook.widget())
    notebook.restart_through_server()
    answers(notebook)


def wait_for_steps(widget: Widget) -> None:
    step = widget.step
    widget.wait_for(lambda: widget.step > step)


def wait_for_same_step(one: Widget, other: Widget) -> None:
    one.wait_for(lambda: one.step == other.step)


@pytest.fixture
def second_tab(browser: Browser) -> Iterator[Widget]:
    """A place for a view in another window: Chromium draws tabs in the background once per second."""
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield Widget(page, page.locator(".lucidw[data-status]").first)
    context.close()


def test_two_tabs_show_and_control_one_run(open_notebook: OpenNotebook, second_tab: Widget) -> None:
    notebook = open_notebook([FRAMES, CANVAS])
    notebook.run(0)
    notebook.run(1)
    first = running(notebook.widget())
    notebook.save()
    load(second_tab.page, notebook.url)
    second_tab.wait_for(lambda: second_tab.canvas.count() and second_tab.step > 2, seconds=120)
    for one, other in ((first, second_tab), (second_tab, first)):
        wait_for_steps(one)
        wait_for_steps(other)
        one.press("pause")
        one.wait_for_status("paused")
        other.wait_for_status("paused")
        wait_for_same_step(one, other)
        other.press("resume")
        one.wait_for_status("running")
    # JupyterLab reports each comm that another tab opened and closed.
    notebook.problems[:] = [each for each in notebook.problems if "Comm not found" not in each]


def test_run_goes_on_when_the_connection_is_cut(open_notebook: OpenNotebook, lab_page: object) -> None:
    connections: list[WebSocketRoute] = []

    def through(route: WebSocketRoute) -> None:
        connections.append(route)
        route.connect_to_server()

    notebook = open_notebook([FRAMES, CANVAS, "print(w.status)"])
    notebook.page.route_web_socket(lambda address: "/channels" in address, through)
    notebook.open()  # once more, through the route
    notebook.run(0)
    notebook.run(1)
    widget = running(notebook.widget())
    assert connections
    connections[-1].close(code=4000, reason="cut by a test")  # JupyterLab gives up after 1000 and 1001
    notebook.page.wait_for_timeout(500)
    step = widget.step
    widget.wait_for(lambda: widget.step > step + 5)
    widget.press("pause")
    widget.wait_for_status("paused")
    notebook.run(2)
    assert notebook.text(2) == "paused\n"
