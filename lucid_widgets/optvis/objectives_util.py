"""Lucid's import path for the helpers with which objectives are defined.

Names with an underscore were private in Lucid, but old notebooks import them.
"""

from lucid_widgets.optvis.objectives.directions import _dot as _dot
from lucid_widgets.optvis.objectives.directions import _dot_cossim as _dot_cossim
from lucid_widgets.optvis.objectives.maker import make_arg_str as _make_arg_str  # noqa: F401
from lucid_widgets.optvis.objectives.units import activation_at as _extract_act_pos  # noqa: F401
from lucid_widgets.optvis.objectives.views import as_nhwc as _T_force_NHWC  # noqa: F401
from lucid_widgets.optvis.objectives.views import handle_batch
from lucid_widgets.optvis.objectives.views import image_of as _T_handle_batch  # noqa: F401
from lucid_widgets.optvis.objectives.wrapping import wrap_objective

__all__ = ["handle_batch", "wrap_objective"]
