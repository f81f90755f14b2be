"""Helpers of Lucid's `scratch`, with values computed by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelzoo.tiny_nets import HEAD, LEFT, RIGHT, VALUE_RANGE, images, two_towers, write

from lucid_widgets.errors import ArgumentError, UnknownNameError
from lucid_widgets.modelzoo.vision_models import GraphDefModel, from_graphdef
from lucid_widgets.scratch import rl_util
from lucid_widgets.scratch.get_model_layers import get_model_layers
from lucid_widgets.scratch.parameter_editor import ParameterEditor

RNG = np.random.default_rng(7)


@pytest.fixture
def towers(tmp_path: Path) -> GraphDefModel:
    file = write(two_towers(), tmp_path / "towers.pb")
    return from_graphdef(file, image_value_range=VALUE_RANGE, image_shape=(8, 8, 3))


def test_editor_changes_the_weights_of_the_next_image(towers: GraphDefModel) -> None:
    before = towers.get_activations("right", images())
    weights = ParameterEditor(towers.graph_def)
    np.testing.assert_array_equal(weights["right_pre_relu_w"][0, 0], RIGHT)
    weights["right_pre_relu_w", :, :, 2] = 0  # blue, which is 4 of 1 + 2 + 4
    np.testing.assert_allclose(towers.get_activations("right", images()), before * 3 / 7)
    with pytest.raises(UnknownNameError, match="no constant named 'right'"):
        weights["right"]
    with pytest.raises(ArgumentError, match="cannot be set"):
        weights["right_pre_relu_w"] = np.zeros(7)
    with pytest.raises(ArgumentError, match="edited before"):
        ParameterEditor(towers.graph_def)


def test_lists_layers(towers: GraphDefModel) -> None:
    assert {"name": "both", "depth": 3, "tags": ["conv"]} in get_model_layers(towers)


class TestAttribution:
    def test_gradients_between_layers(self, towers: GraphDefModel) -> None:
        obses = images(batch=2)
        acts = rl_util.get_acts(towers, "both", obses)
        assert acts[0, 0, 0].tolist() == [0, 3, 7]
        # The logits are the mean over 8 x 8 positions, times HEAD.
        grad = rl_util.get_grad_or_attr(towers, "logits", "both", obses, grad_or_attr="grad")
        np.testing.assert_allclose(grad[0, 0, 0], HEAD.sum(1) / 64)
        attr = rl_util.get_attr(towers, "logits", "both", obses, integrate_steps=4)
        np.testing.assert_allclose(attr, acts * HEAD.sum(1) / 64, rtol=1e-5)
        one = rl_util.get_attr(towers, "both", "both", obses, act_dir=np.float32([0, 1, 0]), act_poses=[[2, 3], [0, 0]])
        expected = np.zeros_like(acts)
        expected[0, 2, 3, 1] = expected[1, 0, 0, 1] = 3
        np.testing.assert_allclose(one, expected)
        pixels = rl_util.get_grad(towers, "right", obses, override=rl_util.maxpool_override())
        np.testing.assert_allclose(pixels, 4)  # the range of values is 0 to 4, and the weights are 1

    def test_paths_end_at_the_activations(self, towers: GraphDefModel) -> None:
        obses = RNG.random((2, 8, 8, 3)).astype(np.float32)
        nmf = rl_util.LayerNMF(towers, "both", obses, features=3)
        acts = rl_util.get_acts(towers, "both", obses)
        paths = list(rl_util.get_paths(acts, nmf, max_paths=None, integrate_steps=3))
        assert len(paths) == 6
        assert all(len(path) == 3 for path in paths)
        np.testing.assert_allclose(paths[0][-1], acts, atol=1e-5)
        # The logits are linear in this layer, so every path gives the same attribution.
        several = rl_util.get_multi_path_attr(towers, "logits", "both", obses, nmf, max_paths=3, integrate_steps=2)
        np.testing.assert_allclose(several, rl_util.get_attr(towers, "logits", "both", obses), atol=1e-4)


@pytest.mark.filterwarnings("ignore:Maximum number of iterations")
class TestLayerNMF:
    def test_features_and_images_of_them(self, towers: GraphDefModel) -> None:
        obses = RNG.random((4, 8, 8, 3)).astype(np.float32)
        nmf = rl_util.LayerNMF(towers, "both", obses, features=2)
        assert (nmf.acts_reduced.shape, nmf.channel_dirs.shape) == ((4, 8, 8, 2), (2, 3))
        np.testing.assert_allclose(nmf.inverse_transform(np.ones((1, 2))), nmf.channel_dirs.sum(0)[None], rtol=1e-5)
        image, chosen = nmf.vis_dataset(0, top_frac=1)
        assert image.shape == (8, 8, 4)
        assert np.shape(chosen) == (8, 8)
        assert image[..., 3].max() == 1
        thumbnail, best = nmf.vis_dataset_thumbnail(1, num_mult=2, expand_mult=2)
        assert (thumbnail.shape, np.shape(best)) == ((4, 4, 4), (2, 2))
        with pytest.raises(ArgumentError, match="Expected at least 9"):
            nmf.vis_dataset_thumbnail(1, num_mult=3)
        made = nmf.vis_traditional([1], thresholds=(1,))  # NaN in Lucid
        assert made.shape == (1, 64, 64, 3)
        assert np.isfinite(made).all()
        whole = rl_util.LayerNMF(towers, "both", obses, features=None)
        assert whole.channel_dirs.tolist() == np.eye(3).tolist()


def test_largest_places_without_repetition() -> None:
    x = np.array([[5, 4, 3], [1, 2, 6]])
    assert rl_util.argmax_nd(x, [0])[0].tolist() == [0, 0, 1]
    assert rl_util.argmax_nd(x, [0], max_rep=1, max_rep_strict=False)[0].tolist() in ([0, 1, 1], [0, 1, 0], [0, 0, 1])
    rows, columns = rl_util.argmax_nd(x[None], [1, 2])
    assert (rows.tolist(), columns.tolist()) == ([1], [2])


def test_opacity_is_rescaled() -> None:
    image = np.zeros((1, 10, 4))
    image[0, :, 3] = np.arange(10) / 10
    rescaled = rl_util.rescale_opacity(image, min_opacity=0.1, opaque_frac=0.1)[0, :, 3]
    threshold = np.percentile(image[..., 3], 90)
    np.testing.assert_allclose(rescaled, np.minimum(1, 0.1 + image[0, :, 3] * 0.9 / threshold))
    assert rl_util.rescale_opacity(image, keep_zeros=True)[0, 0, 3] == 0


def test_images(towers: Any) -> None:
    image = np.arange(4.0).reshape(1, 2, 2, 1)
    assert rl_util.zoom_to(image, 4)[0, :, :, 0].tolist() == [[0, 0, 1, 1]] * 2 + [[2, 2, 3, 3]] * 2
    assert rl_util.concatenate_horizontally([image[0], image[0]]).shape == (1, 2, 4, 1)
    np.testing.assert_allclose(rl_util.channels_to_rgb([[0, 2]]), [2 * rl_util.hue_to_rgb(180)])
    np.testing.assert_allclose(rl_util.conv2d(image, np.ones((1, 1)) * 3), image * 3)
    kernel = rl_util.norm_filter(3)
    np.testing.assert_allclose(kernel, [[0, np.exp(-1), 0], [np.exp(-1), 1, np.exp(-1)], [0, np.exp(-1), 0]])
    np.testing.assert_allclose(rl_util.brightness_to_opacity([[0.0, 0.3, 0.4]]), [[0, 0.6, 0.8, 0.5]])
    np.testing.assert_allclose(rl_util.get_var(towers, "left_conv_w")[0, 0], LEFT)
    assert rl_util.get_shape(towers, "both") == [None, None, None, 3]
