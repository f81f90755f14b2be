"""Lucid's helper functions for graphs and labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf
from modelzoo.tiny_nets import images, two_towers, write

from lucid_widgets.modelzoo import util


def test_load_graphdef_removes_devices_unless_told_not_to(tmp_path: Path) -> None:
    definition = two_towers()
    definition.node[0].device = "/device:GPU:7"
    file = write(definition, tmp_path / "net.pb")
    assert util.load_graphdef(file).node[0].device == ""
    assert util.load_graphdef(file, reset_device=False).node[0].device == "/device:GPU:7"


def test_metadata_round_trip() -> None:
    definition = two_towers()
    assert util.extract_metadata(definition) is None
    info = {"input_name": "image", "image_shape": (8, 8, 3), "image_value_range": np.float32([0, 4])}
    util.infuse_metadata(definition, info)
    expected = {"input_name": "image", "image_shape": [8, 8, 3], "image_value_range": [0, 4]}
    assert util.extract_metadata(definition) == expected
    util.infuse_metadata(definition, {**info, "input_name": "other"})
    assert util.extract_metadata(definition) == {**expected, "input_name": "other"}


def test_labels_are_the_lines_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_text("dummy\nkit fox\n")
    assert util.load_text_labels(tmp_path / "labels.txt") == ["dummy", "kit fox"]


def test_forget_xy_hides_height_and_width() -> None:
    @tf.function(autograph=False)
    def run(image: tf.Tensor) -> tf.Tensor:
        hidden = util.forget_xy(image)
        assert hidden.shape.as_list() == [1, None, None, 3]
        return hidden

    np.testing.assert_array_equal(run(tf.constant(images())), images())
