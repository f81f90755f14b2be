"""Downloading weights with `pooch`, verifying them, and keeping them in a cache folder."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pooch
import requests

from lucid_widgets.errors import ModelError
from lucid_widgets.misc.io.reading import CACHE_DIR_VARIABLE, TIMEOUT, cache_folder
from lucid_widgets.misc.io.writing import write_whole
from lucid_widgets.modelzoo.files.progress import DownloadProgress, without_log

__all__ = [
    "CACHE_DIR_VARIABLE",
    "INCEPTION5H",
    "Archive",
    "cache_folder",
    "fetch",
    "fetch_file",
    "first_member",
    "unpacked",
]

RETRIES = 2


@dataclass(frozen=True)
class Archive:
    """A zip file on the web.

    Attributes:
        url: Its address.
        sha256: Its checksum.
        members: The files to unpack, each with its checksum, or None if that is not known.
    """

    url: str
    sha256: str
    members: Mapping[str, str | None]

    @property
    def name(self) -> str:
        """File name of the archive."""
        return self.url.rpartition("/")[2]


INCEPTION5H = Archive(
    "https://storage.googleapis.com/download.tensorflow.org/models/inception5h.zip",
    "d13569f6a98159de37e92e9c8ec4dae8f674fbf475f69fe6199b514f756d4364",
    {
        "tensorflow_inception_graph.pb": "a39b08b826c9d5a5532ff424c03a3a11a202967544e389aca4b06c2bd8aef63f",
        "imagenet_comp_graph_label_strings.txt": None,
    },
)
"""Google's Inception V1, the network of Lucid's tutorials."""


def fetch(archive: Archive, owner: str) -> Path:
    """Return the folder with an archive's members, after downloading them if they are not there yet.

    Each file is written to a temporary name and renamed. An interrupted download therefore starts again, and several
    processes may download at the same time.

    Args:
        archive: The archive to download.
        owner: The model's name, for error messages.

    Raises:
        ModelError: If the download fails, or a checksum differs. The message says which file to put where.
    """
    folder = unpacked(archive)
    if folder is not None:
        return folder
    folder = _folder_of(archive)
    try:
        _unpack(_downloaded(archive, owner), archive, folder)
    except (requests.RequestException, ValueError, OSError, zipfile.BadZipFile, KeyError) as error:
        raise ModelError(
            f"The weights of {owner} could not be downloaded from {archive.url} ({_reason(error)}).",
            f"Download that file yourself and put {' and '.join(archive.members)} into {str(folder)!r}, or pass "
            f'{owner}(path=".../{next(iter(archive.members))}"). models.EmojiNet() needs no download.',
        ) from error
    return folder


def first_member(archive: Archive) -> Path:
    """Return the path of an archive's first member, whether or not it is on this machine."""
    return _folder_of(archive) / next(iter(archive.members))


def unpacked(archive: Archive) -> Path | None:
    """Return the folder with an archive's members if they are on this machine, or None."""
    folder = _folder_of(archive)
    return folder if all((folder / member).is_file() for member in archive.members) else None


def fetch_file(url: str, file: Path, checksum: str | None, owner: str) -> Path:
    """Return `file`, after downloading it if it is not there yet.

    Args:
        url: Its address.
        file: Where to put it.
        checksum: Its checksum, such as "md5:...", or None if it is not known.
        owner: The model's name, for error messages.

    Raises:
        ModelError: If the download fails, or the checksum differs. The message says which file to put where.
    """
    if file.is_file():
        return file
    try:
        _retrieve(url, file, checksum, owner)
    except (requests.RequestException, ValueError, OSError) as error:
        raise ModelError(
            f"The weights of {owner} could not be downloaded from {url} ({_reason(error)}).",
            f"Check the connection, or put that file into {str(file.parent)!r} yourself. EmojiNet needs no download.",
        ) from error
    return file


def _folder_of(archive: Archive) -> Path:
    return cache_folder() / Path(archive.name).stem


def _downloaded(archive: Archive, owner: str) -> Path:
    return _retrieve(archive.url, cache_folder() / archive.name, f"sha256:{archive.sha256}", owner)


def _retrieve(url: str, file: Path, checksum: str | None, owner: str) -> Path:
    progress = DownloadProgress(owner)
    downloads = pooch.create(
        file.parent, base_url="", registry={file.name: checksum}, urls={file.name: url}, retry_if_failed=RETRIES
    )
    loader = pooch.HTTPDownloader(progressbar=progress, chunk_size=1 << 16, timeout=TIMEOUT)
    try:
        with without_log():
            return Path(downloads.fetch(file.name, downloader=loader))
    finally:
        progress.close()


def _reason(error: Exception) -> str:
    server = urlsplit(getattr(getattr(error, "request", None), "url", None) or "").hostname
    if isinstance(error, requests.Timeout):
        return f"no answer from {server or 'the server'} within {TIMEOUT:g} seconds"
    if isinstance(error, requests.ConnectionError) and server:
        return f"no connection to {server}"
    text = str(error).strip()
    return text.splitlines()[0].rstrip(".") if text else type(error).__name__


def _unpack(file: Path, archive: Archive, folder: Path) -> None:
    with zipfile.ZipFile(file) as packed:
        for member, sha256 in archive.members.items():
            data = packed.read(member)
            found = hashlib.sha256(data).hexdigest()
            if sha256 is not None and found != sha256:
                raise ValueError(f"its member {member} has the checksum {found}, expected {sha256}")
            write_whole(folder / member, data)
