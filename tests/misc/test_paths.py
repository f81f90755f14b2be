"""`~` names the home folder for every function that reads or writes a path."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from modelzoo.tiny_nets import two_towers

from lucid_widgets.export import save_animation
from lucid_widgets.export.sprites import Sheet
from lucid_widgets.misc.io import load, save
from lucid_widgets.misc.io.image_cache import ImageCache
from lucid_widgets.misc.io.reading import read
from lucid_widgets.misc.io.scoping import expanded, io_scope, scope_url
from lucid_widgets.misc.io.writing import write, write_handle
from lucid_widgets.modelzoo.vision_models import Model, from_graphdef
from lucid_widgets.optvis.engine.state import State
from lucid_widgets.widgets import LucidWidget, SpritePlayer

FRAMES = np.linspace(0, 1, 2 * 4 * 4 * 3).reshape(2, 4, 4, 3)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    monkeypatch.chdir(tmp_path / "elsewhere")
    return folder


def _handle(path: str) -> None:
    with write_handle(path) as file:
        file.write(b"text")


WRITERS: dict[str, Callable[[str], Any]] = {
    "a.png": lambda path: save(FRAMES[0], path),
    "a.json": lambda path: save([1], Path(path)),
    "a.txt": lambda path: write("text", path),
    "b.txt": _handle,
    "a.gif": lambda path: save_animation(FRAMES, path),
    "sheet.png": lambda path: save_animation(FRAMES, path),
    "a.html": lambda path: SpritePlayer(FRAMES).save(path),
    "state.npz": lambda path: State(0, 0, (tf.zeros(2),), ()).save(path),
}


@pytest.mark.parametrize("name", WRITERS)
def test_files_are_written_to_the_home_folder(home: Path, name: str) -> None:
    WRITERS[name](f"~/new/{name}")
    assert (home / "new" / name).is_file()
    assert not Path("~").exists()


def test_models_and_settings_are_written_and_read_there(home: Path) -> None:
    (home / "g.pb").write_bytes(two_towers().SerializeToString())
    model = from_graphdef("~/g.pb", image_shape=(8, 8, 3))
    model.save("~/saved.pb")
    assert Model.load("~/saved.pb").layers.names == model.layers.names
    widget = LucidWidget(model, "left:1", steps=7)
    widget.save_settings("~/settings.json")
    widget.steps = 3
    widget.load_settings("~/settings.json")
    assert (home / "settings.json").is_file()
    assert widget.steps == 7
    widget.close()
    assert not Path("~").exists()


def test_the_same_path_is_read(home: Path) -> None:
    save(FRAMES[0], "~/a.png")
    assert load("~/a.png").shape == (4, 4, 3)
    assert read(Path("~/a.png"))[1:4] == b"PNG"
    assert Sheet.from_path("~/a.png", columns=2).columns == 2
    State(5, 2, (tf.zeros(2),), ()).save("~/state.npz")
    assert State.load("~/state.npz").seed == 5
    assert ImageCache(Path("~/images")).folder == home / "images"


def test_scopes_expand_it_too(home: Path) -> None:
    with io_scope("~/out"):
        assert scope_url("a.png") == str(home / "out" / "a.png")
        assert scope_url("~/a.png") == str(home / "a.png")
    assert expanded("~nobody-of-this-name/a") == Path("~nobody-of-this-name/a")
    assert expanded("b/~") == Path("b/~")
