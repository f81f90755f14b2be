"""Networks of keras.applications by name: the table of downloads, the download itself, and the model."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import keras
import pytest
from keras.src.utils import file_utils

from lucid_widgets.errors import ModelError
from lucid_widgets.modelzoo.adapt import as_model
from lucid_widgets.modelzoo.catalog import applications, networks
from lucid_widgets.modelzoo.files import downloads
from lucid_widgets.modelzoo.files.progress import watched
from lucid_widgets.modelzoo.nets_factory import models_map

# pooch leaves the connection of a failed download to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")

WEIGHTS = bytes(range(256)) * 2000
NAME = "MobileNetV2"  # Keras gives no checksum for it


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if not self.path.endswith(".h5"):
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(WEIGHTS)))
        self.end_headers()
        self.wfile.write(WEIGHTS)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadingHTTPServer]:
    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.daemon_threads = True
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    monkeypatch.setattr(applications, "ADDRESS", f"http://127.0.0.1:{running.server_address[1]}/")
    yield running
    running.shutdown()
    running.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(downloads, "RETRIES", 0)
    return tmp_path / "models"


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:`input_shape` is undefined:UserWarning")
@pytest.mark.parametrize("name", ["MobileNet", "MobileNetV2", "MobileNetV3Small", "EfficientNetB0"])
def test_the_table_says_what_keras_would_download(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str, str | None]] = []

    class Stop(Exception):
        pass

    def get_file(fname: str, origin: str, *, cache_subdir: str, file_hash: str | None = None, **_: Any) -> None:
        assert cache_subdir == "models"
        asked.append((fname, origin, file_hash))
        raise Stop

    monkeypatch.setattr(file_utils, "get_file", get_file)
    with pytest.raises(Stop):
        getattr(keras.applications, name)()
    keras.backend.clear_session()
    known = applications.APPLICATIONS[name]
    checksum = known.checksum and known.checksum.partition(":")[2]
    assert asked == [(known.file_name, f"{applications.ADDRESS}{known.place}", checksum)]


def test_the_table_lists_networks_of_keras() -> None:
    assert len(applications.APPLICATIONS) == 40
    for name, known in applications.APPLICATIONS.items():
        assert callable(getattr(keras.applications, name)), name
        assert 8 <= known.megabytes <= 1500
        assert known.checksum is None or known.checksum.startswith(("md5:", "sha256:"))


@pytest.mark.usefixtures("server")
def test_downloads_to_where_keras_looks(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    seen: list[tuple[int, int]] = []
    with watched(lambda done, total: seen.append((done, total))):
        file = applications.fetch_application(NAME)
    assert file == folder / "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224.h5"
    assert file.read_bytes() == WEIGHTS
    assert files(folder) == [file.name]  # and no list of classes, which this server does not have
    assert seen[-1] == (len(WEIGHTS), len(WEIGHTS))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert capfd.readouterr().err == ""  # a notebook would show it in red


@pytest.mark.usefixtures("server")
def test_an_exception_of_the_watch_ends_a_download_and_leaves_nothing(folder: Path) -> None:
    class Enough(Exception):
        pass

    def watch(done: int, total: int) -> None:
        raise Enough

    with watched(watch), pytest.raises(Enough):
        applications.fetch_application(NAME)
    assert files(folder) == []


@pytest.mark.usefixtures("server")
def test_weights_with_another_checksum_are_refused(folder: Path) -> None:
    with pytest.raises(ModelError, match="could not be downloaded"):
        applications.fetch_application("VGG16")
    assert files(folder) == []


def test_without_a_connection_the_message_says_which_file_to_put_where(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applications, "ADDRESS", "http://127.0.0.1:9/")
    with pytest.raises(ModelError) as caught:
        as_model(NAME)
    assert caught.value.message == (
        f"The weights of MobileNetV2 could not be downloaded from http://127.0.0.1:9/"
        f"{applications.APPLICATIONS[NAME].place} (no connection to 127.0.0.1)."
    )
    assert str(folder) in caught.value.hint


def test_as_model_makes_a_network_with_labels_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def load(name: str) -> Any:
        made.append(name)
        return keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(2, 3, name="only")], name="other_name")

    monkeypatch.setattr("lucid_widgets.modelzoo.adapt.load_application", load)
    folder.mkdir()
    applications.weights_file(NAME).write_bytes(b"weights")
    index = {str(number): [f"n{number:08}", f"class_{number}"] for number in range(1000)}
    (folder / "imagenet_class_index.json").write_text(json.dumps(index))
    model = as_model(NAME)
    assert model.name == NAME
    assert model.labels is not None
    assert (len(model.labels), model.labels[7]) == (1000, "class 7")
    assert as_model(NAME) is model
    assert made == [NAME]


def test_damaged_files_are_named_or_ignored(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir()
    applications.weights_file(NAME).write_bytes(b"not weights")
    (folder / "imagenet_class_index.json").write_text("[")
    assert applications.read_classes() is None

    def refuse() -> None:
        raise OSError("Unable to open file")

    monkeypatch.setattr(keras.applications, NAME, refuse)
    with pytest.raises(ModelError, match=f"Keras cannot load {NAME} from "):
        as_model(NAME)


def test_an_unknown_name_suggests_one_of_keras() -> None:
    with pytest.raises(ModelError, match="Did you mean 'MobileNetV2'"):
        as_model("MobilNetV2")


def test_offers_list_every_name_and_what_is_here(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models = tmp_path / "own"
    models.mkdir()
    for name in ("VGG16_caffe.pb", "mine.keras", "notes.txt"):
        (models / name).touch()
    monkeypatch.setenv("LUCID_WIDGETS_MODEL_DIR", str(models))
    monkeypatch.setenv("LUCID_WIDGETS_CACHE", str(tmp_path / "cache"))
    folder.mkdir()
    applications.weights_file("ResNet50").touch()
    offers = {offer.name: offer for offer in networks.offers()}
    first = ["EmojiNet", "EmojiViT", "InceptionV1"]
    assert list(offers) == [*dict.fromkeys([*first, *models_map, *applications.APPLICATIONS])]
    here = {name for name, offer in offers.items() if offer.is_here}
    assert here == {"EmojiNet", "EmojiViT", "VGG16_caffe", "ResNet50"}
    assert (offers["InceptionV1"].megabytes, offers["ResNet50"].megabytes, offers["AlexNet"].megabytes) == (50, 103, 0)
    assert networks.model_files() == [models / "mine.keras"]
