"""Directions that are fitted to images: probes, concepts, NMF and PCA."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

import numpy as np
import pytest
from modelzoo.readouts.networks import colored, pixelwise
from modelzoo.tiny_nets import evaluate

from lucid_widgets import ImageSet, readouts
from lucid_widgets.errors import ArgumentError, OutOfRangeError, UnknownNameError
from lucid_widgets.modelzoo.readouts.concepts import _p_value
from lucid_widgets.modelzoo.vision_models import InceptionV1, embedded_model
from lucid_widgets.optvis import param
from lucid_widgets.optvis.render import render_vis

pytestmark = pytest.mark.slow

KERNEL = np.float32([[1, 0, 0, 1], [0, 1, 0, 1], [0, 0, 1, 1]])


@pytest.fixture(scope="module")
def network() -> Any:
    return pixelwise(KERNEL)


@pytest.fixture(scope="module")
def reds_and_blues() -> ImageSet:
    return ImageSet.from_array(np.concatenate([colored(16, 0), colored(16, 2, 1)]), ["red"] * 16 + ["blue"] * 16)


class TestProbe:
    def test_tells_the_labels_apart_and_says_how_well(self, network: Any, reds_and_blues: ImageSet) -> None:
        probe = readouts.probe(network, "hidden", reds_and_blues)
        assert probe.names == ("blue", "red")
        assert (probe.accuracy, probe.chance, probe.fitted_on, probe.held_out) == (1.0, 0.5, 24, 8)
        red = probe.directions[1]
        assert red[0] > 0 > red[2]
        np.testing.assert_allclose(probe.directions[0], -red)
        assert repr(probe) == ("<Probe of 2 labels after 'hidden': accuracy 1.00 on 8 held-out images, 0.50 by chance>")

    def test_the_mean_of_its_layer_is_its_logit(self, network: Any, reds_and_blues: ImageSet) -> None:
        probe = readouts.probe(network, "hidden", reds_and_blues, "red")
        seen = network.with_readout("red", probe)
        images = np.stack([reds_and_blues.image(index) for index in (0, 31)]).astype(np.float32) / 255
        hidden, layer = evaluate(seen, ["hidden", "red"], images)
        logits = layer.mean((1, 2))[:, 0]
        np.testing.assert_allclose(logits, probe.values(hidden.mean((1, 2)))[:, 0], rtol=1e-4, atol=1e-5)
        assert logits[0] > 0 > logits[1]

    def test_labels_without_information_are_guessed(self, network: Any) -> None:
        random = np.random.default_rng(0)
        images = ImageSet.from_array(colored(80, 0), [str(each) for each in random.integers(0, 2, 80)])
        assert 0.2 < readouts.probe(network, "hidden", images).accuracy < 0.8

    def test_what_it_refuses(self, network: Any, reds_and_blues: ImageSet) -> None:
        with pytest.raises(ArgumentError, match="has no labels"):
            readouts.probe(network, "hidden", colored(4, 0))
        with pytest.raises(ArgumentError, match="There are 1 images of 'b'"):
            readouts.probe(network, "hidden", ImageSet.from_array(colored(3, 0), ["a", "a", "b"]))
        with pytest.raises(ArgumentError, match="All images have the label 'a'"):
            readouts.probe(network, "hidden", ImageSet.from_array(colored(2, 0), ["a", "a"]))
        with pytest.raises(UnknownNameError, match="Did you mean 'red'"):
            readouts.probe(network, "hidden", reds_and_blues, "reds")
        with pytest.raises(UnknownNameError, match="Did you mean 'hidden'"):
            readouts.probe(network, "hiden", reds_and_blues)
        with pytest.raises(OutOfRangeError, match="held_out"):
            readouts.probe(network, "hidden", reds_and_blues, held_out=1.0)

    def test_the_network_finds_the_label_in_the_image_of_a_probe(self) -> None:
        model = embedded_model()
        images = model.example_images()
        assert images is not None
        assert model.labels is not None
        found = []
        for label in ("sunflower", "panda"):
            seen = model.with_readout("found", readouts.probe(model, "mixed4c", images, label))
            (image,) = render_vis(seen, "found:0", lambda: param.image(64), thresholds=(192,), verbose=False)
            (logits,) = evaluate(model, ["logits"], image)
            found.append(model.labels[int(logits[0].argmax())])
        assert found == ["sunflower", "panda"]


class TestConcept:
    def test_a_concept_that_the_layer_holds(self, network: Any) -> None:
        concept = readouts.concept(network, "hidden", colored(12, 0), colored(60, 1, 1))
        assert concept.accuracy == 1.0
        assert concept.random_accuracy < 0.8
        assert concept.p_value < 0.01
        direction = concept.directions[0]
        assert direction[0] > 0.5
        assert direction[1] < -0.5
        assert np.linalg.norm(direction) == pytest.approx(1, abs=1e-5)
        assert concept.vectors.shape == (5, 4)
        assert concept.random_vectors.shape == (20, 5, 4)
        # The logits are the means of the first two channels.
        for target, score in (("first", 1.0), (1, 0.0)):
            assert concept.test(network, target, colored(5, 2)).score == score

    def test_p_values_of_random_images_are_spread_out(self, network: Any) -> None:
        pool = colored(100, 0, 1)
        found = [
            readouts.concept(network, "hidden", colored(10, 0, seed), pool, runs=2, random_sets=8, seed=seed)
            for seed in range(2, 7)
        ]
        p_values = [each.p_value for each in found]
        assert min(p_values) > 0.01
        assert 0.2 < np.mean(p_values) < 0.8
        tests = [each.test(network, "first", colored(5, 2)).p_value for each in found]
        assert min(tests) > 0.01

    def test_the_p_value(self) -> None:
        controls = np.array([0.4, 0.5, 0.6])
        # t = 0.2 / (0.1 sqrt(4 / 3)) = sqrt(3) with 2 degrees of freedom: p = 1/2 - t / (2 sqrt(2 + t²)).
        assert _p_value(0.7, controls, 1) == pytest.approx(0.5 - np.sqrt(3) / (2 * np.sqrt(5)))
        assert _p_value(0.3, controls, 2) == pytest.approx(1 - np.sqrt(3 / 5))
        assert _p_value(1.0, np.full(4, 0.5), 1) == 0.2
        assert _p_value(0.5, np.full(4, 0.5), 1) == 1

    def test_what_it_refuses(self, network: Any) -> None:
        with pytest.raises(ArgumentError, match="1 images of the concept and 40 others"):
            readouts.concept(network, "hidden", colored(1, 0), colored(40, 1))
        concept = readouts.concept(network, "hidden", colored(4, 0), colored(8, 1), runs=2, random_sets=2)
        with pytest.raises(UnknownNameError, match="Did you mean 'first'"):
            concept.test(network, "fist", colored(2, 0))
        with pytest.raises(OutOfRangeError, match="from 0 to 1"):
            concept.test(network, 2, colored(2, 0))


class TestFactors:
    def test_nmf_finds_parts_that_never_occur_together(self) -> None:
        network = pixelwise([[1, 1, 0, 0], [0, 0, 2, 1], [0, 0, 0, 0]])
        images = np.zeros((8, 8, 8, 3), np.uint8)
        images[:4, ..., 0] = np.random.default_rng(0).integers(20, 255, (4, 8, 8))
        images[4:, ..., 1] = np.random.default_rng(1).integers(20, 255, (4, 8, 8))
        factors = readouts.nmf(network, "hidden", images, 2)
        assert factors.explained == pytest.approx(1, abs=1e-3)
        truth = np.array([[1, 1, 0, 0], [0, 0, 2, 1]]) / np.sqrt([[2], [5]])
        found = factors.directions @ truth.T
        np.testing.assert_allclose(np.sort(found.max(1)), [1, 1], atol=1e-3)
        assert set(found.argmax(1)) == {0, 1}

    def test_pca_finds_the_axis_and_subtracts_the_mean(self) -> None:
        network = pixelwise(np.eye(3))
        ramp = np.linspace(0, 200, 64).reshape(1, 8, 8, 1)
        images = np.broadcast_to(np.uint8(ramp * [0.6, 0.8, 0] + [20, 10, 30]), (2, 8, 8, 3))
        factors = readouts.pca(network, "hidden", images, 1, per_image=64)
        np.testing.assert_allclose(np.abs(factors.directions[0]), [0.6, 0.8, 0], atol=0.01)
        assert factors.explained == pytest.approx(1, abs=1e-3)
        values = factors.values(images[0] / 255)
        assert abs(values.mean()) < 1e-5

    def test_what_they_refuse(self) -> None:
        network = pixelwise(-np.eye(3))
        with pytest.raises(ArgumentError, match=r"readouts\.pca"):
            readouts.nmf(network, "hidden", colored(2, 0), 2)
        with pytest.raises(OutOfRangeError, match="3 channels"):
            readouts.pca(network, "hidden", colored(2, 0), 4)


@pytest.mark.models
def test_a_probe_and_a_concept_of_photographs_in_inception(models_dir: Any) -> None:
    model = InceptionV1(models_dir / "inception_v1_bvlc.pb")
    archive = models_dir / "photos" / "photos_objects.zip"
    with zipfile.ZipFile(archive) as opened, io.TextIOWrapper(opened.open("manifest.csv"), "utf-8") as table:
        labels = {row["file"]: row["label"] for row in csv.DictReader(table)}
    photos = ImageSet.from_zip(archive, labels)
    probe = readouts.probe(model, "mixed4d", photos, "cat", image_size=112)
    assert probe.accuracy > 0.85
    names = np.array(photos.labels)
    cats = ImageSet.from_array([photos.image(place) for place in np.flatnonzero(names == "cat")])
    others = ImageSet.from_array([photos.image(place) for place in np.flatnonzero(names != "cat")])
    cat = readouts.concept(model, "mixed4d", cats, others, image_size=112, runs=3, random_sets=10)
    assert cat.accuracy > 0.85
    assert cat.p_value < 0.01
    assert cat.directions @ probe.directions[0] > 0
    assert model.labels is not None
    tabby = next(each for each in model.labels if each.startswith("tabby"))
    tested = cat.test(model, tabby, cats)
    assert tested.score > 0.8
    assert tested.score > tested.random_score + 0.3
