"""Stores of feature visualizations: what is in them, what a second run makes, failures, pause, and Dask."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dask
import distributed
import keras
import numpy as np
import pytest
import zarr
from evidence.networks import whole_network

from lucid_widgets import Microscope, models, render_many, render_model
from lucid_widgets.errors import ArgumentError, MissingFileError, UnknownKeywordError, UnknownNameError
from lucid_widgets.microscope import running
from lucid_widgets.microscope.rendering import ModelRendering
from lucid_widgets.misc.io.serialize_array import to_uint8

pytestmark = pytest.mark.slow

SETTINGS: dict[str, Any] = {"steps": 4, "image_size": 12, "batch": 3, "transforms": "nothing"}


def tree(folder: Path) -> dict[str, bytes]:
    """Content of all files below a folder, by name."""
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


@pytest.fixture(scope="module")
def network() -> Any:
    return whole_network()


@pytest.fixture(scope="module")
def whole(network: Any, tmp_path_factory: pytest.TempPathFactory) -> Microscope:
    """A store of two layers, with negatives."""
    return render_model(network, ["first", "scores"], tmp_path_factory.mktemp("store"), negative=True, **SETTINGS)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A client of a Dask cluster whose one worker is a thread of this process."""
    with distributed.Client(
        processes=False, n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0"
    ) as client:
        yield client


def test_images_are_those_of_render_many(whole: Microscope, network: Any) -> None:
    alone = render_many(network, [f"first:{unit}" for unit in range(6)], verbose=False, **SETTINGS)
    assert np.array_equal(whole.images("first"), to_uint8(alone))
    assert np.array_equal(whole.image("first:4"), to_uint8(alone[4]))
    assert whole.layers == ("first", "scores")
    assert whole.variants == ("channel", "channel negative")
    assert whole.finished("first").all()
    assert not np.array_equal(whole.image("first:4", "channel negative"), whole.image("first:4"))


def test_curves_lead_to_the_values(whole: Microscope) -> None:
    steps, values = whole.curve("first:2")
    assert steps.tolist() == [0, 1, 2, 3, 4]
    assert values[-1] == whole.values("first")[2]
    assert values[-1] > values[0]
    # The negative variant maximizes the negative channel.
    assert whole.curve("first:2", "channel negative")[1][0] == -values[0]


def test_records_say_how_to_make_the_image_again(whole: Microscope) -> None:
    record = whole.record("scores:1", "channel negative")
    assert record["objective"] == '-channel("scores", 1)'
    assert (record["sign"], record["seed"], record["recipe"]["steps"]) == (-1, 0, 4)
    assert set(record["versions"]) == {"keras", "numpy", "tensorflow"}
    lines = [json.loads(line) for line in (Path(whole.path) / "records.jsonl").read_text().splitlines()]
    assert len(lines) == 2 * (6 + 4)
    assert lines[2]["objective"] == 'channel("first", 2)'
    assert lines[2]["value"] == pytest.approx(float(whole.values("first")[2]))


def test_plain_zarr_opens_the_store(whole: Microscope) -> None:
    group = zarr.open_group(f"{whole.path}/layers.zarr", mode="r")
    assert group["first/images"].shape == (2, 6, 12, 12, 3)
    assert group["first/images"].chunks == (1, 3, 12, 12, 3)
    assert np.array_equal(group["first/images"][0, 4], whole.image("first:4"))


def test_search_and_related_units(whole: Microscope) -> None:
    assert whole.labels("scores") == ("cat", "dog", "fox", "owl")
    assert whole.search("fox") == ["scores:2"]
    assert whole.search("first:3") == ["first:3"]
    assert len(whole.search("scores")) == 4
    assert whole.search("horse") == []
    found = whole.related("first:2", 3)
    assert len(found) == 3
    assert [distance for _, distance in found] == sorted(distance for _, distance in found)
    assert "first:2" not in dict(found)


def test_a_second_run_makes_what_is_missing(network: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[str, int, int]] = []
    work = running.run_task

    def counted(model: Any, url: str, task: Any, *more: Any) -> Any:
        made.append((task.layer, task.variant.seed, task.chunk))
        return work(model, url, task, *more)

    monkeypatch.setattr(running, "run_task", counted)
    render_model(network, "first", tmp_path, **SETTINGS)
    assert made == [("first", 0, 0), ("first", 0, 1)]
    before = tree(tmp_path)
    made.clear()
    render_model(network, "first", tmp_path, **SETTINGS)
    assert made == []
    assert tree(tmp_path) == before
    # Another seed adds a variant, other settings replace, and a damaged file is found when asked for.
    found = render_model(network, "first", tmp_path, seeds=(0, 7), **SETTINGS)
    assert made == [("first", 7, 0), ("first", 7, 1)]
    assert found.variants == ("channel", "channel seed 7")
    made.clear()
    chunk = tmp_path / "layers.zarr/first/images/c.0.1.0.0.0"
    intact = chunk.read_bytes()
    chunk.write_bytes(bytes(len(intact)))
    render_model(network, "first", tmp_path, verify=True, **SETTINGS)
    assert made == [("first", 0, 1)]
    assert chunk.read_bytes() == intact
    made.clear()
    render_model(network, "first", tmp_path, **{**SETTINGS, "steps": 5})
    assert made == [("first", 0, 0), ("first", 0, 1)]


def test_only_layers_above_changed_weights_are_made_again(tmp_path: Path) -> None:
    keras.utils.set_random_seed(0)
    image = keras.Input((8, 8, 3))
    low = keras.layers.Conv2D(2, 3, name="low")(image)
    high = keras.layers.Conv2D(2, 3, name="high")
    made = keras.Model(image, high(low))
    model = models.from_keras(made, image_value_range=(0, 1), name="Two")
    settings = {**SETTINGS, "image_size": 8, "batch": 2}
    render_model(model, ["low", "high"], tmp_path, **settings)
    high.set_weights([2 * each for each in high.get_weights()])
    run = ModelRendering(model, ["low", "high"], tmp_path, **settings)
    assert [task.layer for task in run.tasks] == ["high"]
    assert run.progress.done == 2


def test_units_that_fail_are_listed_and_others_are_made(tmp_path: Path) -> None:
    network = whole_network()
    first = network.keras_model.get_layer("first")
    kernel, bias = first.get_weights()
    bias[4] = np.inf
    first.set_weights([kernel, bias])
    found = render_model(network, "first", tmp_path, **SETTINGS)
    assert list(found.failures) == ["first:4"]
    assert "became inf" in found.failures["first:4"]
    assert found.finished("first").tolist() == [True, True, True, True, False, True]
    with pytest.raises(ArgumentError, match="first:4 has no image"):
        found.image("first:4")
    again = ModelRendering(network, "first", tmp_path, **SETTINGS)
    assert again.tasks == []
    assert list(again.failures) == ["first:4"]


def failing(*_: Any) -> Any:
    raise RuntimeError("the processor is on fire")


def test_a_task_with_an_error_is_tried_twice_and_again_in_the_next_run(
    network: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def first_fails(*arguments: Any) -> Any:
        calls.append(arguments)
        return failing() if len(calls) <= 2 else work(*arguments)

    work = running.run_task
    monkeypatch.setattr(running, "run_task", first_fails)
    run = ModelRendering(network, "first", tmp_path, **SETTINGS)
    found = run.run()
    assert len(calls) == 3
    assert run.failures == {f"first:{unit}": "RuntimeError: the processor is on fire" for unit in range(3)}
    assert found.finished("first").tolist() == [False] * 3 + [True] * 3
    assert len(ModelRendering(network, "first", tmp_path, **SETTINGS).tasks) == 1


def test_a_full_disk_ends_the_run(network: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(running, "run_task", full)
    with pytest.raises(OSError, match="No space left"):
        render_model(network, "first", tmp_path, **SETTINGS)


@pytest.mark.parametrize(
    "error", [asyncio.CancelledError("key"), OSError("Timed out trying to connect"), RuntimeError()]
)
def test_a_lost_scheduler_is_named(network: Any, tmp_path: Path, error: BaseException) -> None:
    """Dask says so in whatever it was asked for."""

    class Client:
        status = "running"
        loop = object()

        def register_plugin(self, plugin: Any) -> None: ...
        def unregister_worker_plugin(self, name: str) -> None: ...
        def cancel(self, futures: Any) -> None: ...

        def nthreads(self) -> dict[str, int]:
            return {"tcp://worker": 1}

        def submit(self, *arguments: Any, **options: Any) -> Any:
            self.status = "connecting"
            raise error

    with pytest.raises(ConnectionError, match=r"scheduler is lost\. Run again"):
        render_model(network, "first", tmp_path, client=Client(), **SETTINGS)


def test_pause_resume_and_cancel(network: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = ModelRendering(network, "first", tmp_path, **{**SETTINGS, "batch": 1})
    run.pause()
    run.start()
    time.sleep(0.2)
    assert run.paused
    assert run.progress.done == 0
    work = running.run_task

    def cancelling(*arguments: Any) -> Any:
        if run.progress.done == 2:
            run.cancel()
        return work(*arguments)

    monkeypatch.setattr(running, "run_task", cancelling)
    run.resume()
    found = run.wait()
    assert found.finished("first").sum() == 3
    assert str(run.progress).startswith("3 of 6 images")


def test_dask_makes_the_same_bytes(whole: Microscope, network: Any, cluster: Any, tmp_path: Path) -> None:
    heard: list[int] = []
    render_model(
        *(network, ["first", "scores"], tmp_path),
        negative=True,
        client=cluster,
        on_progress=lambda now: heard.append(now.done),
        **SETTINGS,
    )
    assert tree(tmp_path) == tree(Path(whole.path))
    assert heard == [*heard[:1], *sorted(heard[1:])]
    assert heard[-1] == 20


def test_dask_lists_failures_and_goes_on(
    network: Any, cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lucid_widgets.microscope.work.run_task", failing)
    run = ModelRendering(network, "first", tmp_path, client=cluster, **SETTINGS)
    found = run.run()
    assert len(run.failures) == 6
    assert "the processor is on fire" in run.failures["first:0"]
    assert not found.finished("first").any()


def test_workers_of_this_machine_keep_their_memory_and_are_not_profiled(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}

    def cluster(**settings: Any) -> contextlib.nullcontext[None]:
        seen.update(settings, profiled=dask.config.get("distributed.worker.profile.enabled"))
        seen.update(dask.config.get("distributed.nanny.pre-spawn-environ"))
        return contextlib.nullcontext()

    monkeypatch.setattr(distributed, "LocalCluster", cluster)
    monkeypatch.setattr(distributed, "Client", contextlib.nullcontext)
    before = dask.config.get("distributed.worker.profile.enabled")
    with running.local_cluster(3, cores=5):
        pass
    assert dask.config.get("distributed.worker.profile.enabled") == before
    assert (seen["n_workers"], seen["threads_per_worker"], seen["profiled"]) == (3, 1, False)
    assert (seen["MALLOC_MMAP_THRESHOLD_"], seen["MALLOC_TRIM_THRESHOLD_"]) == (32 << 20, 64 << 20)
    assert seen["env"] == {"TF_NUM_INTRAOP_THREADS": "5", "TF_NUM_INTEROP_THREADS": "1", "OMP_NUM_THREADS": "5"}


def test_errors_before_any_work(network: Any, whole: Microscope, cluster: Any, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="first"):
        render_model(network, "firsd", tmp_path, **SETTINGS)
    with pytest.raises(UnknownKeywordError, match="steps"):
        render_model(network, "first", tmp_path, step=3)  # type: ignore[call-arg]
    with pytest.raises(ArgumentError, match="function of your own"):
        render_model(network, "first", tmp_path, **{**SETTINGS, "transforms": [lambda image: image]})
    with pytest.raises(ArgumentError, match="Both workers and client"):
        render_model(network, "first", tmp_path, workers=2, client=cluster)
    with pytest.raises(ArgumentError, match="holds images of Whole, not of EmojiNet"):
        render_model(models.EmojiNet(), "conv2d0", whole.path, steps=1, image_size=32)
    assert not list(tmp_path.iterdir())
    with pytest.raises(MissingFileError):
        Microscope.open(tmp_path / "nothing")
    with pytest.raises(UnknownNameError):
        whole.images("first", "neuron")
