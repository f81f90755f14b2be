"""Data and text from outside the program: files, archives, messages of a page, names that a stranger chose.

Every reader has a limit and one kind of error, so that a damaged or hostile file costs a sentence, not the process:

- `file_bytes`, `unpacked_xz`: bytes, at most as many as the caller expects;
- `opened_image`: an image of a known format, at most as many pixels as the caller expects;
- `read_array`, `read_arrays`: arrays of numbers, without pickle;
- `parsed_json`, `check_fields`: JSON, with a check of each field's type.

Text leaves the program by four ways, and each has one function: `in_code`, `in_html`, `in_path` and `in_log`.
"""

from lucid_widgets.misc.outside.arrays import read_array, read_arrays
from lucid_widgets.misc.outside.files import file_bytes, unpacked_xz
from lucid_widgets.misc.outside.images import opened_image
from lucid_widgets.misc.outside.records import Field, check_fields, parsed_json
from lucid_widgets.misc.outside.text import in_code, in_html, in_log, in_path, quoted

__all__ = [
    "Field",
    "check_fields",
    "file_bytes",
    "in_code",
    "in_html",
    "in_log",
    "in_path",
    "opened_image",
    "parsed_json",
    "quoted",
    "read_array",
    "read_arrays",
    "unpacked_xz",
]
