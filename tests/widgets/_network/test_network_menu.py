"""Choosing a network on the page: what is listed, loading in the background, cancelling, and what fails."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import pytest
from pages import Page
from waiting import until

from lucid_widgets.errors import ModelError
from lucid_widgets.modelzoo.files.progress import DownloadProgress
from lucid_widgets.modelzoo.vision_models import as_model, from_keras
from lucid_widgets.widgets._network import loading, network_menu, variables
from lucid_widgets.widgets.lucid_widget import LucidWidget

pytestmark = pytest.mark.slow

PATIENCE_SECONDS = 60


def network(name: str, layer: str) -> Any:
    return keras.Sequential(
        [
            keras.Input((None, None, 3)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(3, 3, name=layer),
            keras.layers.Conv2D(2, 3, name="top"),
        ],
        name=name,
    )


@pytest.fixture(scope="module")
def given() -> Any:
    return from_keras(network("given", "first"))


class Danger:
    """A variable of somebody whose attributes must not be looked at."""

    @property
    def __class__(self) -> Any:  # type: ignore[override]
        raise AssertionError("looked at")


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The variables of the notebook."""
    names: dict[str, Any] = {"danger": Danger(), "number": 3, "_hidden": network("hidden", "h"), "my net": 1}
    monkeypatch.setattr(variables, "get_ipython", lambda: SimpleNamespace(user_ns=names))
    return names


@pytest.fixture
def make(given: Any, pages: list[Page]) -> Callable[..., tuple[LucidWidget, Page]]:
    def make(model: Any = given, **options: Any) -> tuple[LucidWidget, Page]:
        widget = LucidWidget(model, steps=4, image_size=16, **options)
        return widget, pages[-1]

    return make


Make = Callable[..., tuple[LucidWidget, Page]]


def arrived(widget: LucidWidget) -> None:
    until(lambda: not widget._loading)


def options(page: Page) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = page.command("networks")["value"]
    return listed


def test_lists_the_given_model_then_variables_then_networks_by_name(make: Make, notebook: dict[str, Any]) -> None:
    notebook["mine"] = network("mine", "m")
    _, page = make()
    listed = options(page)
    assert [(each["kind"], each["key"], each["group"], each["state"]) for each in listed[:5]] == [
        ("given", "", "given", "current"),
        ("variable", "mine", "notebook", "here"),
        ("name", "EmojiNet", "zoo", "here"),
        ("name", "EmojiViT", "zoo", "here"),
        ("name", "InceptionV1", "zoo", listed[4]["state"]),
    ]
    assert listed[1]["about"] == "Keras model 'mine'"
    assert [each["key"] for each in listed if each["kind"] == "variable"] == ["mine"]
    assert {each["group"] for each in listed if each["state"] == "missing"} == {"missing"}


def test_without_a_model_emojinet_is_in_use_and_listed_once(make: Make) -> None:
    _, page = make(None)
    assert [each["key"] for each in options(page) if each["state"] == "current"] == ["EmojiNet"]
    assert [each["kind"] for each in options(page)[:1]] == ["name"]


def test_without_a_notebook_there_are_no_variables(make: Make) -> None:
    _, page = make()
    assert "variable" not in {each["kind"] for each in options(page)}


def test_choosing_a_variable_visualizes_it_and_its_code_names_it(make: Make, notebook: dict[str, Any]) -> None:
    notebook["mine"] = network("a name", "m")
    widget, page = make()
    assert page.command("choose_network", kind="variable", key="mine")["ok"]
    arrived(widget)
    assert (widget.model_name, widget.layer) == ("a name", "m")
    assert widget.model is as_model(notebook["mine"])
    assert "model = models.as_model(mine)" in widget.code
    assert "Define these before running this code: mine." in widget.code
    assert [each["key"] for each in options(page) if each["state"] == "current"] == ["mine"]
    page.command("choose_network", kind="given")
    arrived(widget)
    assert widget.model_name == "given"


@pytest.mark.parametrize("key", ["__import__('os')", "number", "danger", "_hidden", "mine.layers"])
def test_only_names_of_variables_with_models_are_accepted(make: Make, notebook: dict[str, Any], key: str) -> None:
    _, page = make()
    reply = page.command("choose_network", kind="variable", key=key)
    assert not reply["ok"]
    assert reply["error"]["message"] == f"The notebook has no variable {key!r} with a model."


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras, when it saves
def test_choosing_a_file(make: Make, tmp_path: Path) -> None:
    file = tmp_path / "net.keras"
    network("saved", "s").save(file)
    widget, page = make()
    page.command("choose_network", kind="file", key=f" {file} ")
    arrived(widget)
    assert widget._network_problem == {}
    assert widget.model_name == "saved"
    assert f"model = models.as_model({str(file)!r})" in widget.code


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("nowhere/net.keras", f"There is no file {os.fspath(Path('nowhere/net.keras'))!r}."),
        ("damaged.keras", "Keras cannot load"),
        ("notes.txt", "is not a kind of file that holds a model."),
    ],
)
def test_what_cannot_be_loaded_is_reported_and_the_present_network_works(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("damaged.keras", "notes.txt"):
        (tmp_path / name).write_bytes(b"no model")
    widget, page = make()
    page.command("choose_network", kind="file", key=key)
    arrived(widget)
    assert message in widget._network_problem["message"]
    assert widget._network_problem["hint"]
    assert (widget.model_name, widget.status) == ("given", "idle")
    widget.run()
    assert widget.wait(PATIENCE_SECONDS) == "done"
    page.command("cancel_network")  # the button that closes the message
    assert widget._network_problem == {}


class SlowDownload:
    """Replaces a download: it sends one byte whenever the test asks for it."""

    def __init__(self) -> None:
        self.more, self.began, self.ended = threading.Semaphore(0), threading.Event(), threading.Event()

    def __call__(self, name: str) -> None:
        progress = DownloadProgress(name)
        progress.total = 3
        self.began.set()
        try:
            for _ in range(3):
                assert self.more.acquire(timeout=PATIENCE_SECONDS)
                progress.update(1)
        finally:
            self.ended.set()


@pytest.fixture
def download(monkeypatch: pytest.MonkeyPatch) -> SlowDownload:
    slow = SlowDownload()
    monkeypatch.setattr(loading, "fetch_weights", slow)
    monkeypatch.setattr(loading, "REPORT_SECONDS", 0)
    return slow


def test_a_download_reports_its_progress_and_a_run_goes_on_meanwhile(make: Make, download: SlowDownload) -> None:
    widget, page = make()
    page.command("choose_network", kind="name", key="EmojiNet")
    assert widget._loading == {"name": "EmojiNet", "phase": "downloading"}
    download.more.release()
    until(lambda: widget._loading.get("done") == 1)
    assert widget._loading["total"] == 3
    widget.run()
    assert widget.wait(PATIENCE_SECONDS) == "done"
    assert widget.model_name == "given"
    download.more.release(2)
    arrived(widget)
    assert widget.model_name == "EmojiNet"
    assert [run["model"] for run in widget.runs] == ["given"]


def test_cancel_leaves_everything_as_it_was(make: Make, download: SlowDownload) -> None:
    widget, page = make()
    before = page.state.copy()
    page.command("choose_network", kind="name", key="EmojiNet")
    page.command("cancel_network")
    assert widget._loading == {}
    download.more.release()
    assert download.ended.wait(PATIENCE_SECONDS)
    assert {name: page.state[name] for name in before} == before


def test_cancel_while_a_network_loads_drops_it(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on, ended = threading.Event(), threading.Event()

    def slow(thing: Any) -> Any:
        assert go_on.wait(PATIENCE_SECONDS)
        ended.set()
        return as_model(thing)

    monkeypatch.setattr(network_menu, "as_model", slow)
    widget, page = make()
    before = page.state.copy()
    page.command("choose_network", kind="name", key="EmojiNet")
    until(lambda: widget._loading.get("phase") == "loading")
    page.command("cancel_network")
    assert {name: page.state[name] for name in before} == before
    go_on.set()
    assert ended.wait(PATIENCE_SECONDS)
    until(lambda: not [each for each in threading.enumerate() if each.name == "lucid-widgets-network"])
    assert {name: page.state[name] for name in before} == before


def test_a_second_choice_replaces_the_first(make: Make, download: SlowDownload, notebook: dict[str, Any]) -> None:
    notebook["mine"] = network("mine", "m")
    widget, page = make()
    page.command("choose_network", kind="name", key="EmojiNet")
    page.command("choose_network", kind="variable", key="mine")
    arrived(widget)
    assert widget.model_name == "mine"
    download.more.release(3)
    assert download.ended.wait(PATIENCE_SECONDS)
    assert widget.model_name == "mine"


def test_closing_the_widget_ends_a_download(make: Make, download: SlowDownload) -> None:
    widget, page = make()
    page.command("choose_network", kind="name", key="EmojiNet")
    assert download.began.wait(PATIENCE_SECONDS)
    widget.close()
    download.more.release()
    assert download.ended.wait(PATIENCE_SECONDS)
    assert widget.model_name == "given"


@pytest.mark.parametrize(("kind", "key"), [("code", "1"), ("name", ""), ("file", " "), ("name", 3)])
def test_other_choices_are_refused(make: Make, kind: str, key: Any) -> None:
    _, page = make()
    assert not page.command("choose_network", kind=kind, key=key)["ok"]


def test_a_variable_that_vanished_is_reported(notebook: dict[str, Any]) -> None:
    notebook["mine"] = network("mine", "m")
    with pytest.raises(ModelError, match="Did you mean 'mine'"):
        variables.notebook_model("mina")


def test_diagram_of_the_network(pages: list[Page]) -> None:
    convs = [keras.layers.Conv2D(3, 3, name="first"), keras.layers.Conv2D(2, 3, name="top")]
    layers = [keras.Input((8, 9, 3)), *convs, keras.layers.ReLU(name="after")]
    widget = LucidWidget(from_keras(keras.Sequential(layers), image_value_range=(0, 1)), "first:0")
    assert widget.layer == "first"
    # The second convolution and its activation are one box, with the name of the last and the kind of the first.
    assert pages[-1].command("diagram")["value"] == {
        "layers": [["first", "conv", "6 × 7", 3], ["after", "conv", "4 × 5", 2]],
        "links": [[-1, 0], [0, 1]],
        "inside": {"top": 1},
    }
