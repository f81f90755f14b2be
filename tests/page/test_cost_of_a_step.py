"""What a browser has to do for one step of a run. With many runs on a page, it would be too much for one processor."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from page.fake_notebook import HALFWAY, MADE_BY, FakeNotebook, OpenWidget

STEP: dict[str, Any] = {
    "current_step": 200,
    "objective_value": 981.5,
    "rate": 23.1,
    "remaining": 12.9,
    "history": [*HALFWAY["history"], [200, 981.5]],
}


def classes(share: float, step: int) -> list[dict[str, Any]]:
    return [{"key": [1, step], "rows": [[[8, "hen", share], [3, "tiger shark", 0.1]]]}]


@pytest.fixture
def running(open_widget: OpenWidget, request: pytest.FixtureRequest) -> FakeNotebook:
    notebook = open_widget(width=request.param, **HALFWAY, status="running", _classes=classes(0.5, 192), _class_rows=2)
    notebook.frame(1, step=192, made_by=MADE_BY)
    notebook.shown(1)
    assert notebook.part("seen").inner_text().split("\n")[0] == "hen"
    return notebook


def layouts(notebook: FakeNotebook, trace: Path, script: str, **traits: Any) -> list[bool]:
    """For each layout after a change: whether the browser laid out only parts of the page."""
    browser = notebook.page.context.browser
    assert browser is not None
    notebook.page.evaluate("() => document.body.offsetHeight")
    browser.start_tracing(page=notebook.page, path=trace, categories=["devtools.timeline"])
    notebook.change(**traits)
    notebook.page.evaluate(script)
    browser.stop_tracing()
    events = json.loads(trace.read_text())["traceEvents"]
    return [each["args"]["beginData"]["partialLayout"] for each in events if each["name"] == "Layout"]


@pytest.mark.parametrize("running", [320, 700, 1200], indirect=True)
@pytest.mark.parametrize("traits", [STEP, {"_classes": classes(0.6, 200)}], ids=["numbers", "classes"])
def test_changes_are_laid_out_alone(running: FakeNotebook, tmp_path: Path, traits: dict[str, Any]) -> None:
    look = "() => document.body.offsetHeight"
    move = "() => { document.body.style.paddingTop = '9px'; document.body.offsetHeight; }"
    assert False in layouts(running, tmp_path / "page", move)
    of_step = layouts(running, tmp_path / "step", look, **traits)
    assert of_step
    assert all(of_step), of_step


@pytest.mark.parametrize("running", [320, 1200], indirect=True)
def test_texts_keep_their_nodes(running: FakeNotebook) -> None:
    running.page.evaluate(
        """() => {
            window.nodes = 0;
            const observer = new MutationObserver((changes) => { window.nodes += changes.length; });
            observer.observe(document.body, { childList: true, subtree: true });
        }"""
    )
    running.change(**STEP, _classes=classes(0.6, 200))
    running.frame(2, step=200, made_by=MADE_BY)
    running.shown(2)
    assert running.part("count").inner_text() == "200 / 512"
    assert running.page.evaluate("window.nodes") == 0
