"""No text from outside becomes a statement, a tag, another folder or another line."""

from __future__ import annotations

import ast
import ntpath
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path, PureWindowsPath
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from misc.outside.hostile_text import hostile_texts

from lucid_widgets.errors import LucidError, ModelError
from lucid_widgets.evidence import Sensitivity
from lucid_widgets.evidence.report import Line, Report
from lucid_widgets.export.css import css_snippet
from lucid_widgets.export.html import html_page
from lucid_widgets.export.preview import preview_html
from lucid_widgets.export.sprite_frames import make_sprite_frames
from lucid_widgets.export.sprites import Sheet
from lucid_widgets.misc.io import showing
from lucid_widgets.misc.io.sanitizing import sanitize
from lucid_widgets.misc.outside import in_log, in_path
from lucid_widgets.modelzoo.saving.load import graph_of_manifest
from lucid_widgets.optvis.objectives import as_objective, channel
from lucid_widgets.widgets._core.exports import Source
from lucid_widgets.widgets._explorer import code
from lucid_widgets.widgets._network.in_use import NetworkInUse
from lucid_widgets.widgets._network.layer_table import layer_table
from lucid_widgets.widgets._workbench.codegen import code_of
from lucid_widgets.widgets._workbench.run_settings import RunSettings
from lucid_widgets.widgets._workbench.start_image import StartImage
from lucid_widgets.widgets._workbench.steering import Made
from lucid_widgets.widgets.objective_builder import ObjectiveBuilder

FRAMES = np.zeros((2, 2, 2, 3), np.uint8)
OBJECTIVE = as_objective("mixed4a:3")
SPRITES = make_sprite_frames(FRAMES)
METADATA = {"input_name": "input", "image_shape": [8, 8, 3], "image_value_range": [0, 1], "model_path": "net.pb"}


@pytest.fixture(scope="module")
def mark(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that exists after the test if one of the texts was executed."""
    return tmp_path_factory.mktemp("hostile") / "executed"


@pytest.fixture(scope="module")
def texts(mark: Path) -> list[str]:
    found = hostile_texts(str(mark))
    assert len(found) >= 180
    return found


def kinds(written: str) -> list[str]:
    """Kinds of all nodes of the syntax tree of code."""
    return [type(each).__name__ for each in ast.walk(ast.parse(written))]


def test_code_has_the_same_statements_whatever_the_names_are(
    texts: list[str], mark: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = NetworkInUse.of(None)

    def written(text: str) -> list[str]:
        settings = RunSettings(start_image=StartImage(b"", text or "x", text))
        of_run = code_of(Made(network, OBJECTIVE, settings), 8, notes=[text])
        monkeypatch.setattr(code, "class_name", lambda *_: text)
        of_view = code.code_of(
            network,
            repr(text),
            view="class",
            layer=text,
            position=[0, 0],
            spatial=True,
            target=0,
            method=text,
            groups=1,
        )
        return [*kinds(of_run), *kinds(of_view), *kinds(repr(channel(text, 3)))]

    expected = written("cat.png")
    for text in texts:
        assert written(text) == expected, text[:80]
    assert not mark.exists()


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[Any] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, [name for name, _ in attrs]))

    def handle_comment(self, data: str) -> None:
        self.found.append("comment")


def of_report(text: str) -> str:
    line = Line(text, "consistent", text)
    return str(Report(text, text, text, 3, "consistent", text, (line,), {})._repr_html_())


def of_images(text: str) -> str:
    shown: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(showing, "_in_notebook", lambda: True)
        patch.setattr(showing, "_display_html", shown.append)
        showing.images([np.zeros((2, 2, 3))], labels=[text or "x"])
    return shown[0]


@pytest.mark.parametrize(
    "page_of",
    [
        lambda text: html_page(SPRITES, title=text, notes={"labels": [text, text]}).decode(),
        lambda text: preview_html(FRAMES, 10, "loop", text),
        of_report,
        lambda text: Sensitivity(text, 1.0, {text: 0.5}, text)._repr_html_(),
        of_images,
        lambda text: layer_table(text, [[text, text, text, 3], ["x", text, text, 0]], text),
        lambda text: ObjectiveBuilder._html(cast("Any", SimpleNamespace(model_name=text, expression=text))),
    ],
    ids=["player", "preview", "report", "sensitivity", "images", "layers", "builder"],
)
def test_html_has_the_same_tags_whatever_the_names_are(page_of: Callable[[str], str], texts: list[str]) -> None:
    expected = Tags(page_of("cat")).found
    for text in texts:
        page = page_of(text)
        page.encode()
        assert Tags(page).found == expected, text[:80]


def test_css_ends_no_rule_early(texts: list[str]) -> None:
    sheet = Sheet.of(FRAMES)
    expected = css_snippet(sheet, "x.png")
    for text in texts:
        css = css_snippet(sheet, text)
        for part in "{}":
            assert css.count(part) == expected.count(part), text[:80]
        assert len(css.splitlines()) == len(expected.splitlines()), text[:80]


def is_reserved(name: str) -> bool:
    """Whether Windows reserves a file name. Python 3.13 has moved the function."""
    moved: Callable[[str], bool] | None = getattr(ntpath, "isreserved", None)
    return PureWindowsPath(name).is_reserved() if moved is None else moved(name)


@pytest.mark.parametrize(
    "name_of",
    [lambda text: in_path(text, "image"), sanitize, lambda text: Source(FRAMES, text).name],
    ids=["in_path", "sanitize", "export"],
)
def test_file_names_stay_in_their_folder(name_of: Callable[[str], str], texts: list[str], tmp_path: Path) -> None:
    for text in texts:
        name = name_of(text)
        place = tmp_path / f"{name}.png"
        assert place.resolve().parent == tmp_path.resolve(), text[:80]
        assert PureWindowsPath(name).name == name, text[:80]
        assert not is_reserved(f"{name}.png"), text[:80]
        place.write_bytes(b"")  # valid and short enough for the file system


@pytest.mark.parametrize("field", ["model_path", "labels_path"])
def test_manifests_name_no_file_outside_their_folder(field: str, texts: list[str], tmp_path: Path) -> None:
    for text in texts:
        try:
            graph, about = graph_of_manifest(tmp_path, {**METADATA, field: text})
        except ModelError:
            continue
        path = graph if field == "model_path" else about["labels"]
        if path is not None:
            assert Path(path).resolve().is_relative_to(tmp_path.resolve()), text[:80]


def test_log_lines_and_errors_stay_one_readable_line(texts: list[str]) -> None:
    for text in texts:
        line = in_log(text)
        line.encode()
        assert line.isprintable() or set(line) & set("\u200d\ufeff"), text[:80]
        assert len(line) <= 1000
        message = str(LucidError(f"{text} is not an image.", text))
        assert not set(message) & set("\r\0\x07\x08\x1b\x9b\u2028\u2029\u202e"), text[:80]
        message.encode()
