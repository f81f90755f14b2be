"""Lucid's helper for sessions, which do not exist in TensorFlow 2."""

from __future__ import annotations

from typing import Any, NoReturn

from lucid_widgets.errors import ArgumentError

__all__ = ["create_session"]


def create_session(target: str = "", timeout_sec: float = 10, **_: Any) -> NoReturn:
    """Raise an `ArgumentError` that says what to use instead."""
    raise ArgumentError(
        "TensorFlow 2 has no sessions.",
        "Leave out the call: render_vis, iter_vis and make_vis_T need no session. "
        "For code that does, use `with tf.Graph().as_default(), tf.compat.v1.Session():`.",
    )
