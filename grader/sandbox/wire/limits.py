"""What a frame may hold. Both sides go by these numbers."""

PROTOCOL = 1
MAX_HEADER_BYTES = 4 * 2**20
MAX_BODY_BYTES = 256 * 2**20
COPIED_BYTES = 2**16
"""Arrays up to this size are gathered into one buffer: many small writes cost more than copying."""
MAX_TEXT = 10_000
MAX_DIMENSIONS = 32
MAX_DEPTH = 16
MAX_ARRAYS = 10_000
MAX_LARGE_BYTES = MAX_BODY_BYTES // 2
SMALL_BYTES = (MAX_BODY_BYTES - MAX_LARGE_BYTES) // MAX_ARRAYS
"""Small arrays, however many travel, fit beside the large ones, so they need not be added up each time."""
DTYPES = frozenset(["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"])


class ProtocolError(Exception):
    """A frame that is not one of ours: forged, truncated, oversized, or of an unknown kind."""
