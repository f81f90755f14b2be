"""Damaged files of arrays end in an `ArgumentError`, and nothing else."""

from __future__ import annotations

import contextlib
import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from lucid_widgets.errors import ArgumentError
from lucid_widgets.misc.io import load
from lucid_widgets.misc.outside import read_array, read_arrays
from lucid_widgets.optvis.engine.state import State


def _saved() -> tuple[bytes, bytes]:
    one, several = io.BytesIO(), io.BytesIO()
    np.save(one, np.arange(6.0).reshape(2, 3))
    np.savez(several, a=np.arange(3), b=np.float32(2))
    return one.getvalue(), several.getvalue()


ONE, SEVERAL = _saved()
EDITS = st.lists(st.tuples(st.integers(0, 700), st.integers(0, 255)), min_size=1, max_size=4)


def _damaged(data: bytes, edits: list[tuple[int, int]], cut: int) -> bytes:
    changed = bytearray(data)
    for place, value in edits:
        changed[place % len(changed)] = value
    return bytes(changed[: len(changed) - cut])


@given(EDITS, st.integers(0, 40))
def test_only_argument_errors_are_raised(edits: list[tuple[int, int]], cut: int) -> None:
    with contextlib.suppress(ArgumentError):
        read_array(_damaged(ONE, edits, cut), "x.npy")
    with contextlib.suppress(ArgumentError):
        read_arrays(_damaged(SEVERAL, edits, cut), "x.npz")


@pytest.mark.parametrize("name", ["x.npy", "x.npz"])
@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\x93NUMPY", SEVERAL[:-30]])
def test_files_are_named(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ArgumentError, match=rf"{name} is not "):
        load(tmp_path / name)


def test_files_that_unpack_to_far_more_are_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.npy", ONE)
    # The directory at the end of the file says how large each member is.
    data = bytearray(buffer.getvalue())
    size = data.rindex(b"PK\x01\x02") + 24
    data[size : size + 4] = (2**31).to_bytes(4, "little")
    with pytest.raises(ArgumentError, match=r"bytes of x.npz unpack to 2,147,483,648"):
        read_arrays(bytes(data), "x.npz")


def test_states_with_gaps_are_refused(tmp_path: Path) -> None:
    State(3, 1, (tf.zeros(2), tf.ones(2)), ()).save(tmp_path / "state.npz")
    arrays = load(tmp_path / "state.npz")
    arrays["params_7"] = arrays.pop("params_0")
    np.savez(tmp_path / "state.npz", **arrays)
    with pytest.raises(ArgumentError, match=r"is not the state of an optimization \('params_0'\)"):
        State.load(tmp_path / "state.npz")
    with pytest.raises(FileNotFoundError):
        State.load(tmp_path / "none.npz")


@pytest.mark.parametrize("number", [np.inf, 1j, np.zeros((), "i4,i4"), np.void(b"ab"), np.zeros(2)], ids=repr)
def test_states_of_an_unknown_format_are_refused(tmp_path: Path, number: Any) -> None:
    State(3, 1, (tf.zeros(2),), ()).save(tmp_path / "state.npz")
    arrays = load(tmp_path / "state.npz")
    np.savez(tmp_path / "state.npz", **{**arrays, "format": np.array(number)})
    with pytest.raises(ArgumentError, match="is not the state of an optimization"):
        State.load(tmp_path / "state.npz")
