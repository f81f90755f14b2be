"""Reading, writing and showing arrays and images, under Lucid's names: `load`, `save`, `show`.

Where to look: `serialize_array` (array to PNG or JPEG bytes, and the one rule for values), `showing`,
`loading`, `fitting` (to another shape), `saving`, `reading` and `writing` (bytes), `scoping` (folders),
`collapse_channels` (channels as colours).
"""

from lucid_widgets.misc.io.fitting import fit_image
from lucid_widgets.misc.io.loading import load
from lucid_widgets.misc.io.saving import CaptureSaveContext, batch_save, save
from lucid_widgets.misc.io.scoping import io_scope, scope_url
from lucid_widgets.misc.io.showing import show

__all__ = ["CaptureSaveContext", "batch_save", "fit_image", "io_scope", "load", "save", "scope_url", "show"]
