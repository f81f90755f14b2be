from __future__ import annotations

from widgets.image_explorer.conftest import few_steps

__all__ = ["few_steps"]
