"""`kind_of`, the kind of a Keras layer or operation: conv, dense, relu, ..."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["kind_of"]

# The first pattern that occurs in the class name decides.
_PATTERNS = (
    ("conv", r"Conv"),
    ("dense", r"Dense|Matmul|Einsum"),
    ("norm", r"Norm|^Rescaling$"),
    ("pool", r"Pool|^Mean$"),
    ("softmax", r"Softmax"),
    ("relu", r"Relu|ReLU|^Elu$|^ELU$|^Selu$"),
    ("activation", r"^Sigmoid$|^Tanh$|^Silu$|^Swish$|^Gelu$|^Softplus$|HardS|^Mish$"),
    ("concat", r"^Concat"),
    ("add", r"^Add$"),
    ("attention", r"Attention"),
    ("dropout", r"Dropout"),
    ("pad", r"Pad"),
    ("reshape", r"Flatten|Reshape|Permute|Transpose"),
)


def kind_of(operation: Any) -> str:
    """Return what a layer does, as one word: conv, dense, relu, norm, ...; by default its class name in lower case."""
    word = type(operation).__name__
    if word == "Activation":
        word = getattr(operation.activation, "__name__", "")
        word = word[:1].upper() + word[1:]
    for kind, pattern in _PATTERNS:
        if re.search(pattern, word):
            return kind
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", word).lower() or "activation"
