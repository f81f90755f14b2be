"""`stage_keys`: the stage of each layer, read from the names of the layers.

Most networks number their stages at the start of a name: `mixed4a` and `mixed4b_pre_relu` belong to `mixed4`,
`conv2_block1_1_conv` to `conv2`, `backbone/c2/conv` to `backbone/c2`. Names that only describe the operation, such as
`conv2d_7` or `add`, name no stage.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

__all__ = ["PRE", "shared_name", "stage_keys", "without_shared_prefix"]

PRE = re.compile(r"_pre_(relu|activation)$")
"""The end of the name of a layer before its activation function."""

# Default names of operations in Keras, TF-Slim and Caffe.
_OPERATION = re.compile(
    r"(?:(?:[a-z]+_)*[a-z]*(?:[123]d|pool|norm|pooling|softmax|relu|re_lu|normalization|attention)|bn|add|sub|subtract"
    r"|multiply|mul|average|avg|max|maximum|minimum|global|mean|concat|concatenate|activation|dense|dropout|flatten"
    r"|reshape|permute|rescaling|lambda|embedding|input|gelu|elu|swish|sigmoid|tanh|identity|logits|matmul|biasadd"
    r"|truediv|fc|nn|out|pad|norm|zero|tf|predictions|probs?|upsampling|resize|cropping)(?=$|[\d_.])",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"((?:[a-z]+[_.])?[a-z]+?[_.]?\d+)(?=$|[_./]|[a-z](?:$|[_./]))", re.IGNORECASE)
_WORD = re.compile(r"([a-z]{3,})(?=$|[_.])", re.IGNORECASE)


def stage_keys(names: Sequence[str], *, depth: int | None = None) -> list[str | None]:
    """Return the stage that each name names, or None if the name only describes the operation.

    Args:
        names: Names of layers, without a prefix that all of them share.
        depth: Most parts between slashes to read; default: up to the first part with a number.

    Example:
        >>> stage_keys(["conv2_block1_1_conv", "mixed4a", "add_3", "stem/conv1/Relu", "head_bn"])
        ['conv2', 'mixed4', None, 'stem/conv1', 'head']
    """
    return [_key(name, depth) for name in names]


def _key(name: str, depth: int | None) -> str | None:
    scopes: list[str] = []
    *outer, leaf = PRE.sub("", name).split("/")
    for part in outer[:depth]:
        if _OPERATION.match(PRE.sub("", part)):
            return "/".join(scopes) or None
        number = _NUMBERED.match(part)
        scopes.append(number[1] if number else part)
        if number:
            return "/".join(scopes)
    if depth is not None:
        return "/".join(scopes) or None
    own = None if _OPERATION.match(leaf) else _NUMBERED.match(leaf) or _WORD.match(leaf)
    return "/".join([*scopes, own[1]]) if own else None


def without_shared_prefix(names: Sequence[str]) -> list[str]:
    """Return the names without the scope or the prefix that all of them share, except a few at either end.

    Example:
        >>> without_shared_prefix(["InceptionV1/Mixed_3b/concat", "InceptionV1/Mixed_3c/concat"])
        ['Mixed_3b/concat', 'Mixed_3c/concat']
    """
    told = [name for name in names if not _OPERATION.match(name)]
    few = len(told) // 10
    shared = os.path.commonprefix(told[few : len(told) - few])  # noqa: RUF071 (names, not paths)
    # It ends at a separator, and leaves the word before a number: `block_1` and `block_2` share nothing.
    shared = re.sub(r"[^/_.]*$", "", shared)
    while shared and not all(
        name[len(shared)].isalpha() for name in told if name.startswith(shared) and name != shared
    ):
        shared = re.sub(r"[^/_.]*[/_.]$", "", shared)
    return [name.removeprefix(shared) or name for name in names]


def shared_name(names: Sequence[str]) -> str:
    """Return a name for a group of layers that names no stage: the common part of their names, or their range.

    Example:
        >>> shared_name(["stem_conv", "stem_bn"]), shared_name(["avgpool", "logits"])
        ('stem', 'avgpool – logits')
    """
    names = [PRE.sub("", name.partition("/")[0]) for name in names]
    if len(set(names)) == 1:
        return names[0]
    shared = os.path.commonprefix(names).rstrip("0123456789_./")  # noqa: RUF071 (names, not paths)
    if len(shared) >= 3 and all(not name[len(shared) : len(shared) + 1].isalpha() for name in names):
        return shared
    return f"{names[0]} – {names[-1]}"
