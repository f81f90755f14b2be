"""Clusters of Dask that grow with the work, and workers with resources."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import distributed
import pytest
from evidence.networks import whole_network

from lucid_widgets.microscope.rendering import ModelRendering

pytestmark = pytest.mark.slow

SETTINGS: dict[str, Any] = {"steps": 1, "image_size": 12, "batch": 1, "transforms": "nothing"}
HERE: dict[str, Any] = {"dashboard_address": "127.0.0.1:0"}
PATIENCE = 240


def test_an_adaptive_cluster_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock, both, running = threading.Lock(), threading.Event(), [0]

    def wait_for_another(*_: object) -> tuple[float, dict[int, str]]:
        with lock:
            running[0] += 1
            if running[0] >= 2:
                both.set()
        both.wait(PATIENCE)
        with lock:
            running[0] -= 1
        return 0.01, {}

    monkeypatch.setattr("lucid_widgets.microscope.work.run_task", wait_for_another)
    with distributed.LocalCluster(n_workers=0, threads_per_worker=1, processes=False, **HERE) as cluster:
        cluster.adapt(minimum=1, maximum=3, target_duration="100ms", interval="50ms")
        with distributed.Client(cluster) as client:
            run = ModelRendering(whole_network(), "first", tmp_path, client=client, **SETTINGS)
            run.run()
    assert both.is_set()
    assert run.progress.done == 6


def test_tasks_go_to_workers_with_the_resources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names: list[str] = []

    def note(*_: object) -> tuple[float, dict[int, str]]:
        names.append(str(distributed.get_worker().name))
        return 0.01, {}

    monkeypatch.setattr("lucid_widgets.microscope.work.run_task", note)
    workers = {
        "plain": {"cls": distributed.Worker, "options": {"nthreads": 1, "dashboard": False}},
        "gpu": {"cls": distributed.Worker, "options": {"nthreads": 1, "dashboard": False, "resources": {"GPU": 1}}},
    }
    scheduler = {"cls": distributed.Scheduler, "options": {"dashboard": False, "host": "127.0.0.1", "port": 0}}
    with distributed.SpecCluster(workers, scheduler) as cluster, distributed.Client(cluster) as client:
        client.wait_for_workers(2, timeout=PATIENCE)
        run = ModelRendering(whole_network(), "first", tmp_path, client=client, resources={"GPU": 1}, **SETTINGS)
        run.run()
    assert names == 6 * ["gpu"]
