"""A name for all that decides a picture, so that one that was made before can be found again."""

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

_OURS = "lucid_widgets."


def pictures_key(model: Model, layer: str, *, image_size: int, **settings: Any) -> str | None:
    """A checksum of a layer's network and of how pictures of its units are made; the unit itself is not part of it.

    Args:
        model: The network.
        layer: The layer.
        image_size: Width and height of the pictures.
        **settings: Whatever else decides them, such as steps, seed and transforms.

    Returns:
        Hexadecimal digits; None where there is something in it that only this process knows, such as a function of the
        user's, so that pictures cannot be told apart by it.
    """
    try:
        described = _described(sorted(settings.items()))
    except _OnlyHere:
        return None
    network = fingerprint(model, layer, image_size)
    if network is None:
        return None
    # How images are fed to a network is part of the network.
    whole = "\n".join([_engine(), tf.__version__, network, layer, str(image_size), described])
    return hashlib.sha256(whole.encode()).hexdigest()


class _OnlyHere(Exception):
    """A value that cannot be told from others by its content."""


def _described(value: Any) -> str:
    """A value as text, the same for equal values in any process."""
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
        raise _OnlyHere
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = [(field.name, getattr(value, field.name)) for field in dataclasses.fields(value)]
        return f"{type(value).__qualname__}({_described(fields)})"
    if isinstance(value, FunctionType) and isinstance(value.__code__, CodeType):
        # Our own code is part of `_engine`; what it was given is in its cells.
        cells = [cell.cell_contents for cell in value.__closure__ or ()]
        return f"{value.__module__}.{value.__qualname__}({_described([cells, value.__defaults__])})"
    raise _OnlyHere


@cache
def _engine() -> str:
    """A checksum of the code that makes pictures: another version of it may make others."""
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _sources() -> Iterable[Path]:
    return sorted(Path(__file__).parent.rglob("*.py"))
