"""Cameras and meshes as matrices and arrays, in the conventions of OpenGL."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from lucid_widgets.errors import ArgumentError
from lucid_widgets.misc.io.scoping import expanded

__all__ = [
    "anorm",
    "frustum",
    "homotrans",
    "load_obj",
    "lookat",
    "normalize",
    "normalize_mesh",
    "perspective",
    "sample_view",
]


Floats = npt.NDArray[np.float32]


def frustum(left: float, right: float, bottom: float, top: float, znear: float, zfar: float) -> Floats:
    """Return the perspective projection of a viewing volume, given by a window at distance `znear`.

    As in Lucid, the matrix is for points in rows, the transpose of OpenGL's: a point `p` becomes
    `p @ modelview.T @ projection`, where `modelview` is the result of `lookat`.

    Returns:
        `[4, 4]`.

    Source: Lucid's `meshutil.frustum`, whose vertical offset of asymmetric windows was in the wrong row; OpenGL's
    glFrustum.
    """
    if not (right > left and top > bottom and zfar > znear > 0):
        raise ArgumentError("The frustum is empty.", "Expected left < right, bottom < top and 0 < znear < zfar.")
    width, height, depth = right - left, top - bottom, zfar - znear
    return np.asarray(
        [
            [2 * znear / width, 0, (right + left) / width, 0],
            [0, 2 * znear / height, (top + bottom) / height, 0],
            [0, 0, -(zfar + znear) / depth, -2 * znear * zfar / depth],
            [0, 0, -1, 0],
        ],
        np.float32,
    ).T


def perspective(fovy: float, aspect: float, znear: float, zfar: float) -> Floats:
    """Return the `[4, 4]` perspective projection of a camera, for points in rows, as `frustum` does.

    Args:
        fovy: Vertical field of view in degrees.
        aspect: Width divided by height.
        znear: Smallest visible distance.
        zfar: Largest visible distance.

    Source: Lucid's `meshutil.perspective`; OpenGL's gluPerspective.
    """
    top = float(np.tan(np.radians(fovy) / 2)) * znear
    return frustum(-top * aspect, top * aspect, -top, top, znear, zfar)


def anorm(x: npt.ArrayLike, axis: int | None = None, keepdims: bool = False) -> Any:
    """Return the Euclidean length of vectors."""
    return np.sqrt(np.square(x).sum(axis=axis, keepdims=keepdims))


def normalize(v: npt.ArrayLike, axis: int | None = None, eps: float = 1e-10) -> npt.NDArray[Any]:
    """Scale vectors to length 1. A vector of length 0 is returned unchanged."""
    return np.asarray(v) / np.maximum(anorm(v, axis=axis, keepdims=True), eps)


def lookat(eye: npt.ArrayLike, target: npt.ArrayLike = (0, 0, 0), up: npt.ArrayLike = (0, 1, 0)) -> Floats:
    """Return the `[4, 4]` view matrix of a camera at `eye` that looks at `target`, along -z and with `up` up.

    Source: Lucid's `meshutil.lookat`; OpenGL's gluLookAt.
    """
    place = np.asarray(eye, np.float64)
    forward = normalize(np.asarray(target) - place)
    right = normalize(np.cross(forward, np.asarray(up)))
    axes = np.stack([right, np.cross(right, forward), -forward])
    view = np.eye(4, dtype=np.float32)
    view[:3, :3], view[:3, 3] = axes, -axes @ place
    return view


def sample_view(min_dist: float, max_dist: float | None = None) -> Floats:
    """Return the view matrix of a camera in a random direction, at a random distance between the two bounds."""
    distance = np.random.uniform(min_dist, min_dist if max_dist is None else max_dist)
    return lookat(normalize(np.random.normal(size=3)) * distance)


def homotrans(M: npt.ArrayLike, p: npt.ArrayLike) -> npt.NDArray[Any]:
    """Transform points `[..., 3]` or `[..., 4]` by a `[4, 4]` matrix, and divide by the last coordinate."""
    points = np.asarray(p)
    if points.shape[-1] == np.shape(M)[1] - 1:
        points = np.concatenate([points, np.ones_like(points[..., :1])], -1)
    moved = points @ np.asarray(M).T
    return moved[..., :-1] / moved[..., -1:]


def normalize_mesh(mesh: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of a mesh that is moved and scaled to fit the cube from -1 to 1.

    Source: Lucid's `meshutil.normalize_mesh`.
    """
    position = np.asarray(mesh["position"])[:, :3]
    centered = position - (position.max(0) + position.min(0)) / 2
    return {**mesh, "position": centered / np.abs(centered).max()}


def load_obj(fn: str | os.PathLike[str] | IO[Any]) -> dict[str, npt.NDArray[Any]]:
    """Load a Wavefront .obj file.

    Args:
        fn: The path, or an open file.

    Returns:
        A dictionary with `position` `[n, 3]` and, if the file has them, `normal` `[n, 3]` and `uv` `[n, 2]`, for each
        distinct corner, with zeros for a corner without them; and `face` `[3 * m]`, the indices of the corners of `m`
        triangles. Other polygons are divided into triangles.

    Raises:
        ArgumentError: If a line is invalid, or there are no faces.

    Source: Lucid's `meshutil.load_obj`.
    """
    text = expanded(fn).read_text() if isinstance(fn, (str, os.PathLike)) else fn.read()
    lines = (text.decode() if isinstance(text, bytes) else text).splitlines()
    numbers: dict[str, list[list[float]]] = {"v": [], "vt": [], "vn": []}
    corners: dict[tuple[int, ...], int] = {}
    faces: list[list[int]] = []
    for number, line in enumerate(lines, 1):
        kind, *words = line.split() or [""]
        try:
            if kind in numbers:
                numbers[kind].append([float(word) for word in words[: 2 if kind == "vt" else 3]])
            elif kind == "f":
                polygon = [corners.setdefault(_corner(word, numbers), len(corners)) for word in words]
                faces += [[polygon[0], polygon[i], polygon[i + 1]] for i in range(1, len(polygon) - 1)]
        except ValueError as error:
            raise ArgumentError(f"Line {number} of the mesh cannot be read: {line.strip()[:60]!r}.") from error
    if not faces:
        raise ArgumentError("The mesh has no faces.", "Expected lines that begin with 'f'.")
    mesh: dict[str, npt.NDArray[Any]] = {"face": np.asarray(faces, np.int32).reshape(-1)}
    for place, (name, kind, size) in enumerate([("position", "v", 3), ("uv", "vt", 2), ("normal", "vn", 3)]):
        rows = [[0.0] * size if corner[place] < 0 else numbers[kind][corner[place]] for corner in corners]
        if any(corner[place] >= 0 for corner in corners):
            mesh[name] = np.asarray(rows, np.float32)
    return mesh


def _corner(word: str, numbers: dict[str, list[list[float]]]) -> tuple[int, ...]:
    """Parse a corner such as `3/1/2` into indices of positions, textures and normals; -1 for a missing one."""
    indices: Sequence[str] = [*word.split("/"), "", ""][:3]
    found = []
    for index, kind in zip(indices, ("v", "vt", "vn"), strict=True):
        # Indices start at 1. Negative ones count from the end.
        place = -1 if not index else int(index) - 1 if int(index) > 0 else len(numbers[kind]) + int(index)
        if index and not 0 <= place < len(numbers[kind]):
            raise ValueError(f"there is no {kind} number {index}")
        found.append(place)
    return tuple(found)
