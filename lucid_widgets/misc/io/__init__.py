"""Reading, writing and showing arrays and images, under Lucid's names: `load`, `save`, `show`.

Where to look: `serialize_array` (array to PNG or JPEG bytes, and the one rule for values), `showing`,
`loading`, `saving`.
"""

from lucid_widgets.misc.io.loading import load
from lucid_widgets.misc.io.saving import save
from lucid_widgets.misc.io.showing import show

__all__ = ["load", "save", "show"]
