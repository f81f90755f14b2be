"""The table of hosts in the documentation, which `make hosts` writes."""

from __future__ import annotations

from browser.hosts.hosts import HOSTS
from browser.hosts.matrix import COLUMNS, table

BEFORE = table({HOSTS[1].name: {"versions": "lab 3", "date": "2026-01-02", "appears": "yes", "frames": "2.5/s"}})


def rows(text: str) -> dict[str, list[str]]:
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("| ")]
    return {first: others for first, *others in cells}


def test_a_row_has_what_the_tests_found() -> None:
    row = rows(BEFORE)[HOSTS[1].title]
    assert row == ["lab 3", "2026-01-02", "✓", "2.5/s", *["–"] * (len(COLUMNS) - 2)]


def test_hosts_that_have_not_run_here_keep_their_row() -> None:
    found = {HOSTS[0].name: {"versions": "lab 4", "date": "2026-01-03", "appears": "failed", "frames": "skipped"}}
    again = rows(table(found, BEFORE))
    assert again[HOSTS[0].title][:4] == ["lab 4", "2026-01-03", "**no**", "–"]
    assert again[HOSTS[1].title] == rows(BEFORE)[HOSTS[1].title]


def test_a_host_that_never_ran_says_so() -> None:
    assert rows(BEFORE)[HOSTS[2].title][:2] == ["not run", "–"]


def test_what_a_host_breaks_is_part_of_what_is_asked_of_it() -> None:
    assert all(host.broken <= host.can and (host.note or not host.broken) for host in HOSTS)
