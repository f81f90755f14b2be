"""Models among the notebook's variables."""

from __future__ import annotations

from keyword import iskeyword
from typing import Any

import keras
from IPython import get_ipython

from lucid_widgets.errors import ModelError, did_you_mean
from lucid_widgets.modelzoo.vision_models import Model


def notebook_models() -> dict[str, Any]:
    """Models in the variables of the notebook or the IPython session, by name. Empty elsewhere.

    Only the types of the values are looked at, so no code of theirs runs. Names that begin with "_" are IPython's own.
    """
    namespace = getattr(get_ipython(), "user_ns", None)
    if not isinstance(namespace, dict):
        return {}
    return {
        name: value
        for name, value in namespace.copy().items()
        if isinstance(name, str) and name.isidentifier() and not name.startswith("_") and not iskeyword(name)
        if issubclass(type(value), (keras.Model, Model))
    }


def notebook_model(name: str) -> Any:
    """The model in a variable of the notebook.

    Raises:
        ModelError: If there is no such variable, or it holds something else by now.
    """
    found = notebook_models()
    if name not in found:
        raise ModelError(
            f"The notebook has no variable {name!r} with a model.",
            did_you_mean(name, list(found)) if found else "Run the cell that makes the model, and open the menu again.",
        )
    return found[name]


__all__ = ["notebook_model", "notebook_models"]
