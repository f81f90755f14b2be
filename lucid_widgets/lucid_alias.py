"""`import lucid` for old notebooks: after `%load_ext lucid_widgets`, Lucid's modules are those of this package.

    %load_ext lucid_widgets
    import lucid.optvis.render as render
    from lucid.misc.io import show

Without the extension, nothing is changed. `%unload_ext lucid_widgets` undoes it.
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

__all__ = ["disable", "enable"]

_ALIAS, _PACKAGE = "lucid", "lucid_widgets"


def enable() -> None:
    """Make `import lucid` find this package. An installed Lucid is hidden, with a warning, until `disable`."""
    if any(isinstance(finder, _Finder) for finder in sys.meta_path):
        return
    imported = [name for name in sys.modules if _is_alias(name)]
    if imported:
        warnings.warn(
            "Another `lucid` was imported before. From now on, `import lucid` finds lucid_widgets; "
            "names imported earlier stay what they are.",
            stacklevel=2,
        )
    for name in imported:
        del sys.modules[name]
    sys.meta_path.insert(0, _Finder())


def disable() -> None:
    """Undo `enable`. Modules that were imported in between can still be used."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, _Finder)]
    for name in [name for name in sys.modules if _is_alias(name)]:
        del sys.modules[name]


class _Finder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not _is_alias(fullname):
            return None
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
                f"lucid_widgets has no module for {spec.name!r}, or has it under another name.", name=spec.name
            ) from None
        # Importing a submodule sets it as an attribute of its package, and would hide a function of that name, such as
        # `param.cppn`. Submodules that are registered already are not imported again.
        for loaded, submodule in list(sys.modules.items()):
            if loaded.startswith(f"{name}."):
                sys.modules.setdefault(_ALIAS + loaded.removeprefix(_PACKAGE), submodule)
        # The import system overwrites the module's __spec__ with `spec`; exec_module restores it from here.
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None and not isinstance(module, _Lucid):
            module.__spec__ = module.__spec__.loader_state


class _Lucid(ModuleType):
    """The module `lucid`. Unlike the package itself, it has `render`, because notebooks import it from there."""

    seed = 0

    def __getattr__(self, name: str) -> Any:
        if name == "render":
            return importlib.import_module(f"{_PACKAGE}.optvis.render")
        return getattr(importlib.import_module(_PACKAGE), name)


def _is_alias(name: str) -> bool:
    return name == _ALIAS or name.startswith(f"{_ALIAS}.")
