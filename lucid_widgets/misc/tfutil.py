"""Sessions, which TensorFlow 2 does not have."""

from __future__ import annotations

from typing import Any, NoReturn

from lucid_widgets.errors import ArgumentError


def create_session(target: str = "", timeout_sec: float = 10, **_: Any) -> NoReturn:
    """Always raises an `ArgumentError`, which says what to write instead."""
    raise ArgumentError(
        "There are no sessions in TensorFlow 2, so there is none to create.",
        "Leave it out: render_vis, iter_vis and make_vis_T need none. "
        "For session-style code: `with tf.Graph().as_default(), tf.compat.v1.Session():`.",
    )


__all__ = ["create_session"]
