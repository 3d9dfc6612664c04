"""Downloading the full files of a data set into the user's cache."""

import contextlib
import http
import io
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from grader.data import files, idx
from grader.data.catalogue import Entry, File
from grader.data.errors import CorruptFile, DataError, DataNotFound, FetchFailed
from grader.data.find import Found, cache_folder, find

MIRROR_VARIABLE = "GRADER_DATA_MIRROR"
"""Names a URL below which ``mnist/`` and ``fashion-mnist/`` lie; it takes the place of the official mirrors."""

ROUNDS = 3
"""How often all mirrors are asked for a file before it is given up."""

PAUSE_S = 1.0
"""Seconds between two rounds."""

TIMEOUT_S = 30.0
"""Seconds without an answer after which a mirror is given up for this round."""

_CHUNK_BYTES = 64 * 1024


class Watch(Protocol):
    """Is told how a download goes on."""

    def __call__(self, file: File, received_bytes: int, all_bytes: int) -> None:
        """Take note that ``received_bytes`` of ``file`` are here, of ``all_bytes``, which is 0 where nobody knows."""


class Fetched(msgspec.Struct, frozen=True):
    """Where the files are, and whether something was downloaded or all of it was here already."""

    found: Found
    downloaded: bool


def _ignore(file: File, received_bytes: int, all_bytes: int) -> None:
    """Watch nothing."""


def fetch(entry: Entry, watch: Watch = _ignore, pause: Callable[[float], None] = time.sleep) -> Fetched:
    """See to it that the full files of ``entry`` are here, and are the right ones.

    What is here already is checked and kept, so that a fetch that was interrupted goes on with the missing files. What
    is damaged in the cache is downloaded again; what is damaged elsewhere is the user's, and an error.

    Args:
        entry: which data set.
        watch: is told how it goes on.
        pause: called with the seconds to wait between two rounds.

    Raises:
        FetchFailed: a file could not be downloaded, or not be stored.
        CorruptFile, UnreadableFile: a file outside the cache, which is found first, is damaged or cannot be read.
    """
    folder = cache_folder(entry)
    downloaded = False
    with contextlib.suppress(DataNotFound):
        found = find(entry)
        if found.place.folder != folder:
            for path, file in zip(found.paths, entry.files, strict=True):
                files.read(path, file)
            return Fetched(found, downloaded)
    for file in entry.files:
        if not _is_here(folder, file):
            array = _download(entry, file, watch, pause)
            _store(array, folder / file.name)
            downloaded = True
    return Fetched(find(entry), downloaded)


def mirrors(entry: Entry) -> tuple[str, ...]:
    """Return the URLs to ask for the files of ``entry``, in order."""
    own = os.environ.get(MIRROR_VARIABLE)
    return (f"{own.rstrip('/')}/{entry.name}/",) if own else entry.mirrors


def _is_here(folder: Path, file: File) -> bool:
    for path in (folder / file.name, folder / f"{file.name}.gz"):
        if path.exists():
            with contextlib.suppress(DataError):
                files.read(path, file)
                return True
            return False  # an unpacked file is found before a packed one
    return False


def _download(entry: Entry, file: File, watch: Watch, pause: Callable[[float], None]) -> NDArray[np.uint8]:
    asked = list(mirrors(entry))
    failures: dict[str, str] = {}
    for attempt in range(ROUNDS):
        if attempt:
            pause(PAUSE_S)
        for mirror in tuple(asked):
            url = f"{mirror}{file.name}.gz"
            try:
                return files.check(_content(url, file, watch), file, url)
            except CorruptFile as error:
                failures[url] = str(error)
                asked.remove(mirror)
            except OSError as error:  # what requests raises is one, too
                failures[url] = f"{url}: {_reason(error)}"
                if _is_final(error):
                    asked.remove(mirror)
        if not asked:
            break
    raise FetchFailed(
        "\n".join(
            [
                f"{entry.name}: {file.name} could not be downloaded:",
                *(f"  {failure}" for failure in failures.values()),
                f"Where this cannot be reached, set {MIRROR_VARIABLE} to a server that has the files, or copy them",
                "here from elsewhere ('grader data status' says where to). The embedded subset needs neither.",
            ]
        )
    )


class _Received(io.BytesIO):
    """Takes what a mirror sends, and no endless stream."""

    def __init__(self, url: str, at_most_bytes: int) -> None:
        super().__init__()
        self._url, self._at_most_bytes = url, at_most_bytes

    def write(self, chunk: bytes, /) -> int:  # type: ignore[override]
        if self.tell() + len(chunk) > self._at_most_bytes:
            raise CorruptFile(f"{self._url}: sends more than {self._at_most_bytes:,} bytes")
        return super().write(chunk)


class _Bar:
    """What pooch calls a progress bar: it tells ``watch``."""

    def __init__(self, file: File, watch: Watch) -> None:
        self.total = 0
        self._file, self._watch, self._received_bytes = file, watch, 0

    def update(self, size_bytes: int) -> None:
        """Count another chunk, of which pooch states the usual size, not its own."""
        self._received_bytes += size_bytes
        shown = min(self._received_bytes, self.total) if self.total else self._received_bytes
        self._watch(self._file, shown, self.total)

    def reset(self) -> None:
        """Start again at 0."""
        self._received_bytes = 0

    def close(self) -> None:
        """Nothing is open."""


def _content(url: str, file: File, watch: Watch) -> bytes:
    import pooch  # which imports an HTTP client; nothing but a download pays for it

    received = _Received(url, 2 * file.size_bytes)
    get = pooch.HTTPDownloader(progressbar=_Bar(file, watch), chunk_size=_CHUNK_BYTES, timeout=TIMEOUT_S)
    get(url, received, None)
    return received.getvalue()


def _store(array: NDArray[np.uint8], path: Path) -> None:
    try:
        files.write(idx.encode(array), path)
    except OSError as error:
        raise FetchFailed(
            f"{path}: cannot be stored: {error.strerror}; set XDG_CACHE_HOME to a folder that you may write to"
        ) from None


def _is_final(error: OSError) -> bool:
    """Whether asking again is of no use: the server says that the request is wrong, or the file not there."""
    status = _status(error)
    return status is not None and 400 <= status < 500


def _status(error: OSError) -> int | None:
    status: int | None = getattr(getattr(error, "response", None), "status_code", None)
    return status


def _reason(error: OSError) -> str:
    """Return in a few words why a download failed: the status, or the innermost error, without the wrapping."""
    status = _status(error)
    if status is not None:
        known = status in set(http.HTTPStatus)
        return f"HTTP {status} {http.HTTPStatus(status).phrase}" if known else f"HTTP {status}"
    innermost: BaseException = error
    while cause := innermost.__cause__ or innermost.__context__:
        innermost = cause
    return getattr(innermost, "strerror", None) or str(innermost)
