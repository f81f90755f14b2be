"""Accessibility checks with axe-core, for each bundle in its main states."""

from __future__ import annotations

from typing import Any

import pytest
from page.builder.cards import Card, Net, add
from page.fake_notebook import FAILED, HALFWAY, RUN, FakeNotebook, OpenWidget
from page.grid.grids import GridPage, new_grid
from page.live_widget import OpenLive
from page.model.test_layer_browser import LAYERS
from page.player.players import open_player, plain_frames
from pages import Page
from playwright.sync_api import Browser

from lucid_widgets.widgets.lucid_widget import LucidWidget
from lucid_widgets.widgets.objective_builder import ObjectiveBuilder

BUNDLES = ["lucid_widget", "optimization_canvas"]

# Headings, landmarks and language of the page belong to the notebook and are not checked.
NOT_OURS = ["document-title", "html-has-lang", "landmark-one-main", "page-has-heading-one", "region"]


def violations(notebook: FakeNotebook, axe: str, within: str = ".lucidw") -> list[str]:
    """Violations that axe finds, one line per element: rule, element and reason."""
    if not notebook.page.evaluate("'axe' in window"):
        notebook.page.evaluate(axe)
    found: dict[str, Any] = notebook.page.evaluate(
        """([off, within]) => axe.run(document.querySelector(within), {
          rules: Object.fromEntries(off.map((rule) => [rule, { enabled: false }])),
          resultTypes: ["violations"],
        }).then(({ violations, passes }) => ({ violations, passes: passes.length }))""",
        [NOT_OURS, within],
    )
    assert found["passes"] >= 10, "axe judged next to nothing"
    return [
        f"{rule['id']}: {node['html'][:200]}: {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


# What can be pressed but not reached with the keyboard. Parts of a composite, such as a list, share one tab stop.
UNREACHABLE = """() => {
  const composite = "[role=listbox], [role=tree], [role=menu], [role=grid], [role=radiogroup], fieldset";
  const control = "button, a[href], input, select, textarea, summary, [role=button], [tabindex='0']";
  return [...document.querySelectorAll(".lucidw *")]
    .filter((e) => e.checkVisibility({ visibilityProperty: true }) && getComputedStyle(e).cursor === "pointer")
    .filter((e) => !e.closest(composite) && !(e.closest("label") ?? e.closest(control)?.tabIndex >= 0))
    .map((e) => "cannot be reached: " + e.outerHTML.slice(0, 120));
}"""


def judged(notebook: FakeNotebook, axe: str) -> list[str]:
    """Violations, and what only a mouse can press."""
    return violations(notebook, axe) + list(notebook.page.evaluate(UNREACHABLE))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("bundle", BUNDLES)
def test_no_state_has_accessibility_violations(open_widget: OpenWidget, axe: str, bundle: str, scheme: str) -> None:
    notebook = open_widget(bundle=bundle, scheme=scheme, motion="reduce")
    assert violations(notebook, axe) == [], "idle"
    notebook.change(status="compiling")
    assert violations(notebook, axe) == [], "compiling"
    notebook.frame(1, size=(64, 64))
    notebook.shown(1)
    notebook.change(**HALFWAY, status="running")
    assert violations(notebook, axe) == [], "running"
    notebook.change(status="done", current_step=512)
    assert judged(notebook, axe) == [], "finished"
    notebook.change(**FAILED)
    notebook.part("error").locator("summary").click()
    assert violations(notebook, axe) == [], "failed"


@pytest.mark.parametrize(("width", "scheme"), [(1064, "light"), (344, "dark")])
def test_objective_builder_has_no_accessibility_violations(
    open_live: OpenLive, axe: str, width: int, scheme: str
) -> None:
    live = open_live(ObjectiveBuilder(Net(), batch=2), width=width, scheme=scheme, motion="reduce")
    assert violations(live, axe) == [], "closed"
    live.part("add-term").click()
    assert violations(live, axe) == [], "the list of kinds"
    live.part("add-term").click()
    for kind in ("direction", "class_logit", "input_diff", "custom"):
        add(live, kind)
        assert violations(live, axe) == [], kind
    Card(live, 0).part("open").click()
    Card(live, 0).part("field-layer").click()
    assert violations(live, axe) == [], "the layers"
    Card(live, 2).part("open").click()
    Card(live, 2).part("field-label").click()
    assert violations(live, axe) == [], "the classes"
    live.part("expression").fill("chanel(1)")
    live.part("code-problem").filter(visible=True).wait_for()
    assert judged(live, axe) == [], "a mistake"


def test_workbench_terms_and_tree_have_no_accessibility_violations(open_live: OpenLive, axe: str) -> None:
    live = open_live(LucidWidget(), width=1064, motion="reduce")
    live.part("more-terms").click()
    assert violations(live, axe, ".lucidw-left") == [], "the list of kinds"
    live.part("add-channel").click()
    live.settle()
    Card(live, 0).part("open").click()
    Card(live, 0).part("field-layer").click()
    assert violations(live, axe, ".lucidw-left") == [], "terms"
    live.change(layers=[{**LAYERS[i], "name": f"a_{i % 5}_b_{i}"} for i in range(60)])
    live.part("term-layers-tree").click()
    assert violations(live, axe, ".lucidw-left") == [], "the tree"


@pytest.mark.parametrize("width", [344, 664])
def test_narrow_widget_has_no_accessibility_violations(open_widget: OpenWidget, axe: str, width: int) -> None:
    notebook = open_widget(width=width, motion="reduce", **HALFWAY, status="paused")
    assert violations(notebook, axe) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_menus_and_dialogs_have_no_accessibility_violations(open_widget: OpenWidget, axe: str, scheme: str) -> None:
    notebook = open_widget(scheme=scheme, motion="reduce", runs=[RUN], **HALFWAY, status="paused")
    notebook.part("presets").click()
    assert violations(notebook, axe) == [], "a menu"
    notebook.part("presets-class").click()
    notebook.reply(
        notebook.command("find_class"), value=[{"index": 1, "label": "goldfish"}, {"index": 2, "label": "<b>shark</b>"}]
    )
    assert violations(notebook, axe) == [], "the classes"
    notebook.page.keyboard.press("Escape")
    notebook.part("code").click()
    notebook.reply(notebook.command("code"), value="import lucid_widgets\n")
    assert violations(notebook, axe) == [], "the code"
    notebook.page.keyboard.press("Escape")
    notebook.part("runs").locator("[data-run]").click()
    notebook.reply(notebook.command("run_image"), value={})
    notebook.change(parameterization="cppn", _set_in_code=["optimizer", "learning_rate"])
    assert judged(notebook, axe) == [], "a comparison"


@pytest.mark.parametrize(("width", "scheme"), [(1400, "light"), (344, "dark")])
def test_export_and_shortcuts_have_no_accessibility_violations(
    open_widget: OpenWidget, axe: str, width: int, scheme: str
) -> None:
    notebook = open_widget(width=width, scheme=scheme, motion="reduce", **{**HALFWAY, "status": "done"})
    notebook.frame(1, size=(64, 64))
    notebook.shown(1)
    notebook.part("export").click()
    assert judged(notebook, axe) == [], "the formats, before Python answers"
    notebook.reply(notebook.command("export_formats"), value=["gif", "webp", "apng", "html", "sheet", "css"])
    for format in ("gif", "html", "image", "settings"):
        notebook.part(f"export-{format}").check()
        assert judged(notebook, axe) == [], format
    notebook.part("export-gif").check()
    notebook.part("export-save").click()
    notebook.reply(notebook.command("export"), value={"job": "j"})
    notebook.reply(notebook.command("export_progress"), value={"done": 3, "total": 12, "files": None})
    assert judged(notebook, axe) == [], "an export in progress"
    notebook.refuse(notebook.command("export_progress"), "No room left.", "Free some.")
    assert judged(notebook, axe) == [], "an export that failed"
    notebook.part("export").click()
    notebook.change(_undo={"undo": ["seed", "shift"], "redo": []})
    notebook.part("more").click()
    assert judged(notebook, axe) == [], "undo and redo"
    notebook.part("more-shortcuts").click()
    assert judged(notebook, axe) == [], "the shortcuts"
    notebook.page.keyboard.press("Escape")
    notebook.change(layer="mixed3a", channel=255, _channel_count=256, expression='channel("mixed3a", 255)')
    assert judged(notebook, axe) == [], "a clamped channel"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_player_has_no_accessibility_violations(browser: Browser, axe: str, scheme: str) -> None:
    notebook = open_player(browser, plain_frames(12, 16, 16), title="eye", scheme=scheme, motion="reduce")
    notebook.page.locator("canvas[data-frame]").wait_for()
    assert judged(notebook, axe) == [], "at rest"
    notebook.part("export").click()
    assert judged(notebook, axe) == [], "the export"
    notebook.close()


@pytest.mark.parametrize("width", [344, 1400])
@pytest.mark.parametrize("layer", ["mixed4a", "softmax2"])
def test_grid_has_no_accessibility_violations(
    browser: Browser, pages: list[Page], axe: str, layer: str, width: int
) -> None:
    notebook = GridPage(browser, new_grid(layer), pages[-1], width=width, motion="reduce")
    assert violations(notebook, axe) == [], "nothing made"
    notebook.widget._live.cells.fail(2, "The objective became NaN at step 1.")
    notebook.make(range(2))
    notebook.change(status="running", made=2, remaining=7.0, opened_unit=1)
    notebook.part("cells").focus()
    notebook.page.keyboard.press("ArrowRight")
    assert judged(notebook, axe) == [], "some made"
    notebook.change(**FAILED)
    notebook.part("find").fill("nothing fits")
    assert violations(notebook, axe) == [], "failed"
    notebook.close()


def test_axe_detects_violations(open_widget: OpenWidget, axe: str) -> None:
    notebook = open_widget()
    notebook.part("export").evaluate("(e) => { e.ariaDisabled = 'false'; e.textContent = ''; e.title = ''; }")
    notebook.part("primary").evaluate("(e) => { e.style.color = '#77a'; e.style.background = '#889'; }")
    found = violations(notebook, axe)
    assert [line.split(":")[0] for line in found] == ["button-name", "color-contrast"]
