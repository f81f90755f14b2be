"""`MeshView`: a mesh with its texture, which can be turned."""

from __future__ import annotations

import re
from collections.abc import Mapping
from io import BytesIO
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from PIL import Image

from lucid_widgets.errors import ArgumentError
from lucid_widgets.misc.gl.mesh_image import mesh_image
from lucid_widgets.misc.io.serialize_array import encode_png, serialize_array
from lucid_widgets.widgets._core import cell_reruns
from lucid_widgets.widgets._core.base import LucidBase
from lucid_widgets.widgets._core.traits import Records, Text

# Sides of the still picture in pixels.
_STILL = 360
_COLOR = re.compile(r"(?:0x|#)?([0-9a-fA-F]{6})")


class MeshView(LucidBase):
    """Shows a mesh with its texture. Drag it, or use arrow keys, to turn it; scroll to zoom.

    Args:
        mesh: A dictionary with `position` `[n, 3]`, `uv` `[n, 2]` and `face`, the indices of each triangle's corners,
            `[3 * m]` or `[m, 3]`, such as `meshutil.load_obj` returns.
        texture: The texture, `[height, width, 3]`: floats in [0, 1], or uint8.
        background: Color behind the mesh, "0xRRGGBB" or "#RRGGBB".
        **kwargs: Arguments of any widget, such as `layout`.

    Raises:
        ArgumentError: If the mesh lacks an array, or one has another shape or a number that is not finite; or if the
            color is not one.

    Example:
        >>> corners = [[-1, -1, 0], [1, -1, 0], [0, 1, 0]]
        >>> mesh = {"position": corners, "uv": [[0, 0], [1, 0], [0.5, 1]], "face": [0, 1, 2]}
        >>> view = MeshView(mesh, np.random.rand(64, 64, 3))
    """

    _bundle: ClassVar[str] = "mesh_view"
    _changes: ClassVar[bool] = False

    _mesh: list[bytes] = Records(
        output=True,
        help="Corners and their places in the texture as float32, triangles as uint32, the texture as PNG.",
    )
    background: str = Text("#ffffff", output=True, help='Color behind the mesh, "#RRGGBB".')

    def __init__(
        self, mesh: Mapping[str, npt.ArrayLike], texture: npt.ArrayLike, background: str = "0xffffff", **kwargs: Any
    ) -> None:
        missing = [name for name in ("position", "uv", "face") if name not in mesh]
        if missing:
            raise ArgumentError(f"The mesh has no {missing[0]!r}.", "Expected position, uv and face.")
        color = _COLOR.fullmatch(str(background))
        if color is None:
            raise ArgumentError(f"background is {background!r}.", 'Expected a color such as "0xffffff".')
        position, uv = (np.asarray(mesh[name], np.float32) for name in ("position", "uv"))
        face = np.asarray(mesh["face"]).reshape(-1)
        if position.ndim != 2 or position.shape[1] < 3 or uv.shape != (len(position), 2) or len(face) % 3:
            raise ArgumentError(
                f"The mesh has arrays of shapes {position.shape}, {uv.shape} and {np.shape(mesh['face'])}.",
                "Expected position [n, 3], uv [n, 2] and face [3 * m].",
            )
        if not (np.isfinite(position).all() and np.isfinite(uv).all()):
            raise ArgumentError("The mesh has a number that is not finite.", "Expected finite positions and uv.")
        if len(face) and not (face.min() >= 0 and face.max() < len(position)):
            raise ArgumentError(f"A face names corner {face.max()}.", f"There are {len(position)} corners.")
        self._still: bytes | None = None
        self._publish(
            background=f"#{color[1].lower()}",
            _mesh=[
                np.ascontiguousarray(position[:, :3]).tobytes(),
                uv.tobytes(),
                face.astype(np.uint32).tobytes(),
                serialize_array(np.asarray(texture), (0, 1), "png"),
            ],
        )
        super().__init__(**kwargs)
        cell_reruns.remember(self)

    def __repr__(self) -> str:
        return f"<MeshView of {len(self._mesh[2]) // 12} triangles>"

    def _png(self) -> bytes:
        if self._still is None:
            position, uv, face, texture = self._mesh
            mesh = {
                "position": np.frombuffer(position, np.float32).reshape(-1, 3),
                "uv": np.frombuffer(uv, np.float32).reshape(-1, 2),
                "face": np.frombuffer(face, np.uint32),
            }
            pixels = np.asarray(Image.open(BytesIO(texture)).convert("RGB"))
            red, green, blue = bytes.fromhex(self.background.removeprefix("#"))
            large = Image.fromarray(mesh_image(mesh, pixels, (red, green, blue), 2 * _STILL))
            self._still = encode_png(np.asarray(large.reduce(2)))  # with smooth edges
        return self._still


__all__ = ["MeshView"]
