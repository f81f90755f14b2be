"""Runs of a FeatureGrid: paused, stopped, failed, and started over."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pytest
from pages import Page, settled
from widgets.feature_grid.grids import SMALL, Make, network

from lucid_widgets.errors import ArgumentError, NonFiniteObjectiveError, OutOfRangeError, UnknownNameError
from lucid_widgets.frames import Frame
from lucid_widgets.modelzoo.vision_models import EmojiNet, from_keras
from lucid_widgets.widgets._grid import grid_settings
from lucid_widgets.widgets.feature_grid import FeatureGrid

pytestmark = pytest.mark.slow


class TestRuns:
    def test_continues_after_stop_without_making_images_twice(self, make: Make) -> None:
        grid, page = make(batch=4, cache=False)
        made: list[int] = []
        finish = grid._live.cells.finish

        def watched(units: Any, *rest: Any) -> None:
            made.extend(units)
            finish(units, *rest)
            if len(made) == 4:
                grid.stop()

        grid._live.cells.finish = watched  # type: ignore[method-assign]
        grid.run()
        assert grid.wait() == "stopped"
        assert made == [0, 1, 2, 3]
        assert np.isfinite(grid.images[:4]).all()
        assert np.isnan(grid.images[4:]).all()
        assert page.state["made"] == 4
        grid.run()
        assert grid.wait() == "done"
        assert sorted(made) == list(range(12))
        assert np.isfinite(grid.images).all()

    def test_pause_and_resume(self, make: Make) -> None:
        grid, page = make(batch=4, cache=False)
        show = grid._live.cells.show
        paused: list[bool] = []

        def watched(*args: Any) -> None:
            show(*args)
            if not paused:
                paused.append(True)
                grid.pause()

        grid._live.cells.show = watched  # type: ignore[method-assign]
        grid.run()
        assert grid.wait() == "paused"
        assert page.state["status"] == "paused"
        grid.resume()
        assert grid.wait() == "done"

    def test_nonfinite_unit_fails_without_the_others(self, pages: list[Page]) -> None:
        grid = FeatureGrid(from_keras(network(nan_in=5)), "late", **SMALL)
        assert grid.wait() == "done"
        assert list(grid.failures) == [5]
        assert "NaN" in grid.failures[5]
        assert np.isnan(grid.images[5]).all()
        assert np.isfinite(np.delete(grid.images, 5, 0)).all()
        assert grid._sheet_meta["failures"] == {"5": grid.failures[5]}

    def test_error_of_the_stream_ends_the_run(self, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
        grid, page = make(image_size=8, steps=1)

        class Broken(Iterator[Frame]):
            def __next__(self) -> Frame:
                raise NonFiniteObjectiveError("No.", step=1)

        monkeypatch.setattr(grid_settings.GridSettings, "frames", lambda *_: Broken())
        grid.run()
        with pytest.raises(NonFiniteObjectiveError):
            grid.wait()
        assert page.state["status"] == "error"
        assert page.state["error"]["message"] == "No."

    def test_change_of_layer_starts_over(self, make: Make) -> None:
        grid, page = make()
        grid.run()
        grid.wait()
        board = grid._board
        grid.layer = "early"
        assert grid._board > board
        assert grid.wait() == "done"
        assert grid.images.shape == (4, 8, 8, 3)
        assert np.isfinite(grid.images).all()
        assert page.state["units"] == [0, 1, 2, 3]

    def test_invalid_value_changes_nothing(self, make: Make) -> None:
        grid, _ = make(channels=[1, 2])
        before = (grid.layer, grid._board, grid.units)
        with pytest.raises(UnknownNameError, match="Did you mean 'late'"):
            grid.layer = "lat"
        with pytest.raises(OutOfRangeError, match="channel is 12"):
            grid.channels = [0, 12]
        with pytest.raises(ArgumentError, match="names a channel twice"):
            grid.channels = [3, 3]
        with pytest.raises(ArgumentError, match="kind cannot be 'channels'"):
            grid.kind = "channels"
        with pytest.raises(OutOfRangeError):
            grid.image_size = 4
        assert (grid.layer, grid._board, grid.units) == before

    def test_unknown_keywords_are_errors(self, model: Any) -> None:
        with pytest.raises(TypeError, match="Did you mean 'image_size'"):
            FeatureGrid(model, "late", img_size=8)

    def test_closed_grid_is_garbage_collected(self, make: Make, pages: list[Page]) -> None:
        grid, page = make()
        grid.run()
        grid.wait()
        grid.close()
        gone = weakref.ref(grid)
        settled()  # the worker no longer calls the grid
        pages.clear()
        del grid, page
        gc.collect()
        assert gone() is None

    def test_starts_by_itself(self, model: Any, pages: list[Page]) -> None:
        grid = FeatureGrid(model, "late", **SMALL)
        assert grid.wait() == "done"

    def test_only_class_layers_have_labels(self, pages: list[Page]) -> None:
        grid = FeatureGrid(EmojiNet(), "logits", run=False)
        assert grid.labels[:2] == list(EmojiNet().labels[:2])
        grid.layer = "mixed4a"
        assert grid.labels == []

    def test_an_inner_layer_with_as_many_channels_as_classes_has_no_labels(self, pages: list[Page]) -> None:
        image = keras.Input((8, 8, 3))
        x = keras.layers.Conv2D(2, 3, name="inner")(image)
        x = keras.layers.Dense(2, name="scores")(keras.layers.Flatten()(x))
        model = from_keras(keras.Model(image, x), image_value_range=(0, 1), labels=["cat", "dog"])
        grid = FeatureGrid(model, "inner", run=False, **SMALL)
        assert (len(grid.units), grid.labels) == (2, [])
        grid.layer = "scores"
        assert grid.labels == ["cat", "dog"]
