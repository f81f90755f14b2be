"""The cache of compiled programs: one per structure, kept with the model and shared between runs where that is safe.

Only programs built from this package's own functions are shared, because those depend on nothing but their arguments.
A user's function may read a variable whose value differs in the next run, so its program is compiled for each run.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any

from lucid_widgets.optvis.engine.program import Program
from lucid_widgets.optvis.engine.setup import Setup
from lucid_widgets.optvis.objectives.registry import is_registered
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.optvis.objectives.units import with_class_indices
from lucid_widgets.optvis.speed.plan import plan

MAX_PROGRAMS = 8
"""Most programs kept per model. The least recently used one is dropped first."""

_lock = threading.Lock()

_PROGRAMS = "compiled programs"


def program_for(model: Any, objective: Objective, setup: Setup, own: OrderedDict[Hashable, Program]) -> Program:
    """Return the program for a structure, from the cache if possible.

    Args:
        model: A `Model`.
        objective: What to maximize; its numbers do not matter.
        setup: Image and optimization; its numbers do not matter.
        own: The programs of the calling run that must not be shared with other runs.
    """
    objective = with_class_indices(objective, model)
    speed = plan(jit_compile=setup.jit_compile, precision=setup.precision, early_steps=setup.early_steps)
    key: Hashable = (model.revision, objective.structure, setup.structure, speed)
    shared = all(_is_ours(each) for each in setup.functions) and all(is_registered(leaf) for leaf in objective.leaves())
    with _lock:
        kept = model.kept.setdefault(_PROGRAMS, OrderedDict()) if shared else own
        if key not in kept:
            kept[key] = Program(model, objective, setup, speed)
        kept.move_to_end(key)
        while len(kept) > MAX_PROGRAMS:
            kept.popitem(last=False)
        return kept[key]


def _is_ours(function: Callable[..., Any]) -> bool:
    if isinstance(function, partial):
        return _is_ours(function.func)
    return str(getattr(function, "__module__", "")).startswith("lucid_widgets.")


__all__ = ["MAX_PROGRAMS", "program_for"]
