"""Pixels as a PNG, written from nothing: whoever reads one of these decodes only what is written here."""

import struct
import zlib

import numpy as np

MAX_SIDE_PX = 2**13
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_INDEXED = (8, 3, 0, 0, 0)
"""Eight bits a pixel, a palette, and the only compression, filter method and order that need nothing more."""


def png(pixels: np.ndarray, palette: np.ndarray) -> bytes:
    """Return a PNG of ``pixels``, uint8 of (rows, columns): indices into ``palette``, uint8 of (colours, 3).

    The same arrays give the same bytes. Rows are not filtered: drawings with few colours are smallest so.

    Raises:
        ValueError: an array has another type or shape, a side is empty or longer than :data:`MAX_SIDE_PX`, or a pixel
            has an index that the palette does not have.
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 2 or not all(1 <= side <= MAX_SIDE_PX for side in pixels.shape):
        raise ValueError(f"pixels must be uint8 of (rows, columns), not {pixels.dtype} of {pixels.shape}")
    if palette.dtype != np.uint8 or palette.ndim != 2 or palette.shape[1] != 3 or not 1 <= len(palette) <= 256:
        raise ValueError(f"a palette must be uint8 of (1 to 256, 3), not {palette.dtype} of {palette.shape}")
    if pixels.max() >= len(palette):
        raise ValueError(f"a pixel has the index {pixels.max()}, while the palette has {len(palette)} colours")
    rows, columns = pixels.shape
    unfiltered = np.zeros((rows, columns + 1), np.uint8)
    unfiltered[:, 1:] = pixels
    return b"".join((
        _SIGNATURE,
        _chunk(b"IHDR", struct.pack(">II5B", columns, rows, *_INDEXED)),
        _chunk(b"PLTE", palette.tobytes()),
        _chunk(b"IDAT", zlib.compress(unfiltered.tobytes())),
        _chunk(b"IEND", b""),
    ))  # fmt: skip


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
