"""Feed one input to a target, and say what went wrong."""

from __future__ import annotations

import logging
import math
import os
import random
import resource
import shutil
import time
import warnings
from pathlib import Path

from fuzz.guard import watched
from fuzz.targets import TARGETS

from lucid_widgets.errors import LucidError

LONGEST = 2.0
"""Seconds of processor time after which an input counts as one that hangs."""
MOST = 1024
"""MB by which one input may raise the most memory that the process has had."""


def fault(target: str, seed: int, folder: Path, longest: float = math.inf) -> str | None:
    """Feed the input that a seed makes; return what went wrong, or None.

    Args:
        target: One of `TARGETS`.
        seed: Seed of the input.
        folder: A folder for the input's files, which is made or emptied.
        longest: Most seconds of processor time.
    """
    if not folder.is_dir():
        folder.mkdir()
    for each in os.scandir(folder):  # removing the folder itself would take longer than most inputs
        shutil.rmtree(each) if each.is_dir(follow_symlinks=False) else os.remove(each)
    log = logging.getLogger("lucid_widgets")
    before = log.level
    log.setLevel(logging.CRITICAL)
    began, memory = time.process_time(), most_memory()
    with warnings.catch_warnings(), watched(folder) as faults:
        warnings.simplefilter("ignore")
        try:
            TARGETS[target](random.Random(f"{target} {seed}"), folder)
        except LucidError:
            pass
        except Exception as error:
            faults.append(f"{type(error).__name__}: {str(error)[-700:]}")
        finally:
            log.setLevel(before)
    taken = time.process_time() - began
    if taken > longest:
        faults.append(f"took {taken:.1f} s")
    if most_memory() - memory > MOST:
        faults.append(f"took {most_memory() - memory:,} MB")
    return "; ".join(faults) or None


def most_memory() -> int:
    """The most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
