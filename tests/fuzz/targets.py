"""What is fuzzed: each target makes one input from random numbers, and feeds it to the package."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from fuzz.of_files import arrays, images, sheets, states
from fuzz.of_networks import graphs, manifests, metadata
from fuzz.of_pages import expressions, messages, settings

Target = Callable[[random.Random, Path], object]
"""Takes random numbers and an empty folder. May raise a `LucidError`, and nothing else."""

TARGETS: dict[str, Target] = {
    each.__name__: each
    for each in (images, arrays, states, sheets, settings, expressions, messages, manifests, metadata, graphs)
}
