"""Load, save and show arrays and images, under Lucid's names.

| module                | content                                                        |
|-----------------------|----------------------------------------------------------------|
| `serialize_array`     | arrays as PNG, JPEG or WebP; how values become pixels          |
| `loading` `saving`    | files of any format, selected by their extension               |
| `encoders`            | the formats of `save`                                          |
| `reading` `writing`   | bytes and text, from paths and URLs                            |
| `scoping`             | a folder for the paths within a block                          |
| `showing`             | images in a notebook                                           |
| `fitting`             | an image cropped and resized to a given shape                  |
| `collapse_channels`   | many channels as colors                                        |
| `image_cache`         | small images on disk                                           |
"""

from lucid_widgets.misc.io.fitting import fit_image
from lucid_widgets.misc.io.loading import load
from lucid_widgets.misc.io.saving import CaptureSaveContext, batch_save, save
from lucid_widgets.misc.io.scoping import io_scope, scope_url
from lucid_widgets.misc.io.showing import show

__all__ = ["CaptureSaveContext", "batch_save", "fit_image", "io_scope", "load", "save", "scope_url", "show"]
