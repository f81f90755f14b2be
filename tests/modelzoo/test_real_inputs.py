"""Networks trained on photographs behind inputs of other shapes, and the tokens and directions in such networks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers as L
from modelzoo.tiny_nets import evaluate

from lucid_widgets import ImageSet, objectives, param, readouts
from lucid_widgets.modelzoo.vision_models import InceptionV1, Model, TokenGrid, VolumeSheet, from_keras
from lucid_widgets.optvis.render import iter_vis

pytestmark = pytest.mark.models

GRAY = (-110, 145)
COLORS: dict[str, Any] = {"image_value_range": ((-104, -117, -123), (151, 138, 132)), "is_BGR": True}
UNIT = 3


@pytest.fixture(scope="module")
def squeezenet(models_dir: Path) -> Any:
    """SqueezeNet up to its third block."""
    whole = keras.models.load_model(models_dir / "squeezenet_v1_1.keras")
    return keras.Model(whole.input, whole.get_layer("fire4_concat").output, name="squeezenet")


def ends(model: Model, objective: Any, make: Callable[[], Any] | None = None, steps: int = 4) -> tuple[Any, Any]:
    """Return the first and the last image of a run without transforms, whose objective must rise."""
    frames = list(iter_vis(model, objective, make, steps=steps, every=1, transforms=[]))
    before, after = frames[1].objective, frames[-1].objective
    assert before is not None
    assert after is not None
    assert after > before
    return frames[0].images, frames[-1].images


def test_a_spectrogram(squeezenet: Any) -> None:
    gray = keras.Input((48, 96, 1))
    model = from_keras(keras.Model(gray, squeezenet(L.Concatenate()([gray] * 3))), GRAY)
    assert model.image_shape == (48, 96, 1)
    first, last = ends(model, f"fire4_concat:{UNIT}")
    assert last.shape == (1, 48, 96, 1)
    assert last.std() > 2 * first.std()


def test_a_signal(squeezenet: Any) -> None:
    signal = keras.Input((64, 1))
    stripes = L.UpSampling2D((32, 1))(L.Reshape((1, 64, 1))(signal))
    network = keras.Model(signal, squeezenet(L.Concatenate()([stripes] * 3)))
    model = from_keras(network, GRAY, signal=True)
    assert model.image_shape == (1, 64, 1)
    _, last = ends(model, f"fire4_concat:{UNIT}")
    assert last.shape == (1, 1, 64, 1)
    # The network sees what the signal is repeated to.
    repeated = np.broadcast_to(255 * last[0] - 110, (1, 32, 64, 3))
    expected = np.asarray(squeezenet(tf.constant(repeated, tf.float32)))
    np.testing.assert_allclose(evaluate(model, ["fire4_concat"], last)[0], expected, rtol=1e-3, atol=1e-2)


def test_a_channel_that_is_held(squeezenet: Any) -> None:
    model = from_keras(squeezenet, **COLORS)
    first, last = ends(model, f"fire4_concat:{UNIT}", lambda: param.hold_channels(param.image(48), {2: 0.25}))
    np.testing.assert_allclose(last[..., 2], 0.25, atol=1e-6)
    assert np.abs(last - first)[..., :2].max() > 0.05


def test_two_inputs_and_two_heads(squeezenet: Any) -> None:
    image, mask = keras.Input((64, 64, 3), name="image"), keras.Input((64, 64, 1), name="mask")
    features = squeezenet(L.Multiply()([image, mask]))
    heads = [L.GlobalAveragePooling2D(name="pooled")(features), L.UpSampling2D(name="map")(features)]
    left = np.zeros((64, 64, 1), np.float32)
    left[:, :32] = 1
    model = from_keras(keras.Model([image, mask], heads), **COLORS, constants={"mask": left})
    both = objectives.channel("pooled", UNIT) + objectives.neuron("map", UNIT + 1, row=4, column=3)
    first, last = ends(model, both, lambda: param.image(64, fft=False, decorrelate=False))
    # Only the left half reaches the heads.
    np.testing.assert_array_equal(last[:, :, 32:], first[:, :, 32:])
    assert np.abs(last - first)[:, :, :32].max() > 0.02


def test_a_volume_of_frames(squeezenet: Any) -> None:
    frames = keras.Input((3, 32, 32, 3))
    model = from_keras(keras.Model(frames, L.TimeDistributed(squeezenet, name="frames")(frames)), **COLORS)
    assert model.volume_sheet == VolumeSheet(3, 32, 32)
    volume = lambda: param.volume(3, 32, fft=False, decorrelate=False)  # noqa: E731
    first, last = (
        model.volume_sheet.volumes(images) for images in ends(model, objectives.voxel("frames", UNIT, depth=1), volume)
    )
    # Each frame is seen by itself.
    np.testing.assert_array_equal(last[0, [0, 2]], first[0, [0, 2]])
    assert np.abs(last - first)[0, 1].max() > 0.02
    seen = np.asarray(squeezenet(tf.constant(255 * last[0, ..., ::-1] - np.array([104, 117, 123], np.float32))))
    (found,) = evaluate(model, ["frames"], model.volume_sheet.sheets(last))
    np.testing.assert_allclose(found[0], seen, rtol=1e-3, atol=1e-2)


def photographs(folder: Path, size: int, count: int) -> np.ndarray:
    photos = ImageSet.of(folder / "photos" / "photos_objects.zip")
    return np.stack([photos.image(index, (size, size)) for index in range(count)])


def test_tokens_and_attention_of_a_vision_transformer(models_dir: Path) -> None:
    whole = keras.models.load_model(models_dir / "dinov2_small_focus.keras")
    model = from_keras(whole, preprocess="torch")
    assert model.token_grid == TokenGrid(16, 16, ("class",))
    hidden, attention = "block0_mlp_gelu", "block0_attention"
    image = photographs(models_dir, 224, 1) / np.float32(255)
    given = keras.applications.imagenet_utils.preprocess_input(255 * image, mode="torch")
    expected = np.asarray(keras.Model(whole.input, whole.get_layer(hidden).output)(given))
    normed = keras.Model(whole.input, whole.get_layer("block0_norm1").output)(given)
    weights = np.asarray(whole.get_layer(attention)(normed, normed, return_attention_scores=True)[1])
    wanted = {
        objectives.channel(hidden, 7): expected[0, 1:, 7].mean(),
        objectives.neuron(hidden, 7, row=2, column=5): expected[0, 1 + 2 * 16 + 5, 7],
        objectives.token(hidden, 0, 7): expected[0, 0, 7],
        objectives.attention(attention, 4, 0, 100): weights[0, 4, 0, 100],
    }

    @tf.function(autograph=False)
    def evaluated(images: Any) -> Any:
        layers = model.import_graph(images)
        values = [objective(layers) for objective in wanted]
        return values, [tf.gradients(value, images)[0] for value in values[2:]]

    found, slopes = evaluated(tf.constant(image))
    np.testing.assert_allclose(found, list(wanted.values()), rtol=1e-3, atol=1e-5)
    # A short way along the gradient raises the token's channel, and what it reads from the patch.
    for place, slope in enumerate(slopes, 2):
        moved, _ = evaluated(tf.constant(image) + 1e-4 * tf.sign(slope))
        assert moved[place] > found[place]


def test_factors_and_features_of_photographs(models_dir: Path) -> None:
    model = InceptionV1(models_dir / "inception_v1_bvlc.pb")
    photos = photographs(models_dir, 64, 24)
    layer = "mixed3b"
    (acts,) = evaluate(model, [layer], photos / np.float32(255))
    groups = readouts.nmf(model, layer, photos, 6)
    parts = readouts.pca(model, layer, photos, 6)
    assert 0.2 < groups.explained < 1
    assert 0.2 < parts.explained < 1
    assert groups.directions.min() >= 0
    np.testing.assert_allclose(parts.directions @ parts.directions.T, np.eye(6), atol=1e-4)
    # An autoencoder whose dictionary is the directions found by PCA: its features are the distances along them.
    directions = parts.directions
    sae = readouts.sparse_autoencoder({"W_enc": directions.T, "W_dec": directions, "b_enc": parts.bias}, k=2)
    seen = model.with_readout("group", groups).with_readout("part", parts).with_readout("sae", sae, after=layer)
    names = ["group", "part", "sae", "sae:codes"]
    group, part, before, codes = evaluate(seen, names, photos / np.float32(255))
    np.testing.assert_allclose(group, acts @ groups.directions.T, rtol=1e-3, atol=1e-2)
    np.testing.assert_allclose(part, before, rtol=1e-3, atol=1e-2)
    np.testing.assert_allclose(codes, sae.encode(acts), rtol=1e-3, atol=1e-2)
    assert (np.count_nonzero(codes, axis=-1) <= 2).all()
    ends(seen, "group:1 + part:2 + sae:4", lambda: param.image(64))
