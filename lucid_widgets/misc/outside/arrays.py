"""Read `.npy` and `.npz` files that may be damaged, or made to fill the memory."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import numpy as np
import numpy.typing as npt

from lucid_widgets.errors import ArgumentError
from lucid_widgets.misc.outside.files import refuse_unpacked

__all__ = ["read_array", "read_arrays"]


def read_array(data: bytes, name: str) -> npt.NDArray[Any]:
    """Return the array in a `.npy` file.

    Args:
        data: The content of the file.
        name: Its name, for error messages.

    Raises:
        ArgumentError: If the content is damaged, or holds Python objects.
    """
    try:
        array: npt.NDArray[Any] = np.load(io.BytesIO(data), allow_pickle=False)
        if not isinstance(array, np.ndarray):
            raise ValueError("it holds several arrays")
        return array
    except Exception as error:  # NumPy passes on errors of zipfile, tokenize and others
        raise ArgumentError(f"{name} is not an array of numbers: {error}") from error


def read_arrays(data: bytes, name: str) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays in a `.npz` file, by name.

    Raises:
        ArgumentError: If the content is damaged, holds Python objects, or unpacks to far more than its size.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
        refuse_unpacked(name, len(data), unpacked)
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return {key: _numbers(key, arrays[key]) for key in arrays.files}
    except ArgumentError:
        raise
    except Exception as error:  # as above
        raise ArgumentError(f"{name} is not a file of arrays: {error}") from error


def _numbers(key: str, value: Any) -> npt.NDArray[Any]:
    if not isinstance(value, np.ndarray):  # NumPy returns the bytes of a member that is not an array
        raise ValueError(f"its member {key!r} is not an array")
    return value
