"""Read bytes and text from paths and URLs. Downloads are cached."""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit

import pooch
import requests

from lucid_widgets.errors import ArgumentError, missing_file
from lucid_widgets.misc.io.scoping import expanded, scope_url

__all__ = ["cache_folder", "is_remote", "local_cache_path", "local_path", "read", "read_handle"]


CACHE_DIR_VARIABLE = "LUCID_WIDGETS_CACHE"
"""Environment variable with the folder for caches. default: the system's folder for caches."""

# Lucid's constants for the names of cached files. This package names them by `local_cache_path`.
RESERVED_PATH_CHARS = re.compile("[^a-zA-Z0-9]")
LUCID_CACHE_DIR_NAME = "lucid_cache"
MAX_FILENAME_LENGTH = 200

TIMEOUT = 30.0
"""Seconds to wait for a server that sends nothing."""


def cache_folder() -> Path:
    """Return the folder for downloads and other caches."""
    named = os.environ.get(CACHE_DIR_VARIABLE)
    return expanded(named) if named else Path(pooch.os_cache("lucid_widgets"))


def read(
    url: str | os.PathLike[str], encoding: str | None = None, cache: bool | str | None = None, mode: str = "rb"
) -> Any:
    """Read a file.

    Args:
        url: A path, or a URL that begins with `http://`, `https://`, `gs://` (public buckets) or `file://`.
        encoding: Decode the content as text in this encoding.
        cache: For URLs: the path to store the download at; False to store nothing. default: a file in `cache_folder()`.
        mode: "rb" for bytes, "r" for text.

    Returns:
        Bytes or text.

    Raises:
        MissingFileError: If there is no such file.
        ArgumentError: If the download fails, or the kind of URL is unknown.

    Source: Lucid's `misc.io.reading`.
    """
    with read_handle(url, cache, "rb") as file:
        data = file.read()
    return data.decode(encoding or "utf-8") if encoding or "b" not in mode else data


@contextmanager
def read_handle(url: str | os.PathLike[str], cache: bool | str | None = None, mode: str = "rb") -> Iterator[IO[Any]]:
    """Open a file for reading within a block. The arguments are those of `read`."""
    place = scope_url(url)
    if not is_remote(place):
        path = local_path(place)
        if not os.path.exists(path):
            raise missing_file(path)
        with open(path, mode, encoding=None if "b" in mode else "utf-8") as file:
            yield file
    elif cache is False:
        data = _get(place)
        yield io.BytesIO(data) if "b" in mode else io.StringIO(data.decode("utf-8"))
    else:
        kept = expanded(cache) if isinstance(cache, str) else local_cache_path(place)
        if not kept.is_file():
            _download(place, kept)
        with open(kept, mode, encoding=None if "b" in mode else "utf-8") as file:
            yield file


def local_cache_path(remote_url: str) -> Path:
    """Return the path at which the download of a URL is cached.

    The name begins with a hash of the whole URL, so that URLs with the same last part get different files.

    Source: Lucid's `reading.local_cache_path`. (There, `a/b` and `a_b` are the same file.)
    """
    readable = re.sub(r"[^0-9a-zA-Z.]+", "_", urlsplit(remote_url).path.rpartition("/")[2])[-80:]
    digest = hashlib.sha256(remote_url.encode()).hexdigest()[:24]
    return cache_folder() / "files" / f"{digest}-{readable or 'file'}"


def is_remote(url: str) -> bool:
    """Return whether a path or URL must be downloaded.

    Raises:
        ArgumentError: If the kind of URL is unknown.
    """
    scheme, found, _ = url.partition("://")
    if found and scheme not in ("http", "https", "gs", "file"):
        raise ArgumentError(f"{url!r} cannot be read.", "Expected a path, or http://, https://, gs:// or file://.")
    return bool(found) and scheme != "file"


def local_path(url: str) -> str:
    """Return the path of a file:// URL. Other paths are returned unchanged."""
    return unquote(urlsplit(url).path) if url.startswith("file://") else url


def _web_address(url: str) -> str:
    return f"https://storage.googleapis.com/{url.removeprefix('gs://')}" if url.startswith("gs://") else url


def _download(url: str, kept: Path) -> None:
    loader = pooch.HTTPDownloader(timeout=TIMEOUT)
    try:
        # pooch downloads to a temporary file first, so that a failed download leaves nothing behind.
        pooch.retrieve(_web_address(url), None, fname=kept.name, path=kept.parent, downloader=loader)
    except (requests.RequestException, ValueError, OSError) as error:
        raise _unreachable(url, error) from error


def _get(url: str) -> bytes:
    try:
        answer = requests.get(_web_address(url), timeout=TIMEOUT)
        answer.raise_for_status()
    except requests.RequestException as error:
        raise _unreachable(url, error) from error
    return answer.content


def _unreachable(url: str, error: Exception) -> ArgumentError:
    reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return ArgumentError(f"{url} could not be downloaded ({reason.rstrip('.')}).", "Check address and connection.")
