"""Cleanup: no listener, timer, observer, object URL or bitmap outlives a view or a widget."""

from __future__ import annotations

from pathlib import Path

import pytest
from page.fake_notebook import OpenWidget

COUNT = Path(__file__).with_name("alive.js").read_text()
SIZES = "() => Object.fromEntries(Object.entries(alive).map(([name, set]) => [name, set.size]))"


@pytest.mark.parametrize("host", ["lab", "colab"])
@pytest.mark.parametrize("bundle", ["optimization_canvas", "lucid_widget"])
def test_leaves_nothing_behind(open_widget: OpenWidget, bundle: str, host: str) -> None:
    notebook = open_widget(bundle=bundle, host=host, views=0, script=COUNT)
    notebook.settle()
    with_model = notebook.page.evaluate(SIZES)
    assert with_model["listeners"] == 2  # pagehide and pageshow, for the model
    notebook.add_view()
    notebook.change(status="running")
    assert notebook.page.evaluate(SIZES)["listeners"] > 10
    assert notebook.page.evaluate(SIZES)["observers"] >= 3
    # Everything pending at once: a download, its note, an edit, a command and a burst of images.
    notebook.frame(1)
    notebook.shown(1)
    notebook.page.locator(".lucidw").focus()
    notebook.page.keyboard.press("s")
    notebook.page.evaluate(
        "async (c) => host.reply(c, { value: { filename: 'a.png' } }, [await plain('red')])", notebook.command()
    )
    notebook.settle()
    assert notebook.page.evaluate(SIZES)["urls"] == 1
    notebook.part("primary").click()
    if bundle == "lucid_widget":
        notebook.part("channel-more").click()
    notebook.page.evaluate(
        """async () => {
          const png = await plain("blue", 64);
          for (let id = 2; id < 9; id++) host.deliver({ type: "frame", id, mime: "image/png" }, [png]);
          host.views.at(-1).remove();
        }"""
    )
    assert notebook.page.locator(".lucidw").count() == 0
    # The last image is still decoded and drawn, in an animation frame that a busy machine may delay.
    notebook.page.wait_for_function("() => host.of('bye').length && !alive.frames.size && !alive.bitmaps.size")
    assert notebook.page.evaluate("host.of('bye').length") == 1
    after_view = notebook.page.evaluate(SIZES)
    assert after_view["listeners"] == with_model["listeners"]
    assert {name: after_view[name] for name in ("observers", "urls", "bitmaps", "frames")} == {
        "observers": 0,
        "urls": 0,
        "bitmaps": 0,
        "frames": 0,
    }
    notebook.page.evaluate("host.close()")
    notebook.wait("Object.values(alive).every((set) => set.size === 0)")
    assert notebook.page.evaluate("host.listenerCount()") == 0


def test_adding_and_removing_views_leaks_nothing(open_widget: OpenWidget) -> None:
    notebook = open_widget(views=0, script=COUNT)
    notebook.add_view()
    once = notebook.page.evaluate(SIZES)
    for _ in range(10):
        notebook.add_view()
        notebook.page.evaluate("() => host.views.at(-2).remove()")
    notebook.settle()
    assert notebook.page.evaluate(SIZES)["listeners"] == once["listeners"]
    assert notebook.page.evaluate(SIZES)["observers"] == once["observers"]


def test_disposing_twice_is_harmless(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.page.evaluate("() => { host.views[0].remove(); host.views[0].remove(); host.close(); host.close(); }")
