"""The server of fake notebooks: their documents, and the bundles, which Chromium then compiles only once."""

from __future__ import annotations

import functools
import itertools
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from needs import ROOT

STATIC = ROOT / "lucid_widgets" / "static"
# Plain HTTP at a name, as on many notebook servers: no clipboard and no crypto.randomUUID.
ADDRESS = "http://notebook.test/"


class Site:
    """Answers at `ADDRESS`, from the first use until the process ends.

    Attributes:
        arguments: Arguments of a Chromium that finds it.
    """

    def __init__(self) -> None:
        self._documents: dict[str, bytes] = {}
        self._numbers = itertools.count()
        documents = self._documents

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                name = self.path.removeprefix("/")
                if name.endswith(".js"):
                    self.answer((STATIC / name).read_bytes(), "text/javascript", "max-age=3600")
                else:
                    self.answer(documents.get(name, b""), "text/html", "no-store")

            def answer(self, body: bytes, kind: str, cache: str) -> None:
                self.send_response(200)
                self.send_header("Content-Type", f"{kind}; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Cache-Control", cache)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, name="site", daemon=True).start()
        self.arguments = [f"--host-resolver-rules=MAP notebook.test 127.0.0.1:{server.server_port}"]

    def add(self, document: str) -> str:
        """Serve a document, and return its address."""
        name = str(next(self._numbers))
        self._documents[name] = document.encode()
        return ADDRESS + name

    def remove(self, address: str) -> None:
        """Serve a document no longer."""
        del self._documents[address.removeprefix(ADDRESS)]


@functools.cache
def site() -> Site:
    """The site of this process."""
    return Site()
