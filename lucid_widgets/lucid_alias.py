"""Lets old notebooks import `lucid`: after `%load_ext lucid_widgets` its modules are those of this package.

    %load_ext lucid_widgets
    import lucid.optvis.render as render
    from lucid.misc.io import show

Nothing of the kind happens unless it is asked for, and `%unload_ext lucid_widgets` ends it.
"""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_ALIAS, _PACKAGE = "lucid", "lucid_widgets"

# Modules that did not come along, and what to do instead.
_GONE = {
    "lucid.scratch": "It was a workshop for web pages; the widgets of lucid_widgets take its place.",
    "lucid.recipes": "They are not part of lucid_widgets yet; render_vis and render_many make the same pictures.",
}


def enable() -> None:
    """Makes `import lucid` find this package. A real Lucid steps aside, with a warning, until `disable`."""
    if any(isinstance(finder, _Finder) for finder in sys.meta_path):
        return
    real = [name for name in sys.modules if _is_alias(name)]
    if real:
        warnings.warn(
            "Another `lucid` was imported before; from now on the name means lucid_widgets. "
            "What was imported from it stays what it is.",
            stacklevel=2,
        )
    for name in real:
        del sys.modules[name]
    sys.meta_path.insert(0, _Finder())


def disable() -> None:
    """Ends what `enable` began; what was imported stays usable."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, _Finder)]
    for name in [name for name in sys.modules if _is_alias(name)]:
        del sys.modules[name]


class _Finder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not _is_alias(fullname):
            return None
        for gone, advice in _GONE.items():
            if fullname == gone or fullname.startswith(f"{gone}."):
                raise ModuleNotFoundError(f"lucid_widgets has no {fullname!r}. {advice}", name=fullname)
        return ModuleSpec(fullname, _Loader(), is_package=True)


class _Loader(Loader):
    def create_module(self, spec: ModuleSpec) -> ModuleType:
        if spec.name == _ALIAS:
            return _Lucid(_ALIAS, __doc__)
        name = _PACKAGE + spec.name.removeprefix(_ALIAS)
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
            raise ModuleNotFoundError(
                f"lucid_widgets has no module for {spec.name!r}, or not under that name.", name=spec.name
            ) from None
        # The import system is about to write the alias into the module.
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None and not isinstance(module, _Lucid):
            module.__spec__ = module.__spec__.loader_state


class _Lucid(ModuleType):
    """`lucid` itself. A module of its own, so that `from lucid import render` can find what Lucid never had there."""

    seed = 0

    def __getattr__(self, name: str) -> Any:
        if name == "render":
            return importlib.import_module(f"{_PACKAGE}.optvis.render")
        return getattr(importlib.import_module(_PACKAGE), name)


def _is_alias(name: str) -> bool:
    return name == _ALIAS or name.startswith(f"{_ALIAS}.")


__all__ = ["disable", "enable"]
