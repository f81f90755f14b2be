"""A store on a local S3 server, which a Dask worker in another process writes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import distributed
import numpy as np
import pytest
from evidence.networks import whole_network
from microscope import servers
from needs import ROOT, TESTS

from lucid_widgets import FeatureGrid, Microscope, render_model
from lucid_widgets.errors import MissingFileError
from lucid_widgets.microscope.rendering import ModelRendering

pytestmark = pytest.mark.slow

SETTINGS: dict[str, Any] = {"steps": 1, "image_size": 12, "batch": 3, "transforms": "nothing"}
LAYERS = ["first"]


@pytest.fixture(scope="module")
def files() -> Iterator[Any]:
    with servers.s3() as found:
        yield found


@pytest.fixture(scope="module")
def network() -> Any:
    return whole_network()


@pytest.fixture(scope="module")
def local(network: Any, tmp_path_factory: pytest.TempPathFactory) -> Microscope:
    return render_model(network, LAYERS, tmp_path_factory.mktemp("store"), **SETTINGS)


@pytest.fixture
def client(files: Any, tmp_path: Path, warm_python: list[str]) -> Iterator[Any]:
    """A client of a scheduler and a worker, which run in two other processes."""
    address = tmp_path / "scheduler.json"
    search = [str(ROOT), str(TESTS), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(search), "TF_CPP_MIN_LOG_LEVEL": "3"}
    common = ["--scheduler-file", str(address), "--no-dashboard"]
    where = ["--host", "127.0.0.1"]
    commands = [
        [sys.executable, "-m", "distributed.cli.dask_scheduler", *common, *where, "--port", "0"],
        [*warm_python, "-m", "distributed.cli.dask_worker", *common, *where, "--nthreads", "1", "--no-nanny"],
    ]
    processes = [
        subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for command in commands
    ]
    try:
        with distributed.Client(scheduler_file=str(address), timeout=240) as found:
            found.wait_for_workers(1, timeout=240)
            yield found
    finally:
        for process in processes:
            process.kill()  # a worker whose scheduler is gone takes long to end by itself
            process.wait(60)


def test_a_worker_writes_to_the_server_what_a_local_run_writes(
    network: Any, local: Microscope, files: Any, client: Any
) -> None:
    found = render_model(network, LAYERS, "s3://bucket/net", client=client, **SETTINGS)
    folder = Path(local.path)
    names = {each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file()} - {".lock"}
    stored = {name.removeprefix("bucket/net/") for name in files.find("bucket/net")}
    assert stored == names
    assert not [name for name in names if files.cat(f"bucket/net/{name}") != (folder / name).read_bytes()]
    assert np.array_equal(found.images("first"), local.images("first"))
    assert ModelRendering(network, LAYERS, "s3://bucket/net", **SETTINGS).tasks == []


def test_a_store_on_the_server_is_read_and_extended(network: Any, local: Microscope, files: Any) -> None:
    with pytest.raises(MissingFileError):
        Microscope.open("s3://bucket/none")
    found = render_model(network, ["first"], "s3://bucket/more", **SETTINGS)
    files.rm("bucket/more/records/first/0-1.json")
    run = ModelRendering(network, ["first"], "s3://bucket/more", seeds=(0, 1), **SETTINGS)
    assert [(task.variant.seed, task.chunk) for task in run.tasks] == [(0, 1), (1, 0), (1, 1)]
    run.run()
    assert found.refresh() == 12
    assert np.array_equal(found.images("first"), local.images("first"))
    assert found.related("first:2", 2) == local.related("first:2", 2)
    grid = FeatureGrid.open("s3://bucket/more")
    assert grid.wait(120) == "done"
    assert np.array_equal(np.round(grid.images[4] * 255), local.image("first:4"))
    grid.close()
