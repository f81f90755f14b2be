"""Bytes and text from paths and URLs; what was downloaded is kept. `pooch` does the downloading."""

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

from lucid_widgets.errors import ArgumentError
from lucid_widgets.misc.io.scoping import scope_url

CACHE_DIR_VARIABLE = "LUCID_WIDGETS_CACHE"
"""The environment variable that names the folder of downloads; else the system's own place for caches is used."""

TIMEOUT = 30.0
"""Seconds without a byte after which a server counts as gone."""


def cache_folder() -> Path:
    """Where downloads are kept."""
    named = os.environ.get(CACHE_DIR_VARIABLE)
    return Path(named).expanduser() if named else Path(pooch.os_cache("lucid_widgets"))


def read(
    url: str | os.PathLike[str], encoding: str | None = None, cache: bool | str | None = None, mode: str = "rb"
) -> Any:
    """Reads a file.

    Args:
        url: A path, or a URL that begins with `http://`, `https://`, `gs://` (a public one) or `file://`.
        encoding: Makes text of it.
        cache: For URLs: where the download is kept; in the folder of `cache_folder` unless given, False for nowhere.
        mode: "rb" for bytes, "r" for text.

    Returns:
        Bytes or text.

    Raises:
        FileNotFoundError: There is no such file.
        ArgumentError: It could not be downloaded, or such URLs are unknown.

    Source: Lucid's `misc.io.reading`.
    """
    with read_handle(url, cache, "rb") as file:
        data = file.read()
    return data.decode(encoding or "utf-8") if encoding or "b" not in mode else data


@contextmanager
def read_handle(url: str | os.PathLike[str], cache: bool | str | None = None, mode: str = "rb") -> Iterator[IO[Any]]:
    """As `read`, but gives a file that is open for reading, for `with`."""
    place = scope_url(url)
    if not is_remote(place):
        with open(local_path(place), mode, encoding=None if "b" in mode else "utf-8") as file:
            yield file
    elif cache is False:
        data = _get(place)
        yield io.BytesIO(data) if "b" in mode else io.StringIO(data.decode("utf-8"))
    else:
        kept = Path(cache) if isinstance(cache, str) else local_cache_path(place)
        if not kept.is_file():
            _download(place, kept)
        with open(kept, mode, encoding=None if "b" in mode else "utf-8") as file:
            yield file


def local_cache_path(remote_url: str) -> Path:
    """Where the download of a URL is kept: a name that can be read, and that no two URLs share.

    Source: Lucid's `reading.local_cache_path`. (`a/b` and `a_b` were one file there.)
    """
    readable = re.sub(r"[^0-9a-zA-Z.]+", "_", urlsplit(remote_url).path.rpartition("/")[2])[-80:]
    digest = hashlib.sha256(remote_url.encode()).hexdigest()[:24]
    return cache_folder() / "files" / f"{digest}-{readable or 'file'}"


def is_remote(url: str) -> bool:
    """Whether it has to be downloaded.

    Raises:
        ArgumentError: It is a URL of a kind that nothing here can read.
    """
    scheme, found, _ = url.partition("://")
    if found and scheme not in ("http", "https", "gs", "file"):
        raise ArgumentError(f"{url!r} cannot be read.", "Expected a path, or http://, https://, gs:// or file://.")
    return bool(found) and scheme != "file"


def local_path(url: str) -> str:
    """The path of a file:// URL; any other path as it is."""
    return unquote(urlsplit(url).path) if url.startswith("file://") else url


def _web_address(url: str) -> str:
    return f"https://storage.googleapis.com/{url.removeprefix('gs://')}" if url.startswith("gs://") else url


def _download(url: str, kept: Path) -> None:
    loader = pooch.HTTPDownloader(timeout=TIMEOUT)
    try:
        # It goes beside its place first, so that a broken download leaves nothing behind.
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
    return ArgumentError(f"{url} could not be downloaded ({reason.rstrip('.')}).", "Is the address right?")


__all__ = ["cache_folder", "is_remote", "local_cache_path", "local_path", "read", "read_handle"]
