"""A store on a server with the interface of Google Cloud Storage, and the number of requests that readers need."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from evidence.networks import whole_network
from microscope import servers
from microscope.stores import draw, drawn_store, plan_of

from lucid_widgets import FeatureGrid, Microscope, render_model
from lucid_widgets.errors import MissingFileError
from lucid_widgets.microscope.rendering import ModelRendering
from lucid_widgets.microscope.store import Store
from lucid_widgets.microscope.tasks import Variant

pytestmark = pytest.mark.slow

SETTINGS: dict[str, Any] = {"steps": 1, "image_size": 12, "batch": 3, "transforms": "nothing"}


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Any, Counter[str]]]:
    with servers.google() as found:
        yield found


def test_holds_what_a_local_store_holds_and_is_extended(server: tuple[Any, Counter[str]], tmp_path: Path) -> None:
    files, _ = server
    network = whole_network()
    with pytest.raises(MissingFileError):
        Microscope.open("gs://bucket/none")
    local = render_model(network, ["first"], tmp_path, **SETTINGS)
    found = render_model(network, ["first"], "gs://bucket/net", **SETTINGS)
    names = {each.relative_to(tmp_path).as_posix() for each in tmp_path.rglob("*") if each.is_file()} - {".lock"}
    assert {name.removeprefix("bucket/net/") for name in files.find("bucket/net")} == names
    assert not [name for name in names if files.cat(f"bucket/net/{name}") != (tmp_path / name).read_bytes()]
    files.rm("bucket/net/records/first/0-1.json")
    run = ModelRendering(network, ["first"], "gs://bucket/net", seeds=(0, 1), **SETTINGS)
    assert [(task.variant.seed, task.chunk) for task in run.tasks] == [(0, 1), (1, 0), (1, 1)]
    run.run()
    assert found.refresh() == 12
    assert np.array_equal(found.images("first"), local.images("first"))
    grid = FeatureGrid.open("gs://bucket/net")
    assert grid.wait(120) == "done"
    assert np.array_equal(np.round(grid.images[4] * 255), local.image("first:4"))
    grid.close()


def test_readers_need_few_requests(server: tuple[Any, Counter[str]], tmp_path: Path) -> None:
    files, counts = server
    layers = {"low": 40, "middle": 40, "high": 8}  # 10, 10 and 2 tasks, of which the last one of each is missing
    drawn_store(tmp_path / "store", layers)
    Store(tmp_path / "store").write_table()
    files.put(f"{tmp_path}/store", "bucket/drawn", recursive=True)
    counts.clear()
    found = Microscope.open("gs://bucket/drawn")
    # Twice the store's own description, the list of records, and two files per layer.
    assert counts.total() <= 4 + 2 * len(layers)
    counts.clear()
    images = found.images("low", channels=list(range(4, 20)))
    assert counts.total() == 1 + 4  # the description of the array, and one part per task
    assert np.array_equal(images, Microscope.open(tmp_path / "store").images("low")[4:20])
    draw(Store("gs://bucket/drawn"), list(plan_of("high", 8).tasks(Variant()))[-1], seed=3)
    counts.clear()
    before = found.counts[0]
    again = found.again()
    assert again.counts[0] == before + 4
    assert found.counts[0] == before
    (single,) = [path for path in counts if "records" in path]
    assert single.endswith("0-1.json")
