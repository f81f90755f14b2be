"""Text from outside that becomes code, HTML, a path or a line of a log.

A name comes from a file, a model or a page, so anybody may have chosen it. It may contain line breaks that end a
comment, tags, slashes, escape codes of a terminal, or marks that reverse the order in which text is shown.
"""

from __future__ import annotations

import html
import json
import re

from lucid_widgets.errors import is_hidden, printable

__all__ = ["in_code", "in_html", "in_log", "in_path", "quoted"]

_LONGEST_NAME = 160  # bytes, because file systems count bytes: most allow 255
_LONGEST_LINE = 1000

# Windows opens a device under these names, whatever their extension.
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\..*)?", re.IGNORECASE)


def in_code(text: str) -> str:
    """Return text for a comment in Python code: one line, in which every character can be seen.

    A value in code needs `repr`, which does the same in quotes.

    >>> in_code("cat.png\\nimport os")
    'cat.png\\\\nimport os'
    """
    return printable(text)


def quoted(text: str) -> str:
    """Return text as a literal that Python and JSON read as the same text, with every other character visible.

    >>> quoted("a\u202eb")
    '"a\\\\u202eb"'
    """
    literal = json.dumps(text, ensure_ascii=False)
    return "".join(f"\\u{ord(each):04x}" if is_hidden(each) else each for each in literal)


def in_html(text: str) -> str:
    """Return text for HTML, between tags or in a quoted attribute.

    >>> in_html('<b title="x">')
    '&lt;b title=&quot;x&quot;&gt;'
    """
    return html.escape(printable(text, keep="\n\t"), quote=True)


def in_log(text: object) -> str:
    """Return one line of a log or of a terminal, shortened to 1,000 characters.

    >>> in_log("done\\nERROR: disk full")
    'done\\\\nERROR: disk full'
    """
    line = printable(str(text))
    return line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 3]}..."


def in_path(text: str, default: str, *, gap: str = "-") -> str:
    """Return text as the name of a file, without its extension: one component of a path, valid on every system.

    Args:
        text: The text.
        default: The name if nothing of the text can be part of a name.
        gap: What replaces each run of other characters.

    >>> in_path("../../etc/passwd", "image")
    'etc-passwd'
    >>> in_path("CON", "image")
    '_CON'
    """
    name = gap.join(re.findall(r"[\w.-]+", text)).strip(".-")
    name = re.sub(r"\.{2,}", ".", name).encode()[:_LONGEST_NAME].decode(errors="ignore").strip(".-") or default
    return f"_{name}" if _DEVICES.fullmatch(name) else name
