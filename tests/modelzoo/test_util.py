"""Lucid's helpers for graphs and labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf
from modelzoo.tiny_nets import images, two_towers, write

from lucid_widgets.modelzoo import util


def test_a_graph_is_read_without_its_devices(tmp_path: Path) -> None:
    definition = two_towers()
    definition.node[0].device = "/device:GPU:7"
    file = write(definition, tmp_path / "net.pb")
    assert util.load_graphdef(file).node[0].device == ""
    assert util.load_graphdef(file, reset_device=False).node[0].device == "/device:GPU:7"


def test_metadata_goes_in_and_comes_out() -> None:
    definition = two_towers()
    assert util.extract_metadata(definition) is None
    info = {"input_name": "image", "image_shape": (8, 8, 3), "image_value_range": np.float32([0, 4])}
    util.infuse_metadata(definition, info)
    expected = {"input_name": "image", "image_shape": [8, 8, 3], "image_value_range": [0, 4]}
    assert util.extract_metadata(definition) == expected
    util.infuse_metadata(definition, {**info, "input_name": "other"})
    assert util.extract_metadata(definition) == {**expected, "input_name": "other"}


def test_labels_are_lines(tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_text("dummy\nkit fox\n")
    assert util.load_text_labels(tmp_path / "labels.txt") == ["dummy", "kit fox"]


def test_sizes_are_forgotten_in_a_graph() -> None:
    @tf.function(autograph=False)
    def run(image: tf.Tensor) -> tf.Tensor:
        hidden = util.forget_xy(image)
        assert hidden.shape.as_list() == [1, None, None, 3]
        return hidden

    np.testing.assert_array_equal(run(tf.constant(images())), images())
