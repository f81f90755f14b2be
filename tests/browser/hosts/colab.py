"""Colab's restrictions: which messages arrive, and outputs in a sandboxed frame of another origin."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

from browser.hosts.environments import PAGES
from playwright.sync_api import Page, Route

FRAMED = Path(__file__).parent / "framed"
FILES = {each.name: each for each in (*FRAMED.glob("*.html"), PAGES / "require.js", PAGES / "embed-amd.js")}


class FramedNotebook:
    """Cells whose outputs are in a frame, on a page that a classic notebook server seems to serve."""

    def __init__(self, page: Page, address: str, cells: list[str]) -> None:
        self.page, self.cells = page, cells
        page.goto(f"{address}/tree")  # for the server's cookie
        page.route(re.compile(f"^{re.escape(address)}/framed/"), self._route)
        page.goto(f"{address}/framed/page.html")

    def _route(self, route: Route) -> None:
        file = FILES.get(route.request.url.rpartition("/")[2])
        if file is None:  # fonts and icons
            route.abort()
            return
        kind = "text/html" if file.suffix == ".html" else "text/javascript"
        route.fulfill(body=file.read_bytes(), content_type=kind)

    def run(self, cell: int) -> None:
        self.page.evaluate(
            "([cell, code]) => { window.ran = false; runCell(cell, code).then(() => (window.ran = true)); }",
            [cell, self.cells[cell]],
        )

    def run_and_wait(self, cell: int) -> None:
        self.run(cell)
        self.page.wait_for_function("() => window.ran", timeout=120_000)


def colab_setup() -> str:
    """A cell that puts a stand-in for `google.colab` into the kernel.

    Colab delivers messages of widgets only while a cell or a message of the page is being handled, that is, from the
    main thread. What other threads send is lost.
    """
    return dedent(
        """
        import sys, threading, types
        import google
        from ipykernel.comm import Comm

        google.colab = sys.modules["google.colab"] = types.ModuleType("google.colab")
        google.colab.output = sys.modules["google.colab.output"] = types.ModuleType("google.colab.output")
        google.colab.output.enable_custom_widget_manager = lambda: None
        # Where Colab loaded its manager from. anywidget names it in the metadata of every view.
        google.colab.output._widgets = types.SimpleNamespace(_installed_url="http://127.0.0.1/manager.min.js")
        publish = Comm._publish_msg

        def publish_from_the_main_thread(self, *args, **kwargs):
            if threading.current_thread() is threading.main_thread():
                publish(self, *args, **kwargs)

        Comm._publish_msg = publish_from_the_main_thread
        print("ready")
        """
    )
