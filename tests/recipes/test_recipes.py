"""Lucid's recipes on a tiny network, with values computed from their formulas."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from modelzoo.tiny_nets import HEAD, VALUE_RANGE, two_towers, write
from optvis.tiny_network import Tiny, in_numpy, tensors

from lucid_widgets.errors import ArgumentError
from lucid_widgets.frames import Frame
from lucid_widgets.modelzoo.vision_models import GraphDefModel, from_graphdef
from lucid_widgets.recipes import (
    activation_atlas,
    caricature,
    feature_visualization,
    image_activations,
    image_interpolation_params,
)
from lucid_widgets.recipes.activation_atlas import render

pytestmark = pytest.mark.slow

RNG = np.random.default_rng(5)
PHOTOGRAPH = RNG.random((12, 16, 3)).astype(np.float32)


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> Tiny:
    monkeypatch.setattr(Tiny, "image_shape", (8, 8, 3))
    return Tiny()


@pytest.fixture
def towers(tmp_path: Path) -> GraphDefModel:
    file = write(two_towers(), tmp_path / "towers.pb")
    return from_graphdef(file, image_value_range=VALUE_RANGE, image_shape=(8, 8, 3))


class TestCaricature:
    def test_objective_is_dot_product_times_a_power_of_the_cosine(self) -> None:
        acts = RNG.normal(size=(3, 4, 5, 6)).astype(np.float32)
        dot = (acts[0] * acts[2]).sum()
        cosine = dot / np.linalg.norm(acts[0]) / np.linalg.norm(acts[2])
        for power in (0, 1, 2.5):
            value = caricature.dot_compare("layer", 2, power)(tensors({"layer": acts}))
            assert float(value) == pytest.approx(dot * max(0.1, cosine) ** power, rel=1e-4)
        assert float(caricature.dot_compare("layer", 1, 1)(tensors({"layer": 0 * acts}))) == 0

    def test_caricatures_raise_the_dot_product(self, tiny: Tiny) -> None:
        images = caricature.caricature(PHOTOGRAPH, tiny, ["conv", "relu"], n_steps=6, verbose=False)
        assert images.shape == (3, 8, 8, 3)
        start = caricature.caricature(PHOTOGRAPH, tiny, ["conv", "relu"], n_steps=0, verbose=False)
        np.testing.assert_allclose(images[0], start[0])  # the photograph
        assert images[0].mean() == pytest.approx(PHOTOGRAPH[:, 2:14].mean(), abs=0.02)
        for index, layer in enumerate(["conv", "relu"], 1):
            before, after = (
                (in_numpy(each)[layer][0] * in_numpy(each)[layer][index]).sum() for each in (start, images)
            )
            assert after > before
        assert (caricature.feature_inversion(PHOTOGRAPH, tiny, "conv", 0, verbose=False)).shape == (2, 8, 8, 3)
        with pytest.raises(ArgumentError, match=r"layer is \[3\]"):
            caricature.caricature(PHOTOGRAPH, tiny, [3], verbose=False)  # type: ignore[list-item]

    def test_frames_show_it_taking_shape(self, tiny: Tiny) -> None:
        frames = list(caricature.iter_caricature(PHOTOGRAPH, tiny, "conv", 2, every=1))
        assert [frame.step for frame in frames] == [0, 1, 2]

    def test_saves_one_for_each_layer_of_a_saved_model(self, tmp_path: Path) -> None:
        write(two_towers(), tmp_path / "towers.pb")
        manifest = {"model_path": "towers.pb", "input_name": "image", "image_shape": [8, 8, 3], "layers": ["left"]}
        (tmp_path / "manifest.json").write_text(json.dumps({**manifest, "image_value_range": [0, 4]}))
        np.save(tmp_path / "photograph.npy", PHOTOGRAPH)
        made = caricature.make_caricature(str(tmp_path / "photograph.npy"), tmp_path, tmp_path / "out", n_steps=1)
        assert json.loads((tmp_path / "out" / "results.json").read_text())["type"] == "caricature"
        assert [Path(each["url"]).exists() for each in made["values"]] == [True]


class TestFeatureVisualization:
    def test_returns_the_activation_at_each_step(self, tiny: Tiny) -> None:
        image, values = feature_visualization.channel(tiny, "conv", 1, n_steps=12)
        assert (image.shape, values.shape) == ((1, 8, 8, 3), (1, 12))
        assert values[0, -1] > values[0, 0]
        pairs = feature_visualization.channel(tiny, "conv", [1, 2], n_steps=12)
        np.testing.assert_array_equal(pairs[0][1], values[0])
        assert [(each.shape, value.shape) for each, value in pairs] == [((8, 8, 3), (12,))] * 2

    def test_minimizes_and_makes_transparent(self, tiny: Tiny) -> None:
        image, values = feature_visualization.neuron(tiny, "conv", 1, negative=True, alpha=True, n_steps=3)
        assert (image.shape, values.shape) == ((1, 8, 8, 4), (1, 3))
        frames = list(feature_visualization.iter_channel(tiny, "conv", [0, 1], n_steps=2))
        assert frames[-1].images.shape == (2, 8, 8, 3)
        with pytest.raises(ArgumentError, match="decorrelation_matrix"):
            feature_visualization.channel(tiny, "conv", 1, decorrelation_matrix=np.eye(3))  # type: ignore[arg-type]


def test_activations_of_layers_with_positions(towers: GraphDefModel) -> None:
    image = np.broadcast_to(np.float32([0.25, 0.5, 1]), (8, 8, 3))
    found = image_activations.image_activations(towers, image)
    np.testing.assert_allclose(found["both"][0, 0], [0, 3, 7], rtol=0.01)
    assert not {"logits", "probabilities"} & found.keys()
    record = image_activations.manifest_image_activations(towers, image, layer_names=["both"])
    assert (record["type"], record["values"][0]["shape"]) == ("image-activations", (8, 8, 3))
    assert next(image_activations.iter_image_activations(towers, image, ["left"]))[0] == "left"


def test_images_between_objectives_have_the_documented_properties() -> None:
    basis = image_interpolation_params.multi_interpolation_basis(3, 5, 8, channels=4).numpy()
    assert basis.shape == (3, 3, 5, 8, 8, 4)
    for a in range(3):
        for b in range(3):
            np.testing.assert_allclose(basis[a, b], basis[b, a, ::-1], atol=1e-6)
            np.testing.assert_allclose(basis[a, b, 0], basis[a, a, 0], atol=1e-6)
        np.testing.assert_allclose(basis[a, a], basis[a, a, :1].repeat(5, 0), atol=1e-6)
    middle = (basis[0, 0, 0] + basis[1, 1, 0]) / 2
    assert np.abs(basis[0, 1, 2] - middle).max() > 1e-4  # between two ends is more than their mean


class TestAtlas:
    def test_layouts_are_clipped_and_scaled(self) -> None:
        layout = np.stack([np.arange(101.0), np.full(101, 3.0)], -1)
        layout[-1, 0] = 1e6
        placed = activation_atlas.normalize_layout(layout)
        # Percentiles 1 and 99 are 1 and 99, and the margin on both sides is 9.8; the smallest position is 0.
        assert placed[:, 0].max() == 1
        np.testing.assert_allclose(placed[50, 0], 50 / (99 + 9.8))
        assert not placed[:, 1].any()

    def test_cells_hold_means_of_their_activations(self) -> None:
        layout = np.array([[0, 0], [0.1, 0.2], [0.9, 0.1], [1, 0.4], [0.2, 1]])
        means, places, counts = activation_atlas.bin_laid_out_activations(layout, np.arange(10).reshape(5, 2), 2, 1)
        assert [mean.tolist() for mean in means] == [[1, 2], [5, 6]]
        assert ([place.tolist() for place in places], counts) == ([[0, 0], [1, 0]], [2, 2])
        with pytest.raises(ArgumentError, match="No cell"):
            activation_atlas.bin_laid_out_activations(layout, np.zeros((5, 2)), 2)

    def test_icons_are_put_at_their_cells(self) -> None:
        canvas = activation_atlas.make_canvas([np.zeros((2, 3, 1)), np.full((2, 3, 1), 0.5)], [(0, 1), (1, 0)], 2)
        assert canvas[..., 0].tolist() == [[1, 1, 1, 0, 0, 0]] * 2 + [[0.5, 0.5, 0.5, 1, 1, 1]] * 2

    def test_objectives_of_directions(self) -> None:
        acts = RNG.normal(size=(2, 3, 5, 4)).astype(np.float32)
        vec, S = RNG.normal(size=4).astype(np.float32), RNG.normal(size=(4, 4)).astype(np.float32)
        T = tensors({"layer": acts})
        at, wanted = acts[1, 1, 2], vec @ S
        plain = activation_atlas.direction_neuron_S("layer", vec, batch=1, S=S)(T)
        assert float(plain) == pytest.approx(np.mean(at * wanted), rel=1e-4)
        value = activation_atlas.direction_neuron_cossim_S("layer", acts[0, 2, 1], batch=0, x=2, y=1, cossim_pow=3)(T)
        assert float(value) == pytest.approx(np.mean(acts[0, 2, 1] ** 2), rel=1e-4)  # the cosine is 1
        with pytest.raises(ArgumentError, match="No image"):
            activation_atlas.direction_neuron_S("layer", vec)(T)

    def test_the_border_counts_in_proportion_to_the_activations(self) -> None:
        # It counts in full, as in Lucid, from a mean square of 10 on.
        for scale, weight in [(100, 1), (4, 1), (1, 0.1), (0.1, 0.001)]:
            assert render._border_weight(np.full((3, 4), scale), None) == pytest.approx(weight)
        assert render._border_weight(np.full((3, 4), 0.1), np.eye(4)) == 1

    def test_draws_a_map_from_images(self, tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
        class UMAP:
            def __init__(self, **options: Any) -> None:
                assert options["metric"] == "cosine"

            def fit_transform(self, acts: Any) -> Any:
                return np.asarray(acts)[:, :2]

        monkeypatch.setitem(sys.modules, "umap", SimpleNamespace(UMAP=UMAP))
        photographs = RNG.random((6, 8, 8, 3)).astype(np.float32)
        frames = list(
            activation_atlas.iter_activation_atlas(
                tiny, "conv", 1, icon_size=8, icon_batch_size=1, images=photographs, n_steps=1, threshold=2
            )
        )
        assert isinstance(frames[-1], Frame)
        assert frames[-1].images.shape == (1, 8, 8, 3)
        with pytest.raises(ArgumentError, match="neither images nor activations"):
            activation_atlas.activation_atlas(tiny, "conv")
        first, second = activation_atlas.aligned_umap([photographs[:4, 0, 0], photographs[4:, 0, 0]])
        assert (first.shape, second.shape) == ((4, 2), (2, 2))

    @pytest.mark.slow
    def test_umap_keeps_similar_activations_together(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")  # compiling takes a minute
        pytest.importorskip("umap", reason="umap-learn is not installed (the extra atlas)")
        # Two groups of directions, one of them split over both arrays.
        groups = np.eye(8, dtype=np.float32)[[0] * 40 + [5] * 40] + RNG.normal(0, 0.05, (80, 8)).astype(np.float32)
        options = {"n_neighbors": 10, "n_epochs": 40, "random_state": 1, "n_jobs": 1}
        first, second = activation_atlas.aligned_umap([groups[:20], groups[20:]], options)
        assert (first.shape, second.shape) == ((20, 2), (60, 2))
        layout = np.concatenate([first, second])
        assert layout.min() == 0
        assert layout.max() == 1
        centers = layout[:40].mean(0), layout[40:].mean(0)
        nearer = [np.linalg.norm(layout - center, axis=1) for center in centers]
        assert ((nearer[0] < nearer[1]) == (np.arange(80) < 40)).all()

    @pytest.mark.slow
    def test_aligned_maps_share_a_layout(self, tiny: Tiny) -> None:
        acts = RNG.random((4, 4)).astype(np.float32)
        layout = np.zeros((4, 2))
        both = list(
            activation_atlas.aligned_activation_atlas(
                *(tiny, "conv", tiny, "conv", 1, 8, 1),
                activations1=acts,
                activations2=acts,
                layouts=[layout, layout],
                threshold=1,
            )
        )
        assert [next(iter(each)).shape for each in both] == [(8, 8, 3), (8, 8, 3)]

    def test_collects_activations_and_attributions(self, tiny: Tiny, towers: GraphDefModel) -> None:
        photographs = RNG.random((3, 8, 8, 3)).astype(np.float32)
        acts = activation_atlas.collect_activations(tiny, "relu", photographs, per_image=2)
        known = in_numpy(photographs)["relu"].reshape(3, -1, 4)
        assert all(np.abs(known[n // 2] - each).max(-1).min() < 0.03 for n, each in enumerate(acts))
        acts, given = activation_atlas.collect_attributions(towers, "both", photographs, "logits", [0, 2], 2)
        assert acts.shape == (6, 3)
        np.testing.assert_allclose(given, acts @ HEAD[:, [0, 2]] / 64, rtol=1e-5)  # the mean over 8 x 8 positions
