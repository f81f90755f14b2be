"""Marks, time limits and fixtures shared by all tests."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from needs import TESTS, chromium, missing, models_folder
from page.site import site
from playwright.sync_api import Browser, expect, sync_playwright
from warm.processes import KERNEL, ForkServer, write_kernel
from xdist.scheduler import LoadFileScheduling

# Deterministic by default, so that a failure is caused by the change under test. `--hypothesis-profile=large` searches.
settings.register_profile(
    "small",
    max_examples=40,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "large", max_examples=1000, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("small")

# Tests make few steps, for which it does not pay that XLA optimizes its machine code. The operations are the same.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")

# Several processes run tests, so more threads of TensorFlow in each of them only take time from one another. Tests that
# compute need a sixth less processor time with one. Kernels have as many threads as those of users.
for pool in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(pool, "1")

# gcsfs reads this when a test first imports it. Without it, gcsfs waits minutes for an answer of Google about a bucket.
os.environ["GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT"] = "false"

# A loaded machine is slow, not wrong: pages are waited for longer than Playwright's five seconds.
expect.set_options(timeout=60_000)

FOLDER_MARKS = {"browser": "browser", "page": "browser", "kernel": "kernel", "notebooks": "kernel", "docs": "slow"}
FIXTURE_MARKS = {"browser": "browser", "models_dir": "models"}

# Seconds for the tests with this mark, on a busy machine. Other tests have the `timeout` of pyproject.toml.
MARK_TIMEOUTS = {"kernel": 900, "slow": 900}

# Folders whose tests share something that takes long to make, such as a JupyterLab or the built documentation. One
# process runs all of them.
SHARING = ("tests/browser/", "tests/docs/site/")

# Folders and files that take longest, in descending order. They start first.
LONGEST = (
    "tests/browser/",
    "tests/docs/test_code_blocks.py",
    "tests/notebooks/",
    "tests/widgets/test_any_model.py",
    "tests/modelzoo/keras/test_applications.py",
    "tests/kernel/",
    "tests/page/",
    "tests/project/test_docstrings.py",
    "tests/evidence/test_ground_truth.py",
    "tests/modelzoo/",
    "tests/widgets/",
    "tests/optvis/",
    "tests/test_seeds.py",
    "tests/microscope/test_atlas.py",
)


# What many tests import, besides TensorFlow and the package.
SLOW_TO_IMPORT = ("nbformat", "nltk", "playwright.sync_api", "scipy.stats", "sklearn.decomposition")

# The beginning of a command that starts a warm process: for scripts, and for kernels.
WARM = pytest.StashKey[list[list[str]]]()


def pytest_configure(config: pytest.Config) -> None:
    """Start the processes that warm ones are forked from, once for all processes that run tests."""
    if hasattr(config, "workerinput"):
        config.stash[WARM] = config.workerinput["warm"]
        run_graphs_as_they_are()
        record_no_stacks()
        return
    # The package takes a process that has imported ipykernel for a notebook.
    servers = ForkServer(*SLOW_TO_IMPORT), ForkServer("ipykernel.kernelapp")
    config.stash[WARM] = [server.python for server in servers]
    for server in servers:
        config.add_cleanup(server.close)
    # pytest-xdist's processes, too.
    config.option.tx = [f"popen//python={shlex.join(servers[0].python)}" for _ in config.getoption("tx", None) or ()]


def run_graphs_as_they_are() -> None:
    """Do without Grappler, which rewrites each graph before it runs for the first time.

    Rewriting takes a sixth of the processor time of tests that make few steps. Kernels and the pages of the
    documentation have Grappler, as users have, and so has a single process of pytest.
    """
    tensorflow = sys.modules["tensorflow"]  # imported by the process that this one is forked from
    tensorflow.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})


def record_no_stacks() -> None:
    """Do without the stack of Python that TensorFlow records for each operation of a graph, to print it in errors.

    Recording takes a twentieth of the processor time of tests that make graphs. Kernels, the pages of the documentation
    and a single process of pytest record stacks, as users' processes do.
    """
    with contextlib.suppress(ImportError, AttributeError):  # another TensorFlow may do it elsewhere
        tf_stack = importlib.import_module("tensorflow.python.util.tf_stack")
        here = tf_stack.extract_stack()
        tf_stack.extract_stack = lambda stacklevel=1: here


@pytest.hookimpl(optionalhook=True)  # pytest-xdist's
def pytest_configure_node(node: Any) -> None:
    node.workerinput["warm"] = node.config.stash[WARM]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by its folder and its fixtures, and sort the tests: the files that take longest start first."""
    for item in items:
        folder = item.path.relative_to(TESTS).parts[0]
        if folder in FOLDER_MARKS:
            item.add_marker(FOLDER_MARKS[folder])
        for fixture, mark in FIXTURE_MARKS.items():
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(mark)
        for mark, seconds in MARK_TIMEOUTS.items():
            if item.get_closest_marker(mark):
                item.add_marker(pytest.mark.timeout(seconds))

    # pytest-xdist distributes files in this order (`--no-loadscope-reorder`). If a long file started last, the other
    # processes would be idle meanwhile.
    def place(item: pytest.Item) -> int:
        return next((place for place, name in enumerate(LONGEST) if item.nodeid.startswith(name)), len(LONGEST))

    items.sort(key=place)


class FilesAndFolders(LoadFileScheduling):
    """Gives each process one file at a time, or one of the folders `SHARING`."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return next((folder for folder in SHARING if file.startswith(folder)), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FilesAndFolders:
    return FilesAndFolders(config, log)


@pytest.fixture(scope="module", autouse=True)
def few_objects_to_look_at() -> None:
    """Exempt all older objects from garbage collection: looking at them would take an eighth of the processor time.

    Those of them that are part of a cycle are not released before the process ends.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def same_random_numbers(request: pytest.FixtureRequest) -> None:
    """Restarts the module's generator `RNG`, so that a test does not depend on the tests that ran before it."""
    generator = getattr(request.module, "RNG", None)
    if generator is not None:
        generator.bit_generator.state = np.random.default_rng(0).bit_generator.state


@pytest.fixture(scope="session")
def models_dir() -> Path:
    """Folder of the ImageNet networks and photographs. Skips the test if it is missing."""
    folder = models_folder()
    if not (folder / "inception_v1_bvlc.pb").is_file():
        missing(f"the ImageNet networks are not in {folder} (set LUCID_WIDGETS_MODEL_DIR)")
    return folder


@pytest.fixture(scope="session")
def warm_python(request: pytest.FixtureRequest) -> list[str]:
    """What replaces `sys.executable` in a command, so that TensorFlow and this package are imported already."""
    return list(request.config.stash[WARM][0])


@pytest.fixture(scope="session")
def warm_kernel(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Name of a kernel that starts fast, because TensorFlow and this package are imported already."""
    folder = tmp_path_factory.mktemp("kernels")
    write_kernel(folder, request.config.stash[WARM][1])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(folder))
        yield KERNEL


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium shared by all tests of this process. Skips the test if none is installed."""
    # Chromium without windows: the same engine, for a quarter less processor time than `chromium --headless`.
    path = chromium("chromium-headless-shell")
    # No background requests: tests must not depend on, or wait for, hosts outside this machine.
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", *quiet, *site().arguments])
        yield launched
        launched.close()
