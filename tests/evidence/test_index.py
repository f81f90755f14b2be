"""`ActivationIndex`, compared with NumPy on a network whose activations are whole numbers."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from evidence.networks import LAYERS, images, labels, whole_network

from lucid_widgets import models
from lucid_widgets.attribution import activations
from lucid_widgets.errors import ArgumentError, ModelError, OutOfRangeError, UnknownNameError
from lucid_widgets.evidence import ActivationIndex
from lucid_widgets.evidence.passes.plan import default_batch
from lucid_widgets.evidence.picks import KINDS, of_kind, shown_images
from lucid_widgets.images import ImageSet

pytestmark = pytest.mark.slow

COUNT = 500


@pytest.fixture(scope="module")
def network() -> Any:
    return whole_network()


@pytest.fixture(scope="module")
def data() -> ImageSet:
    return ImageSet.from_array(images(COUNT), labels(COUNT))


@pytest.fixture(scope="module")
def raw(network: Any) -> dict[str, np.ndarray]:
    found = [activations(network, image, LAYERS) for image in images(COUNT)]
    return {name: np.stack([each[name] for each in found]) for name in LAYERS}


@pytest.fixture(scope="module")
def index(network: Any, data: ImageSet) -> ActivationIndex:
    return ActivationIndex.build(network, data, LAYERS, path=False, batch=32, verbose=False)


def test_images_of_all_units_are_those_of_each(index: ActivationIndex) -> None:
    """They are found for all units at once, with ties and with an image that was skipped."""
    for skipped in ([], [3, 17]):
        values = index.statistics.sample_values.copy()
        values[skipped] = np.nan
        statistics = dataclasses.replace(index.statistics, sample_values=values)
        each = {
            pick.image for unit in range(values.shape[1]) for kind in KINDS for pick in of_kind(statistics, unit, kind)
        }
        assert shown_images(statistics) == sorted(each)


def values_of(raw: np.ndarray, reduction: str) -> tuple[np.ndarray, np.ndarray]:
    """Values and positions `[images, channels]`, by definition."""
    if raw.ndim == 2:
        return raw, np.zeros(raw.shape, int)
    flat = raw.reshape(len(raw), -1, raw.shape[-1])
    if reduction == "max":
        return flat.max(1), flat.argmax(1)
    if reduction == "mean":
        return flat.mean(1), flat.argmax(1)
    row, column = (raw.shape[1] // 2, raw.shape[2] // 2) if reduction == "center" else (1, 2)
    return raw[:, row, column], np.full((len(raw), raw.shape[-1]), row * raw.shape[2] + column)


def check(index: ActivationIndex, raw: dict[str, np.ndarray], reduction: str) -> None:
    statistics = index.statistics
    for layer in index.layers:
        values, positions = values_of(raw[layer], reduction)
        of_layer = index.numbers(layer)
        keep = statistics.top_values.shape[1]
        for sign, name in ((1, "top"), (-1, "bottom")):
            order = np.argsort(-sign * values, axis=0, kind="stable")[:keep]
            assert np.array_equal(getattr(statistics, f"{name}_images")[of_layer], order.T)
            assert np.array_equal(
                getattr(statistics, f"{name}_values")[of_layer], np.take_along_axis(values, order, 0).T
            )
            assert np.array_equal(
                getattr(statistics, f"{name}_positions")[of_layer], np.take_along_axis(positions, order, 0).T
            )
        np.testing.assert_allclose(statistics.means[of_layer], values.mean(0, dtype=np.float64), rtol=1e-6)
        np.testing.assert_allclose(statistics.deviations[of_layer], values.std(0, dtype=np.float64), rtol=1e-5)
        assert np.array_equal(statistics.zeros[of_layer], (values <= 0).sum(0))
        assert np.array_equal(statistics.sample_values[:, of_layer], values)
        assert np.array_equal(statistics.histogram[of_layer].sum(1), np.full(values.shape[1], COUNT))
        for channel in range(values.shape[1]):
            counts, edges = index[layer, channel].histogram
            assert np.array_equal(counts, np.histogram(values[:, channel], edges)[0]), (layer, channel)


def test_statistics_equal_those_of_numpy(index: ActivationIndex, raw: dict[str, np.ndarray]) -> None:
    check(index, raw, "max")
    assert (index.statistics.top_values[:, 0] == index.statistics.top_values[:, 1]).any(), "no ties were tested"
    assert index.dead("second") == [7]
    assert "dead: none of 500 images" in index["second:7"].summary


@pytest.mark.parametrize("reduction", ["mean", "center", "neuron"])
def test_other_reductions(network: Any, data: ImageSet, raw: dict[str, np.ndarray], reduction: str) -> None:
    neuron = (1, 2) if reduction == "neuron" else None
    layers = ["first", "second"]
    found = ActivationIndex.build(
        network, data, layers, reduction=reduction, neuron=neuron, path=False, batch=64, verbose=False
    )
    if reduction == "mean":  # whose rounding differs
        raw = {name: np.asarray(raw[name], np.float64) for name in layers}
        values = values_of(raw["second"], "mean")[0]
        np.testing.assert_allclose(found["second:0"].max, values[:, 0].max(), rtol=1e-6)
        return
    check(found, raw, reduction)


def test_labels_and_selectivity(index: ActivationIndex, raw: dict[str, np.ndarray]) -> None:
    values = raw["second"].max((1, 2)).astype(np.float64)
    means = np.stack([values[start::3].mean(0) for start in range(3)])
    for channel in range(7):
        largest = means[:, channel].max()
        rest = (means[:, channel].sum() - largest) / 2
        figure, label = index["second", channel].selectivity or (0, "")
        assert figure == pytest.approx((largest - rest) / (largest + rest))
        assert label == "abc"[means[:, channel].argmax()]
    assert index["second:7"].selectivity is None
    assert index.sorted("second", "selectivity")[-1] == 7
    sparsity = 1 - values[:, 2].mean() ** 2 / (values[:, 2] ** 2).mean()
    assert index["second:2"].sparsity == pytest.approx(sparsity)


def test_percentiles_and_words(index: ActivationIndex, raw: dict[str, np.ndarray]) -> None:
    unit, values = index["first:1"], raw["first"].max((1, 2))[:, 1]
    assert unit.percentile(values.max() + 1) == 100
    assert unit.percentile(float(np.sort(values)[-3])) == 100 * (values < np.sort(values)[-3]).mean()
    assert unit.in_words(2 * values.max()) == "2.0 times the highest of 500 images"
    assert unit.in_words(float(np.median(values))).startswith("higher than ")
    assert unit.quantile(0.5) == np.median(values)
    spread = unit.spread(9)
    assert [each.value for each in spread] == sorted((each.value for each in spread), reverse=True)
    assert spread[0].value > spread[-1].value


def test_broken_single_and_no_images(network: Any, tmp_path: Path) -> None:
    one = ActivationIndex.build(network, images(1), ["first"], path=False, verbose=False)
    assert (len(one), len(one["first:0"].top), one["first:0"].deviation) == (1, 1, 0)
    with pytest.raises(ArgumentError, match="no images"):
        ActivationIndex.build(network, [], ["first"], path=False)
    (tmp_path / "broken.png").write_bytes(b"no image")
    with pytest.raises(ArgumentError, match="None of the images"):
        ActivationIndex.build(network, tmp_path, ["first"], path=False, verbose=False)


def test_wrong_arguments(network: Any, index: ActivationIndex) -> None:
    with pytest.raises(UnknownNameError, match="frist"):
        ActivationIndex.build(network, images(2), ["frist"], path=False)
    with pytest.raises(UnknownNameError, match="maximum"):
        ActivationIndex.build(network, images(2), ["first"], reduction="maximum", path=False)
    with pytest.raises(ModelError, match="no row 9"):
        ActivationIndex.build(
            network, images(2), ["first"], reduction="neuron", neuron=(9, 0), path=False, verbose=False
        )
    with pytest.raises(UnknownNameError, match="thrid"):
        index["thrid:0"]
    with pytest.raises(OutOfRangeError, match="8"):
        index["second:8"]
    with pytest.raises(ArgumentError, match="layer:channel"):
        index["second"]
    assert "second:7" in index
    assert "second:8" not in index


def test_values_that_are_not_finite_are_named(network: Any) -> None:
    broken = whole_network()
    layer = broken.keras_model.get_layer("first")
    kernel, bias = layer.get_weights()
    bias[2] = np.inf  # on some processors, the ReLU of NaN is 0
    layer.set_weights([kernel, bias])
    with pytest.raises(ModelError, match=r"first:2 is inf for '0'"):
        ActivationIndex.build(broken, images(3), ["first"], path=False, verbose=False)


def test_display_holds_images_and_no_markup_of_the_data(network: Any) -> None:
    evil = ImageSet.from_array(images(9), ["<script>"] * 9)
    found = ActivationIndex.build(network, evil, ["first"], path=False, verbose=False)
    shown = found["first:1"]._repr_html_()
    assert "<script>" not in shown
    assert shown.count("data:image/jpeg") == 9
    assert "Histogram of 9 values" in shown
    assert "first" in found._repr_html_()


def test_emoji_images_are_the_same_every_time() -> None:
    first, second = models.emoji_images(160, 32), models.emoji_images(160, 32)
    assert np.array_equal(first.image(150), second.image(150))
    assert first.fingerprint == second.fingerprint != models.emoji_images(160, 32, seed=1).fingerprint
    assert set(first.labels or ()) <= set(models.EmojiNet().labels or ())


def test_default_batch_grows_as_images_shrink() -> None:
    assert default_batch((224, 224), 10_000) == 16
    assert default_batch((112, 112), 10_000) == 64
    assert default_batch((12, 12), 10_000) == 128
    assert default_batch((12, 12), 40) == 32
    assert default_batch((500, 500), 3) == 16
