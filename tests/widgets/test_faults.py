"""What goes wrong around a run: a full disk, a hanging stream, an observer that raises, a fork, a slow page."""

from __future__ import annotations

import gc
import resource
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pages import Page
from streams import PATIENCE_SECONDS, Extendable, Gated

from lucid_widgets.frames import Frame
from lucid_widgets.widgets import OptimizationCanvas
from lucid_widgets.widgets._canvas.encoded_frame import EncodedFrame
from lucid_widgets.widgets._core.flow_control import FRAME_SECONDS

RNG = np.random.default_rng(0)


@contextmanager
def full_disk() -> Iterator[None]:
    """No file can grow beyond a kilobyte. The system reports this as it reports a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def finished(pages: list[Page]) -> OptimizationCanvas:
    canvas = OptimizationCanvas([Frame(step, 1.0, RNG.random((1, 48, 48, 3), np.float32)) for step in range(3)])
    canvas.run()
    canvas.wait()
    return canvas


WRITERS: dict[str, Callable[[OptimizationCanvas, Path], object]] = {
    "image.png": lambda canvas, path: canvas.save(path),
    "image.npy": lambda canvas, path: canvas.save(path),
    "run.gif": lambda canvas, path: canvas.timelapse().save(path),
    "run.webp": lambda canvas, path: canvas.timelapse().save(path),
    "run.html": lambda canvas, path: canvas.timelapse().save(path),
    "run.png": lambda canvas, path: canvas.timelapse().save(path),
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_leaves_no_half_file(name: str, finished: OptimizationCanvas, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    with full_disk(), pytest.raises(OSError, match="too large"):
        WRITERS[name](finished, folder / name)
    assert list(folder.iterdir()) == []
    (folder / name).write_bytes(b"old")
    with full_disk(), pytest.raises(OSError, match="too large"):
        WRITERS[name](finished, folder / name)
    assert (folder / name).read_bytes() == b"old"
    assert len(list(folder.iterdir())) == 1
    WRITERS[name](finished, folder / name)  # with room again
    assert (folder / name).read_bytes() != b"old"


def test_a_stream_that_hangs_holds_up_no_command(pages: list[Page]) -> None:
    stream = Gated()
    canvas = OptimizationCanvas(stream)
    canvas.run()
    assert stream.waiting.wait(PATIENCE_SECONDS)  # inside `next()`, which does not return
    canvas.stop()
    assert canvas.status == "stopped"
    other = OptimizationCanvas(Extendable(3))
    other.run()
    canvas.close()
    assert other.status in ("queued", "compiling")
    stream.open()  # at last
    assert other.wait() == "done"


def test_an_observer_that_raises_ends_the_run_with_its_error(pages: list[Page]) -> None:
    canvas = OptimizationCanvas(Extendable(50))

    def fail(change: Any) -> None:
        raise ZeroDivisionError("mine")

    canvas.observe(fail, "current_step")
    canvas.run()
    with pytest.raises(ZeroDivisionError, match="mine"):
        canvas.wait()
    canvas.unobserve(fail, "current_step")
    assert canvas.status == "error"
    other = OptimizationCanvas(Extendable(3))
    other.run()
    assert other.wait() == "done"


@pytest.mark.slow
def test_runs_work_in_a_forked_process() -> None:
    """The thread of the runs does not exist in a child that was forked after the first run."""
    script = """
        import os
        import numpy as np
        from lucid_widgets import OptimizationCanvas
        from lucid_widgets.frames import Frame

        def finish():
            canvas = OptimizationCanvas([Frame(step, 0.0, np.zeros((1, 4, 4, 3), np.float32)) for step in range(3)])
            canvas.run()
            return canvas.wait(timeout=30, verbose=False)

        assert finish() == "done"
        child = os.fork()
        if child == 0:
            os._exit(finish() != "done")
        assert os.waitpid(child, 0)[1] == 0
    """
    subprocess.run([sys.executable, "-W", "ignore", "-c", textwrap.dedent(script)], check=True, timeout=120)


def test_a_slow_page_gets_the_newest_image_and_keeps_no_others(pages: list[Page]) -> None:
    """A page that takes one image and then stays silent costs one encoded image, however long the run."""
    stream = Gated()
    canvas = OptimizationCanvas(stream, record_every=0)
    now = [0.0]
    canvas._live.flow._clock = lambda: now[0]
    page = pages[-1]
    page.want()
    canvas.run()
    stream.allow(200)
    stream.until_asked_after(199)
    gc.collect()
    kept = [each for each in gc.get_objects() if isinstance(each, EncodedFrame)]
    assert len(kept) <= 2
    assert len(page.frames()) == 1  # the one that was asked for
    now[0] += 2 * FRAME_SECONDS  # sooner, a page gets the next image, which this stream never makes
    page.want(seen=page.frames()[-1]["id"])
    page.until(lambda: page.frames()[-1]["step"] == 199)
    assert canvas.status == "running"
    canvas.stop()
    stream.allow()
