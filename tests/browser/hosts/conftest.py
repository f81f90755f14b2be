"""Opens each host once, for all tests of the host, and keeps what they found for the matrix."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from browser.hosts.environments import FOLDER, PACKED, PAGES, is_installed
from browser.hosts.hosts import HOSTS, Host
from browser.hosts.view import View
from needs import missing
from playwright.sync_api import Browser

# "all", or names separated by commas.
CHOSEN = os.environ.get("LUCID_WIDGETS_HOSTS", "jupyterlab4,embedded")
WRITES_MATRIX = "LUCID_WIDGETS_HOSTS" in os.environ
RESULTS = FOLDER / "results.json"

_results: dict[str, dict[str, Any]] = {}


def chosen() -> list[Host]:
    return [host for host in HOSTS if CHOSEN == "all" or host.name in CHOSEN.split(",")]


@pytest.fixture(scope="module", params=chosen(), ids=lambda host: host.name)
def host(request: pytest.FixtureRequest) -> Host:
    found: Host = request.param
    _results.setdefault(found.name, {})
    if not is_installed(found.environment):
        pytest.skip(f"{found.title} is not installed: make hosts")
    if found.loads_scripts and not all((PAGES / Path(file).name).is_file() for file in PACKED.values()):
        missing("the scripts of saved pages are not installed (make setup)")
    _results[found.name] |= {"versions": found.versions(), "date": datetime.now(UTC).date().isoformat()}
    return found


@pytest.fixture(scope="module")
def view(host: Host, browser: Browser, tmp_path_factory: pytest.TempPathFactory, warm_kernel: str) -> Iterator[View]:
    """The page of a host, which shows the three widgets, or a notebook with their cells."""
    kernel = warm_kernel if host.python == sys.executable and CHOSEN != "all" else "python3"
    with host.open(browser, tmp_path_factory.mktemp(host.name), host.python, kernel) as opened:
        yield opened


@pytest.fixture(autouse=True)
def only_what_it_can(request: pytest.FixtureRequest, host: Host) -> None:
    """Skip what does not apply to the host, and expect that what it breaks fails."""
    needed = request.node.get_closest_marker("needs").args[0]
    if needed not in host.can:
        pytest.skip(f"does not apply to {host.title}")
    if needed == "restart" and not WRITES_MATRIX:
        pytest.skip("tests/browser/test_faults.py has the same test for JupyterLab 4")
    if needed in host.broken:
        request.applymarker(pytest.mark.xfail(strict=True, reason=host.note))
    view: View = request.getfixturevalue("view")
    view.patience = View.PATIENCE_FOR_BROKEN if needed in host.broken else View.PATIENCE


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    called: Any = yield
    mark, parameters = item.get_closest_marker("needs"), getattr(item, "callspec", None)
    report = called.get_result()
    if mark is None or parameters is None or (report.when != "call" and report.passed):
        return
    arguments = getattr(item, "funcargs", {})
    if report.failed and "view" in arguments:
        arguments["view"].page.screenshot(path=FOLDER / f"{item.name}.png", full_page=True)
    found = _results.setdefault(parameters.params["host"].name, {})
    outcome = "failed" if hasattr(report, "wasxfail") else report.outcome
    found[mark.args[0]] = dict(item.user_properties).get("figure", "yes") if report.passed else outcome


def pytest_sessionfinish() -> None:
    if WRITES_MATRIX:
        kept = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
        RESULTS.write_text(
            json.dumps(kept | {name: kept.get(name, {}) | found for name, found in _results.items()}, indent=1)
        )
