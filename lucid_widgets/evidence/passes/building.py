"""`build`: an index from a network and images, from the disk if it is there."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from typing import Any

from lucid_widgets.errors import ArgumentError
from lucid_widgets.evidence.index import ActivationIndex
from lucid_widgets.evidence.passes.index_pass import IndexPass, Progress, as_json
from lucid_widgets.evidence.passes.plan import Plan, make_plan
from lucid_widgets.evidence.store import Store
from lucid_widgets.images import ImageSet
from lucid_widgets.misc.environment import shows_progress
from lucid_widgets.misc.io.reading import cache_folder
from lucid_widgets.misc.io.scoping import expanded
from lucid_widgets.misc.waiting import ProgressBar, ticking, waiting
from lucid_widgets.modelzoo.adapt import as_model
from lucid_widgets.modelzoo.survey.fingerprint import fingerprint

FOLDER = "evidence"
"""Folder of the indexes in the cache folder."""


def build(
    cls: type[ActivationIndex],
    model: Any,
    images: Any,
    layers: Any,
    *,
    path: str | os.PathLike[str] | bool | None,
    verbose: bool,
    on_progress: Callable[[Progress], object] | None,
    **settings: Any,
) -> ActivationIndex:
    """Implementation of `ActivationIndex.build`."""
    with waiting("Looking at the network and the images"):
        plan = make_plan(model, images, layers, **settings)
        store = store_of(plan, path)
        found = finished(cls, plan, store)
    if found is not None:
        return found
    steps = IndexPass(plan, store)
    hidden = not (verbose and shows_progress())
    with ProgressBar(total=len(plan.images), unit="image", leave=False, disable=hidden) as bar, ticking(bar):
        try:
            for progress in steps:
                bar.update(progress.done - bar.n)
                if on_progress is not None:
                    on_progress(progress)
        finally:
            steps.close()
    return cls(steps.about or {}, steps.arrays)


def store_of(plan: Plan, path: str | os.PathLike[str] | bool | None) -> Store | None:
    """Return where to keep the index of a plan; None for nowhere."""
    if path is False or (path is None and not _is_installed()):
        return None
    if path is None or path is True:
        return Store(cache_folder() / FOLDER / plan.key)
    return Store(expanded(path))


def finished(cls: type[ActivationIndex], plan: Plan, store: Store | None) -> ActivationIndex | None:
    """Return the finished index of a plan; None if there is none.

    Raises:
        ArgumentError: If there is one of another plan.
    """
    if store is None or not store.has_index:
        return None
    about, group = store.load_index()
    refuse_stale(str(store.path), about["identity"], as_json(plan.identity))
    return cls(about, group)


def refuse_stale(name: str, then: dict[str, Any], now: dict[str, Any]) -> None:
    """Raise an `ArgumentError` that says how an index differs from what is asked for."""
    different = [word for word, value in now.items() if then.get(word) != value]
    if different:
        raise ArgumentError(
            f"The index {name!r} is stale: {_listed(different)} changed since it was built.",
            "Pass another path, or delete the folder to build it again.",
        )


def require(index: ActivationIndex, model: Any, images: Any) -> None:
    """Implementation of `ActivationIndex.require`."""
    visible = as_model(model)
    then: dict[str, Any] = index.about["identity"]
    now = {"network": fingerprint(visible, list(index.layers), index.size) or then["network"]}
    if images is not None:
        now["images"] = ImageSet.of(images).fingerprint
    refuse_stale(repr(index), then, now)


def _listed(words: list[str]) -> str:
    each = [f"the {word}" for word in words]
    return " and ".join(each) if len(each) < 3 else f"{', '.join(each[:-1])} and {each[-1]}"


def _is_installed() -> bool:
    return all(importlib.util.find_spec(name) is not None for name in ("zarr", "filelock"))


__all__ = ["build", "finished", "require", "store_of"]
