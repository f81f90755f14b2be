"""Sprite sheets: the frames of an animation, or the images of many units, in the grid of one image.

| module        | content                                                       |
|---------------|---------------------------------------------------------------|
| `sheet`       | `Sheet`, its image, and how to read it back                   |
| `grid_layout` | columns of a sheet, and how many frames browsers can hold     |
| `geometry`    | the JSON next to a sheet: its name, and how to read it        |
| `sheet_files` | the files of several sheets and the JSON that describes them  |
| `unit_sheets` | images of many units, such as the channels of a layer         |
"""

from lucid_widgets.export.sprites.grid_layout import MAX_PIXELS, MAX_SIDE, layout
from lucid_widgets.export.sprites.sheet import FORMATS, Sheet, SheetFormat, make_sheets
from lucid_widgets.export.sprites.sheet_files import sheet_files
from lucid_widgets.export.sprites.unit_sheets import save_unit_sheet, unit_sheets

__all__ = [
    "FORMATS",
    "MAX_PIXELS",
    "MAX_SIDE",
    "Sheet",
    "SheetFormat",
    "layout",
    "make_sheets",
    "save_unit_sheet",
    "sheet_files",
    "unit_sheets",
]
