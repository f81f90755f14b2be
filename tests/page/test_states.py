"""What the page shows and announces in every state of a run."""

from __future__ import annotations

import pytest
from page.fake_notebook import FAILED, HALFWAY, OpenWidget
from playwright.sync_api import expect

BUSY = "Waiting for the kernel. It runs the command as soon as it is free."
LIVE = "document.querySelector('.lucidw-live-region')"
META = {
    "id": 9,
    "step": 512,
    "objective": 1.0,
    "mime": "image/png",
    "width": 4,
    "height": 4,
    "rows": 1,
    "columns": 1,
    "lossless": True,
}
SILENT = "The kernel does not respond. If it was restarted, run the cell again."


@pytest.mark.parametrize(
    ("status", "word", "title"),
    [
        ("idle", "Ready", "No image yet"),
        ("queued", "Waiting", "Waiting"),
        ("compiling", "Compiling", "Compiling"),
        ("running", "Running", "Starting"),
    ],
)
def test_empty_state_explains_status(open_widget: OpenWidget, status: str, word: str, title: str) -> None:
    notebook = open_widget(status=status)
    assert notebook.part("status").inner_text() == word
    assert notebook.part("empty").locator("strong").inner_text() == title
    assert not notebook.part("canvas").is_visible()
    place = notebook.part("empty").bounding_box()
    notebook.frame(1, size=(64, 64))
    notebook.shown(1)
    assert not notebook.part("empty").is_visible()
    assert notebook.part("canvas").bounding_box() == place


def test_empty_state_names_layer_and_channel(open_widget: OpenWidget) -> None:
    expect(open_widget().part("empty")).to_contain_text("see what activates channel 476 of mixed4a.")
    expect(open_widget(bundle="optimization_canvas").part("empty")).to_contain_text("Press Run and watch")


def test_shows_compiling_over_image_and_in_progress_bar(open_widget: OpenWidget) -> None:
    notebook = open_widget(**HALFWAY, status="running")
    notebook.frame(1, step=192)
    notebook.shown(1)
    expect(notebook.part("chip")).to_be_hidden()
    notebook.change(status="compiling")
    expect(notebook.part("chip")).to_have_text("Compiling")
    assert notebook.page.locator(".lucidw-waiting").count() == 1
    notebook.change(status="running")
    assert notebook.page.locator(".lucidw-waiting").count() == 0
    bar = notebook.page.locator(".lucidw-progress .lucidw-bar")
    track = notebook.page.get_by_role("progressbar")
    bar.evaluate("(e) => Promise.all(e.getAnimations().map((each) => each.finished))")
    assert bar.evaluate("(e) => e.clientWidth") == track.evaluate("(e) => e.clientWidth")
    assert bar.evaluate("(e) => getComputedStyle(e).backgroundSize") == f"{100 * 192 / 512}% 100%"


def test_stream_without_total_counts_steps(open_widget: OpenWidget) -> None:
    notebook = open_widget(bundle="optimization_canvas", status="running", current_step=57, total_steps=0)
    assert notebook.part("count").inner_text() == "step 57"
    assert notebook.page.get_by_role("progressbar").get_attribute("aria-valuenow") is None
    assert notebook.page.locator(".lucidw-waiting").count() == 1
    notebook.change(status="paused")
    assert notebook.page.locator(".lucidw-waiting").count() == 0


def test_layout_stays_stable_during_run(open_widget: OpenWidget) -> None:
    notebook = open_widget(**HALFWAY, status="running")
    notebook.frame(1, size=(64, 64))
    notebook.shown(1)
    boxes = """() => [...document.querySelectorAll(".lucidw [data-lucidw]")]
      .filter((e) => e.checkVisibility() && !["rate", "left", "count", "objective"].includes(e.dataset.lucidw))
      .map((e) => [e.dataset.lucidw, ...Object.values(e.getBoundingClientRect().toJSON())].join(" "))"""
    before = notebook.page.evaluate(boxes)
    assert len(before) > 15
    for values in (
        {"current_step": 1, "objective_value": -0.5, "rate": 0, "remaining": None},
        {"current_step": 511, "objective_value": 12345.678, "rate": 102.0, "remaining": 3999},
        {"status": "paused"},
    ):
        notebook.change(**values)
        assert [box for box in notebook.page.evaluate(boxes) if "status" not in box] == [
            box for box in before if "status" not in box
        ]


def test_curve_shows_history(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    curve = notebook.page.locator(".lucidw-curve")
    expect(curve).to_have_accessible_name("Objective over the run: no data yet")
    notebook.change(**HALFWAY)
    assert curve.locator(".lucidw-line").get_attribute("d") == "M3 53L83.7 31.8L164.3 12L245 3"
    expect(curve).to_have_accessible_name("Objective over the run: from 12.00 to 974.6, now 974.6")


@pytest.mark.parametrize("bundle", ["optimization_canvas", "lucid_widget"])
def test_failed_run_shows_error_and_hint(open_widget: OpenWidget, bundle: str) -> None:
    notebook = open_widget(bundle=bundle, **FAILED)
    card = notebook.part("error")
    for words in ("The objective is not finite", "NaN at step 193", "smaller learning rate"):
        expect(card).to_contain_text(words)
    expect(card.locator("pre")).to_be_hidden()
    card.locator("summary").click()
    expect(card.locator("pre")).to_contain_text("NonFiniteObjectiveError")
    card.get_by_role("button", name="Try again").click()
    assert notebook.command()["name"] == "run"
    notebook.change(status="running", error={})
    expect(card).to_be_hidden()


def test_failed_run_keeps_last_image(open_widget: OpenWidget) -> None:
    notebook = open_widget(status="running")
    notebook.frame(1)
    notebook.shown(1)
    notebook.change(**FAILED)
    expect(notebook.part("canvas")).to_be_visible()
    assert notebook.pixel() == [10, 200, 30, 255]


def test_selects_error_text_without_clipboard(open_widget: OpenWidget) -> None:
    notebook = open_widget(**FAILED, held=True)
    notebook.part("error").get_by_role("button", name="Copy").click()
    expect(notebook.part("error").get_by_role("button", name="Select the text and copy it")).to_be_visible()
    assert "NonFiniteObjectiveError" in notebook.page.evaluate("getSelection().toString()")


def test_copies_error_text(open_widget: OpenWidget) -> None:
    clipboard = """
      const value = { writeText: async (text) => { window.copied = text; } };
      Object.defineProperty(navigator, "clipboard", { value });
    """
    notebook = open_widget(**FAILED, script=clipboard, held=True)
    notebook.part("error").get_by_role("button", name="Copy").click()
    expect(notebook.part("error").get_by_role("button", name="Copied")).to_be_visible()
    error = FAILED["error"]
    parts = [error["title"], error["message"], error["hint"], error["traceback"]]
    assert notebook.page.evaluate("copied") == "\n\n".join(parts)


def test_shows_and_clears_busy_kernel_notice(open_widget: OpenWidget) -> None:
    notebook = open_widget(status="running", held=True)
    notebook.part("primary").click()
    notebook.pass_time(1400)
    expect(notebook.part("busy-notice")).to_be_hidden()
    notebook.pass_time(200)
    expect(notebook.part("busy-notice")).to_have_text(BUSY)
    notebook.change(status="paused")
    notebook.reply(notebook.command())
    expect(notebook.part("busy-notice")).to_be_hidden()


def test_reports_silent_kernel_after_ten_seconds(open_widget: OpenWidget) -> None:
    notebook = open_widget(status="running", held=True)
    notebook.frame(1)
    notebook.shown(1)
    notebook.page.evaluate("() => { host.isSilent = true; }")
    notebook.part("primary").click()
    notebook.pass_time(1600)
    expect(notebook.part("busy-notice")).to_have_text(BUSY)
    notebook.pass_time(8600)
    expect(notebook.part("busy-notice")).to_have_text(SILENT)
    assert notebook.pixel() == [10, 200, 30, 255]


def test_a_run_without_a_sign_of_life_is_reported_without_a_click_and_recovers(open_widget: OpenWidget) -> None:
    notebook = open_widget(status="running", held=True)
    notebook.page.evaluate("() => { host.isSilent = true; }")
    notebook.pass_time(9000)
    expect(notebook.part("busy-notice")).to_be_hidden()
    notebook.pass_time(3000)
    expect(notebook.part("busy-notice")).to_have_text(SILENT)
    notebook.forget()
    notebook.frame(1)
    notebook.shown(1)
    expect(notebook.part("busy-notice")).to_be_hidden()
    (hello,) = notebook.sent("hello")  # messages may have been lost
    assert hello["known"]["status"] == "running"


def test_names_from_models_are_not_parsed_as_html(open_widget: OpenWidget) -> None:
    evil = '<img src=x onerror="window.hacked=1">&lt;b&gt;'
    layers = [{"name": evil, "kind": evil, "channels": 3, "share": 0.5}]
    notebook = open_widget(
        layers=layers,
        layer=evil,
        model_name=evil,
        title=evil,
        expression=f'channel("{evil}", 1)',
        status="error",
        error={"title": evil, "message": evil, "hint": evil, "traceback": evil},
    )
    notebook.settle()
    assert notebook.page.evaluate("window.hacked") is None
    assert notebook.page.locator(".lucidw img:visible, .lucidw b").count() == 0
    assert notebook.part("layers").locator(".lucidw-name:visible").inner_text() == evil
    assert notebook.page.locator(".lucidw-title").inner_text() == evil
    assert notebook.part("layer-select").locator("option").last.inner_text() == f"{evil} · 3"
    assert notebook.page.locator(".lucidw-code").inner_text() == f'channel("{evil}", 1)'
    notebook.part("seed").fill("5")
    notebook.page.keyboard.press("Enter")
    notebook.refuse(notebook.command(), evil)
    assert notebook.page.get_by_role("alert").filter(has_text=evil).last.inner_text() == evil


def test_announces_only_status_and_quarters(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    live = notebook.page.locator(".lucidw-live-region")
    assert live.get_attribute("aria-live") == "polite"
    heard = []
    notebook.change(status="running")
    heard.append(live.inner_text())
    for step in range(0, 513, 8):
        notebook.page.evaluate("(step) => host.change({ current_step: step })", step)
        said = notebook.page.evaluate(f"Promise.resolve().then(() => {LIVE}.textContent)")
        if said != heard[-1]:
            heard.append(said)
    notebook.change(status="done")
    heard.append(live.inner_text())
    assert heard == [
        "Running, 512 steps",
        "25 percent done",
        "50 percent done",
        "75 percent done",
        "Finished after 512 steps",
    ]


def test_shows_error_if_widget_cannot_be_displayed(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.page.evaluate("() => { host.state.layers = 5; host.change({ layers: 5 }); }")
    card = notebook.part("error")
    expect(card).to_contain_text("This widget could not be displayed")
    expect(card).to_contain_text("TypeError")
    notebook.expect_console("TypeError")
    notebook.change(current_step=3)
    expect(card).to_be_visible()


def test_reset_removes_image(open_widget: OpenWidget) -> None:
    notebook = open_widget(**{**HALFWAY, "status": "done"}, frame="rgb(200, 10, 30)", _frame_meta=META)
    expect(notebook.part("canvas")).to_be_visible()
    notebook.change(_frame_bytes=None, _frame_meta={}, status="idle", current_step=0)
    expect(notebook.part("canvas")).to_be_hidden()
    expect(notebook.part("empty")).to_contain_text("No image yet")
    # Without an image, only the settings can be exported.
    notebook.part("export").click()
    expect(notebook.page.locator(".lucidw-export-row strong")).to_have_text(["Settings"])
    # The next image of the next run appears without a reload.
    notebook.frame(10)
    notebook.shown(10)
    expect(notebook.part("canvas")).to_be_visible()


def test_curve_has_axes_values_under_the_pointer_and_a_log_scale(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.change(**{**HALFWAY, "history": [[0, 1.0], [50, 10.0], [100, 100.0]]})
    box = notebook.page.locator(".lucidw-curve-box")
    for words in ("step 0", "100", "1.000", "100.0"):
        expect(box).to_contain_text(words)
    curve = notebook.page.locator(".lucidw-curve")
    size = curve.bounding_box()
    assert size
    curve.hover(position={"x": size["width"] / 2, "y": 20})
    expect(notebook.part("curve-at")).to_have_text("step 50: 10.00")
    notebook.part("log").click()
    assert curve.locator(".lucidw-line").get_attribute("d") == "M3 53L124 28L245 3"
    curve.focus()
    notebook.page.keyboard.press("ArrowLeft")
    notebook.page.keyboard.press("ArrowLeft")
    expect(notebook.part("curve-at")).to_have_text("step 50: 10.00")
    # The logarithm of a negative objective does not exist.
    notebook.change(history=[[0, -1.0], [50, 10.0]])
    expect(notebook.part("log")).to_be_hidden()
