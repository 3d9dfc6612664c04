"""Parts of files with weights and records: what attacks hand in, and honest work too."""

import json
import struct
import zipfile
from pathlib import Path
from typing import Any


def write_safetensors(path: Path, header: Any, body: bytes = b"") -> None:
    """Write a ``.safetensors`` file whose header is ``header``, JSON or bytes as they are."""
    encoded = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(encoded)) + encoded + body)


def write_npy(archive: zipfile.ZipFile, name: str, header: str, body: bytes = b"") -> None:
    """Add an array to an ``.npz`` file whose header is the text ``header``."""
    encoded = header.encode("latin-1") + b"\n"
    archive.writestr(name, b"\x93NUMPY\x01\x00" + struct.pack("<H", len(encoded)) + encoded + body)


def scalar_event(tag: bytes, value: float, step: int) -> bytes:
    """Return an event file's record with one scalar."""
    content = b"\x0a" + _varint(len(tag)) + tag + b"\x15" + struct.pack("<f", value)
    summary = b"\x0a" + _varint(len(content)) + content
    return record(b"\x10" + _varint(step) + b"\x2a" + _varint(len(summary)) + summary)


def record(content: bytes, claimed: int | None = None) -> bytes:
    """Return a record of an event file, with right checksums, that claims to hold ``claimed`` bytes."""
    from grader.sandbox.worker.operations.events import masked_crc

    length = struct.pack("<Q", len(content) if claimed is None else claimed)
    return length + struct.pack("<I", masked_crc(length)) + content + struct.pack("<I", masked_crc(content))


def _varint(number: int) -> bytes:
    encoded = b""
    while number > 127:
        encoded += bytes([number & 127 | 128])
        number >>= 7
    return encoded + bytes([number])
