"""`State`: where an optimization is, and how that is kept in a file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.misc.io import save

FORMAT = 1
"""Written into files, so that a later version can tell how to read them."""


@dataclass(frozen=True)
class State:
    """All that is needed to go on with an optimization, beside its model, objective and settings.

    Attributes:
        seed: The run's seed.
        step: Updates made so far.
        params: What the parameterization's variables hold.
        slots: What the optimizer remembers.

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

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes it to a `.npz` file, whole or not at all.

        Args:
            path: The file; its name ends with `.npz`.
        """
        arrays = {f"{kind}_{i}": t.numpy() for kind in ("params", "slots") for i, t in enumerate(getattr(self, kind))}
        # The seed is any Python integer, and an array's integers have 64 bits.
        header = {"format": np.asarray(FORMAT), "seed": np.asarray(str(self.seed)), "step": np.asarray(self.step)}
        save({**header, **arrays}, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> State:
        """Reads what `save` wrote.

        Args:
            path: The file.

        Raises:
            ArgumentError: It is not such a file.
            FileNotFoundError: There is no such file.
        """
        try:
            with np.load(Path(path), allow_pickle=False) as file:
                arrays = dict(file)
            if int(arrays["format"]) != FORMAT:
                raise ValueError(f"format {arrays['format']}")
            seed, step = int(str(arrays["seed"])), int(arrays["step"])
        except (KeyError, ValueError, EOFError, TypeError, AttributeError) as error:
            raise ArgumentError(
                f"{os.fspath(path)!r} is not the state of an optimization ({error}).",
                "Expected a file of State.save().",
            ) from error

        def tensors(kind: str) -> tuple[Any, ...]:
            return tuple(tf.constant(arrays[f"{kind}_{i}"]) for i in range(sum(n.startswith(kind) for n in arrays)))

        return cls(seed, step, tensors("params"), tensors("slots"))


def fitting(state: State, fresh: State) -> State:
    """`state`, where it belongs to the same kind of run as `fresh`.

    Raises:
        ArgumentError: Its variables or slots are others, so that it cannot be gone on from.
    """
    for what in ("params", "slots"):
        held, expected = ([(tuple(t.shape), t.dtype.name) for t in getattr(each, what)] for each in (state, fresh))
        if held != expected:
            owner = "parameterization" if what == "params" else "optimizer"
            raise ArgumentError(
                f"The state is of another run: its {owner} holds {held}.",
                f"Expected {expected}, as with the settings that are given now.",
            )
    return state


__all__ = ["State", "fitting"]
