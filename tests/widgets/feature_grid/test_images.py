"""Images of a FeatureGrid, the order in which it makes them, and what it sends to a page."""

from __future__ import annotations

import io
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from widgets.feature_grid.grids import Make

from lucid_widgets.optvis import objectives
from lucid_widgets.optvis.many import render_many

pytestmark = pytest.mark.slow


class TestPictures:
    def test_images_equal_those_of_render_many(self, make: Make, model: Any) -> None:
        grid, page = make(seed=3)
        grid.run()
        assert grid.wait() == "done"
        alone = render_many(model, ["late:0", "late:7", "late:11"], steps=2, image_size=8, seed=3, verbose=False)
        assert grid.images.shape == (12, 8, 8, 3)
        assert grid.images.dtype == np.float32
        # Images are rounded to 256 levels.
        np.testing.assert_allclose(grid.images[[0, 7, 11]], alone, atol=0.5 / 255 + 1e-4)
        assert page.state["made"] == 12
        assert page.state["status"] == "done"

    def test_values_are_the_objectives_of_the_images(self, make: Make, model: Any) -> None:
        grid, _ = make(steps=1, transforms=[], batch=5)
        grid.run()
        grid.wait()
        # Without transforms, the objective depends only on the image.
        images = tf.constant(grid.images)

        @tf.function
        def layer() -> Any:
            return tf.reduce_mean(model.import_graph(images)("late"), [1, 2])

        np.testing.assert_allclose(grid.values, np.diagonal(layer().numpy()), atol=0.01)

    def test_own_objective_and_optimizer_make_the_images(self, make: Make, model: Any) -> None:
        """One step of plain gradient descent on a linear network changes the image by its gradient."""
        asked = []

        def against(layer: str, unit: int) -> Any:
            asked.append((layer, unit))
            return -1 * objectives.channel(layer, unit)

        def gray(batch: int) -> Any:
            return tf.identity(tf.Variable(tf.fill((batch, 8, 8, 3), 0.5)))

        images = tf.fill((12, 8, 8, 3), 0.5)

        @tf.function
        def gradients() -> Any:
            values = tf.reduce_mean(model.import_graph(images)("late"), [1, 2])
            return tf.gradients(tf.linalg.trace(values), images)[0]

        found = gradients().numpy()
        rate = float(0.4 / np.abs(found).max())
        sgd = keras.optimizers.SGD(rate)
        own = {"param_f": gray, "objective_f": against, "optimizer": sgd, "transforms": [], "image_size": None}
        grid, _ = make(steps=1, batch=12, cache=False, **own)
        grid.run()
        assert grid.wait() == "done"
        np.testing.assert_allclose(grid.images, 0.5 - rate * found, atol=0.5 / 255 + 1e-4)
        assert {unit for _, unit in asked} == set(range(12))
        assert {layer for layer, _ in asked} == {"late"}

    def test_there_is_no_file_before_the_first_image(self, make: Make) -> None:
        grid, page = make()
        assert np.isnan(grid.images).all()
        assert np.isnan(grid.values).all()
        assert grid.status == "idle"
        assert (page.state["made"], page.state["_sheet"], page.state["units"]) == (0, b"", list(range(12)))

    def test_shows_some_channels_in_a_given_order(self, make: Make) -> None:
        all_of_them, _ = make()
        some, page = make(channels=[7, 2], cache=False)
        for grid in (all_of_them, some):
            grid.run()
            grid.wait()
        assert page.state["units"] == some.units == [7, 2]
        np.testing.assert_allclose(some.images, all_of_them.images[[7, 2]], atol=1.01 / 255)

    def test_shows_neurons(self, make: Make, model: Any) -> None:
        grid, _ = make(kind="neuron")
        grid.run()
        grid.wait()
        alone = render_many(model, ['neuron("late", 5)'], steps=2, image_size=8, verbose=False)
        np.testing.assert_allclose(grid.images[5:6], alone, atol=0.5 / 255 + 1e-4)

    def test_state_has_one_small_sheet_at_rest(self, make: Make) -> None:
        grid, page = make()
        grid.run()
        grid.wait()
        meta = page.state["_sheet_meta"]
        assert meta["places"] == list(range(12))
        assert (meta["board"], meta["size"], meta["columns"]) == (page.state["_board"], 8, 4)
        with Image.open(io.BytesIO(page.state["_sheet"])) as sheet:
            assert (sheet.format, sheet.size) == ("WEBP", (32, 24))

    def test_has_a_still_image_for_readers_without_widgets(self, make: Make) -> None:
        grid, _ = make()
        assert grid._png() is None
        grid.run()
        grid.wait()
        with Image.open(io.BytesIO(grid._png() or b"")) as still:
            assert (still.format, still.size) == ("PNG", (32, 24))


class TestOrder:
    def test_makes_visible_cells_first(self, make: Make) -> None:
        grid, page = make(batch=4)
        page.send("want", client="a", board=grid._board, places=[6, 7], versions=[0, 0])
        claim = grid._live.cells.claim()
        assert claim.take(4, shown=True) == [6, 7, 8, 9]
        assert claim.take(4, shown=True) == []
        assert claim.shows([5, 6])
        assert not claim.shows([5, 8])
        page.send("want", client="a", board=grid._board, places=[0, 1], versions=[0, 0])
        assert claim.take(4) == [0, 1, 2, 3]
        assert claim.take(12) == [4, 5, 10, 11]
        assert claim.take(4) == []

    def test_scrolling_changes_the_order_between_batches(self, make: Make) -> None:
        grid, page = make(batch=3)
        order: list[int] = []
        take = grid._live.cells.take

        def watched(claim: Any, most: int, shown: bool) -> list[int]:
            if len(order) == 3:
                page.send("want", client="a", board=grid._board, places=[10, 11], versions=[0, 0])
            order.extend(taken := take(claim, most, shown))
            return taken

        grid._live.cells.take = watched  # type: ignore[method-assign]
        grid.run()
        grid.wait()
        assert order == [0, 1, 2, 10, 11, 3, 4, 5, 6, 7, 8, 9]


class TestMessages:
    def test_sends_a_page_the_cells_that_it_shows(self, make: Make) -> None:
        grid, page = make()
        grid.run()
        grid.wait()
        page.send("want", client="a", board=grid._board, places=[3, 1], versions=[0, 0])
        content, (data,) = page.messages[-1]
        assert (content["type"], content["places"], content["states"]) == ("cells", [3, 1], [2, 2])
        with Image.open(io.BytesIO(data)) as sheet:
            assert sheet.format == "PNG"
            pixels = np.asarray(sheet)
        np.testing.assert_array_equal(pixels[:8, :8], grid._live.cells.images[3])
        np.testing.assert_array_equal(pixels[:8, 8:], grid._live.cells.images[1])
        assert content["values"] == [pytest.approx(grid.values[3]), pytest.approx(grid.values[1])]
        # The page has them now.
        count = len(page.messages)
        page.send("want", client="a", board=grid._board, places=[3, 1], versions=content["versions"])
        assert len(page.messages) == count

    def test_ignores_wants_for_earlier_cells(self, make: Make, caplog: pytest.LogCaptureFixture) -> None:
        grid, page = make()
        grid.run()
        grid.wait()
        count = len(page.messages)
        page.send("want", client="a", board=grid._board - 1, places=[3], versions=[0])
        page.send("want", client="a", board=grid._board, places=[99, -1], versions=[0, 0])
        page.send("want", client="a", board=grid._board, places="all", versions=None)
        page.send("want", client="a", board=grid._board, places=["3", 1.5, None], versions=[0, 0, 0])
        assert len(page.messages) == count
        assert caplog.text == ""  # of ipywidgets, which logs what a handler raises

    def test_messages_are_bounded(self, make: Make) -> None:
        grid, page = make(image_size=256)
        picture = np.zeros((256, 256, 3), np.uint8)
        for unit in range(12):
            grid._live.cells.put(unit, picture, None)
        page.send("want", client="a", board=grid._board, places=list(range(12)), versions=[0] * 12)
        content, _ = page.messages[-1]
        assert content["places"] == [0, 1, 2, 3]
        assert content["values"] == [None] * 4

    def test_page_can_set_only_layer_and_kind(self, make: Make) -> None:
        grid, page = make()
        assert page.command("set", layer="early")["ok"]
        assert (grid.layer, len(grid.units)) == ("early", 4)
        refused = page.command("set", steps=7)
        assert not refused["ok"]
        page.deliver({"method": "update", "state": {"labels": ["x"], "made": 5}, "buffer_paths": []})
        assert (grid.labels, grid.made) == ([], 0)
        assert (page.updates[-1]["labels"], page.updates[-1]["made"]) == ([], 0)  # the page gets the valid values back
        assert page.command("set", layer="latest")["error"]["message"] == "tiny has no layer named 'latest'."
