"""`AtlasMap` without a page: traits, answers, the still picture, and that it needs no TensorFlow."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import traitlets
from microscope.atlases import color_of, drawn_atlas, finish
from pages import Page
from PIL import Image

from lucid_widgets import Atlas, AtlasMap
from lucid_widgets.errors import ArgumentError, LucidError, UnknownNameError


@pytest.fixture
def atlas(tmp_path: Path) -> Atlas:
    return drawn_atlas(tmp_path / "atlas")


def test_answers_with_what_the_atlas_has(atlas: Atlas, pages: list[Page]) -> None:
    AtlasMap(atlas.path)
    page = pages[-1]
    about, buffers = page.command_with_buffers("grid", size=8)
    assert about["value"] == {"size": 8, "cells": 60, "classes": 3}
    places, counts = (np.frombuffer(each, np.int32) for each in buffers[:2])
    assert np.array_equal(places.reshape(-1, 2), atlas.places(8))
    assert np.array_equal(counts, atlas.sizes(8))
    best, values = np.frombuffer(buffers[2], np.int32).reshape(-1, 3), np.frombuffer(buffers[3], np.float32)
    assert np.array_equal(np.take_along_axis(atlas.attributions(8), best, 1).ravel(), values)
    assert (np.diff(values.reshape(-1, 3)) <= 0).all()
    about, (jpeg,) = page.command_with_buffers("tiles", size=8, cells=[7, 30, 999, -1])
    assert about["value"]["cells"] == [7, 30]
    sheet = np.asarray(Image.open(io.BytesIO(jpeg)))
    wanted = color_of(*atlas.places(8)[30], 8)
    assert np.abs(sheet[8, 16 + 8].astype(int) - wanted).max() < 8
    about, (scores,) = page.command_with_buffers("scores", size=4, label="panda", minus="fox")
    assert np.array_equal(np.frombuffer(scores, np.float32), atlas.attribution("panda", "fox", grid=4))
    about, _ = page.command_with_buffers("examples", size=4, cell=3)
    assert [each["id"] for each in about["value"]["images"]] == list(atlas.cell(4, *atlas.places(4)[3]).images)
    assert not page.command("grid", size=5)["ok"]


@pytest.mark.parametrize(
    ("name", "value", "error", "message"),
    [
        ("label", "pand", UnknownNameError, "Did you mean 'panda'"),
        ("minus", "fox", ArgumentError, "there is no label"),
        ("viewport", [0.5, "x", 1], ArgumentError, "Expected .across, down, magnification"),
        ("cell", [8, 0, 0], ArgumentError, "too few activations"),
        ("cell", [8, 0], ArgumentError, "grid, row, column"),
        ("cell", [5, 0, 0], LucidError, "no grid 5"),
    ],
)
def test_refuses(atlas: Atlas, name: str, value: Any, error: type[Exception], message: str) -> None:
    widget = AtlasMap(atlas)
    before = getattr(widget, name)
    with pytest.raises(error, match=message):
        setattr(widget, name, value)
    assert getattr(widget, name) == before


def test_maps_can_be_linked(atlas: Atlas) -> None:
    first, second = AtlasMap(atlas), AtlasMap(atlas, "panda", "fox")
    traitlets.link((first, "viewport"), (second, "viewport"))
    first.viewport = [0.25, 2, 3]
    assert second.viewport == [0.25, 1.0, 3.0]
    assert (second.label, second.minus) == ("panda", "fox")
    second.label = ""
    assert second.minus == ""


def test_still_picture_is_the_coarsest_grid(atlas: Atlas, tmp_path: Path) -> None:
    data, _ = AtlasMap(atlas)._repr_mimebundle_()
    still = np.asarray(Image.open(io.BytesIO(base64.b64decode(data["image/png"]))))
    assert np.array_equal(still, atlas.picture())
    empty = drawn_atlas(tmp_path / "empty", (4,), unfinished=2)
    assert empty.counts == (0, 16)
    widget = AtlasMap(empty)
    assert "image/png" not in widget._repr_mimebundle_()[0]
    with pytest.raises(ArgumentError, match=r"no image yet\. Call refresh\(\)"):
        widget.freeze()


def test_refresh_takes_in_what_was_finished_since(
    tmp_path: Path, pages: list[Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    atlas = drawn_atlas(tmp_path / "atlas", (8,), unfinished=3)
    widget = AtlasMap(atlas)
    done, total = atlas.counts
    assert (widget._atlas["done"], repr(widget)) == (done, f"<AtlasMap Drawn <b> mixed4a: {done} of {total} images>")
    saved: list[dict[str, str]] = []
    monkeypatch.setattr(widget._outputs, "keep", lambda still, watched: saved.append(still()))
    widget.refresh()
    assert not saved  # each unfinished picture would be encoded, one after the other
    finish(Atlas.open(atlas.path))
    widget.refresh()
    assert [list(each) for each in saved] == [["image/png"]]
    assert pages[-1].state["_atlas"]["done"] == total
    assert atlas.complete
    widget.close()
    with pytest.raises(ArgumentError, match="closed"):
        widget.refresh()


def test_needs_no_tensorflow(atlas: Atlas) -> None:
    script = f"""
import json, sys
sys.modules["tensorflow"] = sys.modules["keras"] = None
from lucid_widgets import Atlas, AtlasMap
found = AtlasMap({atlas.path!r}).atlas
print(json.dumps([found.counts, found.cell(4, 1, 1).classes[0][0]]))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [[76, 76], "panda"]
