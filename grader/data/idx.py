"""The IDX file format, as far as these data sets use it: arrays of unsigned bytes, packed with gzip or not.

An IDX file is ``00 00``, one byte for the type of the elements (``08``: unsigned bytes), one for the number of
dimensions, the dimensions as big-endian 32-bit integers, and the elements in C order.
"""

import mmap
import struct
import zlib
from math import prod

import numpy as np
from numpy.typing import NDArray

from grader.data.errors import CorruptFile

GZIP_MAGIC = b"\x1f\x8b"
_UNSIGNED_BYTES = b"\x00\x00\x08"
_ZLIB_READS_GZIP = 16 + zlib.MAX_WBITS


def decode(content: bytes | mmap.mmap, where: str) -> NDArray[np.uint8]:
    """Return the array in ``content``, an unpacked IDX file, without copying it.

    Args:
        content: the whole file.
        where: the file's name, for messages.

    Returns:
        A read-only array with the shape that the header states.

    Raises:
        CorruptFile: it is not an IDX file of unsigned bytes, or its size is not the one that its header states.
    """
    start = content[:4]
    if len(start) < 4 or start[:3] != _UNSIGNED_BYTES or start[3] == 0:
        seen = start.hex(" ") or "nothing"
        raise CorruptFile(
            f"{where}: not an IDX file of unsigned bytes: it starts with {seen}, "
            "where 00 00 08 and the number of dimensions were expected"
        )
    offset = 4 + 4 * start[3]
    if len(content) < offset:
        raise CorruptFile(
            f"{where}: cut off within its header: it is {len(content):,} bytes long, "
            f"and the header of an IDX file with {start[3]} dimensions is {offset:,}"
        )
    shape: tuple[int, ...] = struct.unpack(f">{start[3]}I", content[4:offset])
    stated, there = prod(shape), len(content) - offset
    if stated != there:
        raise CorruptFile(
            f"{where}: cut off or damaged: its header states {written(shape)}, "
            f"which is {stated:,} bytes, and {there:,} follow"
        )
    array = np.frombuffer(content, np.uint8, count=stated, offset=offset).reshape(shape)
    array.flags.writeable = False
    return array


def encode(array: NDArray[np.uint8]) -> bytes:
    """Return ``array``, of unsigned bytes and 1 to 255 dimensions, as an unpacked IDX file.

    Raises:
        ValueError: ``array`` has another type, or no dimension.
    """
    if array.dtype != np.uint8 or array.ndim == 0:
        raise ValueError(f"an array of uint8 with at least one dimension is needed, not {array.dtype} {array.shape}")
    header = _UNSIGNED_BYTES + bytes([array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.tobytes()


def unpack(content: bytes, at_most_bytes: int, where: str) -> bytes:
    """Return what is packed in ``content``, a file made by gzip.

    Args:
        content: the whole packed file.
        at_most_bytes: how much is unpacked at most; a file that holds more is refused.
        where: the file's name, for messages.

    Raises:
        CorruptFile: it is damaged, cut off, or holds more than ``at_most_bytes``.
    """
    stream = zlib.decompressobj(_ZLIB_READS_GZIP)
    try:
        unpacked = stream.decompress(content, at_most_bytes + 1)
    except zlib.error as error:
        raise CorruptFile(f"{where}: damaged: gzip cannot unpack it ({error})") from None
    if len(unpacked) > at_most_bytes:
        raise CorruptFile(f"{where}: holds more than the {at_most_bytes:,} bytes that this file has when unpacked")
    if not stream.eof:
        raise CorruptFile(f"{where}: cut off: its {len(content):,} bytes unpack to {len(unpacked):,} and then end")
    if stream.unused_data:
        raise CorruptFile(f"{where}: damaged: {len(stream.unused_data):,} bytes follow the end of what gzip packed")
    return unpacked


def written(shape: tuple[int, ...]) -> str:
    """Return a shape for people, as in ``60,000 × 28 × 28``."""
    return " × ".join(f"{size:,}" for size in shape)
