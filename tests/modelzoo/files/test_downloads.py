"""Downloads from a server that truncates, corrupts, stalls, redirects or is unreachable."""

from __future__ import annotations

import gc
import hashlib
import io
import pickle
import subprocess
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from modelzoo.tiny_nets import two_towers, write

from lucid_widgets.errors import ModelError
from lucid_widgets.modelzoo.files import downloads
from lucid_widgets.modelzoo.files.downloads import Archive, fetch
from lucid_widgets.modelzoo.vision_models import InceptionV1

# pooch leaves the connection of a failed download to the garbage collector.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")]

GRAPH, LABELS = bytes(range(256)) * 2000, b"dummy\nkit fox\n"


def packed(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, data in members.items():
            file.writestr(zipfile.ZipInfo(name.replace("_", ".")), data)
    return buffer.getvalue()


ZIP = packed(net_pb=GRAPH, labels_txt=LABELS)


class Server(ThreadingHTTPServer):
    """Serves `ZIP`. The first `bad` requests fail in the way that `mood` names."""

    daemon_threads = True

    def __init__(self) -> None:
        self.mood, self.bad, self.requests = "", 0, 0
        self.over = threading.Event()
        super().__init__(("127.0.0.1", 0), Handler)

    def url(self, name: str = "net.zip") -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/{name}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        server = self.server
        server.requests += 1
        mood = server.mood if server.requests <= server.bad else ""
        if mood == "error":
            self.send_error(503)
            return
        if mood == "redirect":
            self.send_response(302)
            self.send_header("Location", server.url("elsewhere/net.zip"))
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(ZIP)))
        self.end_headers()
        if mood == "corrupt":
            self.wfile.write(ZIP[:100] + b"?" + ZIP[101:])
        elif mood in ("truncate", "stall"):
            self.wfile.write(ZIP[: len(ZIP) // 2])
            self.wfile.flush()
            if mood == "stall":
                self.server.over.wait(60)
            self.connection.close()
        else:
            self.wfile.write(ZIP)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield running
    running.over.set()
    running.shutdown()
    running.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "cache"
    monkeypatch.setenv(downloads.CACHE_DIR_VARIABLE, str(folder))
    monkeypatch.setattr(downloads, "RETRIES", 1)
    monkeypatch.setattr("pooch.core.time", SimpleNamespace(sleep=lambda _: None))
    yield folder
    gc.collect()


def archive(server: Server, **changed: Any) -> Archive:
    settings = {
        "url": server.url(),
        "sha256": hashlib.sha256(ZIP).hexdigest(),
        "members": {"net.pb": hashlib.sha256(GRAPH).hexdigest(), "labels.txt": None},
        **changed,
    }
    return Archive(**settings)


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("mood", ["", "truncate", "corrupt", "stall", "error", "redirect"])
def test_downloads_completely_after_one_failure(
    server: Server, cache: Path, mood: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.mood, server.bad = mood, 1
    if mood == "stall":
        monkeypatch.setattr(downloads, "TIMEOUT", 2)
    folder = fetch(archive(server), "Net")
    assert (folder / "net.pb").read_bytes() == GRAPH
    assert (folder / "labels.txt").read_bytes() == LABELS
    assert files(cache) == {"net.zip", "net/net.pb", "net/labels.txt"}
    requests = server.requests
    assert fetch(archive(server), "Net") == folder
    assert server.requests == requests, "it was downloaded again"


@pytest.mark.parametrize("mood", ["truncate", "corrupt", "stall", "error"])
def test_repeated_failure_says_which_files_to_put_where(
    server: Server, cache: Path, mood: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.mood, server.bad = mood, 99
    if mood == "stall":
        monkeypatch.setattr(downloads, "TIMEOUT", 0.5)
    with pytest.raises(ModelError) as caught:
        fetch(archive(server), "Net")
    message = str(caught.value)
    assert message.startswith(f"The weights of Net could not be downloaded from {server.url()} (")
    assert f"Download that file yourself and put net.pb and labels.txt into {str(cache / 'net')!r}, or" in message
    assert 'pass Net(path=".../net.pb"). models.EmojiNet() needs no download.' in message
    assert server.requests == 2
    assert files(cache) == set(), "an incomplete file remained"


def test_unreachable_server_raises_model_error() -> None:
    nowhere = Archive("http://127.0.0.1:9/net.zip", "0" * 64, {"net.pb": None})
    with pytest.raises(ModelError, match="could not be downloaded"):
        fetch(nowhere, "Net")


def test_uses_files_that_the_user_put_into_the_cache(server: Server, cache: Path) -> None:
    (cache / "net").mkdir(parents=True)
    for name in ("net.pb", "labels.txt"):
        (cache / "net" / name).write_bytes(b"mine")
    assert fetch(archive(server), "Net") == cache / "net"
    assert server.requests == 0


def test_rejects_member_with_another_checksum(server: Server, cache: Path) -> None:
    with pytest.raises(ModelError, match=r"its member net\.pb has the checksum"):
        fetch(archive(server, members={"net.pb": "0" * 64}), "Net")
    with pytest.raises(ModelError, match=r"other\.pb"):
        fetch(archive(server, members={"other.pb": None}), "Net")
    assert files(cache) == {"net.zip"}


def test_several_processes_may_download_at_once(server: Server, cache: Path, warm_python: list[str]) -> None:
    wanted = archive(server)
    script = (
        "from lucid_widgets.modelzoo.files.downloads import Archive, fetch\n"
        f"print((fetch({wanted!r}, 'Net') / 'labels.txt').read_text())"
    )
    running = [
        subprocess.Popen([*warm_python, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for process in running:
        output, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        assert output.startswith("dummy")
    assert files(cache) == {"net.zip", "net/net.pb", "net/labels.txt"}


def test_inception_is_downloaded_at_its_first_use(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LUCID_WIDGETS_MODEL_DIR", raising=False)
    monkeypatch.setattr("lucid_widgets.modelzoo.graphdef.inception_v1.INCEPTION5H", archive(server))
    model = InceptionV1()
    model.load_graphdef()
    again = pickle.loads(pickle.dumps(model))
    assert (model.name, model.image_shape, model.input_range) == ("InceptionV1", (224, 224, 3), "declared")
    assert model == again == InceptionV1()
    assert (server.requests, hash(model)) == (0, hash(again))
    with pytest.raises(ModelError, match=r"net\.pb"):  # the downloaded bytes are not a graph
        model.layers  # noqa: B018
    assert server.requests == 1
    assert model == again == pickle.loads(pickle.dumps(again))


def test_labels_are_read_after_a_download(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    monkeypatch.delenv("LUCID_WIDGETS_MODEL_DIR", raising=False)
    monkeypatch.setattr(InceptionV1, "input_name", "image")
    model = InceptionV1()

    def fetch(*_: object) -> None:
        (cache / "inception5h").mkdir(parents=True)
        write(two_towers(), cache / "inception5h" / "tensorflow_inception_graph.pb")
        (cache / "inception5h" / "imagenet_comp_graph_label_strings.txt").write_text("a\nb\nc\nd\n")

    monkeypatch.setattr("lucid_widgets.modelzoo.files.weights.fetch", fetch)
    monkeypatch.setattr(InceptionV1, "_classes", 4)
    assert model.labels == ["a", "b", "c", "d"]
    assert model == InceptionV1()


def test_inception_archive_has_an_https_address_and_lists_the_graph_first() -> None:
    assert downloads.INCEPTION5H.url.startswith("https://")
    assert next(iter(downloads.INCEPTION5H.members)) == "tensorflow_inception_graph.pb"
