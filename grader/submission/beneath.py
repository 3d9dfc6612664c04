"""Opens files of a folder that somebody else may be changing: never through a symbolic link, never a pipe or a device,
never a stranger's file under a second name.

Every step goes from an open folder to what lies directly in it, so replacing a folder by a link between two steps
leads nowhere.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OPEN_FOLDER = os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY | os.O_NOFOLLOW
# without O_NONBLOCK, opening a named pipe would wait for somebody to write into it
OPEN_FILE = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
_CHUNK_BYTES = 2**20


class NotReadError(Exception):
    """A file that is left out; the message is the reason."""


@contextmanager
def folder_opened(top: int, parts: tuple[str, ...]) -> Iterator[int]:
    """Open the folder at ``parts`` below the open folder ``top``.

    Raises:
        OSError: a part is missing, is no folder, is a symbolic link, or may not be read.
    """
    folder = os.dup(top)
    try:
        for part in parts:
            inner = os.open(part, OPEN_FOLDER, dir_fd=folder)
            os.close(folder)
            folder = inner
        yield folder
    finally:
        os.close(folder)


@contextmanager
def file_opened(folder: int, name: str) -> Iterator[int]:
    """Open the regular file ``name`` that lies in the open ``folder``.

    Raises:
        OSError: it is missing, is a symbolic link, or may not be read.
        NotReadError: it is not a regular file, or is a hard link to a file of somebody else's.
    """
    descriptor = os.open(name, OPEN_FILE, dir_fd=folder)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise NotReadError("it is not a regular file")
        # whoever owns a folder can give a second name to a file that only we can read
        if status.st_nlink > 1 and status.st_uid != os.fstat(folder).st_uid:
            raise NotReadError("it is a hard link to a file that belongs to somebody else; hand in a copy")
        yield descriptor
    finally:
        os.close(descriptor)


def chunks(descriptor: int, size_bytes: int) -> Iterator[bytes]:
    """Yield exactly ``size_bytes`` bytes of an open file, which must end there.

    Raises:
        NotReadError: it is shorter or longer.
    """
    left = size_bytes
    while True:
        chunk = os.read(descriptor, min(_CHUNK_BYTES, left + 1))
        left -= len(chunk)
        if left < 0 or (not chunk and left):
            raise NotReadError("its size changed while it was read")
        if not chunk:
            return
        yield chunk


def read(root: Path, parts: tuple[str, ...], size_bytes: int) -> bytes:
    """Return the content of the file at ``parts`` below ``root``, which must have ``size_bytes``.

    Raises:
        OSError, NotReadError: as :func:`folder_opened`, :func:`file_opened` and :func:`chunks`.
    """
    top = os.open(root, OPEN_FOLDER)
    try:
        with folder_opened(top, parts[:-1]) as folder, file_opened(folder, parts[-1]) as descriptor:
            return b"".join(chunks(descriptor, size_bytes))
    finally:
        os.close(top)
