"""Run the Python code of a documentation page, block by block, in one namespace.

    python docs/make_images.py docs/start.md ...       # all steps, and the images of the pages are written
    python tests/docs/run_pages.py FOLDER docs/start.md ...   # as the tests do: few steps; images only of one page

An HTML comment before a block tells what to do with it. Readers do not see comments:

    <!-- skip: needs PyTorch -->               the block is not run
    <!-- needs: inception_v1_bvlc.pb -->       the block is run to make images only, if there is this model file
    <!-- image: sum.webp = images[-1] -->      after the block, docs/images/sum.webp is made of this expression
    <!-- player: row.html = player -->         after the block, docs/players/row.html is made of this SpritePlayer
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FENCE = re.compile(r"^( *)```python\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"<!-- (skip|needs|image|player): (.*?) -->\s*", re.DOTALL)
FEW_STEPS = 3
FEW_POSITIONS = 2

Output = Callable[[str, str, Any], None]
"""Receives the kind of an output ("image" or "player"), its file name, and its value."""


@dataclass(frozen=True)
class Block:
    """One block of code, and the comments before it.

    Attributes:
        line: Number of the first line of the code in its page.
        code: The code, without indentation.
        skip: Why the block is not run; "" if it is run.
        needs: Name of a model file without which the block is not run; "" for none.
        outputs: `(kind, file name, expression)` of each image and player that is made after the block.
    """

    line: int
    code: str
    skip: str
    needs: str
    outputs: tuple[tuple[str, str, str], ...]


def blocks_of(text: str) -> Iterator[Block]:
    """The Python blocks of a page, in order."""
    for match in FENCE.finditer(text):
        comments = _comments_before(text, match.start())
        code = re.sub(rf"^{match.group(1)}", "", match.group(2), flags=re.MULTILINE)
        skip, needs = (next((value for kind, value in comments if kind == name), "") for name in ("skip", "needs"))
        outputs = tuple((kind, *_halves(value)) for kind, value in comments if kind in ("image", "player"))
        yield Block(text.count("\n", 0, match.start(2)) + 1, code, skip, needs, outputs)


def _halves(text: str) -> tuple[str, str]:
    name, _, expression = text.partition(" = ")
    return name, expression


def _comments_before(text: str, end: int) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for comment in COMMENT.finditer(text, 0, end):
        if comment.end() == end:
            found.append((comment.group(1), comment.group(2)))
            return [*_comments_before(text, comment.start()), *found]
    return found


def run_page(page: Path, *, quick: bool, output: Output | None = None) -> None:
    """Run all blocks of a page in a temporary folder.

    Args:
        page: A Markdown file.
        quick: Whether to make only a few steps, and to take few positions of each image, whatever the code says.
        output: Called with each image and player of the page; default: they are computed and dropped.
    """
    text = page.read_text(encoding="utf-8")
    namespace: dict[str, Any] = {"__name__": "__main__"}
    home = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            for block in blocks_of(text):
                _run(block, page, namespace, quick, output)
        finally:
            os.chdir(home)


def _run(block: Block, page: Path, namespace: dict[str, Any], quick: bool, output: Output | None) -> None:
    skip = block.skip or _missing(block.needs, quick)
    if skip:
        print(f"{page.name}:{block.line} skipped: {skip}")
        return
    code = _shortened(block.code) if quick else block.code
    # Line numbers in tracebacks are those of the page.
    exec(compile("\n" * (block.line - 1) + code, str(page), "exec"), namespace)
    for kind, name, expression in block.outputs:
        value = eval(expression, namespace)
        if output is not None:
            output(kind, name, value)


def _missing(file: str, quick: bool) -> str:
    """Why a block that needs a model file is not run; empty if it is run."""
    if not file or (not quick and (Path(os.environ.get("LUCID_WIDGETS_MODEL_DIR", ".")) / file).is_file()):
        return ""
    return f"it needs {file}" if quick else f"{file} is not in LUCID_WIDGETS_MODEL_DIR"


def _shortened(code: str) -> str:
    code = re.sub(r"steps=(\d+)", lambda m: f"steps={min(int(m.group(1)), FEW_STEPS)}", code)  # also `render_steps=`
    code = re.sub(r"(\bper_image\"?[=:] ?)\d+", rf"\g<1>{FEW_POSITIONS}", code)
    code = re.sub(r"\bsteps = (\d+)$", f"steps = {FEW_STEPS}", code, flags=re.MULTILINE)
    return re.sub(r"thresholds=\(([\d, ]+)\)", _few_thresholds, code)


def _few_thresholds(match: re.Match[str]) -> str:
    count = len([each for each in match.group(1).split(",") if each.strip()])
    return f"thresholds=({', '.join(str(n) for n in range(1, count + 1))},)"
