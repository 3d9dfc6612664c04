"""Reading a data set's file so that it is known to be the right one, and writing one so that it is whole or absent."""

import contextlib
import hashlib
import mmap
import os
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from grader.data import idx
from grader.data.catalogue import File
from grader.data.errors import CorruptFile, UnreadableFile


def read(path: Path, file: File) -> NDArray[np.uint8]:
    """Return the array in the file at ``path``, which must be ``file``, packed or not: its content tells, not its name.

    An unpacked file is mapped into memory, so that several processes share it.

    Returns:
        A read-only array with the shape ``file.shape``.

    Raises:
        CorruptFile: it is not ``file``: damaged, cut off, another file. The text says how.
        UnreadableFile: the operating system does not give it out.
    """
    try:
        content = _content(path)
    except OSError as error:
        raise UnreadableFile(f"{path}: cannot be read: {error.strerror}") from None
    return check(content, file, str(path))


def check(content: bytes | mmap.mmap, file: File, where: str) -> NDArray[np.uint8]:
    """Return the array in ``content``, which must be ``file``, packed or not.

    Args:
        content: all of the file.
        file: what it must be.
        where: the file's name or address, for messages.

    Raises:
        CorruptFile: it is not.
    """
    if content[:2] == idx.GZIP_MAGIC:
        content = idx.unpack(bytes(content), file.size_bytes, where)
    array = idx.decode(content, where)
    if array.shape != file.shape:
        raise CorruptFile(
            f"{where}: another file under this name: it holds {idx.written(array.shape)} bytes, "
            f"where {idx.written(file.shape)} were expected"
        )
    seen = hashlib.sha256(content).hexdigest()
    if seen != file.sha256:
        raise CorruptFile(
            f"{where}: damaged, or another file under this name: "
            f"the SHA-256 of its unpacked content is {seen}, expected was {file.sha256}"
        )
    return array


def write(content: bytes, path: Path) -> None:
    """Write ``content`` to ``path``, whose folders are made: afterwards all of it is there, or nothing new.

    Raises:
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as unfinished:
            unfinished.write(content)
        Path(name).chmod(0o644)  # mkstemp's files are for their owner only, and caches can be shared
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _content(path: Path) -> bytes | mmap.mmap:
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size == 0:
            return b""  # which cannot be mapped
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
