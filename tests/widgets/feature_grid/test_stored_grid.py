"""Grids that show a store: what they show, that they fill while it is written, and what they refuse."""

from __future__ import annotations

import gc
import io
import json
import subprocess
import sys
import threading
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from microscope.stores import FIGURED, draw, drawn_index, drawn_store, plan_of
from pages import Page
from PIL import Image
from waiting import until

from lucid_widgets import FeatureGrid, Microscope
from lucid_widgets.errors import ArgumentError, LucidError, MissingFileError, UnknownNameError
from lucid_widgets.microscope.store import Store
from lucid_widgets.microscope.tasks import Variant
from lucid_widgets.widgets._grid.stored import stored_cells

LABELS = ["panda", "fox", "owl", "cat", "dog", "red panda"]


@pytest.fixture
def store(tmp_path: Path) -> Microscope:
    return drawn_store(tmp_path / "store", {"low": 10, "scores": 6}, labels={"scores": LABELS})


def test_shows_the_images_of_the_store(store: Microscope, pages: list[Page]) -> None:
    grid = FeatureGrid.open(store.path)
    assert grid.wait(60) == "idle"  # the last task is missing
    images = np.round(grid.images * 255)
    for unit in (0, 2, 3, 4, 7):
        assert np.array_equal(images[unit], store.image(("low", unit)))
        assert grid.values[unit] == store.values("low")[unit]
    assert np.isnan(grid.images[[1, 8, 9]]).all()
    assert grid.failures == {1: "It became inf."}
    assert (grid.layer, grid.variant, grid.steps, grid.seed, grid.image_size) == ("low", "channel", 4, 0, 8)
    assert [each["name"] for each in grid.layers] == ["low", "scores"]
    state = pages[-1].state
    assert state["_store"] == {"name": "store", "variants": ["channel"], "done": 10, "total": 16, "opens": False}
    grid.layer = "scores"
    grid.wait(60)
    assert grid.labels == LABELS
    assert np.array_equal(np.round(grid.images[3] * 255), store.image("scores:3"))
    grid.channels = [3, 0]
    grid.wait(60)
    assert np.array_equal(np.round(grid.images[0] * 255), store.image("scores:3"))


def test_fills_while_the_store_is_written(
    store: Microscope, pages: list[Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_cells, "SHORTEST_SECONDS", 0.02)
    grid = FeatureGrid.open(store)
    grid.wait(60)
    page = pages[-1]
    page.send(type="hello", client="a")
    page.send(type="want", client="a", board=grid._board, places=list(range(10)), versions=[0] * 10)
    writer = Store(store.path)
    tasks = {name: list(plan_of(name, count).tasks(Variant())) for name, count in (("low", 10), ("scores", 6))}
    draw(writer, tasks["low"][-1], seed=7)
    until(lambda: grid.status == "done")
    assert np.array_equal(np.round(grid.images[9] * 255), Microscope.open(store.path).image("low:9"))
    # A task that is rendered again replaces its images.
    before = grid.images[4].copy()
    draw(writer, tasks["low"][1], seed=8)
    until(lambda: not np.array_equal(grid.images[4], before))
    draw(writer, tasks["scores"][-1], seed=9)
    until(lambda: grid._store["done"] == 14)  # 16, of which one unit per layer has failed
    assert grid._source._store.complete  # type: ignore[attr-defined]


def test_ends_with_its_grid(store: Microscope) -> None:
    def threads() -> set[threading.Thread]:
        return {each for each in threading.enumerate() if each.name == "lucid-widgets-store"}

    others = threads()  # of earlier tests, which may end meanwhile
    closed, dropped = FeatureGrid.open(store), FeatureGrid.open(store)
    ours = threads() - others
    assert len(ours) == 2
    closed.close()
    until(lambda: sum(each.is_alive() for each in ours) == 1)
    source = weakref.ref(dropped._source)
    dropped.close()
    del dropped
    until(lambda: not any(each.is_alive() for each in ours))
    gc.collect()
    assert source() is None


def test_answers_searches_and_questions(store: Microscope, pages: list[Page]) -> None:
    FeatureGrid.open(store, "scores").wait(60)
    page = pages[-1]
    assert page.command("find", text="low:7", beyond="scores")["value"] == {
        "units": [{"layer": "low", "unit": 7, "label": ""}],
        "count": 1,
    }
    assert page.command("find", text="panda", beyond="scores")["value"]["count"] == 0
    found = page.command("find", text="panda")["value"]["units"]
    assert [(each["unit"], each["label"]) for each in found] == [(0, "panda"), (5, "red panda")]
    about = page.command("about", unit=2)["value"]
    assert about["related"] == [int(name.rpartition(":")[2]) for name, _ in store.related("scores:2", 6)]
    assert (about["steps"], about["objective"]) == ([0, 2, 4], 'channel("scores", 2)')
    assert page.command("about", unit=5)["value"]["related"] == []


def test_compares_figures_of_real_images(tmp_path: Path, pages: list[Page]) -> None:
    store = drawn_store(tmp_path / "store", {"low": 5, "high": 2, "other": 3}, labels={"high": ["panda", "fox"]})
    index = drawn_index(FIGURED, [0, 0, 1, 1])
    grid = FeatureGrid.open(store, "low", images=index)
    grid.wait(60)
    page = pages[-1]
    found = page.command("find", text="selectivity > 0.3", beyond="low")["value"]
    assert found == {"units": [{"layer": "high", "unit": 0, "label": "panda", "figure": 0.8}], "count": 1}
    for unfinished in ("selectivity >", "selectvity > 0.3"):
        assert page.command("find", text=unfinished)["value"] == {"units": [], "count": 0}
    assert grid._figures == {}
    page.command("compare")
    assert grid._figures["selectivity"] == [1, 0.5, 0, None, 0.3333]
    grid.layer = "other"  # which the index does not know
    assert grid._figures == {}
    grid.close()
    plain = FeatureGrid.open(store, "low")
    plain.wait(60)
    pages[-1].command("compare")
    assert plain._figures == {}
    assert pages[-1].command("find", text="selectivity > 0.3")["value"]["count"] == 0
    plain.close()


def test_lists_units_that_respond_to_the_same_images(tmp_path: Path, pages: list[Page]) -> None:
    store = drawn_store(tmp_path / "store", {"low": 5, "high": 8, "other": 3})
    values = {"low": FIGURED["low"], "high": np.tile(FIGURED["high"], 4)}
    index = drawn_index(values, [0, 0, 1, 1])
    grid = FeatureGrid.open(store, "low", images=index)
    grid.wait(60)
    reply, buffers = pages[-1].command_with_buffers("about", unit=0)
    about = reply["value"]
    # These are larger in the same two images. Channel 4 of low is not, and the others are constant.
    expected = ["low:1", "high:0", "high:2", "high:4", "high:6"]
    assert [f"{each['layer']}:{each['unit']}" for each in about["alike"]] == expected
    assert [each["correlation"] for each in about["alike"]] == [1, 1, 1, 1, 1]
    sheet = np.asarray(Image.open(io.BytesIO(buffers[0])), float)
    side, columns = about["size"], about["columns"]
    for place, name in enumerate(expected):
        row, column = divmod(place, columns)
        part = sheet[row * side : (row + 1) * side, column * side : (column + 1) * side]
        layer, _, channel = name.partition(":")
        image = store.images(layer, channels=[int(channel)])[0]
        assert np.abs(part.mean((0, 1)) - image.mean((0, 1))).max() < 4
    grid.close()


@pytest.mark.parametrize(
    ("name", "value", "error", "message"),
    [
        ("steps", 3, ArgumentError, "steps cannot be changed. This grid shows stored images"),
        ("kind", "neuron", ArgumentError, "kind cannot be changed"),
        ("layer", "lo", UnknownNameError, "Did you mean 'low'"),
        ("variant", "neuron", UnknownNameError, "no variant named 'neuron'"),
        ("channels", [10], LucidError, "channel is 10"),
        ("show_images", True, ArgumentError, "comes with no images"),
    ],
)
def test_refuses(store: Microscope, name: str, value: Any, error: type[Exception], message: str) -> None:
    grid = FeatureGrid.open(store)
    before = getattr(grid, name)
    with pytest.raises(error, match=message):
        setattr(grid, name, value)
    assert getattr(grid, name) == before
    with pytest.raises(ArgumentError, match="no network"):
        grid.open_unit(0)
    grid.close()


def test_refuses_what_is_no_store(tmp_path: Path, store: Microscope) -> None:
    with pytest.raises(MissingFileError):
        FeatureGrid.open(tmp_path / "none")
    with pytest.raises(ArgumentError, match="takes an ActivationIndex"):
        FeatureGrid.open(store, images="photos")  # type: ignore[arg-type]


def test_an_unreadable_store_is_an_error_that_can_pass(store: Microscope) -> None:
    grid = FeatureGrid.open(store)
    grid.wait(60)
    about = Path(store.path) / "layers.zarr" / "zarr.json"
    text = about.read_text()
    about.write_text("{")
    grid.run()
    with pytest.raises(ArgumentError):
        grid.wait(60)
    assert grid.status == "error"
    assert "damaged" in grid.error["message"]
    about.write_text(text)
    grid.run()
    assert grid.wait(60) == "idle"
    assert grid.error == {}
    grid.close()


def test_needs_no_tensorflow(store: Microscope) -> None:
    script = f"""
import json, sys
sys.modules["tensorflow"] = sys.modules["keras"] = None
from lucid_widgets import FeatureGrid
grid = FeatureGrid.open({store.path!r})
grid.wait(60)
print(json.dumps([grid.made, grid.image_size]))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [8, 8]
