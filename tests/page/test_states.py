"""What the page says in every state a run can be in, to the eye and to a screen reader."""

from __future__ import annotations

import pytest
from page.fake_notebook import FAILED, HALFWAY, OpenWidget
from playwright.sync_api import expect

BUSY = "Kernel busy: another cell is running. The command runs as soon as it is free."
LIVE = "document.querySelector('.lucidw-live')"
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
SILENT = "No answer from the kernel. If it was restarted, run the cell again."


@pytest.mark.parametrize(
    ("status", "word", "title"),
    [
        ("idle", "Ready", "Nothing here yet"),
        ("queued", "Waiting", "Waiting"),
        ("compiling", "Compiling", "Compiling"),
        ("running", "Running", "Starting"),
    ],
)
def test_before_the_first_picture_its_place_says_what_to_expect(
    open_widget: OpenWidget, status: str, word: str, title: str
) -> None:
    notebook = open_widget(status=status)
    assert notebook.part("status").inner_text() == word
    assert notebook.part("empty").locator("strong").inner_text() == title
    assert not notebook.part("canvas").is_visible()
    place = notebook.part("empty").bounding_box()
    notebook.frame(1, size=(64, 64))
    notebook.shown(1)
    assert not notebook.part("empty").is_visible()
    assert notebook.part("canvas").bounding_box() == place


def test_the_empty_state_names_what_will_be_looked_for(open_widget: OpenWidget) -> None:
    expect(open_widget().part("empty")).to_contain_text("watch what excites channel 476 of mixed4a.")
    expect(open_widget(bundle="optimization_canvas").part("empty")).to_contain_text("Press Run and watch")


def test_compiling_is_said_over_the_picture_and_in_the_bar(open_widget: OpenWidget) -> None:
    notebook = open_widget(**HALFWAY, status="running")
    notebook.frame(1)
    notebook.shown(1)
    expect(notebook.part("chip")).to_be_hidden()
    notebook.change(status="compiling")
    expect(notebook.part("chip")).to_have_text("Compiling")
    assert notebook.page.locator(".lucidw-waiting").count() == 1
    notebook.change(status="running")
    assert notebook.page.locator(".lucidw-waiting").count() == 0
    bar = notebook.page.locator(".lucidw-progress .lucidw-bar")
    track = notebook.page.get_by_role("progressbar")
    notebook.page.wait_for_timeout(300)
    part = bar.evaluate("(e) => e.getBoundingClientRect().width") / track.evaluate("(e) => e.clientWidth")
    assert part == pytest.approx(192 / 512, abs=0.01)


def test_a_stream_without_an_end_counts_its_steps(open_widget: OpenWidget) -> None:
    notebook = open_widget(bundle="optimization_canvas", status="running", step=57, total_steps=0)
    assert notebook.part("count").inner_text() == "step 57"
    assert notebook.page.get_by_role("progressbar").get_attribute("aria-valuenow") is None
    assert notebook.page.locator(".lucidw-waiting").count() == 1
    notebook.change(status="paused")
    assert notebook.page.locator(".lucidw-waiting").count() == 0


def test_nothing_jumps_when_the_run_goes_on(open_widget: OpenWidget) -> None:
    notebook = open_widget(**HALFWAY, status="running")
    notebook.frame(1, size=(64, 64))
    notebook.shown(1)
    boxes = """() => [...document.querySelectorAll(".lucidw [data-lucidw]")]
      .filter((e) => e.checkVisibility() && !["rate", "left", "count", "objective"].includes(e.dataset.lucidw))
      .map((e) => [e.dataset.lucidw, ...Object.values(e.getBoundingClientRect().toJSON())].join(" "))"""
    before = notebook.page.evaluate(boxes)
    assert len(before) > 15
    for values in (
        {"step": 1, "objective_value": -0.5, "rate": 0, "remaining": None},
        {"step": 511, "objective_value": 12345.678, "rate": 102.0, "remaining": 3999},
        {"status": "paused"},
    ):
        notebook.change(**values)
        assert [box for box in notebook.page.evaluate(boxes) if "status" not in box] == [
            box for box in before if "status" not in box
        ]


def test_the_curve_shows_the_history(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    curve = notebook.page.locator(".lucidw-curve")
    expect(curve).to_have_accessible_name("Objective over the run, nothing to show yet")
    notebook.change(**HALFWAY)
    assert curve.locator(".lucidw-line").get_attribute("d") == "M3 53L83.7 31.8L164.3 12L245 3"
    expect(curve).to_have_accessible_name("Objective over the run, from 12.00 to 974.6, now 974.6")


@pytest.mark.parametrize("bundle", ["optimization_canvas", "lucid_widget"])
def test_a_failed_run_says_what_happened_and_what_to_do(open_widget: OpenWidget, bundle: str) -> None:
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


def test_a_failed_run_keeps_its_last_picture(open_widget: OpenWidget) -> None:
    notebook = open_widget(status="running")
    notebook.frame(1)
    notebook.shown(1)
    notebook.change(**FAILED)
    expect(notebook.part("canvas")).to_be_visible()
    assert notebook.pixel() == [10, 200, 30, 255]


def test_copying_an_error_where_there_is_no_clipboard_selects_it(open_widget: OpenWidget) -> None:
    notebook = open_widget(**FAILED)
    notebook.part("error").get_by_role("button", name="Copy").click()
    expect(notebook.part("error").get_by_role("button", name="Select the text and copy it")).to_be_visible()
    assert "NonFiniteObjectiveError" in notebook.page.evaluate("getSelection().toString()")


def test_copying_an_error(open_widget: OpenWidget) -> None:
    clipboard = """
      const value = { writeText: async (text) => { window.copied = text; } };
      Object.defineProperty(navigator, "clipboard", { value });
    """
    notebook = open_widget(**FAILED, script=clipboard)
    notebook.part("error").get_by_role("button", name="Copy").click()
    expect(notebook.part("error").get_by_role("button", name="Copied")).to_be_visible()
    error = FAILED["error"]
    parts = [error["title"], error["message"], error["hint"], error["traceback"]]
    assert notebook.page.evaluate("copied") == "\n\n".join(parts)


def test_a_busy_kernel_is_named_and_forgotten(open_widget: OpenWidget) -> None:
    notebook = open_widget(status="running")
    notebook.part("primary").click()
    notebook.page.wait_for_timeout(1200)
    expect(notebook.part("patience")).to_be_hidden()
    notebook.page.wait_for_timeout(500)
    expect(notebook.part("patience")).to_have_text(BUSY)
    notebook.change(status="paused")
    notebook.reply(notebook.command())
    expect(notebook.part("patience")).to_be_hidden()


def test_a_kernel_that_says_nothing_for_ten_seconds_may_have_been_restarted(open_widget: OpenWidget) -> None:
    notebook = open_widget(status="running")
    notebook.frame(1)
    notebook.shown(1)
    notebook.page.clock.install()
    notebook.part("primary").click()
    notebook.page.clock.run_for(1600)
    expect(notebook.part("patience")).to_have_text(BUSY)
    notebook.page.clock.run_for(8600)
    expect(notebook.part("patience")).to_have_text(SILENT)
    assert notebook.pixel() == [10, 200, 30, 255]


def test_names_from_models_are_text(open_widget: OpenWidget) -> None:
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
    assert notebook.part("layers").locator(".lucidw-name").inner_text() == evil
    assert notebook.page.locator(".lucidw-title").inner_text() == evil
    assert notebook.part("layer-select").locator("option").last.inner_text() == f"{evil} · 3"
    assert notebook.page.locator(".lucidw-code").inner_text() == f'channel("{evil}", 1)'
    notebook.part("seed").fill("5")
    notebook.page.keyboard.press("Enter")
    notebook.refuse(notebook.command(), evil)
    assert notebook.page.get_by_role("alert").filter(has_text=evil).last.inner_text() == evil


def test_a_screen_reader_hears_status_and_quarters_only(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    live = notebook.page.locator(".lucidw-live")
    assert live.get_attribute("aria-live") == "polite"
    heard = []
    notebook.change(status="running")
    heard.append(live.inner_text())
    for step in range(0, 513, 8):
        notebook.page.evaluate("(step) => host.change({ step })", step)
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


def test_a_widget_that_cannot_be_drawn_says_so(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.page.evaluate("() => { host.state.layers = 5; host.change({ layers: 5 }); }")
    card = notebook.part("error")
    expect(card).to_contain_text("This widget could not be drawn")
    expect(card).to_contain_text("TypeError")
    notebook.expect_console("TypeError")
    notebook.change(step=3)
    expect(card).to_be_visible()


def test_reset_takes_the_picture_away(open_widget: OpenWidget) -> None:
    notebook = open_widget(**{**HALFWAY, "status": "done"}, frame="rgb(200, 10, 30)", frame_meta=META)
    expect(notebook.part("canvas")).to_be_visible()
    notebook.change(frame=None, frame_meta={}, status="idle", step=0)
    expect(notebook.part("canvas")).to_be_hidden()
    expect(notebook.part("empty")).to_contain_text("Nothing here yet")
    expect(notebook.part("save")).to_have_attribute("aria-disabled", "true")
    # The next picture of the next run comes back by itself.
    notebook.frame(10)
    notebook.shown(10)
    expect(notebook.part("canvas")).to_be_visible()
