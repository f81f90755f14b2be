"""Indexes on the disk: kept, continued after SIGKILL, refused when stale, and safe with two processes."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from evidence.networks import LAYERS, images, labels, whole_network
from forks import Forks, lines
from needs import TESTS
from waiting import until

from lucid_widgets.errors import ArgumentError, MissingFileError
from lucid_widgets.evidence import ActivationIndex
from lucid_widgets.evidence.passes import index_pass
from lucid_widgets.images import ImageSet

pytestmark = pytest.mark.slow


class Passes:
    """Starts processes that make an index."""

    def __init__(self, python: list[str], folder: Path) -> None:
        self.forks = Forks(python, TESTS / "evidence" / "forked_passes.py")
        self._folder = folder
        self._count = 0

    def start(self, path: Path, pause: float, most: int = 1000) -> tuple[int, Path]:
        """Start one, which waits after so many batches. Return its id and the file that gets a line per batch."""
        self._count += 1
        log = self._folder / f"log{self._count}"
        return self.forks.start(path, log, pause, most), log


def is_gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.fixture(scope="module")
def passes(tmp_path_factory: pytest.TempPathFactory, warm_python: list[str]) -> Iterator[Passes]:
    made = Passes(warm_python, tmp_path_factory.mktemp("logs"))
    yield made
    made.forks.close()


def build(path: Any, **settings: Any) -> ActivationIndex:
    data = ImageSet.from_array(images(300), labels(300))
    return ActivationIndex.build(whole_network(), data, LAYERS, path=path, batch=16, verbose=False, **settings)


def content(folder: Path) -> dict[str, str]:
    """Hash of each file of the index."""
    root = folder / "index.zarr"
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole")
    build(path)
    return path


def test_pass_goes_on_after_sigkill_with_equal_bytes(whole: Path, tmp_path: Path, passes: Passes) -> None:
    random = np.random.default_rng(int(os.environ.get("LUCID_WIDGETS_SEED", "0")))
    for time_around in range(int(os.environ.get("LUCID_WIDGETS_KILLS", "3"))):
        path = tmp_path / str(time_around)
        process, log = passes.start(path, 0.02, most=16)  # of 19, in case it is killed late
        wanted = int(random.integers(2, 12))
        until(lambda log=log, wanted=wanted: lines(log) >= wanted)
        time.sleep(random.uniform(0, 0.03))
        os.kill(process, signal.SIGKILL)
        until(lambda process=process: is_gone(process))
        seen: list[int] = []
        build(path, on_progress=lambda progress, seen=seen: seen.append(progress.done))
        assert 0 < seen[0] < 300, "the pass began again"
        assert content(path) == content(whole)
        assert sorted(each.name for each in path.iterdir()) == ["index.zarr", "lock"]


def test_cancelled_pass_goes_on(whole: Path, tmp_path: Path) -> None:
    class Enough(Exception):
        pass

    def cancel(progress: index_pass.Progress) -> None:
        if progress.done >= 96:
            raise Enough

    with pytest.raises(Enough):
        build(tmp_path, on_progress=cancel)
    seen: list[int] = []
    build(tmp_path, on_progress=lambda progress: seen.append(progress.done))
    assert seen[0] == 96
    assert content(tmp_path) == content(whole)


def test_asking_again_reads_the_disk(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_pass.IndexPass, "_run", lambda self: pytest.fail("the images were looked at again"))
    again, opened = build(whole), ActivationIndex.open(whole)
    assert again["second:2"].to_json() == opened["second:2"].to_json()
    assert opened["second:2"]._repr_html_() == again["second:2"]._repr_html_()
    with pytest.raises(MissingFileError):
        ActivationIndex.open(whole / "nothing")


def test_stale_index_is_refused_with_the_reason(whole: Path) -> None:
    with pytest.raises(ArgumentError, match="stale: the settings changed"):
        build(whole, keep=3)
    other = whole_network()
    layer = other.keras_model.get_layer("first")
    layer.set_weights([weights + 1 for weights in layer.get_weights()])
    index = ActivationIndex.open(whole)
    index.require(whole_network(), ImageSet.from_array(images(300), labels(300)))
    with pytest.raises(ArgumentError, match="stale: the network changed"):
        index.require(other)
    with pytest.raises(ArgumentError, match="the images changed"):
        index.require(whole_network(), images(299))


def test_two_processes_make_one_index(whole: Path, tmp_path: Path, passes: Passes) -> None:
    both = [passes.start(tmp_path, 0.01) for _ in range(2)]
    until(lambda: all(is_gone(process) for process, _ in both))
    assert sorted(lines(log) > 0 for _, log in both) == [False, True], "both looked at the images"
    assert content(tmp_path) == content(whole)
