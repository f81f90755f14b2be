"""Lucid's helper for sessions of TensorFlow 1."""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["create_session"]


def create_session(target: str = "", timeout_sec: float = 10, **config: Any) -> Any:
    """Start an interactive session of TensorFlow 1, in which `make_vis_T` and `import_graph` build their graph.

    With eager execution, the session gets a new graph, which is the default graph until the session is closed.
    Functions such as `render_vis` need no session, and run the same with and without one.

    Args:
        target: Address of a TensorFlow server. default: this process.
        timeout_sec: Seconds after which a single call of the session is given up.
        **config: Further fields of `tf.compat.v1.ConfigProto`.

    Returns:
        A `tf.compat.v1.InteractiveSession`. Close it with `session.close()`.

    Example:
        >>> session = create_session()
        >>> int(session.run(2 * tf.constant(21)))
        42
        >>> session.close()

    Source: Lucid's `misc.tfutil.create_session`.
    """
    tf = importlib.import_module("tensorflow")  # takes seconds to import
    settings = tf.compat.v1.ConfigProto(operation_timeout_in_ms=int(timeout_sec * 1000), **config)
    settings.gpu_options.allow_growth = True
    graph = tf.Graph() if tf.executing_eagerly() else None
    return tf.compat.v1.InteractiveSession(target, graph=graph, config=settings)
