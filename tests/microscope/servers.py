"""Servers of object stores on this machine, for tests."""

from __future__ import annotations

import contextlib
import importlib
import logging
import threading
from collections import Counter
from collections.abc import Iterator
from functools import partial
from http.server import HTTPServer
from importlib.util import find_spec
from typing import Any

import pytest
from needs import missing


@contextlib.contextmanager
def s3() -> Iterator[Any]:
    """The file system of an S3 server with a bucket, to which the environment variables of AWS point."""
    if not all(find_spec(name) for name in ("flask", "flask_cors", "moto", "s3fs")):
        missing("moto, flask, flask-cors or s3fs is not installed")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = importlib.import_module("moto.server").ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    with pytest.MonkeyPatch.context() as patch:
        host, port = server.get_host_and_port()
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "test")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        found = importlib.import_module("s3fs").S3FileSystem(skip_instance_cache=True)
        found.mkdir("bucket")
        yield found
    server.stop()


class PatientServer(HTTPServer):
    """A server that takes many connections at once, and is silent about clients that leave."""

    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


@contextlib.contextmanager
def google() -> Iterator[tuple[Any, Counter[str]]]:
    """The file system of a server with the interface of Google Cloud Storage, with a bucket, and counts of requests.

    The counts are by method and path.
    """
    if not all(find_spec(name) for name in ("gcsfs", "gcp_storage_emulator")):
        missing("gcsfs or gcp-storage-emulator is not installed")
    emulator = importlib.import_module("gcp_storage_emulator.server")
    logging.getLogger("gcp_storage_emulator").setLevel(logging.CRITICAL)
    counts: Counter[str] = Counter()

    class Counted(emulator.RequestHandler):  # type: ignore[misc, name-defined]
        def parse_request(self) -> bool:
            whole = bool(super().parse_request())
            if whole:
                counts[f"{self.command} {self.path.partition('?')[0]}"] += 1
            return whole

    server = PatientServer(("127.0.0.1", 0), partial(Counted, emulator.Storage(use_memory_fs=True)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    config = importlib.import_module("fsspec.config").conf
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{server.server_port}")
        for name in ("gs", "gcs"):
            patch.setitem(config, name, {"token": "anon"})
        found = importlib.import_module("fsspec").filesystem("gs", skip_instance_cache=True)
        found.mkdir("bucket")
        yield found, counts
    server.shutdown()
    server.server_close()
    thread.join()
