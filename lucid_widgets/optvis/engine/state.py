"""`State`: the state of an optimization, and the file format that keeps it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.misc.io import save
from lucid_widgets.misc.io.scoping import expanded
from lucid_widgets.misc.outside import file_bytes, read_arrays

FORMAT = 1
"""Version of the file format, which later versions of the package need to read old files."""


@dataclass(frozen=True)
class State:
    """The state of an optimization: everything needed to continue it, except model, objective and settings.

    Attributes:
        seed: The run's seed.
        step: Number of steps made so far.
        params: Values of the parameterization's variables.
        slots: The optimizer's slots, such as Adam's moments.
        late_from: First step that the optimized program makes, if a change of structure moved it; default: None.

    Example:
        >>> frames = iter_vis(model, "mixed4a:152", steps=256)
        >>> first_half = [next(frames) for _ in range(5)]
        >>> frames.state.save("half.npz")
        >>> frames = iter_vis(model, "mixed4a:152", steps=256, state=State.load("half.npz"))
    """

    seed: int
    step: int
    params: tuple[Any, ...]
    slots: tuple[Any, ...]
    late_from: int | None = None

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the state to a `.npz` file. An interrupted write leaves no partial file.

        Args:
            path: The file; its name must end in ".npz".
        """
        arrays = {f"{kind}_{i}": t.numpy() for kind in ("params", "slots") for i, t in enumerate(getattr(self, kind))}
        # Text, because these may be any Python integers, and integers in arrays have at most 64 bits.
        header = {"format": np.asarray(FORMAT), "seed": np.asarray(str(self.seed)), "step": np.asarray(self.step)}
        if self.late_from is not None:
            header["late_from"] = np.asarray(str(self.late_from))
        save({**header, **arrays}, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> State:
        """Read a state that `save` has written.

        Args:
            path: The file.

        Raises:
            ArgumentError: The file does not hold a state.
            MissingFileError: There is no such file.
        """
        file = expanded(path)
        data = file_bytes(file)
        try:
            arrays = read_arrays(data, "the file")
            if int(arrays["format"]) != FORMAT:
                raise ValueError(f"format {arrays['format']}")
            seed, step = int(str(arrays["seed"])), int(arrays["step"])
            late_from = int(str(arrays["late_from"])) if "late_from" in arrays else None
            params, slots = _tensors(arrays, "params"), _tensors(arrays, "slots")
        except Exception as error:  # a damaged file may hold anything
            raise ArgumentError(
                f"{os.fspath(path)!r} is not the state of an optimization ({error}).",
                "Expected a file written by State.save().",
            ) from error
        return cls(seed, step, params, slots, late_from)


def _tensors(arrays: Mapping[str, Any], kind: str) -> tuple[tf.Tensor, ...]:
    count = sum(name.startswith(f"{kind}_") for name in arrays)
    return tuple(tf.constant(arrays[f"{kind}_{index}"]) for index in range(count))


def fitting(state: State, fresh: State) -> State:
    """Return `state` if a run whose initial state is `fresh` can continue from it.

    Raises:
        ArgumentError: Its variables or slots have other shapes or dtypes.
    """
    for what in ("params", "slots"):
        held, expected = ([(tuple(t.shape), t.dtype.name) for t in getattr(each, what)] for each in (state, fresh))
        if held != expected:
            owner = "parameterization" if what == "params" else "optimizer"
            raise ArgumentError(
                f"The state belongs to another run: its {owner} holds {held}.",
                f"Expected {expected}, as with the current settings.",
            )
    return state


__all__ = ["State", "fitting"]
