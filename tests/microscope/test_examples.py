"""Real images in a store: the index is that of `ActivationIndex.build`, and stands for the images' weights only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from evidence.networks import images, labels, whole_network

from lucid_widgets import ActivationIndex, FeatureGrid, ImageSet, Microscope, microscope, models, render_model
from lucid_widgets.errors import ArgumentError
from lucid_widgets.microscope import examples
from lucid_widgets.microscope.rendering import ModelRendering

pytestmark = pytest.mark.slow

SETTINGS: dict[str, Any] = {"steps": 1, "image_size": 12, "batch": 3, "transforms": "nothing"}


@pytest.fixture(scope="module")
def network() -> Any:
    return whole_network()


@pytest.fixture(scope="module")
def data() -> ImageSet:
    return ImageSet.from_array(images(40), labels(40))


@pytest.fixture(scope="module")
def store(network: Any, data: ImageSet, tmp_path_factory: pytest.TempPathFactory) -> Microscope:
    return render_model(network, ["first", "second"], tmp_path_factory.mktemp("store"), images=data, **SETTINGS)


def test_keeps_the_index_of_the_images(network: Any, data: ImageSet, store: Microscope) -> None:
    index = ActivationIndex.build(network, data, ["first", "second"], path=False, verbose=False)
    found = Microscope.open(store.path).evidence
    assert found is not None
    assert found.layers == ("first", "second")
    assert np.array_equal(found.statistics.top_values, index.statistics.top_values)
    assert np.array_equal(found.statistics.top_images, index.statistics.top_images)


def test_running_again_looks_at_no_image(
    network: Any, data: ImageSet, store: Microscope, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examples, "IndexPass", None)
    again = render_model(network, ["first", "second"], store.path, images=data, **SETTINGS)
    assert again.evidence is not None


def test_takes_an_index_and_layers_of_earlier_runs(network: Any, data: ImageSet, tmp_path: Path) -> None:
    render_model(network, ["first"], tmp_path, **SETTINGS)
    assert Microscope.open(tmp_path).evidence is None
    found = render_model(network, ["second"], tmp_path, images=data, **SETTINGS).evidence
    assert found is not None
    assert found.layers == ("first", "second")
    index = ActivationIndex.build(network, data, ["second"], path=False, verbose=False)
    found = render_model(network, ["second"], tmp_path, images=index, **SETTINGS).evidence
    assert found is not None
    assert found.layers == ("second",)


def test_images_of_other_weights_do_not_count(data: ImageSet, tmp_path: Path) -> None:
    def net(factor: float) -> Any:
        image = keras.Input((12, 12, 3))
        conv = keras.layers.Conv2D(3, 3, name="first")
        made = keras.Model(image, conv(image))
        conv.set_weights([np.full((3, 3, 3, 3), factor, np.float32), np.zeros(3, np.float32)])
        return models.from_keras(made, image_value_range=(0, 255), name="Net")

    first, second = net(1.0), net(2.0)
    assert render_model(first, ["first"], tmp_path, images=data, **SETTINGS).evidence is not None
    assert render_model(second, ["first"], tmp_path, **SETTINGS).evidence is None
    assert render_model(second, ["first"], tmp_path, images=data, **SETTINGS).evidence is not None
    other = ActivationIndex.build(first, data, ["first"], path=False, verbose=False)
    with pytest.raises(ArgumentError, match="stale"):
        render_model(second, ["first"], tmp_path, images=other, **SETTINGS)


def test_a_cancelled_pass_goes_on(network: Any, data: ImageSet, tmp_path: Path) -> None:
    run = ModelRendering(network, ["first"], tmp_path, images=data, **SETTINGS)
    run.run(on_progress=lambda progress: run.cancel() if progress.done == progress.total else None)
    assert Microscope.open(tmp_path).evidence is None
    assert ModelRendering(network, ["first"], tmp_path, images=data, **SETTINGS).run().evidence is not None


def test_a_leftover_of_a_killed_pass_does_no_harm(network: Any, data: ImageSet, tmp_path: Path) -> None:
    render_model(network, ["first"], tmp_path, images=data, **SETTINGS)
    (tmp_path / "evidence" / ".index.zarr.0123abcd").mkdir()
    assert render_model(network, ["first"], tmp_path, images=data, **SETTINGS).evidence is not None


def test_refuses_remote_stores_and_empty_sets(network: Any, data: ImageSet, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="not on this machine"):
        render_model(network, ["first"], "memory://store", images=data, **SETTINGS)
    (tmp_path / "none").mkdir()
    with pytest.raises(ArgumentError):
        render_model(network, ["first"], tmp_path / "store", images=tmp_path / "none", **SETTINGS)


def test_site_and_grid_show_them(store: Microscope, tmp_path: Path) -> None:
    folder = microscope.site(store, tmp_path / "site", related=3).parent
    page = (folder / "units/0/2.html").read_text()
    assert "Real images that excite it most" in page
    assert (folder / "images/0/real-2.jpg").is_file()
    assert "Units that respond to the same images" in page
    assert store.evidence is not None
    name, correlation = store.evidence.related("first:2", 3)[0]
    layer, _, channel = name.rpartition(":")
    place = store.layers.index(layer)
    assert f'<a href="../../units/{place}/{channel}.html" aria-label="{name}, correlation {correlation:.2f}">' in page
    assert "respond to the same" not in (folder / "units/1/7.html").read_text()  # a dead unit
    grid = FeatureGrid.open(store, "second")
    grid.wait(60)
    grid.sort_by = "strength"
    assert grid._figures["strength"] == pytest.approx(store.evidence.figures("second", "strength"), rel=1e-3)
    assert grid._figures["dead"] == [7]
    grid.close()
