"""The scalars in TensorBoard's event files, read without TensorBoard.

A file is a sequence of records: length (u64), its checksum (u32), the bytes of an ``Event``, their checksum (u32), all
little-endian. An ``Event`` is a protocol buffer; of it only the step and the scalars are read, in the form of PyTorch
(``simple_value``) and in that of TensorFlow 2 (a tensor of one number).
"""

import struct
from collections.abc import Iterator
from typing import Any

import numpy as np

from grader.sandbox.worker.operations.workbench import Workbench

MAX_FILE_BYTES = 32 * 2**20
MAX_RECORD_BYTES = 2**16
"""A longer record holds a graph, an image or a histogram; it is passed over."""
MAX_SERIES = 200
MAX_NUMBERS = 200_000
MAX_NAME = 200

_POLYNOMIAL = 0x82F63B78
_FLOAT, _DOUBLE = 1, 2
_NUMBER_TYPES = {_FLOAT: "<f4", _DOUBLE: "<f8"}


class BrokenEvents(Exception):
    """The file is not one of events, or is damaged. The text is a clause about "it"."""


def read_events(bench: Workbench, paths: tuple[str, ...]) -> tuple[dict[str, Any], ...]:
    """Return what is in the delivered event files ``paths``.

    Returns:
        A mapping for each: ``path``; ``problem``, empty or why no more could be read; ``series``, a tuple of mappings
        with ``tag``, ``steps`` (int64) and ``values`` (float64), as many of each, in the order written.
    """
    found = []
    for path in paths:
        series: dict[str, list[tuple[int, float]]] = {}
        problem = ""
        try:
            data = (bench.root / path).read_bytes()
            if len(data) > MAX_FILE_BYTES:
                raise BrokenEvents(f"it has {len(data):,} bytes; at most {MAX_FILE_BYTES >> 20} MiB are read")
            collect(data, series)
        except BrokenEvents as error:
            problem = str(error)
        found.append({"path": path, "problem": problem, "series": tuple(map(_described, series.items()))})
    return tuple(found)


def _described(item: tuple[str, list[tuple[int, float]]]) -> dict[str, Any]:
    tag, points = item
    steps, values = zip(*points, strict=True)
    return {"tag": tag, "steps": np.array(steps, np.int64), "values": np.array(values, np.float64)}


def collect(data: bytes, series: dict[str, list[tuple[int, float]]]) -> None:
    """Add the scalars of an event file to ``series``: pairs of step and value, by tag.

    Raises:
        BrokenEvents: the file is damaged; what stands before the damage has been added.
    """
    count = 0
    for record in records(data):
        step, scalars = _event(record)
        for tag, value in scalars:
            count += 1
            if count > MAX_NUMBERS or (tag not in series and len(series) >= MAX_SERIES):
                raise BrokenEvents(f"it holds more than {MAX_NUMBERS:,} numbers or {MAX_SERIES} series")
            series.setdefault(tag, []).append((step, value))


def records(data: bytes) -> Iterator[bytes]:
    """Yield the contents of the records that are short enough to hold scalars.

    Raises:
        BrokenEvents: a checksum is wrong, or the file ends within a record.
    """
    position = 0
    while position < len(data):
        header = data[position : position + 12]
        if len(header) < 12:
            raise BrokenEvents(f"it ends within a record, at byte {position:,}")
        length, checksum = struct.unpack("<QI", header)
        if masked_crc(header[:8]) != checksum:
            raise BrokenEvents(f"the checksum at byte {position:,} is wrong, so it is damaged or not an event file")
        end = position + 12 + length
        if end + 4 > len(data):
            raise BrokenEvents(f"it ends within a record, at byte {position:,}")
        if length <= MAX_RECORD_BYTES:
            record = data[position + 12 : end]
            if masked_crc(record) != struct.unpack_from("<I", data, end)[0]:
                raise BrokenEvents(f"the checksum of the record at byte {position:,} is wrong")
            yield record
        position = end + 4


def masked_crc(data: bytes) -> int:
    """Return the checksum that stands behind ``data`` in such a file: CRC-32C, rotated and with a constant added."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def _table() -> tuple[int, ...]:
    table = []
    for number in range(256):
        for _ in range(8):
            number = (number >> 1) ^ (_POLYNOMIAL if number & 1 else 0)
        table.append(number)
    return tuple(table)


_TABLE = _table()


# --- protocol buffers: numbers of fields as in event.proto, summary.proto and tensor.proto ---------------------------


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield number and raw value of each field: an integer, or bytes (also of fixed 4 or 8)."""
    position = 0
    while position < len(data):
        key, position = _varint(data, position)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, position = _varint(data, position)
            yield number, value
            continue
        if kind == 2:
            length, position = _varint(data, position)
        elif kind in (1, 5):
            length = 8 if kind == 1 else 4
        else:
            raise BrokenEvents(f"a record has a field of kind {kind}, which events do not have")
        if position + length > len(data):
            raise BrokenEvents("a record is shorter than it says")
        yield number, data[position : position + length]
        position += length


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while position < len(data) and shift < 70:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
    raise BrokenEvents("a record ends within a number")


def _event(data: bytes) -> tuple[int, list[tuple[str, float]]]:
    """Return the step of an ``Event`` and its scalars: tag and value."""
    step, scalars = 0, []
    for number, value in _fields(data):
        if number == 2 and isinstance(value, int):
            step = value if value < 2**63 else value - 2**64
        elif number == 5 and isinstance(value, bytes):
            for inner, content in _fields(value):
                if inner == 1 and isinstance(content, bytes) and (scalar := _scalar(content)) is not None:
                    scalars.append(scalar)
    return max(min(step, 2**63 - 1), -(2**63)), scalars


def _scalar(data: bytes) -> tuple[str, float] | None:
    """Return tag and number of a ``Summary.Value``, ``None`` if it is no scalar."""
    tag, number = "", None
    for field, value in _fields(data):
        if not isinstance(value, bytes):
            continue
        if field == 1:
            tag = value.decode("utf-8", "replace")[:MAX_NAME]
        elif field == 2 and len(value) == 4:
            number = struct.unpack("<f", value)[0]
        elif field == 8:
            number = _tensor(value)
    return None if number is None else (tag, number)


def _tensor(data: bytes) -> float | None:
    """Return the number of a ``TensorProto`` that holds exactly one, a float or a double."""
    dtype, content = 0, b""
    for field, value in _fields(data):
        if field == 1 and isinstance(value, int):
            dtype = value
        elif field in (4, 5, 6) and isinstance(value, bytes):
            content += value
    form = _NUMBER_TYPES.get(dtype)
    if form is None or len(content) != np.dtype(form).itemsize:
        return None
    return float(np.frombuffer(content, form)[0])
