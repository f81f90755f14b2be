"""What a saved notebook shows of a widget to readers without widgets, though nobody called `freeze`."""

from __future__ import annotations

import base64
from typing import Any

from kernel.conftest import Notebook

VIEW = "application/vnd.jupyter.widget-view+json"
PNG = b"\x89PNG"


def saved(notebook: Notebook) -> list[dict[str, Any]]:
    """The outputs that display something, as the page would save them."""
    outputs: dict[str, dict[str, Any]] = {}
    for each in notebook.messages:
        if each["msg_type"] in ("display_data", "update_display_data"):
            outputs[each["content"]["transient"]["display_id"]] = each["content"]["data"]
    return list(outputs.values())


def has_png(output: dict[str, Any]) -> bool:
    return base64.b64decode(output.get("image/png", "")).startswith(PNG)


def test_an_image_made_after_the_display_is_in_a_hidden_output(notebook: Notebook) -> None:
    notebook.run("w = OptimizationCanvas(frames); display(w)", cell="one")
    view, hidden = saved(notebook)
    assert view[VIEW]["model_id"]
    assert hidden[VIEW]["model_id"] == ""
    assert not has_png(hidden)
    notebook.run("w.step(); w.wait()", cell="two")
    notebook.until(lambda: has_png(saved(notebook)[1]))
    # The view is left alone: a page would build it again, and lose the focus.
    updates = [each for each in notebook.messages if each["msg_type"] == "update_display_data"]
    assert all(each["content"]["data"][VIEW]["model_id"] == "" for each in updates)
    notebook.run("w.freeze()")
    frozen, emptied = saved(notebook)
    assert has_png(frozen)
    assert VIEW not in frozen
    assert not has_png(emptied)


def test_an_image_made_without_a_page_is_in_the_output_of_the_widget(notebook: Notebook) -> None:
    notebook.run("w = OptimizationCanvas(frames); display(w)")
    notebook.run("w.step(); w.wait()")
    notebook.until(lambda: has_png(saved(notebook)[0]))
    (output,) = saved(notebook)
    assert output[VIEW]["model_id"]


def test_a_view_of_a_host_that_hides_no_outputs_is_left_alone(notebook: Notebook) -> None:
    notebook.run("w = OptimizationCanvas(frames); display(w)")
    notebook.send(notebook.widget(), {"type": "hello", "client": "page"})
    notebook.run("w.step(); w.wait()")
    notebook.run("w._settle()")
    assert not any(each["msg_type"] == "update_display_data" for each in notebook.messages)


def test_every_widget_has_a_picture(notebook: Notebook) -> None:
    notebook.run(
        """
        import keras
        from lucid_widgets import FeatureGrid, ObjectiveBuilder
        layers = [keras.Input((8, 8, 3)), keras.layers.Conv2D(2, 3, name="a")]
        net = keras.Sequential(layers)
        g = FeatureGrid(net, "a", image_size=8, steps=1, cache=False, images=None)
        b = ObjectiveBuilder(net, "a:1")
        display(g); display(b)
        """,
        cell="one",
    )
    notebook.run("g.wait(verbose=False); b.expression = 'a:0'", cell="two")
    notebook.until(lambda: has_png(saved(notebook)[1]))
    assert "channel(&quot;a&quot;, 0)" in saved(notebook)[3]["text/html"]
