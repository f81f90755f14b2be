"""What computes here: a GPU, or a CPU with or without oneDNN, the library that replaces TensorFlow's CPU kernels."""

from __future__ import annotations

import tensorflow as tf

try:  # no public function tells
    from tensorflow.python.util import _pywrap_util_port as _port
except ImportError:
    _port = None


def has_gpu() -> bool:
    """Return whether TensorFlow sees a GPU."""
    return bool(tf.config.list_physical_devices("GPU"))


def uses_onednn() -> bool:
    """Return whether TensorFlow computes with oneDNN. That depends on the processor and on TF_ENABLE_ONEDNN_OPTS."""
    return bool(getattr(_port, "IsMklEnabled", bool)())


__all__ = ["has_gpu", "uses_onednn"]
