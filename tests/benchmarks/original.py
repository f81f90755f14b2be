"""The loop of the original Lucid in TensorFlow 1 graph mode, for comparison in `engine.py`.

Nothing here is the package's own engine. The graph is built with `tf.compat.v1`, and each step is one `Session.run`,
as in Lucid 0.3: a Fourier image, the standard transforms (which change the size at random), the network, the redirected
ReLU written with `where`, and TensorFlow 1's Adam.
"""

from __future__ import annotations

import uuid
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from lucid_widgets.optvis.param.color import to_valid_rgb

v1 = tf.compat.v1


def frozen(model: Any, layer: str) -> tuple[Any, str, str]:
    """Return the GraphDef of the network up to a layer, and the names of its input (images in [0, 1]) and output."""
    images = tf.TensorSpec([None, None, None, 3], tf.float32)
    traced = tf.function(lambda image: tf.identity(model.import_graph(image)(layer)), autograph=False)
    concrete = convert_variables_to_constants_v2(traced.get_concrete_function(images))
    return concrete.graph.as_graph_def(), concrete.inputs[0].name, concrete.outputs[0].name


class Original:
    """An optimization run as in Lucid.

    Args:
        model: A `Model` of the zoo.
        layer: Name of the layer.
        channel: Index of the channel to maximize.
        size: Width and height of the image in pixels.
        batch: Number of images.
        seed: Seed of the initial noise and of the transforms.
    """

    def __init__(self, model: Any, layer: str, channel: int, size: int, batch: int, seed: int = 0) -> None:
        graph_def, source, target = frozen(model, layer)
        graph = tf.Graph()
        with graph.as_default():
            v1.set_random_seed(seed)
            image = _fft_image(batch, size, seed)
            step = v1.train.get_or_create_global_step()
            name = f"original_{uuid.uuid4().hex}"
            tf.RegisterGradient(name)(_redirected)
            with graph.gradient_override_map({"Relu": name, "Relu6": name}):
                (activations,) = tf.graph_util.import_graph_def(
                    graph_def, {source: _transformed(image)}, [target], name="import"
                )
            self.loss = -tf.reduce_mean(activations[..., channel])
            self.update = v1.train.AdamOptimizer(0.05).minimize(self.loss, global_step=step)
            self.image = image
            self.session = v1.Session(graph=graph)
            self._initialize = v1.global_variables_initializer()
        self.restart()

    def restart(self) -> None:
        self.session.run(self._initialize)

    def advance(self, steps: int) -> int:
        for _ in range(steps):
            self.session.run(self.update)
        return steps

    def curve(self, steps: int) -> list[float]:
        """Make this many steps, and return the objective of each."""
        return [-float(self.session.run([self.loss, self.update])[0]) for _ in range(steps)]

    def objective(self) -> float:
        return -float(self.session.run(self.loss))

    def close(self) -> None:
        self.session.close()


def _fft_image(batch: int, size: int, seed: int) -> Any:
    rows, columns = np.fft.fftfreq(size)[:, None], np.fft.fftfreq(size)[: size // 2 + 1 + size % 2]
    scale = size / np.maximum(np.hypot(rows, columns), 1 / size)
    start = np.random.default_rng(seed).normal(size=(2, batch, 3, *scale.shape), scale=0.01).astype(np.float32)
    spectrum = v1.get_variable("spectrum", initializer=start)
    image = tf.signal.irfft2d(tf.complex(spectrum[0], spectrum[1]) * tf.cast(scale, tf.complex64))
    return to_valid_rgb(tf.transpose(image, [0, 2, 3, 1])[:, :size, :size] / 4, decorrelate=True, sigmoid=True)


def _transformed(t: Any) -> Any:
    t = _jittered(tf.pad(t, [[0, 0], [12, 12], [12, 12], [0, 0]], constant_values=0.5), 8)
    scale = _picked([1 + (i - 5) / 50.0 for i in range(11)])
    size = tf.cast(scale * tf.cast(tf.shape(t)[1:3], tf.float32), tf.int32)
    t = _turned(v1.image.resize_bilinear(t, size), _picked([*range(-10, 11), *[0] * 5]) * np.pi / 180)
    return _jittered(t, 4)


def _picked(choices: list[float]) -> Any:
    return tf.constant(choices, tf.float32)[v1.random_uniform([], 0, len(choices), tf.int32)]


def _jittered(t: Any, pixels: int) -> Any:
    shape = tf.shape(t) - [0, pixels, pixels, 0]
    static = t.shape
    cut = v1.image.random_crop(t, shape) if hasattr(v1.image, "random_crop") else v1.random_crop(t, shape)
    cut.set_shape([static[0], None, None, 3])
    return cut


def _turned(t: Any, angle: Any) -> Any:
    size = tf.cast(tf.shape(t)[1:3] - 1, tf.float32)
    height, width, cos, sin = size[0], size[1], tf.cos(angle), tf.sin(angle)
    row = [cos, -sin, (width - (cos * width - sin * height)) / 2, sin, cos, (height - (sin * width + cos * height)) / 2]
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=t,
        transforms=tf.stack([*row, 0.0, 0.0])[None],
        output_shape=tf.shape(t)[1:3],
        interpolation="NEAREST",
        fill_value=0.0,
    )


def _redirected(op: Any, grad: Any) -> Any:
    x = op.inputs[0]
    zeros = tf.zeros_like(grad)
    true = tf.where(x < 0.0, zeros, grad)
    redirected = tf.where(tf.logical_and(x < 0.0, grad > 0.0), zeros, grad)
    rows = tf.reshape(true, [-1, tf.reduce_prod(tf.shape(true)[1:])])
    alive = tf.reshape(tf.norm(rows, axis=1) > 0.0, [-1, *[1] * (len(x.shape) - 1)])
    late = v1.train.get_or_create_global_step() > 16
    return tf.where(tf.logical_or(late, alive), true, redirected)
