"""The image stream: one request at a time, newest image first, shared by all views, and paused while hidden."""

from __future__ import annotations

import pytest
from page.fake_notebook import OpenWidget

GREEN = [10, 200, 30, 255]
RED = [220, 20, 10, 255]


@pytest.mark.parametrize("bundle", ["optimization_canvas", "lucid_widget"])
@pytest.mark.parametrize("host", ["lab", "colab"])
def test_draws_image_and_requests_the_next(open_widget: OpenWidget, bundle: str, host: str) -> None:
    notebook = open_widget(bundle=bundle, host=host)
    hello, want = notebook.sent()
    assert hello["type"] == "hello"
    assert len(hello["client"]) == 16
    assert hello["known"]["status"] == notebook.page.evaluate("host.state.status")
    assert (want["type"], want["client"], want["seen"]) == ("want", hello["client"], 0)
    notebook.frame(7, "rgb(10, 200, 30)", (6, 4), step=24)
    notebook.shown(7)
    assert notebook.pixel(5, 3) == GREEN
    canvas = notebook.part("canvas")
    assert canvas.evaluate("(c) => [c.width, c.height, c.dataset.step, c.dataset.frames]") == [6, 4, "24", "1"]
    assert [message["seen"] for message in notebook.sent("want")] == [0, 7]


def test_does_not_draw_older_images(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.frame(7, "rgb(10, 200, 30)")
    notebook.shown(7)
    notebook.frame(6, "rgb(220, 20, 10)")
    notebook.frame(7, "rgb(220, 20, 10)")
    notebook.settle()
    assert notebook.pixel() == GREEN
    assert notebook.part("canvas").get_attribute("data-frames") == "1"


def test_lossless_version_replaces_image(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.frame(7, "rgb(10, 200, 30)")
    notebook.shown(7)
    notebook.frame(7, "rgb(220, 20, 10)", lossless=True)
    notebook.wait("document.querySelector('canvas').dataset.lossless === 'true'")
    assert notebook.pixel() == RED


def test_draws_newest_image_of_a_burst(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.page.evaluate(
        """async () => {
          const green = await plain("rgb(10, 200, 30)");
          const red = await plain("rgb(220, 20, 10)");
          const meta = { type: "frame", step: 1, mime: "image/png", rows: 1, columns: 1 };
          for (let id = 1; id <= 200; id++) host.deliver({ ...meta, id }, [id < 200 ? red : green]);
        }"""
    )
    notebook.shown(200)
    assert notebook.pixel() == GREEN
    assert int(notebook.part("canvas").get_attribute("data-frames") or 0) <= 3


def test_draws_every_image_of_a_slow_stream(open_widget: OpenWidget) -> None:
    notebook = open_widget(status="running")
    colors = set()
    for number in range(1, 21):
        notebook.frame(number, f"rgb({10 * number}, 100, {255 - 10 * number})")
        notebook.shown(number)
        colors.add(tuple(notebook.pixel()))
    assert len(colors) == 20
    # On a loaded machine, a request may be repeated.
    assert list(dict.fromkeys(message["seen"] for message in notebook.sent("want"))) == list(range(21))


def test_unreadable_image_does_not_stop_the_stream(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.page.evaluate(
        "() => host.deliver({ type: 'frame', id: 1, mime: 'image/png' }, [new Uint8Array([1, 2, 3])])"
    )
    notebook.wait("host.of('want').length === 2")
    notebook.expect_console("unreadable image")
    notebook.frame(2)
    notebook.shown(2)
    assert notebook.pixel() == GREEN


def test_draws_image_from_state_without_kernel(open_widget: OpenWidget) -> None:
    meta = {"id": 9, "step": 512, "mime": "image/png", "width": 4, "height": 4, "rows": 1, "columns": 1}
    notebook = open_widget(status="done", frame="rgb(220, 20, 10)", _frame_meta={**meta, "lossless": True})
    notebook.shown(9)
    assert notebook.pixel() == RED
    assert notebook.part("canvas").get_attribute("data-step") == "512"
    assert not notebook.part("empty").is_visible()


def test_uses_later_image_from_state(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.page.evaluate(
        """async () => {
          const frame = host.bufferOf(await plain("rgb(220, 20, 10)"));
          const meta = { id: 3, step: 16, mime: "image/png", width: 4, height: 4 };
          host.change({ _frame_bytes: frame, _frame_meta: meta });
        }"""
    )
    notebook.shown(3)
    assert notebook.pixel() == RED
    assert notebook.sent("want")[-1]["seen"] == 3


def test_hidden_tab_requests_nothing_and_catches_up(open_widget: OpenWidget) -> None:
    notebook = open_widget(status="running", held=True)
    notebook.forget()
    notebook.set_hidden(True)
    assert notebook.types() == ["hidden"]
    notebook.pass_time(10_000)
    assert notebook.types() == ["hidden"]
    notebook.set_hidden(False)
    assert notebook.types() == ["hidden", "want"]


def test_hidden_widget_requests_no_images(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.forget()
    notebook.page.evaluate("() => { document.body.style.paddingTop = '3000px'; }")
    notebook.wait("host.sent.length === 1")
    assert notebook.types() == ["hidden"]
    notebook.page.evaluate("() => scrollTo(0, 3000)")
    notebook.wait("host.sent.length === 2")
    assert notebook.types() == ["hidden", "want"]


def test_redraws_cleared_canvas_when_it_becomes_visible(
    open_widget: OpenWidget,
) -> None:
    notebook = open_widget()
    notebook.frame(1)
    notebook.shown(1)
    notebook.settle()
    notebook.page.evaluate(
        """() => {
          document.body.style.paddingTop = "3000px";
          const canvas = document.querySelector("canvas");
          canvas.getContext("2d").clearRect(0, 0, 4, 4);
        }"""
    )
    notebook.wait("host.of('hidden').length === 1")
    assert notebook.pixel() == [0, 0, 0, 0]
    notebook.page.evaluate("() => scrollTo(0, 3000)")
    notebook.wait("document.querySelector('canvas').getContext('2d').getImageData(1, 1, 1, 1).data[1] === 200")


def test_two_views_share_image_and_requests(open_widget: OpenWidget) -> None:
    notebook = open_widget(views=2)
    assert notebook.types().count("hello") == 1
    assert len({message["client"] for message in notebook.sent()}) == 1
    notebook.forget()
    notebook.frame(5)
    notebook.shown(5, view=0)
    notebook.shown(5, view=1)
    assert notebook.pixel(view=0) == notebook.pixel(view=1) == GREEN
    assert [message["seen"] for message in notebook.sent("want")] == [5]
    notebook.change(channel=30)
    assert [notebook.part("channel", view).input_value() for view in (0, 1)] == ["30", "30"]


def test_later_view_shows_image_immediately(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    notebook.frame(5)
    notebook.shown(5)
    notebook.add_view()
    assert notebook.pixel(view=1) == GREEN


def test_says_bye_only_after_last_view_is_removed(open_widget: OpenWidget) -> None:
    notebook = open_widget(views=2, held=True)
    notebook.page.set_viewport_size({"width": 1024, "height": 3000})  # both are visible
    notebook.settle()
    notebook.forget()
    notebook.remove_view(0)
    notebook.pass_time(500)
    assert notebook.types() == []
    notebook.remove_view(1)
    notebook.pass_time(250)
    notebook.add_view()
    notebook.pass_time(500)
    assert "bye" not in notebook.types()
    notebook.remove_view(2)
    notebook.pass_time(500)
    assert notebook.types()[-1] == "bye"
    notebook.forget()
    notebook.add_view()
    notebook.wait("host.of('want').length === 1")
    assert notebook.types() == ["hello", "want"]


def test_leaving_the_page_says_so_once(open_widget: OpenWidget) -> None:
    notebook = open_widget(status="running", held=True)
    notebook.forget()
    # A browser hides the page after that, and some hosts remove their views.
    notebook.page.evaluate("() => { dispatchEvent(new Event('pagehide')); host.views[0].remove(); }")
    notebook.pass_time(10_000)
    assert notebook.types() == ["bye"]
    assert notebook.page.evaluate("host.of('bye')[0].leaving") is True
    notebook.add_view()
    notebook.page.evaluate("() => dispatchEvent(new Event('pageshow'))")
    notebook.wait("host.of('want').length > 0")
    assert notebook.types()[:3] == ["bye", "hello", "want"]


def test_closed_widget_sends_nothing(open_widget: OpenWidget) -> None:
    notebook = open_widget(status="running", held=True)
    notebook.page.evaluate("() => { host.close(); host.views[0].remove(); }")
    notebook.forget()
    assert notebook.page.evaluate("host.listenerCount()") == 0
    notebook.pass_time(10_000)
    assert notebook.types() == []


def test_repeats_lost_request_during_run(open_widget: OpenWidget) -> None:
    notebook = open_widget(status="running", held=True)
    notebook.forget()
    notebook.pass_time(1900)
    assert notebook.types() == []
    notebook.pass_time(200)
    assert notebook.types() == ["want"]


def test_polls_if_python_cannot_push(
    open_widget: OpenWidget,
) -> None:
    notebook = open_widget(host="colab", status="running", held=True)
    notebook.page.evaluate("() => host.deliver({ type: 'none', id: 0, status: 'running' })")
    notebook.pass_time(200)
    assert len(notebook.sent("want")) == 2
    notebook.frame(1, step=40, objective=12.5, status="running")
    notebook.shown(1)
    assert notebook.part("count").inner_text() == "40 / 512"
    assert notebook.part("objective").inner_text() == "12.50"
    notebook.forget()
    notebook.page.evaluate("() => host.deliver({ type: 'none', id: 1, status: 'done' })")
    notebook.settle()
    assert notebook.part("status").inner_text() == "Finished"
    notebook.pass_time(10_000)
    assert notebook.types() == []
    notebook.change(status="idle", current_step=0)
    assert notebook.part("status").inner_text() == "Ready"
    assert notebook.part("count").inner_text() == "0 / 512"


MANY_RUNS = """
  window[Symbol.for("lucid_widgets moving runs")] = new Set(Array.from({ length: 11 }, () => ({})));
"""


def test_shows_what_follows_one_of_many_runs_together_and_a_pause_at_once(open_widget: OpenWidget) -> None:
    notebook = open_widget(held=True, script=MANY_RUNS, status="running", current_step=1)
    count, status, canvas = notebook.part("count"), notebook.part("status"), notebook.part("canvas")
    notebook.frame(7, step=24)
    notebook.settle()
    notebook.change(current_step=8)
    assert canvas.get_attribute("data-frames") == "0"
    assert count.inner_text() == "1 / 512"
    notebook.pass_time(300)  # 25 ms for each of the twelve runs
    notebook.shown(7)
    assert count.inner_text() == "24 / 512"
    assert [message["seen"] for message in notebook.sent("want")] == [0, 7]

    notebook.change(current_step=32)
    assert count.inner_text() == "24 / 512"
    notebook.change(status="paused")
    assert status.inner_text() == "Paused"
    assert count.inner_text() == "32 / 512"


def test_numbers_of_one_of_many_runs_do_not_wait_for_an_image_that_never_comes(open_widget: OpenWidget) -> None:
    notebook = open_widget(held=True, script=MANY_RUNS, status="running", current_step=1)
    notebook.change(current_step=8)
    notebook.pass_time(600)
    assert notebook.part("count").inner_text() == "8 / 512"
