"""Shows arrays as images in a notebook."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt
from IPython.display import HTML, display

from lucid_widgets.errors import ArgumentError
from lucid_widgets.misc.environment import is_notebook_environment as _in_notebook
from lucid_widgets.misc.io.collapse_channels import collapse_channels
from lucid_widgets.misc.io.serialize_array import Domain, serialize_array, to_pillow


def show(thing: Any, domain: Domain = (0, 1), **kwargs: Any) -> None:
    """Shows an image, or several side by side, in a notebook. Outside one, prints a short description.

    Args:
        thing: An array `[height, width]` or `[height, width, channels]`; a batch `[batch, height, width,
            channels]` or a list of images, shown in a row; a list of batches, such as `render_vis` returns, each of
            which is one picture. Tensors and Pillow's images do as well. Where there are not 1, 3 or 4 channels, each
            gets a hue (`collapse_channels`). Anything else is printed.
        domain: Values of floats that become black and white; None stretches from the least to the greatest.
        **kwargs: `w`, the width of each image on the page in pixels; `labels`, one for each of several images
            (by default their numbers, `[]` for none).

    Example:
        >>> show(np.random.rand(4, 32, 32, 3), labels=["a", "b", "c", "d"], w=96)

    Source: Lucid's `show`.
    """
    if isinstance(thing, (list, tuple)):
        items = [_array(item) for item in thing]
        if items and all(item is not None and item.ndim in (2, 3, 4) for item in items):
            images([_coloured(item) for item in items if item is not None], domain=domain, **kwargs)
            return
    array = _array(thing)
    if array is not None and array.ndim == 4:
        images(list(_coloured(array)), domain=domain, **kwargs)
    elif array is not None and array.ndim in (2, 3):
        image(_coloured(array), domain=domain, **kwargs)
    else:
        print(repr(thing))


imshow = show
"""What many expect `show` to be called."""


def image(array: npt.ArrayLike, domain: Domain = None, w: int | None = None, format: str = "png") -> None:
    """Shows one image.

    Args:
        array: `[height, width]` or `[height, width, channels]`.
        domain: As for `show`, but None (stretch) if not given, as in Lucid.
        w: Width on the page in pixels; by default the image's own.
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
    """Shows images in a row, each under its label.

    Args:
        arrays: Images, each as for `image`.
        labels: One for each image; None numbers them from 0, an empty list leaves labels out.
        domain: As for `image`.
        w: Width of each on the page in pixels.
    """
    names = [str(i) for i in range(len(arrays))] if labels is None else [str(label) for label in labels]
    names += [""] * (len(arrays) - len(names))
    if not _in_notebook():
        print("\n".join(f"{name}: {_described(array, domain)}" for name, array in zip(names, arrays, strict=False)))
        return
    cells = (
        f'<div style="margin-right: 10px; margin-top: 4px;">{escape(name)}<br/>'
        f"{_image_html(array, w=w, domain=domain)}</div>"
        for name, array in zip(names, arrays, strict=False)
    )
    _display_html(f'<div style="display: flex; flex-flow: row wrap;">{"".join(cells)}</div>')


def textured_mesh(mesh: Any, texture: Any, background: str = "0xffffff") -> NoReturn:
    """Always raises an `ArgumentError`: the service that Lucid's viewer of meshes was loaded from is gone."""
    raise ArgumentError(
        "lucid_widgets shows no meshes: Lucid loaded a viewer from a service that is gone.",
        "Use a library such as trimesh, whose scenes show themselves in notebooks; show(texture) shows the texture.",
    )


def graph(graph_def: Any, max_const_size: int = 32) -> NoReturn:
    """Always raises an `ArgumentError`: the service that Lucid's view of graphs was loaded from is gone."""
    raise ArgumentError(
        "lucid_widgets draws no graphs: Lucid loaded a viewer from a service that is gone.",
        "model.layers lists the layers, LucidWidget(model) shows them, and TensorBoard draws graphs.",
    )


def _coloured(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return array if array.ndim < 3 or array.shape[-1] in (0, 1, 3, 4) else collapse_channels(array)


def _array(thing: Any) -> npt.NDArray[Any] | None:
    """An array, a tensor or a Pillow image as an array; None for anything else."""
    return np.asarray(thing) if hasattr(thing, "__array__") or hasattr(thing, "__array_interface__") else None


def _image_url(
    array: npt.ArrayLike, fmt: str = "png", mode: str = "data", quality: int = 90, domain: Domain = None
) -> str:
    """The image as a data URL. Old notebooks call it by this name, `mode` and all."""
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
    to_pillow(values, domain)  # what could not be shown is refused here too
    low, high = values.min(), values.max()
    return f"image {'x'.join(map(str, values.shape))} {values.dtype}, from {low:.3g} to {high:.3g}"
