"""Cache keys of rendered images: hashes of everything that determines them."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable
from functools import cache, partial
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.modelzoo.survey.fingerprint import fingerprint
from lucid_widgets.modelzoo.vision_models import Model
from lucid_widgets.optvis.default_image import ImageFormat
from lucid_widgets.optvis.speed.plan import is_plain

_OURS = "lucid_widgets."


def image_key(model: Model, layer: str, *, image_size: int, **settings: Any) -> str | None:
    """Return the cache key of a layer's images: a hash of the network, the settings and this package's rendering code.

    The unit is not part of the key.

    Args:
        model: The network.
        layer: The layer.
        image_size: Longer side of the images in pixels.
        **settings: Everything else that determines the images, such as steps, seed and transforms.

    Returns:
        Hexadecimal digits. None if the network or a setting has no content that another process could compare, such as
        a user's function; images must not be cached then.
    """
    try:
        described = _described(sorted(settings.items()))
    except _NotComparable:
        return None
    network = fingerprint(model, layer, ImageFormat.of(model).sides(image_size))
    if network is None:
        return None
    # The fingerprint covers the preprocessing too.
    whole = "\n".join([_engine(), f"plain: {is_plain()}", tf.__version__, network, layer, str(image_size), described])
    return hashlib.sha256(whole.encode()).hexdigest()


class _NotComparable(Exception):
    """A value that cannot be compared with others by its content."""


def _described(value: Any) -> str:
    """Return a value as text that is the same for equal values in every process."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return repr(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_described, value))}]"
    if isinstance(value, (np.ndarray, np.generic)):
        array = np.asarray(value)
        return f"array({array.dtype}, {array.shape}, {hashlib.sha256(array.tobytes()).hexdigest()})"
    if isinstance(value, partial):
        return f"partial({_described([value.func, value.args, sorted(value.keywords.items())])})"
    if not str(getattr(value, "__module__", "")).startswith(_OURS):
        raise _NotComparable
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = [(field.name, getattr(value, field.name)) for field in dataclasses.fields(value)]
        return f"{type(value).__qualname__}({_described(fields)})"
    if isinstance(value, FunctionType) and isinstance(value.__code__, CodeType):
        # The package's own code is part of `_engine`; arguments of a factory function are in the cells.
        cells = [cell.cell_contents for cell in value.__closure__ or ()]
        return f"{value.__module__}.{value.__qualname__}({_described([cells, value.__defaults__])})"
    raise _NotComparable


@cache
def _engine() -> str:
    """Return a hash of the rendering code, because another version of it may render other images."""
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _sources() -> Iterable[Path]:
    return sorted(Path(__file__).parent.rglob("*.py"))


__all__ = ["image_key"]
