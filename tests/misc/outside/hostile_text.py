"""About 200 texts that have broken programs which put names into code, HTML, paths or logs."""

from __future__ import annotations

_ENDS = ("\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029")
_HIDDEN = ("\0", "\x07", "\x08", "\x1b", "\x7f", "\x9b", "\u061c", "\u200e", "\u200f", "\ufeff", "\ud800", "\udfff")
_TURNS = tuple("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_QUOTES = ("'", '"', "`", "'''", '"""', "\\", "\\'", '\\"', "\\\n", "{x}", "{{x}}", "%s", "%(x)s", "${x}", "#", ";")
_DEVICES = ("CON", "con", "PRN", "AUX", "NUL", "nul.png", "COM1", "com9.txt", "LPT1", "COM¹", "CONIN$", "aux.tar.gz")
_PATHS = (
    *("..", "../", "../../etc/passwd", "..\\..\\windows\\win.ini", "/etc/passwd", "C:\\x", "C:x", "\\\\host\\share"),
    *("~", "~root/x", "./.bashrc", ".", "...", "....", "a/../b", "a//b", "a/./b", "-rf", "--help", "a:b", "a|b", "a*"),
    *("file:///etc/passwd", "https://example.org/x", "%2e%2e%2f", "..%00/", "a\0.png", " ", "", ".hidden", "name."),
)
_MARKUP = (
    *("<script>alert(1)</script>", "</script><b>", "<img src=x onerror=alert(1)>", '" onload="alert(1)', "' x='"),
    *("&lt;", "&#60;", "<!--", "-->", "]]>", "<svg/onload=alert(1)>", "javascript:alert(1)", "</title>", "</style>"),
    *("\x1b]0;title\x07", "\x1b[2J\x1b[H", "\x9b31m", "ok\nERROR disk full", "ok\r\x1b[1AWARNING"),
)
_CODE = ("import os; os.system('touch {mark}')", "__import__('os').system('touch {mark}')", "open('{mark}', 'w')")
_LONG = ("a" * 10_000, "é" * 10_000, "😀" * 3_000, "\n" * 10_000, "../" * 3_000, "\u202e" * 5_000, '"' * 10_000)
_NAMES = ("Frühling 猫.png", "👩‍🚀.png", "e\u0301", "שלום", "مرحبا", "𝔘𝔫𝔦", "ﬁ", "İ", "ß", "\ufffd")


def hostile_texts(mark: str) -> list[str]:
    """Return the texts.

    Args:
        mark: Path of a file that some of them create if they are executed.
    """
    code = [each.format(mark=mark) for each in _CODE]
    injected = [
        f"{start}{end}{each}{end}#" for end in (*_ENDS, *_QUOTES[:6]) for start in ("cat.png",) for each in code
    ]
    apart = [f"cat{each}.png" for each in (*_ENDS, *_HIDDEN, *_TURNS, *_QUOTES)]
    return [*code, *injected, *apart, *_DEVICES, *_PATHS, *_MARKUP, *_LONG, *_NAMES]
