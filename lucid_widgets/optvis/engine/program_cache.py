"""Which compiled programs there are: made once for each structure, and shared between runs where that is safe.

Safe is what is made of the package's own functions: they depend on their arguments alone. A function of the user's may
read a variable that has another value by the next run, so what is made with one is compiled anew for each run.
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

MAX_PROGRAMS = 8
"""Programs kept for each model; the one that was not used for longest goes first."""

_lock = threading.Lock()

_shared: weakref.WeakKeyDictionary[Any, OrderedDict[Hashable, Program]] = weakref.WeakKeyDictionary()


def program_for(model: Any, objective: Objective, setup: Setup, own: OrderedDict[Hashable, Program]) -> Program:
    """The program for a structure: one that was made before, or a new one.

    Args:
        model: The model to look into.
        objective: What to maximize; its numbers do not matter.
        setup: Image and optimization; its numbers do not matter.
        own: Programs of the run that asks, for what must not be shared with others.
    """
    key: Hashable = (objective.structure, setup.structure)
    shared = all(_is_ours(each) for each in setup.functions) and all(is_registered(leaf) for leaf in objective.leaves())
    with _lock:
        kept = _shared.setdefault(model, OrderedDict()) if shared else own
        if key not in kept:
            kept[key] = Program(model, objective, setup)
        kept.move_to_end(key)
        while len(kept) > MAX_PROGRAMS:
            kept.popitem(last=False)
        return kept[key]


def _is_ours(function: Callable[..., Any]) -> bool:
    if isinstance(function, partial):
        return _is_ours(function.func)
    return str(getattr(function, "__module__", "")).startswith("lucid_widgets.")
