"""Makes an index in each of its forks.

A line has the folder of the index, a file for its progress, a pause after each batch, and the number of batches after
which the process waits to be killed.
"""

from __future__ import annotations

import signal
import time

from evidence.networks import LAYERS, images, labels, whole_network
from forks import serve

from lucid_widgets.evidence import ActivationIndex
from lucid_widgets.evidence.passes import building, index_pass  # noqa: F401 (imported before the forks)
from lucid_widgets.images import ImageSet

COUNT, BATCH = 300, 16


def build(path: str, log: str, pause: str, most: str) -> None:
    index_pass.SAVE_SECONDS, index_pass.SAVE_SHARE = 0, 1e9
    with open(log, "w") as file:

        def step(progress: index_pass.Progress) -> None:
            file.write(f"{progress.done}\n")
            file.flush()
            time.sleep(float(pause))
            if progress.done >= int(most) * BATCH:
                signal.pause()

        data = ImageSet.from_array(images(COUNT), labels(COUNT))
        ActivationIndex.build(whole_network(), data, LAYERS, path=path, batch=BATCH, verbose=False, on_progress=step)


if __name__ == "__main__":
    serve(build)
