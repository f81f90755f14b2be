"""Features of sparse autoencoders: formulas, files, and a planted dictionary that features and images recover."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
import tensorflow as tf
from modelzoo.readouts.networks import pixelwise
from modelzoo.tiny_nets import evaluate

from lucid_widgets import ActivationIndex, param, readouts
from lucid_widgets.errors import ArgumentError, MissingFileError, OutOfRangeError
from lucid_widgets.modelzoo.vision_models import from_keras
from lucid_widgets.optvis.render import render_vis

ENCODER = np.float32([[1, 0, 2], [0, 1, 1]])  # [channels, units]
DECODER = np.float32([[1, 0], [0, 1], [1, 1]])
WEIGHTS = {"W_enc": ENCODER, "W_dec": DECODER, "b_enc": [0.5, 0, -1], "b_dec": [1, 0]}
GIVEN = np.float32([3, 1])
# Centered: [2, 1] @ W_enc + b_enc = [2.5, 1, 4].


@pytest.mark.parametrize(
    ("settings", "codes"),
    [
        ({}, [2.5, 1, 4]),
        ({"k": 2}, [2.5, 0, 4]),
        ({"k": 1}, [0, 0, 4]),
        ({"kind": "jumprelu", "centered": True}, [0, 1, 4]),
        ({"kind": "jumprelu"}, [0, 1, 6]),  # [3, 1] @ W_enc + b_enc = [3.5, 1, 6]
    ],
)
def test_formulas(settings: dict[str, Any], codes: list[float]) -> None:
    arrays = {**WEIGHTS, "threshold": [3.5, 0.5, 3]} if settings.get("kind") else WEIGHTS
    sae = readouts.sparse_autoencoder(arrays, **settings)
    np.testing.assert_allclose(sae.encode(GIVEN), codes)
    np.testing.assert_allclose(sae.reconstruct(GIVEN), np.float32(codes) @ DECODER + [1, 0])
    negative = sae.encode([[-9, -9]])
    np.testing.assert_array_equal(negative, np.zeros((1, 3)))


def test_the_layers_are_the_values_before_and_after_the_activation() -> None:
    model = pixelwise(np.eye(2, dtype=np.float32))
    seen = model.with_readout("sae", readouts.sparse_autoencoder(WEIGHTS, k=1), after="hidden")
    image = np.random.default_rng(0).random((2, 5, 4, 2), np.float32)
    hidden, before, codes = evaluate(seen, ["hidden", "sae", "sae:codes"], image)
    np.testing.assert_allclose(before, (hidden - [1, 0]) @ ENCODER + [0.5, 0, -1], rtol=1e-5, atol=1e-6)
    assert (np.count_nonzero(codes, axis=-1) <= 1).all()
    np.testing.assert_allclose(codes.max(-1), np.maximum(before.max(-1), 0), rtol=1e-6)
    assert seen.network.before_activation("sae:codes") == ("sae", "topk")
    assert seen.network.before_activation("sae") is None
    assert seen.get_layer("sae:codes").receptive_field == 1


def test_receptive_fields_and_evidence_of_codes() -> None:
    image = tf.keras.Input((None, None, 3))
    model = from_keras(
        tf.keras.Model(image, tf.keras.layers.Conv2D(2, 3, name="conv")(image)), image_value_range=(0, 1)
    )
    seen = model.with_readout("sae", readouts.sparse_autoencoder(WEIGHTS, k=1), after="conv")
    assert seen.get_layer("sae").receptive_field == 3
    images = np.random.default_rng(0).integers(0, 255, (6, 9, 9, 3), np.uint8)
    index = ActivationIndex.build(seen, images, ["sae", "sae:codes"], keep=2)
    for unit in ("sae:2", "sae:codes:2"):
        left, top, right, bottom = index[unit].top[0].box
        assert (right - left, bottom - top) == (3, 3)


def test_files(tmp_path: Path) -> None:
    transposed = {"encoder.weight": ENCODER.T, "decoder.weight": DECODER.T, "encoder.bias": np.float32([0.5, 0, -1])}
    transposed = {name: np.ascontiguousarray(each) for name, each in transposed.items()}
    files = {"SAELens": WEIGHTS, "module": {**transposed, "bias": np.float32([1, 0])}}
    for name, arrays in files.items():
        arrays = {key: np.asarray(each, np.float32) for key, each in arrays.items()}
        np.savez(tmp_path / f"{name}.npz", **arrays)
        safetensors.numpy.save_file(arrays, tmp_path / f"{name}.safetensors")
        for path in (tmp_path / f"{name}.npz", str(tmp_path / f"{name}.safetensors")):
            sae = readouts.sparse_autoencoder(path, layer="hidden")
            np.testing.assert_allclose(sae.encode(GIVEN), [2.5, 1, 4])
            assert sae.layer == "hidden"
    np.savez(tmp_path / "topk.npz", k=2, **{name: np.asarray(each) for name, each in WEIGHTS.items()})
    assert readouts.sparse_autoencoder(tmp_path / "topk.npz").k == 2


def test_what_it_refuses(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError):
        readouts.sparse_autoencoder(tmp_path / "no.npz")
    for name in ("damaged.safetensors", "damaged.npz", "weights.pt"):
        (tmp_path / name).write_bytes(b"\x08\0\0\0\0\0\0\0nonsense")
        with pytest.raises(ArgumentError, match=name):
            readouts.sparse_autoencoder(tmp_path / name)
    with pytest.raises(ArgumentError, match="no encoder, but W_dec"):
        readouts.sparse_autoencoder({"W_dec": DECODER})
    with pytest.raises(ArgumentError, match=r"Expected \[channels, units\]"):
        readouts.sparse_autoencoder({"W_enc": ENCODER, "W_dec": DECODER.T})
    with pytest.raises(ArgumentError, match="needs a threshold"):
        readouts.sparse_autoencoder(WEIGHTS, "jumprelu")
    with pytest.raises(ArgumentError, match="how many features"):
        readouts.sparse_autoencoder(WEIGHTS, "topk")
    with pytest.raises(OutOfRangeError, match="from 1 to 3"):
        readouts.sparse_autoencoder(WEIGHTS, k=4)
    with pytest.raises(ArgumentError, match="'relu', 'topk' or 'jumprelu'"):
        readouts.sparse_autoencoder(WEIGHTS, "gated")  # type: ignore[arg-type]


FEATURES, CHANNELS = 20, 16


def trained(codes: np.ndarray, dictionary: np.ndarray, k: int, steps: int = 3000) -> dict[str, np.ndarray]:
    """The weights of a TopK autoencoder that was trained on `codes @ dictionary`, with Adam."""
    random = np.random.default_rng(1)
    start = random.normal(size=(CHANNELS, FEATURES)).astype(np.float32)
    encoder = tf.Variable(start / np.linalg.norm(start, axis=0))
    decoder = tf.Variable(encoder.numpy().T)
    data = tf.constant(codes @ dictionary)
    optimizer = tf.keras.optimizers.Adam(0.01)
    optimizer.build([encoder, decoder])

    @tf.function(autograph=False)
    def step() -> None:
        batch = tf.gather(data, tf.random.uniform((256,), 0, len(codes), tf.int32))
        with tf.GradientTape() as tape:
            before = batch @ encoder
            kept = tf.nn.relu(before) * tf.cast(before >= tf.math.top_k(before, k).values[:, -1:], tf.float32)
            loss = tf.reduce_mean((kept @ decoder - batch) ** 2)
        optimizer.apply_gradients(zip(tape.gradient(loss, [encoder, decoder]), [encoder, decoder], strict=True))
        decoder.assign(tf.linalg.normalize(decoder, axis=1)[0])

    tf.random.set_seed(0)
    for _ in range(steps):
        step()
    return {"W_enc": encoder.numpy(), "W_dec": decoder.numpy()}


@pytest.mark.slow
def test_a_planted_dictionary_is_recovered_by_the_features_and_their_images() -> None:
    random = np.random.default_rng(0)
    dictionary = random.normal(size=(FEATURES, CHANNELS)).astype(np.float32)
    dictionary /= np.linalg.norm(dictionary, axis=1, keepdims=True)
    # The channels of the image are the sparse causes; the layer mixes them.
    codes = np.zeros((8192, FEATURES), np.float32)
    for row in codes:
        row[random.choice(FEATURES, 2, replace=False)] = random.uniform(0.3, 1, 2)
    sae = readouts.sparse_autoencoder(trained(codes, dictionary, 2), k=2)
    assert sae.explained(codes @ dictionary) > 0.9
    cosines = sae.decoder @ dictionary.T
    assert np.count_nonzero(cosines.max(0) >= 0.95) >= 0.8 * FEATURES
    seen = pixelwise(dictionary).with_readout("sae", sae, after="hidden")
    settings: dict[str, Any] = {"thresholds": (8,), "transforms": [], "verbose": False}
    settings["optimizer"] = tf.keras.optimizers.SGD(100.0)  # Adam would brighten all causes alike
    for cause in np.flatnonzero(cosines.max(0) >= 0.95)[:4]:
        unit = int(cosines[:, cause].argmax())
        (image,) = render_vis(seen, f"sae:{unit}", lambda: param.image(8, channels=FEATURES, fft=False), **settings)
        assert image.mean((0, 1, 2)).argmax() == cause
