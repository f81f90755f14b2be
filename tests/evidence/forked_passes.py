"""Imports TensorFlow and this package once, and forks a process for each index that a line of the input asks for.

A line has the folder of the index, a file for its progress, a pause after each batch, and the number of batches after
which the process waits to be killed. The answer is the process id.
"""

from __future__ import annotations

import os
import signal
import sys
import time

from evidence.networks import LAYERS, images, labels, whole_network

from lucid_widgets.evidence import ActivationIndex
from lucid_widgets.evidence.passes import building, index_pass  # noqa: F401 (imported before the forks)
from lucid_widgets.images import ImageSet

COUNT, BATCH = 300, 16


def build(path: str, log: str, pause: float, most: int) -> None:
    index_pass.SAVE_SECONDS, index_pass.SAVE_SHARE = 0, 1e9
    with open(log, "w") as file:

        def step(progress: index_pass.Progress) -> None:
            file.write(f"{progress.done}\n")
            file.flush()
            time.sleep(pause)
            if progress.done >= most * BATCH:
                signal.pause()

        data = ImageSet.from_array(images(COUNT), labels(COUNT))
        ActivationIndex.build(whole_network(), data, LAYERS, path=path, batch=BATCH, verbose=False, on_progress=step)


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # no zombies
    for line in sys.stdin:
        path, log, pause, most = line.split()
        process = os.fork()
        if process == 0:
            try:
                build(path, log, float(pause), int(most))
                os._exit(0)
            finally:
                os._exit(1)
        print(process, flush=True)


if __name__ == "__main__":
    main()
