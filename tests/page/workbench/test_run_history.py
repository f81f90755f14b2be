"""Earlier runs in the workbench: the list, side-by-side comparison, and what a run can be used for."""

from __future__ import annotations

from typing import Any

import pytest
from page.fake_notebook import MADE_BY, RUN, FakeNotebook, OpenWidget
from playwright.sync_api import expect


def with_runs(open_widget: OpenWidget, **traits: Any) -> FakeNotebook:
    other = {**RUN, "id": 2, "step": 96, "image_size": 128, "shift": 2, "expression": 'deepdream("mixed4a")'}
    return open_widget(runs=[RUN, other], **traits)


def clock(notebook: FakeNotebook) -> str:
    return str(
        notebook.page.evaluate("() => new Date(1.7e12).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })")
    )


def test_runs_are_named_by_what_differs(open_widget: OpenWidget) -> None:
    panda = {"expression": 'class_logit("softmax2", "panda")', "objective": 17.311}
    runs = [
        RUN,
        {**RUN, "id": 2, "steered": True},
        {**RUN, "id": 3, "seed": 4, "shift": 2},
        {**RUN, "id": 4, **panda},
    ]
    notebook = open_widget(runs=runs, width=384)
    cards = notebook.part("runs").locator("[role=option]")
    facts = f"812.0 · {clock(notebook)}"
    assert [text.replace("\n", " | ") for text in cards.all_inner_texts()] == [
        f"mixed4a:476shift 6 px · seed 3 | {facts}",
        f"mixed4a:476steered · shift 6 px · seed 3 | {facts}",
        f"mixed4a:476shift 2 px · seed 4 | {facts}",
        f"panda | 17.31 · {clock(notebook)}",
    ]
    names = cards.locator(".lucidw-run-name")
    for index in range(4):  # the whole name can be read in a narrow pane
        assert names.nth(index).evaluate("(name) => name.scrollWidth <= name.clientWidth")


def test_lists_runs_with_their_settings(open_widget: OpenWidget) -> None:
    expect(open_widget().part("runs")).to_be_hidden()
    notebook = with_runs(open_widget)
    cards = notebook.part("runs").locator("[role=option]")
    facts = f"812.0 · {clock(notebook)}"
    assert cards.all_inner_texts() == [f"mixed4a:476\n{facts}", f"all of mixed4a\n{facts}"]
    options = notebook.part("compare-with").locator("option").all_inner_texts()
    assert options == ["none", f"mixed4a:476 · {facts}", f"all of mixed4a · {facts}"]


def open_comparison(notebook: FakeNotebook, run: int, width: int = 32) -> None:
    notebook.part("runs").locator(f"[data-run='{run}']").click()
    command = notebook.command("run_image")
    assert command["args"] == {"run": run}
    notebook.page.evaluate(
        "async ([command, w]) => host.reply(command, { value: { filename: 'r.png' } }, [await plain('red', w)])",
        [command, width],
    )
    notebook.wait(f"document.querySelector('[data-lucidw=compare-image]').dataset.run === '{run}'")


def test_compares_run_side_by_side(open_widget: OpenWidget) -> None:
    notebook = with_runs(open_widget, width=1424)
    notebook.frame(1, size=(64, 64))
    notebook.shown(1)
    open_comparison(notebook, 2)
    notebook.settle()
    now, then = (notebook.part(name).bounding_box() or {} for name in ("canvas", "compare-image"))
    assert now["y"] == pytest.approx(then["y"], abs=1)
    assert now["width"] == pytest.approx(then["width"], abs=1)
    assert now["x"] + now["width"] < then["x"]
    assert notebook.part("compare-image").evaluate("(c) => c.width") == 32
    expect(notebook.part("compare")).to_contain_text(
        "Differs from the current settings: all of mixed4a, 128 px, shift 2 px."
    )
    expect(notebook.part("compare-with")).to_have_value("2")
    notebook.page.keyboard.press("Escape")
    expect(notebook.part("compare")).to_be_hidden()


@pytest.mark.parametrize("width", [320, 400, 560, 680, 800, 1040])
def test_comparison_keeps_the_layers_and_names_both_images(open_widget: OpenWidget, width: int) -> None:
    notebook = with_runs(open_widget, width=width + 24, unfolded=False)
    notebook.frame(1, size=(64, 64), made_by=MADE_BY, step=192, objective=974.6)
    notebook.shown(1)
    single = notebook.part("canvas").bounding_box() or {}
    open_comparison(notebook, 2, 64)
    notebook.settle()
    layers = notebook.part("layers" if width >= 640 else "layer-select")
    expect(layers).to_be_visible()
    expect(notebook.part("caption")).to_contain_text("mixed4a:476974.6 · step 192")
    expect(notebook.part("compare")).to_contain_text("all of mixed4a812.0 · step 96 · 128 px")
    for name in ("lucidw-caption-facts", "lucidw-compare-facts"):
        expect(notebook.page.locator(f".{name}")).to_be_visible()
    now, then = (notebook.part(name).bounding_box() or {} for name in ("canvas", "compare-image"))
    assert now["width"] == pytest.approx(then["width"], abs=1)
    assert now["width"] > 0.45 * min(single["width"], width)
    if width >= 1040:  # the settings make room, so that the images need not
        assert now["width"] > 0.7 * single["width"]
    tops = {
        round((notebook.part(name).bounding_box() or {})["y"])
        for name in ("restore", "run-save", "run-code", "run-delete")
    }
    assert len(tops) == 1
    assert notebook.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_restores_shows_code_saves_and_deletes_run(open_widget: OpenWidget) -> None:
    notebook = with_runs(open_widget, _class_rows=0)
    open_comparison(notebook, 1)
    expect(notebook.part("compare")).to_contain_text("Same settings as now.")
    notebook.part("run-code").click()
    command = notebook.command()
    assert (command["name"], command["args"]) == ("code", {"run": 1})
    notebook.reply(command, value="image = 1\n")
    notebook.page.keyboard.press("Escape")
    notebook.part("run-save").click()
    with notebook.page.expect_download() as download:
        notebook.page.evaluate(
            "async (c) => host.reply(c, { value: { filename: 'r.png' } }, [await plain('red', 8)])",
            notebook.command(),
        )
    assert download.value.suggested_filename == "r.png"
    notebook.part("restore").click()
    command = notebook.command()
    assert (command["name"], command["args"]) == ("restore", {"run": 1})
    notebook.reply(command)
    expect(notebook.part("compare")).to_be_hidden()
    open_comparison(notebook, 2)
    notebook.part("run-delete").click()
    assert notebook.command()["args"] == {"run": 2}
    notebook.change(runs=[RUN])
    expect(notebook.part("compare")).to_be_hidden()
