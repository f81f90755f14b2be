"""Damaged images, arrays, states and sprite sheets."""

from __future__ import annotations

import io
import json
import lzma
import random
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from fuzz.mutate import damaged, mutated
from PIL import Image

from lucid_widgets.export.sprites import Sheet
from lucid_widgets.images.decoding import decoded
from lucid_widgets.misc.io import load
from lucid_widgets.optvis.engine.state import State
from lucid_widgets.widgets._workbench.start_image import StartImage

# Images.


@cache
def valid_images() -> tuple[tuple[bytes, str], ...]:
    pixels = np.random.default_rng(0).integers(0, 256, (9, 7, 4), np.uint8)
    made = []
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        image = (
            Image.fromarray(pixels[..., 0].astype(np.uint16))
            if mode == "I;16"
            else Image.fromarray(pixels).convert(mode)
        )
        for kind in ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP"):
            file, exif = io.BytesIO(), Image.Exif()
            exif[0x0112] = 6
            try:
                image.save(file, kind, **({"exif": exif} if kind in ("JPEG", "PNG", "TIFF", "WEBP") else {}))
            except (OSError, ValueError):
                continue
            made.append((file.getvalue(), kind.lower()))
    frames = [Image.fromarray(pixels[..., :3] // (2 + index)) for index in range(3)]
    for kind in ("GIF", "PNG", "WEBP", "TIFF"):
        file = io.BytesIO()
        frames[0].save(file, kind, save_all=True, append_images=frames[1:])
        made.append((file.getvalue(), kind.lower()))
    return tuple(made)


def images(rng: random.Random, folder: Path) -> None:
    valid, kind = rng.choice(valid_images())
    data = damaged(rng, valid)
    file = io.BytesIO(data)
    file.name = f"x.{kind}"
    readers: tuple[Callable[[], object], ...] = (
        lambda: load(file),
        lambda: Sheet.from_bytes(data, columns=rng.choice((1, 2, 7)), count=rng.choice((None, 1, 4))),
        lambda: StartImage.of_bytes(data, f"x.{kind}").fitted(8, rng.random() < 0.5),
        lambda: decoded(data, rng.choice((None, (4, 4)))),
    )
    rng.choice(readers)()


# Arrays and states.


@cache
def _arrays() -> tuple[tuple[bytes, str], ...]:
    one, several, packed = io.BytesIO(), io.BytesIO(), io.BytesIO()
    np.save(one, np.arange(6.0).reshape(2, 3))
    np.savez(several, a=np.arange(3), b=np.float32(2))
    np.savez_compressed(packed, a=np.zeros(99), b=np.array(["x"]))
    files = ((one.getvalue(), "npy"), (several.getvalue(), "npz"), (packed.getvalue(), "npz"))
    texts = ((json.dumps({"a": [1, {"b": None}]}).encode(), "json"), ("é\n".encode(), "txt"))
    return (*files, *texts, *((lzma.compress(data), f"{kind}.xz") for data, kind in files))


def arrays(rng: random.Random, folder: Path) -> None:
    data, kind = rng.choice(_arrays())
    file = io.BytesIO(damaged(rng, data))
    file.name = f"x.{kind}"
    load(file)


@cache
def _state() -> bytes:
    buffer = io.BytesIO()
    values = {"params_0": np.zeros((1, 4, 4, 3), np.float32), "slots_0": np.zeros(3), "slots_1": np.ones(2)}
    np.savez(
        buffer, format=np.asarray(1), seed=np.asarray("3"), step=np.asarray(7), late_from=np.asarray("9"), **values
    )
    return buffer.getvalue()


_ODD_ARRAYS: tuple[Any, ...] = (
    *(np.asarray(""), np.asarray("nan"), np.asarray("9" * 5000), np.asarray(np.inf), np.asarray(-1), np.zeros(0)),
    *(
        np.asarray("2020-01-01", "datetime64[D]"),
        np.zeros(2, [("a", "i4")]),
        np.zeros(2, "V3"),
        np.zeros(2, "longdouble"),
    ),
    *(np.asarray(b"x"), np.asarray([["1"]]), np.asarray(True), np.asarray(1 + 2j), np.asarray(2**63, np.uint64)),
)


def states(rng: random.Random, folder: Path) -> None:
    file = folder / "state.npz"
    if rng.random() < 0.7:
        file.write_bytes(damaged(rng, _state()))
    else:
        with np.load(io.BytesIO(_state())) as stored:
            values = dict(stored)
        for name in rng.sample(sorted(values), rng.randrange(1, 3)):
            value = values.pop(name)
            if rng.random() < 0.8:
                values[rng.choice((name, name, "params_7", "slots_x", "../x", "x/y"))] = rng.choice(
                    (*_ODD_ARRAYS, value)
                )
        np.savez(file, **values)
    State.load(file)


# Sheets.

_SHEET = {"version": 1, "count": 4, "sheets": [{"file": "x.png", "first": 0, "count": 4, "columns": 2, "rows": 2}]}


def sheets(rng: random.Random, folder: Path) -> None:
    (folder / "x.png").write_bytes(valid_images()[3][0])
    text = json.dumps(mutated(rng, _SHEET)).encode()
    (folder / "x.png.json").write_bytes(damaged(rng, text) if rng.random() < 0.2 else text)
    player = Sheet.from_path(folder / "x.png")
    len(player.frames)
