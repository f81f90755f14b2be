"""Networks of volumes, whose images are sheets of slices."""

from __future__ import annotations

import pickle
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers as L

from lucid_widgets import (
    ActivationIndex,
    FeatureGrid,
    LucidWidget,
    SpritePlayer,
    objectives,
    param,
    render_many,
    render_model,
    transform,
)
from lucid_widgets.errors import ArgumentError, ModelError, OutOfRangeError
from lucid_widgets.modelzoo.vision_models import KerasModel, VolumeSheet, from_keras
from lucid_widgets.optvis.engine.tracing import initial_value
from lucid_widgets.optvis.render import render_vis
from lucid_widgets.optvis.transform.volumes import of_volumes

SIZE = (10, 12, 14)
KERNEL = (3, 4, 5)


def planted() -> np.ndarray:
    """A kernel without symmetries, so that swapped or mirrored axes would show."""
    return np.random.default_rng(0).choice([-1.0, 1.0], KERNEL).astype(np.float32)


def network(size: tuple[int | None, ...] = SIZE) -> Any:
    image = keras.Input((*size, 1))
    conv = L.Conv3D(2, KERNEL, name="conv")
    x = L.GlobalAveragePooling3D(name="mean")(L.ReLU(name="relu")(conv(image)))
    model = keras.Model(image, L.Dense(3, name="logits")(x), name="scan")
    weights = np.zeros((*KERNEL, 1, 2), np.float32)
    weights[..., 0, 0], weights[..., 0, 1] = planted(), -1
    conv.set_weights([weights, np.zeros(2, np.float32)])
    return model


def matched() -> KerasModel:
    return from_keras(network(), image_value_range=(-1, 1))


def test_sheets_and_back() -> None:
    volume = np.arange(2 * 5 * 2 * 3, dtype=np.float32).reshape(2, 5, 2, 3, 1) + 1
    layout = VolumeSheet(5, 2, 3)
    assert (layout.rows, layout.columns, layout.sides) == (3, 2, (8, 7))
    sheet = layout.sheets(volume)
    expected = np.zeros((8, 7))
    expected[0:2, 0:3], expected[0:2, 4:7] = [[1, 2, 3], [4, 5, 6]], [[7, 8, 9], [10, 11, 12]]
    expected[3:5, 0:3], expected[3:5, 4:7] = [[13, 14, 15], [16, 17, 18]], [[19, 20, 21], [22, 23, 24]]
    expected[6:8, 0:3] = [[25, 26, 27], [28, 29, 30]]
    np.testing.assert_array_equal(sheet[0, ..., 0], expected)
    for size in ((5, 2, 3), (1, 4, 4), (7, 3, 3), (16, 8, 2)):
        layout = VolumeSheet(*size)
        given = np.random.default_rng(1).random((2, *size, 2), np.float32)
        np.testing.assert_array_equal(layout.volumes(layout.sheets(given)), given)
        np.testing.assert_array_equal(layout.volumes(layout.sheets(tf.constant(given))).numpy(), given)
    with pytest.raises(ArgumentError, match=r"Expected sheets of 16 slices, \(batch, 17, 23, channels\)"):
        layout.volumes(np.zeros((1, 8, 8, 1)))
    with pytest.raises(ArgumentError, match=r"Expected \(batch, 16, 8, 2, channels\)"):
        layout.sheets(np.zeros((1, 8, 8, 1)))


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras, when it saves
def test_a_volume_network_and_its_layers() -> None:
    model = matched()
    assert model.volume_sheet == VolumeSheet(*SIZE)
    assert model.image_shape == (*VolumeSheet(*SIZE).sides, 1)
    conv = model.layers["conv"]
    assert (conv.kind, conv.shape, conv.channels) == ("conv", (8, 9, 10, 2), 2)
    assert conv.share == pytest.approx(8 * 9 * 10 * 60 * 2 / (8 * 9 * 10 * 60 * 2 + 6))
    volume = np.random.default_rng(2).random((2, *SIZE, 1), np.float32)
    expected = np.asarray(model.keras_model.get_layer("conv")(2 * volume - 1))
    for given in (volume, model.volume_sheet.sheets(volume)):
        found = tf.function(lambda t: model.import_graph(t)("conv"))(tf.constant(given))
        np.testing.assert_allclose(found, expected, atol=1e-4)
    again = pickle.loads(pickle.dumps(model))
    assert (again.volume_sheet, again.layers.names) == (model.volume_sheet, model.layers.names)


def test_open_sizes_are_passed() -> None:
    model = network((None, None, None))
    with pytest.raises(ModelError, match=r"so their size is open. Pass it: models.from_keras\(model, volume="):
        from_keras(model, image_value_range=(0, 1))
    chosen = from_keras(model, image_value_range=(0, 1), volume=(6, 8, 10))
    assert chosen.volume_sheet == VolumeSheet(6, 8, 10)
    (sheet,) = render_vis(chosen, "conv:0", thresholds=(1,), verbose=False)
    assert sheet.shape == (1, *VolumeSheet(6, 8, 10).sides, 1)
    with pytest.raises(ArgumentError, match=r"volume is \(9, 12, 14\). Expected \(depth, height, width\) that fit"):
        from_keras(network(), image_value_range=(0, 1), volume=(9, 12, 14))
    image = keras.Input((8, 8, 3))
    with pytest.raises(ArgumentError, match="Expected a network for volumes"):
        from_keras(keras.Model(image, L.Conv2D(1, 3)(image)), image_value_range=(0, 1), volume=(8, 8, 8))


def correlation(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])


@pytest.mark.parametrize("fft", [True, False])
def test_a_neuron_of_a_planted_kernel_shows_the_kernel(fft: bool) -> None:
    model = matched()
    assert model.volume_sheet is not None
    depth, row, column = 5, 3, 7
    objective = objectives.voxel("conv", 0, depth, row, column)
    (sheet,) = render_vis(
        model,
        objective,
        lambda: param.volume(10, 14, 12, channels=1, fft=fft),
        transforms=[],
        thresholds=(128,),
        verbose=False,
        use_fixed_seed=True,
    )
    volume = model.volume_sheet.volumes(sheet)[0, ..., 0]
    seen = volume[depth : depth + 3, row : row + 4, column : column + 5]
    assert correlation(seen, planted()) > 0.9
    # The largest value that the kernel can have is the number of its weights.
    value = float((planted() * (2 * seen - 1)).sum())
    assert value > 0.9 * planted().size


def test_default_image_of_a_channel() -> None:
    model = matched()
    assert model.volume_sheet is not None
    start, end = render_vis(model, "relu:0", thresholds=(0, 64), verbose=False, use_fixed_seed=True)
    assert end.shape == (1, *model.volume_sheet.sides, 1)
    (before, after) = (
        np.maximum(np.asarray(model.keras_model.get_layer("conv")(2 * model.volume_sheet.volumes(each) - 1)), 0)[..., 0]
        for each in (start, end)
    )
    assert after.mean() > 5 * before.mean()


def values_of(objective: Any, layers: dict[str, np.ndarray]) -> float:
    return float(objective(lambda name: tf.constant(layers[name])))


def test_objectives_on_layers_of_volumes() -> None:
    values = np.random.default_rng(3).normal(size=(2, 3, 4, 5, 2)).astype(np.float32)
    layers = {"conv": values}
    vector = np.array([0.5, -2], np.float32)
    assert values_of(objectives.channel("conv", 1), layers) == pytest.approx(values[..., 1].mean(), abs=1e-5)
    second = objectives.channel("conv", 1, batch=1)
    assert values_of(second, layers) == pytest.approx(values[1, ..., 1].mean(), abs=1e-5)
    assert values_of(objectives.direction("conv", vector), layers) == pytest.approx((values @ vector).mean(), abs=1e-5)
    middle = values[:, 1, 2, 2]
    assert values_of(objectives.neuron("conv", 0), layers) == pytest.approx(middle[:, 0].mean(), abs=1e-5)
    assert values_of(objectives.voxel("conv", 0), layers) == pytest.approx(middle[:, 0].mean(), abs=1e-5)
    assert values_of(objectives.direction_neuron("conv", vector), layers) == pytest.approx(
        (middle @ vector).mean(), abs=1e-5
    )
    at = objectives.voxel("conv", 1, 2, 0, 4, batch=1)
    assert values_of(at, layers) == pytest.approx(values[1, 2, 0, 4, 1], abs=1e-6)
    row = objectives.neuron("conv", 1, row=3, column=0, batch=0)
    assert values_of(row, layers) == pytest.approx(values[0, 1, 3, 0, 1], abs=1e-6)


def test_voxels_are_checked() -> None:
    model = matched()
    with pytest.raises(OutOfRangeError, match=r"Depth 8 is out of range.*from 0 to 7"):
        objectives.voxel("conv", 0, 8).validate(model)
    with pytest.raises(ModelError, match="'logits' is not one of volumes"):
        objectives.voxel("logits", 0).validate(model)


def test_transforms_treat_all_slices_alike_and_shift_the_depth() -> None:
    layout = VolumeSheet(16, 6, 8)
    ramp = np.broadcast_to(np.arange(16, dtype=np.float32)[None, :, None, None, None], (1, 16, 6, 8, 2)).copy()
    seen = []

    def mirrored(t: Any) -> Any:
        seen.append(tuple(t.shape))
        return tf.reverse(t, [2])

    moved = [of_volumes(tf.constant(layout.sheets(ramp)), layout, mirrored, True).numpy() for _ in range(40)]
    assert seen[0] == (1, 6, 8, 32)
    starts = {float(each[0, 4, 0, 0, 0]) for each in moved}
    assert starts == {2.0, 3.0, 4.0, 5.0, 6.0}  # an eighth of the depth, in both directions
    edges = {float(each[0, end, 0, 0, 0]) for each in moved for end in (0, 15)}
    assert edges == {0.0, 1.0, 2.0, 0.5, 13.0, 14.0, 15.0}  # gray outside
    flat = np.random.default_rng(4).random((2, 16, 6, 8, 2), np.float32)
    still = of_volumes(tf.constant(layout.sheets(flat)), layout, mirrored, False).numpy()
    np.testing.assert_array_equal(still, flat[:, :, :, ::-1])
    affine = of_volumes(
        tf.constant(layout.sheets(np.broadcast_to(flat[:, :1], flat.shape).copy())),
        layout,
        transform.compose("affine"),  # type: ignore[arg-type]
        False,
    ).numpy()
    np.testing.assert_array_equal(affine, np.broadcast_to(affine[:, :1], affine.shape))
    with pytest.raises(ArgumentError, match="They are given the slices as channels"):
        of_volumes(tf.constant(layout.sheets(flat)), layout, lambda t: t[..., :3], False)


def test_volumes_start_as_noise_of_equal_octaves_and_from_arrays() -> None:
    with tf.variable_creator_scope(lambda _, **initial: initial_value(**initial)):
        start = np.random.default_rng(5).uniform(0.1, 0.9, (6, 4, 5, 1)).astype(np.float32)
        layout = VolumeSheet(6, 4, 5)
        for fft in (True, False):
            made = np.asarray(param.volume(6, 5, 4, channels=1, fft=fft, init_val=start))
            np.testing.assert_allclose(layout.volumes(made)[0], start, atol=1e-3)
        colors = np.asarray(param.volume(6, 5, 4, init_val=np.repeat(start, 3, -1)))
        np.testing.assert_allclose(layout.volumes(colors)[0], np.repeat(start, 3, -1), atol=1e-3)
        noise = np.asarray(param.fft_volume((1, 32, 32, 32, 1), sd=1.0))[0, ..., 0]
        with pytest.raises(ArgumentError, match=r"The init_val of the image has shape \(4, 5, 1\)"):
            param.volume(6, 5, 4, channels=1, init_val=start[0])
    power = np.abs(np.fft.fftn(noise)) ** 2
    axis = np.fft.fftfreq(32)
    frequency = np.sqrt(axis[:, None, None] ** 2 + axis[:, None] ** 2 + axis**2)
    octaves = [power[(frequency >= low) & (frequency < 2 * low)].sum() for low in (1 / 16, 1 / 8, 1 / 4)]
    assert max(octaves) / min(octaves) < 1.6


def test_gradient_of_a_volume_of_frequencies() -> None:
    weights = tf.constant(np.random.default_rng(6).normal(size=(1, 3, 4, 5, 2)), tf.float32)
    kept: list[Any] = []

    def keep(create: Any, **initial: Any) -> Any:
        kept[:] = kept or [create(**initial)]
        return kept[0]

    def value() -> Any:
        with tf.variable_creator_scope(keep):
            return tf.reduce_sum(weights * param.fft_volume((1, 3, 4, 5, 2), sd=1.0) ** 2)

    value()
    with tf.GradientTape() as tape:
        found = value()
    gradient = tape.gradient(found, kept[0]).numpy()
    direction = np.random.default_rng(7).normal(size=gradient.shape).astype(np.float32)
    step, at = 1e-2, kept[0].numpy()
    ends = []
    for sign in (-1, 1):
        kept[0].assign(at + sign * step * direction)
        ends.append(float(value()))
    assert (ends[1] - ends[0]) / (2 * step) == pytest.approx(float((gradient * direction).sum()), rel=0.01)


def test_widgets_show_sheets() -> None:
    model = matched()
    assert model.volume_sheet is not None
    w = LucidWidget(model, "conv:0", steps=2)
    try:
        w.run()
        w.wait()
        assert w.image is not None
        assert w.image.shape == (1, *model.volume_sheet.sides, 1)
        assert "image_size" not in w.code
        assert w._volume == [*SIZE]
        slices = model.volume_sheet.volumes(w.image)[0]
        with pytest.raises(ArgumentError, match="image_size is 64, but scan takes volumes"):
            w.image_size = 64
        w.image_size = max(model.volume_sheet.sides)
        w.parameterization = "pixels"
        assert "param.volume(10, 14, 12, fft=False, channels=1)" in w.code
    finally:
        w.close()
    player = SpritePlayer(slices)
    assert (len(player), player.frames.shape) == (10, (*SIZE, 1))
    grid = FeatureGrid(model, "conv", steps=2)
    assert grid.wait(60) == "done"
    assert len(grid.images) == 2
    with pytest.raises(ArgumentError, match="image_size is 64, but scan takes volumes"):
        grid.image_size = 64


def test_what_needs_images_refuses_volumes(tmp_path: Any) -> None:
    model = matched()
    with pytest.raises(ModelError, match="An index needs a network for RGB or gray images"):
        ActivationIndex.build(model, np.zeros((2, 8, 8, 3), np.uint8), ["conv"])
    with pytest.raises(ModelError, match="which Lucid's format cannot hold"):
        model.save(tmp_path / "scan.pb")
    for call in (
        lambda: render_vis(model, "conv:0", image_size=64),
        lambda: render_many(model, ["conv:0"], image_size=64),
        lambda: render_model(model, "conv", tmp_path / "store", image_size=64),
    ):
        with pytest.raises(ArgumentError, match=r"takes volumes\. Leave it out: sheets of their slices have \d+ pix"):
            call()
    with pytest.raises(ArgumentError, match=r"such as param.volume\(10, 14, 12\) returns"):
        render_vis(model, "conv:0", lambda: param.image(64, channels=1), thresholds=(1,))
    with pytest.raises(ArgumentError, match=r"volumes of 3 channels\. Expected 1\."):
        render_vis(model, "conv:0", lambda: param.volume(10, 14, 12), thresholds=(1,))
    with pytest.raises(ArgumentError, match="Volumes do not work with the parameterization 'maco'"):
        LucidWidget(model, "conv:0", parameterization="maco").run()
