"""The hosts: how each is started, how it shows the widgets of `cells`, and what can be asked of it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

from browser.hosts import cells
from browser.hosts.classic import ClassicNotebook
from browser.hosts.colab import FramedNotebook, colab_setup
from browser.hosts.environments import ENVIRONMENTS, OTHER_KERNELS, PAGES, python_of
from browser.hosts.view import View
from browser.lab import LAB_NOISE, Notebook
from browser.servers import free_port, jupyter, started
from playwright.sync_api import Browser

EVERYWHERE = frozenset({"appears", "frames", "buttons", "export", "player", "grid", "open", "console", "offline"})
NOTEBOOK = EVERYWHERE | {"again", "saved"}


class Opened(Protocol):
    """Shows `cells.CELLS`, given a browser, an empty folder, the host's interpreter, and the name of a kernel."""

    def __call__(self, browser: Browser, folder: Path, python: str, kernel: str) -> AbstractContextManager[View]: ...


@dataclass(frozen=True)
class Host:
    """A host of widgets.

    Args:
        name: As in `ENVIRONMENTS`, or the name of a kind of page that needs no environment.
        title: Its name in the matrix.
        packages: Packages whose versions the matrix states.
        open: Shows the widgets.
        can: What is tested. "open" is a click on a channel of a grid, "again" running a cell again.
        theirs: Patterns of console messages and addresses that are the host's own, with or without our widgets.
        note: What to know about the host, for the matrix.
        freezes: Whether saved notebooks have pictures only after `freeze`.
        environment: As in `ENVIRONMENTS`; default: `name`.
        broken: Part of `can` that the host itself breaks, as `note` says. Its tests fail when it works.
    """

    name: str
    title: str
    packages: tuple[str, ...]
    open: Opened
    can: frozenset[str] = EVERYWHERE
    theirs: tuple[str, ...] = ()
    note: str = ""
    freezes: bool = False
    environment: str = ""
    broken: frozenset[str] = frozenset()
    python: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "environment", self.environment or self.name)
        in_environment = self.environment in ENVIRONMENTS
        object.__setattr__(self, "python", python_of(self.environment) if in_environment else sys.executable)

    @property
    def is_saved_page(self) -> bool:
        """Whether it has no kernel."""
        return "frames" not in self.can

    @property
    def loads_scripts(self) -> bool:
        """Whether its page loads the scripts that `PAGES` holds."""
        return self.is_saved_page or self.name == "framed"

    def versions(self) -> str:
        """The versions of its packages, as installed in its environment."""
        if self.environment not in ENVIRONMENTS:
            return ", ".join(f"{name} {version(name)}" for name in self.packages)
        code = (
            "import sys; from importlib.metadata import version\nfor name in sys.argv[1:]: print(name, version(name))"
        )
        done = subprocess.run([self.python, "-c", code, *self.packages], check=True, capture_output=True, text=True)
        return ", ".join(done.stdout.splitlines())

    def is_theirs(self, text: str) -> bool:
        """Whether a console message or an address is the host's own."""
        return any(re.search(pattern, text) for pattern in self.theirs)


@contextmanager
def _page(browser: Browser, **options: object) -> Iterator[View]:
    context = browser.new_context(viewport={"width": 1200, "height": 1000}, **options)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(60_000)
    try:
        yield View(page)
    finally:
        context.close()


def _lab(application: str, tree: str = "") -> Opened:
    @contextmanager
    def opened(browser: Browser, folder: Path, python: str, kernel: str) -> Iterator[View]:
        with jupyter(folder, python, application) as address, _page(browser) as view:
            notebook = Notebook(view.page, address, folder, cells.CELLS, kernel, tree)
            view.run, view.file = lambda cell: notebook.run(cell, wait=False), folder / notebook.path
            view.save, view.reload, view.restart = notebook.save, notebook.open, notebook.restart_through_server
            yield view

    return opened


def _classic(setup: Callable[[], str] | None = None) -> Opened:
    @contextmanager
    def opened(browser: Browser, folder: Path, python: str, kernel: str) -> Iterator[View]:
        first = [] if setup is None else [setup()]
        with jupyter(folder, python, "classic") as address, _page(browser) as view:
            notebook = ClassicNotebook(view.page, address, folder, [*first, *cells.CELLS, cells.FREEZE])
            for cell in range(len(first)):
                notebook.run_and_wait(cell)
            view.run, view.save, view.file = lambda cell: notebook.run(cell + len(first)), notebook.save, notebook.file
            yield view

    return opened


@contextmanager
def _framed(browser: Browser, folder: Path, python: str, kernel: str) -> Iterator[View]:
    # Chromium takes a page that a test supplies for one of another network, which may not connect to this machine.
    permissions = ["local-network-access"]
    with jupyter(folder, python, "classic") as address, _page(browser, permissions=permissions) as view:
        view.serve_instead(_saved_page_scripts())
        notebook = FramedNotebook(view.page, address, [colab_setup(), *cells.CELLS])
        notebook.run_and_wait(0)
        view.frame, view.run = view.page.frame_locator("iframe"), lambda cell: notebook.run(cell + 1)
        yield view


def _app(script: Callable[[Path], str], command: Callable[[int], list[str]], ready: str, path: str = "") -> Opened:
    """A server that runs a script and shows all its widgets at once."""

    @contextmanager
    def opened(browser: Browser, folder: Path, python: str, kernel: str) -> Iterator[View]:
        script(folder)
        port = free_port()
        address = f"http://127.0.0.1:{port}"
        with started([python, "-m", *command(port)], folder, f"{address}/{ready}"), _page(browser) as view:
            anywidget = Path(python).parents[1] / "share/jupyter/nbextensions/anywidget/index.js"
            view.serve_instead({r"^https://unpkg\.com/anywidget@": anywidget})
            view.page.goto(f"{address}/{path}", wait_until="domcontentloaded", timeout=120_000)
            yield view

    return opened


def _notebook_file(folder: Path) -> str:
    return cells.write_notebook(folder / "app.ipynb", cells.CELLS)


def _marimo_file(folder: Path) -> str:
    parts = ["import marimo\napp = marimo.App()\n\n@app.cell\ndef _():\n    import marimo as mo\n    return (mo,)\n"]
    for code in cells.CELLS:
        body, name = cells.names_of_last(code)
        lines = [*body.splitlines(), f"shown_{name} = mo.ui.anywidget({name})", f"shown_{name}"]
        parts.append("@app.cell\ndef _(mo):\n" + "".join(f"    {line}\n" for line in lines) + "    return\n")
    text = "\n".join([*parts, 'if __name__ == "__main__":\n    app.run()\n'])
    (folder / "app.py").write_text(text)
    return text


def _panel_file(folder: Path) -> str:
    made = [cells.names_of_last(code) for code in cells.CELLS]
    panes = ", ".join(f"pn.pane.IPyWidget({name}, width=900)" for _, name in made)
    text = "\n".join(
        [
            "import panel as pn",
            'pn.extension("ipywidgets")',
            *(body for body, _ in made),
            f"pn.Column({panes}).servable()",
        ]
    )
    (folder / "app.py").write_text(text)
    return text


def _embedded(frame: bool) -> Opened:
    """A page by `embed_minimal_html`; in a sandboxed frame, the page has another origin, as in Colab and VS Code."""

    @contextmanager
    def opened(browser: Browser, folder: Path, python: str, kernel: str) -> Iterator[View]:
        cells.write_embedded(folder / "page.html")
        name = "page.html"
        if frame:
            name = "frame.html"
            sandbox = 'sandbox="allow-scripts allow-downloads" style="width: 1100px; height: 3000px"'
            (folder / name).write_text(f'<!doctype html><iframe {sandbox} src="page.html"></iframe>')
        with _page(browser) as view:
            view.serve_instead(_saved_page_scripts())
            view.page.goto((folder / name).as_uri())
            if frame:
                view.frame = view.page.frame_locator("iframe")
            yield view

    return opened


@contextmanager
def _converted(browser: Browser, folder: Path, python: str, kernel: str) -> Iterator[View]:
    """`nbconvert --to html` of a notebook that was executed without a page, and saved with the state of its widgets."""
    cells.write_converted(folder)
    with _page(browser) as view:
        view.serve_instead(_saved_page_scripts())
        view.page.goto((folder / "executed.html").as_uri())
        yield view


def _saved_page_scripts() -> dict[str, Path]:
    """What saved pages load from content delivery networks, in packages that are installed here."""
    anywidget = Path(sys.prefix) / "share/jupyter/nbextensions/anywidget/index.js"
    return {
        r"^https://[^/]*/.*/anywidget@": anywidget,
        r"^https://[^/]*/.*html-manager@": PAGES / "embed-amd.js",
        r"^https://[^/]*/.*require(\.min)?\.js": PAGES / "require.js",
    }


SAVED = frozenset({"appears", "player", "grid", "console", "offline"})
# Loaded by pages that Jupyter's own tools write, with or without our widgets.
CDN = (r"^https://cdnjs\.cloudflare\.com/", r"^https://cdn\.jsdelivr\.net/", r"^https://unpkg\.com/")
APP_NOISE = (*LAB_NOISE, *CDN, "ERR_", "font")
# The manager of a saved page looks for a module next to the page before it asks a network, which no sandbox allows.
NEXT_TO_PAGE = r"^Not allowed to load local resource: \S+/anywidget\.js"
SAVED_NOISE = (*CDN, "Failed to load resource", r"jupyter-widgets/\S+\.(woff2?|ttf|svg|eot)", NEXT_TO_PAGE)

HOSTS = (
    Host(
        "jupyterlab4",
        "JupyterLab 4",
        ("jupyterlab", "ipykernel", "ipywidgets"),
        _lab("lab"),
        NOTEBOOK | {"reload", "restart"},
        LAB_NOISE,
    ),
    Host(
        "jupyterlab3",
        "JupyterLab 3",
        ("jupyterlab", "ipykernel", "ipywidgets"),
        _lab("lab"),
        NOTEBOOK | {"restart"},
        LAB_NOISE,
        "After a reload of the page no widget comes back, not even a slider of ipywidgets 8. Run the cell again.",
    ),
    Host(
        "notebook7",
        "Notebook 7",
        ("notebook", "ipykernel", "ipywidgets"),
        _lab("notebook", "notebooks"),
        NOTEBOOK | {"reload", "restart"},
        (*LAB_NOISE, "schema"),
    ),
    *(
        Host(
            f"ipykernel{version}",
            f"JupyterLab 4, ipykernel {version}",
            ("jupyterlab", "ipykernel", "ipywidgets"),
            _lab("lab"),
            frozenset({"appears", "frames", "buttons", "restart"}),
            LAB_NOISE,
            "After a restart that the page does not notice, no widget answers, not even a button of ipywidgets.",
            broken=frozenset({"restart"}),
        )
        for version in OTHER_KERNELS
    ),
    Host(
        "notebook6",
        "Notebook 6",
        ("notebook", "ipykernel", "ipywidgets"),
        _classic(),
        NOTEBOOK,
        # When a slow first cell has ended, the page learns that no earlier page had widgets, and draws the outputs
        # again. The first view of any widget of anywidget then has no place any more; the second one is shown.
        (*LAB_NOISE, "^Host is not attached"),
        "Call `freeze` before you save, or the notebook has no pictures of the widgets.",
        freezes=True,
    ),
    Host(
        "colab",
        "Colab's versions",
        ("ipywidgets", "traitlets", "ipykernel", "ipython", "notebook"),
        _classic(colab_setup),
        NOTEBOOK,
        LAB_NOISE,
        "Notebook 6 with Colab's versions and a stand-in for `google.colab`: what other threads send is lost. "
        "Call `freeze` before you save.",
        freezes=True,
    ),
    Host(
        "framed",
        "The same, outputs in a sandboxed frame of another origin",
        ("ipywidgets", "traitlets", "ipykernel", "anywidget"),
        _framed,
        EVERYWHERE | {"again"},
        (*LAB_NOISE, *CDN, "font"),
        "A page and a widget manager that work as Colab's published one does.",
        environment="colab",
    ),
    Host(
        "voila",
        "Voilà",
        ("voila", "ipykernel", "ipywidgets"),
        _app(
            _notebook_file,
            lambda port: ["voila", "app.ipynb", "--no-browser", f"--port={port}", "--Voila.ip=127.0.0.1"],
            "static/favicon.ico",
        ),
        theirs=APP_NOISE,
    ),
    Host(
        "marimo",
        "marimo",
        ("marimo", "anywidget"),
        _app(
            _marimo_file,
            lambda port: [
                *("marimo", "run", "app.py", "--headless", "--no-token"),
                *(f"-p{port}", "--host=127.0.0.1"),
            ],
            "health",
        ),
        EVERYWHERE - {"open"},
        LAB_NOISE,
        "With `mo.ui.anywidget`. *Open* in a grid says to call `open_unit` in a cell.",
    ),
    Host(
        "panel",
        "Panel",
        ("panel", "ipywidgets_bokeh", "ipywidgets"),
        _app(
            _panel_file,
            lambda port: [
                *("panel", "serve", "app.py", f"--port={port}", "--address=127.0.0.1"),
                "--allow-websocket-origin=*",
            ],
            "",
            "app",
        ),
        EVERYWHERE - {"open"},
        APP_NOISE,
        "With `pn.pane.IPyWidget`. `grid.slot` has to be shown for *Open* in a grid.",
    ),
    Host(
        "embedded",
        "`embed_minimal_html`",
        ("ipywidgets", "anywidget"),
        _embedded(frame=False),
        SAVED,
        SAVED_NOISE,
        "A page without a kernel.",
    ),
    Host(
        "sandboxed",
        "The same in a sandboxed frame of another origin",
        ("ipywidgets", "anywidget"),
        _embedded(frame=True),
        SAVED,
        SAVED_NOISE,
        "As Colab and VS Code show outputs.",
    ),
    Host(
        "nbconvert",
        "`nbconvert --to html`",
        ("nbconvert", "nbclient", "ipywidgets"),
        _converted,
        SAVED,
        SAVED_NOISE,
        "A notebook that was executed without a page.",
    ),
)
