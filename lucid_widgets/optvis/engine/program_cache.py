"""The cache of compiled programs: one per structure, kept with the model and shared between runs where that is safe.

Only programs built from this package's own functions are shared, because those depend on nothing but their arguments.
A user's function may read a variable whose value differs in the next run, so its program is compiled for each run.
"""

from __future__ import annotations

import threading
import weakref
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

MAX_OF_ALL_MODELS = 16
"""Most programs kept of all models. A notebook keeps the models of a cell that was run again, in `Out` for example."""

_Programs = OrderedDict[Hashable, Program]

_lock = threading.Lock()

_PROGRAMS = "compiled programs"

# The caches of all models, the least recently used one first, by their ids.
_caches: OrderedDict[int, weakref.ref[_Programs]] = OrderedDict()


def program_for(model: Any, objective: Objective, setup: Setup, own: _Programs) -> Program:
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
        kept: _Programs = model.kept.setdefault(_PROGRAMS, OrderedDict()) if shared else own
        if key not in kept:
            kept[key] = Program(model, objective, setup, speed)
        kept.move_to_end(key)
        while len(kept) > MAX_PROGRAMS:
            kept.popitem(last=False)
        found = kept[key]
        if shared:
            _limit_all(kept)
        return found


def _limit_all(newest: _Programs) -> None:
    """Drop the oldest programs of the models that were used longest ago, if there are too many."""
    _caches[id(newest)] = weakref.ref(newest)
    _caches.move_to_end(id(newest))
    caches = {key: programs for key, reference in _caches.items() if (programs := reference()) is not None}
    for key in set(_caches) - set(caches):
        del _caches[key]
    surplus = sum(map(len, caches.values())) - MAX_OF_ALL_MODELS
    for programs in caches.values():
        while surplus > 0 and programs:
            programs.popitem(last=False)
            surplus -= 1


def _is_ours(function: Callable[..., Any]) -> bool:
    if isinstance(function, partial):
        return _is_ours(function.func)
    return str(getattr(function, "__module__", "")).startswith("lucid_widgets.")


__all__ = ["MAX_OF_ALL_MODELS", "MAX_PROGRAMS", "program_for"]
