"""Frames: from messages and arrays to bytes, and back only what decodes exactly."""

import struct
import sys
from math import prod

import msgspec
import numpy as np

from grader.sandbox.wire.limits import (
    COPIED_BYTES,
    DTYPES,
    MAX_ARRAYS,
    MAX_BODY_BYTES,
    MAX_DIMENSIONS,
    MAX_HEADER_BYTES,
    ProtocolError,
)
from grader.sandbox.wire.messages import ArraySpec, Reply, Request

PREFIX = struct.Struct("<IQ")


class Header(msgspec.Struct, frozen=True):
    """``seq`` numbers the request; a reply carries the number of the request it answers, :class:`Hello` carries 0."""

    seq: int
    message: Request | Reply
    arrays: tuple[ArraySpec, ...] = ()


class Frame(msgspec.Struct, frozen=True):
    """A decoded frame."""

    seq: int
    message: Request | Reply
    arrays: tuple[np.ndarray, ...]


_IS_LITTLE_ENDIAN = sys.byteorder == "little"
_LITTLE_ENDIAN = {code: np.dtype("<" + code) for code in DTYPES}
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Header)


def encode(
    seq: int, message: Request | Reply, arrays: "tuple[np.ndarray, ...] | list[np.ndarray]" = ()
) -> list[bytes | memoryview]:
    """Return a frame as buffers to be written one after another.

    Raises:
        ProtocolError: an array's dtype is not in :data:`DTYPES`, or the frame would be larger than allowed.
    """
    if len(arrays) > MAX_ARRAYS:
        raise ProtocolError(f"a frame holds at most {MAX_ARRAYS:,} arrays, this one has {len(arrays):,}")
    specs: list[ArraySpec] = []
    body_bytes = 0
    for array in arrays:
        code = array.dtype.str[1:]
        if code not in DTYPES:
            raise ProtocolError(f"arrays of dtype {array.dtype} do not travel")
        body_bytes += array.nbytes
        specs.append(ArraySpec(code, array.shape))
    if body_bytes > MAX_BODY_BYTES:
        raise ProtocolError(f"a frame holds at most {MAX_BODY_BYTES:,} bytes of arrays")
    header = _encoder.encode(Header(seq, message, tuple(specs)))
    if len(header) > MAX_HEADER_BYTES:
        raise ProtocolError(f"a frame's header holds at most {MAX_HEADER_BYTES:,} bytes, this one has {len(header):,}")
    buffers: list[bytes | memoryview] = []
    small = bytearray(PREFIX.pack(len(header), body_bytes) + header)
    for array in arrays:
        body = array if array.dtype.isnative == _IS_LITTLE_ENDIAN else array.astype(array.dtype.newbyteorder("<"))
        if array.nbytes <= COPIED_BYTES:
            small += body.tobytes()
        else:
            content = np.ascontiguousarray(body).reshape(-1).view(np.uint8).data
            buffers += [bytes(small), content] if small else [content]
            small.clear()
    return [*buffers, bytes(small)] if small else buffers


def parse_prefix(prefix: bytes) -> tuple[int, int]:
    """Return ``(header length, body length)`` in bytes, both within their limits.

    Raises:
        ProtocolError: the prefix is short, or announces more than the limits allow.
    """
    if len(prefix) != PREFIX.size:
        raise ProtocolError(f"a frame starts with {PREFIX.size} bytes, got {len(prefix)}")
    header_bytes, body_bytes = PREFIX.unpack(prefix)
    if header_bytes > MAX_HEADER_BYTES:
        raise ProtocolError(f"a header of {header_bytes:,} bytes was announced, at most {MAX_HEADER_BYTES:,} are read")
    if body_bytes > MAX_BODY_BYTES:
        raise ProtocolError(f"a body of {body_bytes:,} bytes was announced, at most {MAX_BODY_BYTES:,} are read")
    return header_bytes, body_bytes


def parse_frame(header: bytes, body: bytes | bytearray) -> Frame:
    """Decode a frame whose bytes have been read whole. The arrays are read-only views of ``body``.

    Raises:
        ProtocolError: the header does not decode, or does not describe exactly this body.
    """
    try:
        decoded = _decoder.decode(header)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise ProtocolError(f"a header that does not decode ({error})") from None
    if len(decoded.arrays) > MAX_ARRAYS:
        raise ProtocolError(f"a header with {len(decoded.arrays):,} arrays, at most {MAX_ARRAYS:,} travel")
    arrays: list[np.ndarray] = []
    offset = 0
    content = memoryview(body).toreadonly()
    for spec in decoded.arrays:
        array, offset = _array_at(spec, content, offset)
        arrays.append(array)
    if offset != len(body):
        raise ProtocolError(f"the header describes {offset:,} bytes of arrays, the body has {len(body):,}")
    return Frame(decoded.seq, decoded.message, tuple(arrays))


def _array_at(spec: ArraySpec, body: memoryview, offset: int) -> tuple[np.ndarray, int]:
    dtype = _LITTLE_ENDIAN.get(spec.dtype)
    if dtype is None:
        raise ProtocolError(f"dtype {spec.dtype[:20]!r} is not one that travels")
    if len(spec.shape) > MAX_DIMENSIONS:
        raise ProtocolError(f"an array of {len(spec.shape)} dimensions, at most {MAX_DIMENSIONS} travel")
    if spec.shape and min(spec.shape) < 0:
        raise ProtocolError(f"an array with the negative length {min(spec.shape)}")
    count = prod(spec.shape)
    end = offset + count * dtype.itemsize
    if end > len(body):
        raise ProtocolError("the header describes more arrays than the body holds")
    try:
        array = np.ndarray(spec.shape, dtype, body, offset) if count else np.empty(spec.shape, dtype)
    except ValueError as error:
        # (0, 2**63): the product is zero, each length alone is beyond NumPy
        raise ProtocolError(f"an array of shape {spec.shape}: {error}") from None
    array.flags.writeable = False
    return array, end
