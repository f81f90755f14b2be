"""`show`: display arrays as images in a notebook."""

from __future__ import annotations

import base64
import importlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from IPython.display import HTML, display

from lucid_widgets.misc.environment import is_notebook_environment as _in_notebook
from lucid_widgets.misc.io.collapse_channels import collapse_channels
from lucid_widgets.misc.io.serialize_array import Domain, check_brightness, serialize_array, to_pillow
from lucid_widgets.misc.outside import in_html, in_log

__all__ = ["graph", "image", "images", "imshow", "show", "textured_mesh"]


def show(thing: Any, domain: Domain = (0, 1), **kwargs: Any) -> None:
    """Show one or several images in a notebook. Elsewhere, print a short description.

    Args:
        thing: An array `[height, width]` or `[height, width, channels]`; a batch `[batch, height, width, channels]` or
            a list of images, shown in a row; or a list of batches such as the result of `render_vis`, each shown as
            one tiled image. Tensors and Pillow images are accepted too. Images with a number of channels other than
            1, 3 or 4 are shown with a hue for each channel (`collapse_channels`). Anything else is printed.
        domain: Values of floats that become black and white; None for the smallest and the largest value.
        **kwargs: `w`, the width of each image on the page in pixels; `labels`, a label for each of several images
            (default: none).

    Example:
        >>> show(np.random.rand(4, 32, 32, 3), labels=["a", "b", "c", "d"], w=96)

    Source: Lucid's `show`.
    """
    if isinstance(thing, (list, tuple)):
        items = [_array(item) for item in thing]
        if items and all(item is not None and item.ndim in (2, 3, 4) for item in items):
            images([_colored(item, domain) for item in items if item is not None], domain=domain, **kwargs)
            return
    array = _array(thing)
    if array is not None and array.ndim == 4:
        images(list(_colored(array, domain)), domain=domain, **kwargs)
    elif array is not None and array.ndim in (2, 3):
        image(_colored(array, domain), domain=domain, **kwargs)
    else:
        print(repr(thing))


imshow = show
"""Matplotlib's name for `show`."""


def image(array: npt.ArrayLike, domain: Domain = None, w: int | None = None, format: str = "png") -> None:
    """Show one image.

    Args:
        array: `[height, width]` or `[height, width, channels]`.
        domain: See `show`. default: None, as in Lucid.
        w: Width on the page in pixels. default: the width of the image.
        format: "png", "jpg" or "webp".
    """
    if _in_notebook():
        _display_html(_image_html(array, w=w, domain=domain, fmt=format))
    else:
        print(_described(array, domain))


def images(
    arrays: Sequence[npt.ArrayLike],
    labels: Sequence[Any] | None = None,
    domain: Domain = None,
    w: int | None = None,
) -> None:
    """Show images in a row.

    Args:
        arrays: The images; see `image`.
        labels: A label for each image, which is shown above it. default: none.
        domain: See `image`.
        w: Width of each image on the page in pixels.
    """
    names = [str(label) for label in labels or ()]
    names += [""] * (len(arrays) - len(names))
    if not _in_notebook():
        for name, array in zip(names, arrays, strict=False):
            print(f"{in_log(name)}: {_described(array, domain)}" if name else _described(array, domain))
        return
    cells = (
        f'<div style="margin-right: 10px; margin-top: 4px;">{f"{in_html(name)}<br/>" if name else ""}'
        f"{_image_html(array, w=w, domain=domain)}</div>"
        for name, array in zip(names, arrays, strict=False)
    )
    _display_html(f'<div style="display: flex; flex-flow: row wrap;">{"".join(cells)}</div>')


def textured_mesh(mesh: Any, texture: npt.ArrayLike, background: str = "0xffffff") -> Any:
    """Show a mesh with its texture.

    Args:
        mesh: A dictionary with `position`, `uv` and `face`, such as `meshutil.load_obj` returns.
        texture: The texture, `[height, width, 3]`: floats in [0, 1], or uint8.
        background: Color behind the mesh.

    Returns:
        The widget, `MeshView`.

    Source: Lucid's `showing.textured_mesh`, which loaded its viewer from a service that no longer exists.
    """
    widget = importlib.import_module("lucid_widgets.widgets.mesh_view").MeshView(mesh, texture, background)
    display(widget)
    return widget


def graph(graph_def: Any, max_const_size: int = 32) -> Any:
    """Draw a network: a box for each layer, with its size and its number of channels.

    Args:
        graph_def: A model, or whatever `as_model` accepts, or a frozen GraphDef.
        max_const_size: Has no effect: the diagram has no constants. Lucid cut large ones.

    Returns:
        The widget, `NetworkGraph`, whose `selected` is the layer that was clicked.

    Source: Lucid's `showing.graph`, which loaded its viewer from a service that no longer exists.
    """
    # Only this function needs a widget, and TensorFlow.
    widget = importlib.import_module("lucid_widgets.widgets.network_graph").NetworkGraph(graph_def)
    display(widget)
    return widget


def _colored(array: npt.NDArray[Any], domain: Domain) -> npt.NDArray[Any]:
    if array.ndim >= 3 and array.shape[-1] not in (0, 1, 3, 4):
        return collapse_channels(array)
    check_brightness(array, domain=domain)
    return array


def _array(thing: Any) -> npt.NDArray[Any] | None:
    """Return an array, a tensor or a Pillow image as an array; None for anything else."""
    return np.asarray(thing) if hasattr(thing, "__array__") or hasattr(thing, "__array_interface__") else None


def _image_url(
    array: npt.ArrayLike, fmt: str = "png", mode: str = "data", quality: int = 90, domain: Domain = None
) -> str:
    """Return an image as a data URL. Notebooks written for Lucid call this function; `mode` has no effect."""
    payload = base64.b64encode(serialize_array(array, domain, fmt, quality)).decode("ascii")
    return f"data:image/{fmt.upper().replace('JPG', 'JPEG')};base64,{payload}"


def _image_html(array: npt.ArrayLike, w: int | None = None, domain: Domain = None, fmt: str = "png") -> str:
    width = "" if w is None else f"width: {int(w)}px;"
    style = f"image-rendering: crisp-edges; image-rendering: pixelated; {width}"
    return f'<img src="{_image_url(array, fmt, domain=domain)}" style="{style}"/>'


def _display_html(html_str: str) -> None:
    display(HTML(html_str))


def _described(array: npt.ArrayLike, domain: Domain) -> str:
    values = np.asarray(array)
    to_pillow(values, domain)  # raises the same errors as in a notebook
    low, high = values.min(), values.max()
    return f"image {'x'.join(map(str, values.shape))} {values.dtype}, from {low:.3g} to {high:.3g}"
