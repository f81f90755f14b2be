"""Text, JSON, graphs, compressed and remote files; scopes, batches, and errors."""

from __future__ import annotations

import base64
import contextlib
import http.server
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from lucid_widgets.errors import ArgumentError, ModelError
from lucid_widgets.misc.io import load, reading, save, showing
from lucid_widgets.misc.io.collapse_channels import collapse_channels, hue_to_rgb, sparse_channels_to_rgb
from lucid_widgets.misc.io.reading import local_cache_path, read, read_handle
from lucid_widgets.misc.io.sanitizing import sanitize
from lucid_widgets.misc.io.saving import CaptureSaveContext, ClarityJSONEncoder, batch_save
from lucid_widgets.misc.io.scoping import current_io_scopes, io_scope, scope_url
from lucid_widgets.misc.io.serialize_array import _normalize_array, array_to_jsbuffer, encode_png
from lucid_widgets.misc.io.writing import write, write_handle

IMAGE = np.random.default_rng(0).integers(0, 256, (4, 5, 3), np.uint8)


class TestFormats:
    @pytest.mark.parametrize("name", ["a.json", "a.json.xz", "A.JSON"])
    def test_json_holds_arrays_and_objects_with_to_json(self, tmp_path: Path, name: str) -> None:
        class Layer:
            def to_json(self) -> Any:
                return {"name": "mixed4a"}

        thing = {"array": np.arange(3), "number": np.float32(0.5), "layer": Layer()}
        assert save(thing, tmp_path / name)["type"] == "json"
        assert load(tmp_path / name) == {"array": [0, 1, 2], "number": 0.5, "layer": {"name": "mixed4a"}}

    def test_reads_and_writes_text(self, tmp_path: Path) -> None:
        save(["färbt", "sich"], tmp_path / "a.txt")
        assert load(tmp_path / "a.txt") == "färbt\nsich"
        assert load(tmp_path / "a.txt", split=True) == ["färbt", "sich"]
        save("body {}", tmp_path / "a.css")
        assert (tmp_path / "a.css").read_text() == "body {}"
        (tmp_path / "b.txt").write_bytes("é".encode("latin-1"))
        assert load(tmp_path / "b.txt", encoding="latin-1") == "é"
        with pytest.raises(ArgumentError, match="is not text in utf-8"):
            load(tmp_path / "b.txt")

    def test_npz_holds_arrays_by_name(self, tmp_path: Path) -> None:
        saved = save({"a": np.eye(2), "b": IMAGE}, tmp_path / "a.npz.xz")
        assert saved["shape"] == {"a": (2, 2), "b": (4, 5, 3)}
        back = load(tmp_path / "a.npz.xz")
        assert sorted(back) == ["a", "b"]
        assert np.array_equal(back["b"], IMAGE)

    def test_pb_holds_a_graph_def(self, tmp_path: Path) -> None:
        with tf.Graph().as_default() as graph:
            tf.constant(3.0, name="three")
        save(graph.as_graph_def(), tmp_path / "a.pb")
        assert [node.name for node in load(tmp_path / "a.pb").node] == ["three"]
        (tmp_path / "b.pb").write_bytes(b"no graph")
        with pytest.raises(ArgumentError, match="is not a frozen graph"):
            load(tmp_path / "b.pb")

    def test_accepts_open_files(self, tmp_path: Path) -> None:
        with open(tmp_path / "a.png", "wb") as file:
            save(IMAGE, file)
        with open(tmp_path / "a.png", "rb") as file:
            assert np.array_equal(np.rint(load(file) * 255), IMAGE)

    def test_lists_keep_their_order(self, tmp_path: Path) -> None:
        with io_scope(tmp_path), CaptureSaveContext() as context:
            batch_save([(np.full((2, 2), i / 20), f"{i}.npy") for i in range(20)])
            save(IMAGE, "last.png")
            assert [array[0, 0] for array in load([f"{i}.npy" for i in range(20)])] == [i / 20 for i in range(20)]
            with pytest.raises(FileNotFoundError):
                load(["1.npy", "none.npy"])
        assert {saved["url"] for saved in context.captured_saves[:20]} == {f"{i}.npy" for i in range(20)}
        assert context.captured_saves[20]["url"] == "last.png"
        save(IMAGE, tmp_path / "after.png")
        assert len(context.captured_saves) == 21


class TestErrors:
    def test_rejects_pickles_unless_allowed(self, tmp_path: Path) -> None:
        with pytest.raises(ArgumentError, match="can run any code"):
            save([1], tmp_path / "a.pkl")
        save([1, {2}], tmp_path / "a.pkl", True)
        with pytest.raises(ArgumentError, match="can run any code"):
            load(tmp_path / "a.pkl")
        assert load(tmp_path / "a.pkl", allow_unsafe_formats=True) == [1, {2}]

    @pytest.mark.parametrize(
        ("name", "content"),
        [("a.json", b"{"), ("a.npz", b"PK no"), ("a.npy", b""), ("a.png", encode_png(IMAGE)[:-30]), ("a.txt.xz", b"x")],
    )
    def test_rejects_damaged_files(self, tmp_path: Path, name: str, content: bytes) -> None:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ArgumentError, match="a\\."):
            load(tmp_path / name)

    def test_rejects_objects_that_the_format_cannot_hold(self, tmp_path: Path) -> None:
        for thing, name in [(object(), "a.json"), (float("nan"), "b.json"), (3, "a.txt"), (3, "a.pb"), (3, "a.npz")]:
            with pytest.raises(ArgumentError):
                save(thing, tmp_path / name)
        assert not list(tmp_path.iterdir())

    def test_rejects_settings_of_other_formats(self, tmp_path: Path) -> None:
        save(IMAGE, tmp_path / "a.png")
        with pytest.raises(ArgumentError, match=r"received split= .*Expected size= or target_dtype="):
            load(tmp_path / "a.png", split=True)
        with pytest.raises(ArgumentError, match=r"received qualty= .*Did you mean 'quality'"):
            save(IMAGE, tmp_path / "a.jpg", qualty=3)


class TestScopes:
    def test_resolves_paths_against_the_enclosing_folders(self) -> None:
        with io_scope("out"), io_scope("mixed4a/"):
            assert scope_url("476.png") == "out/mixed4a/476.png"
            assert scope_url("../476.png") == "out/476.png"
            assert scope_url("/tmp/476.png") == "/tmp/476.png"
            assert scope_url("https://example.org/x") == "https://example.org/x"
            with io_scope("other", replace_current_scopes=True):
                assert scope_url("a.png") == "other/a.png"
            with io_scope("gs://bucket"):
                assert scope_url("a.png") == "gs://bucket/a.png"
        assert scope_url("476.png") == "476.png"
        assert scope_url("b.png", ["a"]) == "a/b.png"

    def test_scopes_belong_to_a_thread(self) -> None:
        seen: list[Any] = []
        with io_scope("out"):
            thread = threading.Thread(target=lambda: seen.append(current_io_scopes()))
            thread.start()
            thread.join()
        assert seen == [()]

    def test_sanitize_replaces_slashes(self) -> None:
        assert sanitize("resnet/block1") == "resnet_block1"


class TestWriting:
    def test_writes_bytes_and_text(self, tmp_path: Path) -> None:
        write(b"\x00", tmp_path / "deep" / "a.bin")
        write("é", tmp_path / "a.txt", mode="w")
        assert read(tmp_path / "deep" / "a.bin") == b"\x00"
        assert read(f"file://{tmp_path}/a.txt", mode="r") == "é"
        with write_handle(tmp_path / "b.txt", "w") as text:
            text.write("b")
        with contextlib.suppress(ZeroDivisionError), write_handle(tmp_path / "b.txt") as file:
            file.write(b"half")
            raise ZeroDivisionError
        assert read(tmp_path / "b.txt", encoding="utf-8") == "b"
        with pytest.raises(ArgumentError, match=r"https://example\.org/a cannot be written to"):
            write(b"", "https://example.org/a")
        with pytest.raises(ArgumentError, match="cannot be read"):
            read("ftp://example.org/a")


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A server of `files` that records the requested paths."""
    monkeypatch.setenv(reading.CACHE_DIR_VARIABLE, str(tmp_path / "cache"))

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.requested.append(self.path)
            known = self.path in made.files
            self.send_response(200 if known else 404)
            self.end_headers()
            self.wfile.write(made.files.get(self.path, b"not found"))

        def log_message(self, *_: Any) -> None:
            pass

    made: Any = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.files, made.requested = {}, []
    made.url = f"http://127.0.0.1:{made.server_port}"
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


class TestRemoteFiles:
    def test_urls_with_one_last_name_are_cached_separately(self, server: Any) -> None:
        server.files = {
            "/one/net.json": b"[1]",
            "/two/net.json": b"[2]",
            "/net.json?v=1": b"[3]",
            "/net.json?v=2": b"[4]",
        }
        for _ in range(2):  # downloaded, then cached
            assert [load(f"{server.url}{path}") for path in server.files] == [[1], [2], [3], [4]]
        assert server.requested == list(server.files)
        names = [local_cache_path(f"{server.url}{path}").name for path in server.files]
        assert len(set(names)) == 4
        assert all(name.endswith("-net.json") for name in names)  # readable for people who look into the folder

    def test_hosts_and_schemes_are_cached_separately(self) -> None:
        urls = ["http://a.org/x.pb", "https://a.org/x.pb", "https://b.org/x.pb", "gs://a.org/x.pb"]
        assert len({local_cache_path(url) for url in urls}) == 4

    def test_downloads_are_cached(self, server: Any) -> None:
        server.files = {"/a/x.json": b"[1]", "/a_x.json": b"[2]"}
        assert load(f"{server.url}/a/x.json") == load(f"{server.url}/a/x.json") == [1]
        assert load(f"{server.url}/a_x.json") == [2]
        assert server.requested == ["/a/x.json", "/a_x.json"]
        assert local_cache_path(f"{server.url}/a/x.json").read_bytes() == b"[1]"
        server.files["/a/x.json"] = b"[3]"
        assert load(f"{server.url}/a/x.json", cache=False) == [3]
        with read_handle(f"{server.url}/a/x.json", mode="r") as file:
            assert file.read() == "[1]"

    def test_downloads_a_damaged_file_again(self, server: Any) -> None:
        server.files = {"/x.json": b"<html>busy</html>"}
        with pytest.raises(ArgumentError, match="is not JSON"):
            load(f"{server.url}/x.json")
        server.files = {"/x.json": b"[1]"}
        assert load(f"{server.url}/x.json") == [1]
        assert server.requested == ["/x.json"] * 3

    def test_a_missing_file_is_not_cached(self, server: Any) -> None:
        for cache in (None, False):
            with pytest.raises(ArgumentError, match=r"none.png could not be downloaded \(404"):
                load(f"{server.url}/none.png", cache=cache)
        assert not local_cache_path(f"{server.url}/none.png").exists()

    def test_reads_public_buckets_over_https(self) -> None:
        assert reading._web_address("gs://a/b.pb") == "https://storage.googleapis.com/a/b.pb"


class TestCollapseChannels:
    def test_hues_have_their_colors(self) -> None:
        for angle, colour in [(0, [1, 0, 0]), (120, [0, 1, 0]), (-120, [0, 0, 1]), (360, [1, 0, 0])]:
            np.testing.assert_allclose(hue_to_rgb(angle), colour, atol=1e-12)
            np.testing.assert_allclose(hue_to_rgb(angle, warp=False), colour, atol=1e-12)
        np.testing.assert_allclose(hue_to_rgb(60), np.asarray([1, 1, 0]) / np.sqrt(2))
        # Half way to yellow along the straight line, and further with the warp: red is left in a hurry.
        straight, warped = hue_to_rgb(30, warp=False), hue_to_rgb(30)
        np.testing.assert_allclose(straight[1] / straight[0], (0.5 / np.sqrt(2)) / (0.5 + 0.5 / np.sqrt(2)))
        assert warped[1] > straight[1]

    @given(st.floats(-1000, 1000), st.booleans())
    def test_colors_have_length_one(self, angle: float, warp: bool) -> None:
        assert np.linalg.norm(hue_to_rgb(angle, warp)) == pytest.approx(1)

    def test_mixes_channels_by_their_values(self) -> None:
        np.testing.assert_allclose(sparse_channels_to_rgb([[2.0, 0, 0], [0, 3, 0]]), [[2, 0, 0], [0, 3, 0]], atol=1e-9)
        # Two alike: their hues added, whiter by the weaker one, as long as both together.
        both = np.asarray([1.0, 1, 0]) + 1
        np.testing.assert_allclose(sparse_channels_to_rgb([1.0, 1, 0]), both / np.linalg.norm(both) * np.sqrt(2))
        np.testing.assert_array_equal(collapse_channels(np.zeros((2, 5))), np.zeros((2, 3)))
        signed = collapse_channels([[1.0, 0], [-1, 0]])
        np.testing.assert_allclose(signed, [hue_to_rgb(0), hue_to_rgb(180)], atol=1e-12)
        with pytest.raises(ArgumentError, match="negative"):
            sparse_channels_to_rgb([-1.0])

    def test_show_colors_images_with_many_channels(self, capsys: pytest.CaptureFixture[str]) -> None:
        showing.show(np.ones((4, 5, 7)))
        assert capsys.readouterr().out.startswith("image 4x5x3 float64")


def test_viewers_say_what_they_need() -> None:
    with pytest.raises(ModelError, match=r"^The model is None\."):
        showing.graph(None)
    with pytest.raises(ArgumentError, match=r"^The mesh has no 'position'\. Expected position, uv and face\."):
        showing.textured_mesh({}, None)


@given(st.recursive(st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_json_round_trips(thing: Any) -> None:
    from_disk: dict[str, bytes] = {}

    class File:
        name = "thing.json"

        def write(self, data: bytes) -> None:
            from_disk["bytes"] = data

    save(thing, File())
    assert json.loads(from_disk["bytes"]) == thing


def test_json_encodes_sets_and_numpy_numbers() -> None:
    assert json.dumps([{7}, np.float32(0.5), np.arange(2)], cls=ClarityJSONEncoder) == "[[7], 0.5, [0, 1]]"
    with pytest.raises(TypeError, match="'object' has no equivalent in JSON"):
        json.dumps(object(), cls=ClarityJSONEncoder)


@pytest.mark.parametrize("kind", ["int8", "uint16", "float32", "float64"])
def test_arrays_become_typed_arrays(kind: str) -> None:
    numbers = np.array([0, 1, 100], kind)
    match = re.fullmatch(
        r'new (\w+)Array\(Uint8Array\.from\(atob\("(.*)"\), .*\)\.buffer\)', array_to_jsbuffer(numbers)
    )
    assert match
    assert match[1] == {"int8": "Int8", "uint16": "Uint16", "float32": "Float32", "float64": "Float64"}[kind]
    assert np.frombuffer(base64.b64decode(match[2]), kind).tolist() == [0, 1, 100]


@pytest.mark.parametrize("wrong", [np.zeros((2, 2), np.float32), np.zeros(2, np.int64), np.zeros(2, bool)])
def test_rejects_arrays_without_a_typed_array(wrong: np.ndarray) -> None:
    with pytest.raises(ArgumentError, match="JavaScript has no typed array for"):
        array_to_jsbuffer(wrong)


def test_normalize_array_returns_the_displayed_pixels() -> None:
    assert _normalize_array([[0.0, 0.5], [1.0, 7.0]]).tolist() == [[0, 128], [255, 255]]
    assert _normalize_array(np.full((5, 1, 3), 200, np.uint8)).shape == (5, 1, 3)  # Lucid's was grey, 5 x 3
    assert _normalize_array([[2.0, 4.0]], domain=None).tolist() == [[0, 255]]
