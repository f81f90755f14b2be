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


def row(host: Host, found: dict[str, Any], before: str) -> str:
    """The row of a host.

    Args:
        host: The host.
        found: What its tests found on this machine; empty if they have not run here, for example because its packages
            could not be installed.
        before: The present text of the matrix. A host that has not run here keeps its row.
    """
    begin = f"| {host.title} | "
    kept = next((line for line in before.splitlines() if line.startswith(begin)), None)
    if not found.get("versions") and kept is not None:
        return kept
    cells = [WORDS.get(found.get(ability, "–"), found.get(ability, "–")) for ability in COLUMNS]
    return f"{begin}{found.get('versions', 'not run')} | {found.get('date', '–')} | {' | '.join(cells)} |"


def table(results: dict[str, dict[str, Any]], before: str = "") -> str:
    """The matrix in Markdown, from the results of this machine and the present text."""
    lines = [
        f"| host | versions | measured | {' | '.join(COLUMNS.values())} |",
        f"|{'---|' * (len(COLUMNS) + 3)}",
        *(row(host, results.get(host.name, {}), before) for host in HOSTS),
        "",
        *(f"- {host.title}: {host.note}" for host in HOSTS if host.note),
    ]
    return "\n".join(lines)


def main() -> None:
    """Replace the matrix on the page."""
    text = PAGE.read_text()
    pattern = re.compile(f"{re.escape(BEGIN)}.*{re.escape(END)}", re.DOTALL)

    def again(present: re.Match[str]) -> str:
        return f"{BEGIN}\n{table(json.loads(RESULTS.read_text()), present[0])}\n{END}"

    PAGE.write_text(pattern.sub(again, text))


if __name__ == "__main__":
    main()
