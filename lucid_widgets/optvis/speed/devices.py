"""The device: a GPU, or a CPU with or without oneDNN, the library that replaces TensorFlow's CPU kernels."""

from __future__ import annotations

import tensorflow as tf

from lucid_widgets.optvis.speed.private_names import find


def has_gpu() -> bool:
    """Return whether TensorFlow sees a GPU."""
    return bool(tf.config.list_physical_devices("GPU"))


def uses_onednn() -> bool:
    """Return whether TensorFlow computes with oneDNN. That depends on the processor and on TF_ENABLE_ONEDNN_OPTS."""
    enabled = find("mkl_enabled")
    return enabled is not None and bool(enabled())


__all__ = ["has_gpu", "uses_onednn"]
