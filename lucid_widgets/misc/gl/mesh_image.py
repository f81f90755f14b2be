"""`mesh_image`: a picture of a mesh with its texture, where nothing can turn it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from lucid_widgets.misc.gl.meshutil import Floats, lookat, perspective

__all__ = ["mesh_image"]

# The camera of `MeshView`: vertical field of view in degrees, and the direction in which it stands.
_FIELD_OF_VIEW = 42.0
_DIRECTION = (0.0, 0.12, 1.0)
# Pixels to look at, for all triangles together: about a second. If many triangles are large, the image is smaller.
_MOST_PIXELS = 4_000_000


def mesh_image(
    mesh: Mapping[str, npt.ArrayLike],
    texture: npt.NDArray[np.uint8],
    background: tuple[int, int, int] = (255, 255, 255),
    size: int = 360,
) -> npt.NDArray[np.uint8]:
    """Draw a mesh with its texture, without light, from the front and so that all of it is in view.

    Args:
        mesh: A dictionary with `position` `[n, 3]`, `uv` `[n, 2]` and `face`, the indices of each triangle's corners,
            `[3 * m]` or `[m, 3]`, such as `meshutil.load_obj` returns.
        texture: The texture, `[height, width, 3]`.
        background: Color of pixels without a triangle.
        size: Sides of the image in pixels. It is smaller if many triangles are so large that drawing would take long.

    Returns:
        `[size, size, 3]`.

    Example:
        >>> mesh = {"position": [[-1, -1, 0], [1, -1, 0], [0, 1, 0]], "uv": [[0, 0], [1, 0], [0, 1]], "face": [0, 1, 2]}
        >>> image = mesh_image(mesh, np.zeros((8, 8, 3), np.uint8), size=64)
        >>> image[0, 0].tolist(), image[32, 32].tolist()
        ([255, 255, 255], [0, 0, 0])
    """
    face = np.asarray(mesh["face"], np.int64).reshape(-1, 3)
    if not len(face):
        return np.full((size, size, 3), background, np.uint8)
    corners = _projected(np.asarray(mesh["position"], np.float32)[:, :3])[face]
    area = np.ptp(corners[:, :, :2], 1).prod(1).sum() / 4  # of the boxes around the triangles; that of the view is 1
    size = max(1, min(size, int(np.sqrt(_MOST_PIXELS / max(area, 1e-9)))))
    # From here on in pixels, downwards.
    corners[:, :, :2] = (corners[:, :, :2] * [1, -1] + 1) * (size / 2)
    triangle, places = _pixels(corners[:, :, :2], size)
    shares = _shares(corners[triangle, :, :2], places + 0.5)
    inside = (shares >= 0).all(1)
    triangle, places, shares = triangle[inside], places[inside], shares[inside]
    # A texture is linear on the triangle, not on the screen; there, only values divided by the distance are linear.
    nearness = shares / corners[triangle, :, 2]
    distance = 1 / nearness.sum(1)
    uv = (nearness[:, :, None] * np.asarray(mesh["uv"], np.float32)[face[triangle]]).sum(1) * distance[:, None]
    order = np.argsort(-distance, kind="stable")  # the nearest one is drawn last
    image = np.full((size, size, 3), background, np.uint8)
    x, y = places[order].T
    image[y, x] = _looked_up(texture, uv[order])
    return image


def _projected(position: Floats) -> Floats:
    """Project corners. Returns x and y, from -1 to 1 in view, and the distance from the camera, `[n, 3]`."""
    centered = position - (position.min(0) + position.max(0)) / 2
    radius = float(np.linalg.norm(centered, axis=1).max()) or 1.0
    direction = np.array(_DIRECTION) / np.linalg.norm(_DIRECTION)
    view = lookat(direction * radius / np.sin(np.radians(_FIELD_OF_VIEW / 2)))
    points = np.concatenate([centered, np.ones_like(centered[:, :1])], 1)
    clip = points @ view.T @ perspective(_FIELD_OF_VIEW, 1, radius / 100, radius * 100)
    return np.concatenate([clip[:, :2] / clip[:, 3:], clip[:, 3:]], 1)


def _pixels(corners: Floats, size: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """List the pixels in the box around each triangle: the triangle's index `[p]`, and x and y `[p, 2]`."""
    low = np.clip(np.floor(corners.min(1)), 0, size).astype(np.int64)
    sides = np.clip(np.ceil(corners.max(1)), 0, size).astype(np.int64) - low
    counts = sides.prod(1)
    triangle = np.repeat(np.arange(len(corners)), counts)
    place = np.arange(len(triangle)) - np.repeat(np.cumsum(counts) - counts, counts)
    width = sides[triangle, 0]
    return triangle, low[triangle] + np.stack([place % width, place // width], 1)


def _shares(corners: Floats, points: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """Barycentric coordinates of points `[p, 2]` in triangles `[p, 3, 2]`; -1 in a triangle without area."""
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    area = _cross(b - a, c - a)
    second, third = _cross(points - a, c - a), _cross(b - a, points - a)
    weights = np.stack([area - second - third, second, third], 1)
    return np.divide(weights, area[:, None], out=np.full_like(weights, -1), where=area[:, None] != 0)


def _cross(first: npt.NDArray[np.floating], second: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    return first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]


def _looked_up(texture: npt.NDArray[np.uint8], uv: npt.NDArray[np.floating]) -> npt.NDArray[np.uint8]:
    """Colors of a texture whose lower left corner is (0, 0). Beyond its edges, those of the edges."""
    sides = np.array([texture.shape[1], texture.shape[0]])
    x, y = np.clip(np.floor((uv * [1, -1] + [0, 1]) * sides), 0, sides - 1).astype(np.int64).T
    return texture[y, x]
