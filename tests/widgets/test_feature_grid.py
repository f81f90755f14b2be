"""FeatureGrid: which images it makes and in which order, what it caches, and what a change does to a run."""

from __future__ import annotations

import gc
import io
import json
import subprocess
import sys
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from pages import Page
from PIL import Image

from lucid_widgets.errors import ArgumentError, NonFiniteObjectiveError, OutOfRangeError, UnknownNameError
from lucid_widgets.frames import Frame
from lucid_widgets.misc.io.image_cache import ImageCache
from lucid_widgets.modelzoo.vision_models import EmojiNet, from_keras
from lucid_widgets.optvis import transform
from lucid_widgets.optvis.many import render_many
from lucid_widgets.widgets import feature_grid
from lucid_widgets.widgets.feature_grid import FeatureGrid

pytestmark = pytest.mark.slow

SMALL: dict[str, Any] = {"image_size": 8, "steps": 2}


def network(seed: int = 0, *, nan_in: int | None = None) -> Any:
    """A network of two layers. One layer can have a channel whose objective is NaN."""
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.Input((None, None, 3)),
            keras.layers.Conv2D(4, 3, name="early"),
            keras.layers.Conv2D(12, 1, name="late"),
        ],
        name="tiny",
    )
    if nan_in is not None:
        kernel, bias = model.get_layer("late").get_weights()
        bias[nan_in] = np.nan
        model.get_layer("late").set_weights([kernel, bias])
    return model


@pytest.fixture(scope="module")
def model() -> Any:
    return from_keras(network())


@pytest.fixture(autouse=True)
def cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LUCID_WIDGETS_CACHE", str(tmp_path))
    return tmp_path / "features"


Make = Callable[..., tuple[FeatureGrid, Page]]


@pytest.fixture
def make(model: Any, pages: list[Page]) -> Make:
    """Makes a grid that does not start by itself, and its page."""

    def make(layer: str = "late", *, model: Any = model, **settings: Any) -> tuple[FeatureGrid, Page]:
        grid = FeatureGrid(model, layer, **{"run": False, **SMALL, **settings})
        return grid, next(page for page in reversed(pages) if "_board" in page.state)

    return make


def stored(folder: Path) -> list[Path]:
    return sorted(folder.glob("*/*.png"))


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
        assert claim.take(4) == [6, 7, 8, 9]
        page.send("want", client="a", board=grid._board, places=[0, 1], versions=[0, 0])
        assert claim.take(4) == [0, 1, 2, 3]
        assert claim.take(12) == [4, 5, 10, 11]
        assert claim.take(4) == []

    def test_scrolling_changes_the_order_between_batches(self, make: Make) -> None:
        grid, page = make(batch=3)
        order: list[int] = []
        take = grid._live.cells.take

        def watched(claim: Any, most: int) -> list[int]:
            if len(order) == 3:
                page.send("want", client="a", board=grid._board, places=[10, 11], versions=[0, 0])
            order.extend(taken := take(claim, most))
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

    def test_ignores_wants_for_earlier_cells(self, make: Make) -> None:
        grid, page = make()
        grid.run()
        grid.wait()
        count = len(page.messages)
        page.send("want", client="a", board=grid._board - 1, places=[3], versions=[0])
        page.send("want", client="a", board=grid._board, places=[99, -1], versions=[0, 0])
        page.send("want", client="a", board=grid._board, places="all", versions=None)
        assert len(page.messages) == count

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
        assert page.command("set", layer="latest")["error"]["message"] == "tiny has no layer named 'latest'."


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

        monkeypatch.setattr(feature_grid.GridSettings, "frames", lambda *_: Broken())
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


class TestCache:
    def test_shows_cached_images_at_once(self, make: Make, cache_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        first, _ = make()
        first.run()
        first.wait()
        assert len(stored(cache_folder)) == 12
        monkeypatch.setattr(feature_grid.GridSettings, "objective", None)  # making images would fail
        # A second network with the same weights, as another notebook would have.
        second, page = make(model=from_keras(network()))
        second.run()
        assert second.wait() == "done"
        np.testing.assert_array_equal(second.images, first.images)
        np.testing.assert_array_equal(second.values, first.values)
        assert page.state["made"] == 12

    @pytest.mark.parametrize(
        "other",
        [
            {"seed": 1},
            {"steps": 3},
            {"kind": "neuron"},
            {"transforms": []},
            {"transforms": transform.standard_transforms},
            {"model": from_keras(network(seed=1))},
        ],
        ids=["seed", "steps", "kind", "no transforms", "transforms", "weights"],
    )
    def test_cache_tells_different_settings_apart(self, make: Make, cache_folder: Path, other: Any) -> None:
        first, _ = make(image_size=32, channels=[0])
        first.run()
        first.wait()
        second, _ = make(**{"image_size": 32, "channels": [0], **other})
        second.run()
        second.wait()
        assert len(stored(cache_folder)) == 2
        assert not np.array_equal(first.images, second.images)

    def test_cache_tells_trained_weights_apart(self, make: Make, cache_folder: Path) -> None:
        trained = network()
        first, _ = make(model=from_keras(trained), channels=[0])
        first.run()
        first.wait()
        trained.get_layer("late").set_weights([-each for each in trained.get_layer("late").get_weights()])
        second, _ = make(model=from_keras(trained), channels=[0])
        second.run()
        second.wait()
        assert not np.array_equal(first.images, second.images)

    def test_does_not_cache_with_user_transforms(self, make: Make, cache_folder: Path) -> None:
        grid, _ = make(transforms=[lambda images: images], channels=[0])
        grid.run()
        grid.wait()
        assert stored(cache_folder) == []

    def test_makes_damaged_cache_files_again(self, make: Make, cache_folder: Path) -> None:
        first, _ = make(channels=[0, 1, 2])
        first.run()
        first.wait()
        truncated, swapped, junk = stored(cache_folder)
        kept = [path.read_bytes() for path in (truncated, swapped, junk)]
        truncated.write_bytes(kept[0][:60])
        with Image.open(io.BytesIO(kept[1])) as image:
            image.transpose(Image.Transpose.FLIP_TOP_BOTTOM).save(swapped)  # a valid image, but a different one
        junk.write_bytes(b"not a picture")
        second, _ = make(channels=[0, 1, 2])
        second.run()
        assert second.wait() == "done"
        np.testing.assert_array_equal(second.images, first.images)
        assert [path.read_bytes() for path in (truncated, swapped, junk)] == kept

    def test_processes_share_the_cache(self, make: Make, cache_folder: Path) -> None:
        """Other processes compute the same key, and never read a half-written file."""
        script = """
import sys
sys.path.insert(0, sys.argv[1])
from widgets.test_feature_grid import SMALL, network
from lucid_widgets.modelzoo.vision_models import from_keras
from lucid_widgets.widgets._grid.cells import Cells
from lucid_widgets.widgets.feature_grid import GridSettings
from lucid_widgets.misc.io.image_cache import ImageCache
from lucid_widgets.optvis.transform import as_transforms
cells = Cells(1, range(12), 8)
recipe = GridSettings(from_keras(network()), "late", "channel", 8, 2, 0, as_transforms(None), None)
frames = recipe.frames(cells, ImageCache())
print(cells.done, flush=True)
for frame in frames:
    pass
print(cells.done)
"""
        run = [sys.executable, "-c", script, str(Path(__file__).parents[1])]
        both = [subprocess.Popen(run, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
        for process in both:
            output, errors = process.communicate(timeout=300)
            assert process.returncode == 0, errors
            assert output.split()[-1] == "12"
        assert len(list(cache_folder.glob("*"))) == 1
        assert len(stored(cache_folder)) == len(list(cache_folder.glob("*/*"))) == 12
        grid, _ = make()
        grid._settings().frames(grid._live.cells, ImageCache())
        assert grid._live.cells.done == 12


class TestExport:
    def test_exports_a_sheet_with_its_layout(self, make: Make, tmp_path: Path) -> None:
        grid, _ = make(channels=[7, 2, 5])
        with pytest.raises(ArgumentError, match="no image yet"):
            grid.save(tmp_path / "late.png")
        grid.run()
        grid.wait()
        files = grid.save(tmp_path / "late.png")
        assert [file.name for file in files] == ["late.png", "late.png.json"]
        about = json.loads((tmp_path / "late.png.json").read_text())
        assert (about["layer"], about["units"], about["width"]) == ("late", [7, 2, 5], 8)
        np.testing.assert_allclose(about["values"], grid.values, rtol=1e-6)
        (sheet,) = about["sheets"]
        pixels = np.asarray(Image.open(tmp_path / sheet["file"]))
        for place in range(3):
            row, column = divmod(place, sheet["columns"])
            cell = pixels[8 * row : 8 * row + 8, 8 * column : 8 * column + 8]
            np.testing.assert_array_equal(cell, np.rint(255 * grid.images[place]).astype(np.uint8))

    def test_rejects_other_file_extensions(self, make: Make, tmp_path: Path) -> None:
        grid, _ = make()
        grid._live.cells.put(0, np.zeros((8, 8, 3), np.uint8), None)
        with pytest.raises(ArgumentError, match=r"Expected one of \.png"):
            grid.save(tmp_path / "late.gif")

    def test_page_gets_image_and_layout(self, make: Make) -> None:
        grid, page = make()
        grid._live.cells.put(4, np.zeros((8, 8, 3), np.uint8), 1.5)
        reply, (picture, geometry) = page.command_with_buffers("png")
        assert reply["value"] == {"filename": "tiny-late.png"}
        assert Image.open(io.BytesIO(picture)).size == (8, 8)
        assert json.loads(geometry)["values"] == [1.5]


class TestOpening:
    def test_opens_a_cell_in_a_widget_with_its_objective(self, make: Make) -> None:
        grid, page = make(seed=7, transforms=[])
        assert grid.opened is None
        widget = grid.open_unit(5, run=False)
        assert widget is grid.opened
        assert (widget.layer, widget.channel, widget.seed) == ("late", 5, 7)
        assert widget.model is grid.model
        assert grid.slot.children == (widget,)
        assert page.state["opened_unit"] == 5

    def test_opens_the_next_unit_in_the_same_widget(self, make: Make) -> None:
        grid, _ = make()
        widget = grid.open_unit(5, run=False)
        widget.image_size = 32
        assert grid.open_unit(6, run=False) is widget
        assert (widget.channel, widget.image_size) == (6, 32)

    def test_closed_player_is_garbage_collected(self, make: Make, pages: list[Page]) -> None:
        grid, page = make()
        widget = grid.open_unit(5, run=False)
        slot = grid.slot
        assert page.command("close")["ok"]
        assert (grid.opened, slot.children, page.state["opened_unit"]) == (None, (), -1)
        assert widget.comm is None
        gone = weakref.ref(widget)
        pages.clear()
        del widget, page
        gc.collect()
        assert gone() is None

    def test_opens_a_new_widget_after_the_user_closed_it(self, make: Make) -> None:
        grid, _ = make()
        first = grid.open_unit(5, run=False)
        first.close()
        assert grid.opened is None
        assert grid.open_unit(5, run=False) is not first

    def test_rejects_a_unit_that_is_not_shown(self, make: Make) -> None:
        grid, page = make(channels=[1, 2])
        with pytest.raises(ArgumentError, match="3 is not in this grid"):
            grid.open_unit(3)
        assert not page.command("open", unit="<b>")["ok"]

    def test_displays_its_panel_below_it(self, make: Make) -> None:
        grid, _ = make()
        data, _ = grid._repr_mimebundle_()
        panel = grid._panel._column
        assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == panel.model_id
        assert panel.children == (grid, grid.slot)
