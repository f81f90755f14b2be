"""A stranger's graph may compute a network, and do nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from modelzoo.tiny_nets import VALUE_RANGE, conv, evaluate, graph_def, images, placeholder, two_towers, write

from lucid_widgets.errors import ModelError
from lucid_widgets.modelzoo.vision_models import as_model, from_graphdef, from_saved_model
from lucid_widgets.optvis.render import render_vis

KERNEL = np.float32([[1, 0], [0, 1], [1, 1]])


def network_after(effect: Any) -> Any:
    """GraphDef of a network whose layer waits for the operation that `effect` makes."""

    def build() -> None:
        image = placeholder()
        with tf.control_dependencies([effect()]):
            tf.nn.relu(conv(image, KERNEL, "conv"), name="layer")

    return graph_def(build)


def in_function(effect: Any) -> Any:
    """The same operation two functions deep."""

    def call() -> Any:
        inner = tf.function(lambda: (effect(), tf.constant(1.0))[1], autograph=False)
        return tf.function(lambda: inner(), autograph=False)()

    return call


@pytest.mark.parametrize(
    ("effect", "op", "what"),
    [
        (lambda path: tf.raw_ops.WriteFile(filename=path, contents="x"), "WriteFile", "reads or writes files"),
        (lambda path: tf.raw_ops.ReadFile(filename=path), "ReadFile", "reads or writes files"),
        (lambda path: tf.raw_ops.PrintV2(input="x", output_stream=f"file://{path}"), "PrintV2", "writes a file"),
        (
            lambda path: tf.raw_ops.DebugIdentityV3(input=1.0, debug_urls=[f"file://{path}"]),
            "DebugIdentityV3",
            "reads or writes files",
        ),
        (
            lambda path: tf.raw_ops.TFRecordDataset(filenames=path, compression_type="", buffer_size=0),
            "TFRecord",
            "files",
        ),
        (
            lambda path: tf.raw_ops.SaveV2(prefix=path, tensor_names=["x"], shape_and_slices=[""], tensors=[1.0]),
            "SaveV2",
            "reads or writes checkpoints",
        ),
        (lambda path: tf.raw_ops.PyFunc(input=[1.0], token="pyfunc_0", Tout=[tf.float32])[0], "PyFunc", "Python code"),
        (lambda path: tf.raw_ops.Abort(error_msg=path), "Abort", "ends the process"),
    ],
    ids=["write", "read", "print", "debug", "dataset", "checkpoint", "python", "abort"],
)
@pytest.mark.parametrize("deep", [False, True], ids=["in the graph", "in a function"])
def test_refuses_a_network_that_runs_more_than_a_network(
    effect: Any, op: str, what: str, deep: bool, tmp_path: Path
) -> None:
    target = tmp_path / "written"
    made = lambda: effect(str(target))  # noqa: E731
    file = write(network_after(in_function(made) if deep else made), tmp_path / "evil.pb")
    with pytest.raises(ModelError, match=f"evil.pb' is refused, because its node .*{op}.*{what}"):
        as_model(file)
    assert not target.exists()


def test_an_operation_that_the_network_does_not_need_is_removed(tmp_path: Path) -> None:
    def build() -> None:
        image = placeholder()
        tf.nn.relu(conv(image, KERNEL, "conv"), name="layer")
        # As `tf.train.Saver` leaves it in graphs that were not cut down to the network.
        prefix = tf.compat.v1.placeholder_with_default("model", (), name="save/filename")
        saved = tf.raw_ops.SaveV2(prefix=prefix, tensor_names=["x"], shape_and_slices=[""], tensors=[1.0], name="save")
        with tf.control_dependencies([saved]):
            tf.identity(prefix, name="saved")

    model = from_graphdef(write(graph_def(build), tmp_path / "net.pb"), image_value_range=(0, 1))
    assert model.layers.names == ("conv", "layer")
    assert not {"save", "saved"} & {node.name for node in model.graph_def.node}
    assert render_vis(model, "layer:0", thresholds=(1,), verbose=False)[-1].shape == (1, 128, 128, 3)


def test_random_numbers_and_printing_are_no_side_effects(tmp_path: Path) -> None:
    def effect() -> Any:
        return tf.raw_ops.PrintV2(input="x", output_stream="log(info)")

    def build() -> None:
        image = placeholder()
        with tf.control_dependencies([effect()]):
            noise = tf.random.uniform((3,)) * 0
        tf.nn.relu(conv(image + noise, KERNEL, "conv"), name="layer")

    assert "layer" in as_model(write(graph_def(build), tmp_path / "net.pb")).layers.names


def test_refuses_a_saved_model_before_tensorflow_loads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = str(tmp_path / "written")

    class Module(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec((None, 8, 8, 3), tf.float32)])
        def call(self, image: Any) -> Any:
            tf.io.write_file(target, "x")
            return tf.nn.relu(image)

    module = Module()
    tf.saved_model.save(module, str(tmp_path / "net"), signatures=module.call)
    monkeypatch.setattr(tf.saved_model, "load", lambda *_, **__: pytest.fail("TensorFlow loaded it"))
    with pytest.raises(ModelError, match=r"is refused, because its node .*\(WriteFile\) reads or writes files"):
        from_saved_model(tmp_path / "net")


def test_a_graph_without_side_effects_stays_as_it_is(tmp_path: Path) -> None:
    model = from_graphdef(write(two_towers(), tmp_path / "towers.pb"), image_value_range=VALUE_RANGE)
    (left,) = evaluate(model, ["left"], images())
    np.testing.assert_array_equal(left[0, 0, 0], [0, 3])
