"""Writes what the tests of the hosts found into docs/internals/hosts.md: `python -m browser.hosts.matrix`."""

from __future__ import annotations

import json
import re
from typing import Any

from browser.hosts.environments import FOLDER
from browser.hosts.hosts import HOSTS, Host
from needs import ROOT

PAGE = ROOT / "docs" / "internals" / "hosts.md"
RESULTS = FOLDER / "results.json"
BEGIN, END = "<!-- matrix: written by make hosts -->", "<!-- end of the matrix -->"

COLUMNS = {
    "appears": "appears",
    "frames": "live frames",
    "buttons": "buttons",
    "export": "export",
    "player": "player",
    "grid": "grid",
    "open": "open a channel",
    "again": "cell again",
    "reload": "reload",
    "restart": "restart",
    "saved": "saved",
    "console": "console",
    "offline": "offline",
}
WORDS = {"yes": "✓", "failed": "**no**", "skipped": "–", "does not apply": "–"}


def row(host: Host, found: dict[str, Any]) -> str:
    """The row of a host. A host whose packages could not be installed was not run."""
    cells = [WORDS.get(found.get(ability, "–"), found.get(ability, "–")) for ability in COLUMNS]
    versions = found.get("versions", "not run")
    return f"| {host.title} | {versions} | {found.get('date', '–')} | {' | '.join(cells)} |"


def table(results: dict[str, dict[str, Any]]) -> str:
    """The matrix in Markdown."""
    lines = [
        f"| host | versions | measured | {' | '.join(COLUMNS.values())} |",
        f"|{'---|' * (len(COLUMNS) + 3)}",
        *(row(host, results.get(host.name, {})) for host in HOSTS),
        "",
        *(f"- {host.title}: {host.note}" for host in HOSTS if host.note),
    ]
    return "\n".join(lines)


def main() -> None:
    """Replace the matrix on the page."""
    text = PAGE.read_text()
    replacement = f"{BEGIN}\n{table(json.loads(RESULTS.read_text()))}\n{END}"
    PAGE.write_text(re.sub(f"{re.escape(BEGIN)}.*{re.escape(END)}", lambda _: replacement, text, flags=re.DOTALL))


if __name__ == "__main__":
    main()
