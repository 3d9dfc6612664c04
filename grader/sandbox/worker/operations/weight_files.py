"""Weight files that are arrays by name, read without any framework: ``.safetensors`` and ``.npz``.

Every size that a file claims is compared with what the file holds before anything is made of it, so a file of a
hundred bytes cannot ask for gigabytes.
"""

import json
import zipfile
import zlib
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

Shape: TypeAlias = tuple[int, ...]

MAX_UNPACKED_BYTES = 512 * 2**20
"""What the members of an archive may hold together, unpacked."""
MAX_ARRAYS = 2000
MAX_NAMED = 12
"""How many names one message lists at most."""

_MAX_HEADER_BYTES = 4 * 2**20
_LENGTH_BYTES = 8
_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}
_WHOLE_NUMBERS = frozenset(["I64", "I32", "I16", "I8", "U64", "U32", "U16", "U8", "BOOL"])


class UnusableFile(Exception):
    """A weight file that cannot be used. The text is a clause about "it"; ``details`` are lines that say more."""

    def __init__(self, problem: str, details: tuple[str, ...] = ()) -> None:
        super().__init__(problem)
        self.details = details


def read_safetensors(path: Path) -> dict[str, np.ndarray]:
    """Return the floating-point arrays of a ``.safetensors`` file by name; whole numbers are left out.

    Raises:
        UnusableFile: it is something else, or claims what it does not hold.
    """
    content = path.read_bytes()
    length = int.from_bytes(content[:_LENGTH_BYTES], "little")
    body = memoryview(content)[_LENGTH_BYTES + length :]
    if len(content) < _LENGTH_BYTES or length > min(_MAX_HEADER_BYTES, len(content) - _LENGTH_BYTES):
        raise UnusableFile(f"it is no safetensors file, or is cut off: its header claims {length:,} bytes")
    try:
        header = json.loads(content[_LENGTH_BYTES : _LENGTH_BYTES + length])
    except (ValueError, RecursionError):
        raise UnusableFile("it is no safetensors file: its header is not JSON") from None
    if not isinstance(header, dict) or len(header) > MAX_ARRAYS:
        raise UnusableFile(f"it is no safetensors file: its header is not a mapping of at most {MAX_ARRAYS:,} arrays")
    arrays = {name: _tensor(name, entry, body) for name, entry in header.items() if name != "__metadata__"}
    return {name: array for name, array in arrays.items() if array is not None}


def _tensor(name: str, entry: Any, body: memoryview) -> np.ndarray | None:
    shown = name[:100]
    try:
        code, shape, (start, end) = str(entry["dtype"]), entry["shape"], entry["data_offsets"]
    except (TypeError, KeyError, ValueError):
        raise UnusableFile(f"its header says of {shown} neither type, shape nor place") from None
    if not isinstance(shape, list) or not all(type(n) is int and n >= 0 for n in (*shape, start, end)):
        raise UnusableFile(f"its header gives {shown} a shape or a place that is none")
    if code in _WHOLE_NUMBERS:
        return None
    if code not in _DTYPES:
        raise UnusableFile(f"{shown} has the type {code[:20]}, which is not one of {', '.join(_DTYPES)}")
    claimed = prod(shape) * np.dtype(_DTYPES[code]).itemsize
    if not start <= end <= len(body) or claimed != end - start:
        raise UnusableFile(f"it claims {claimed:,} bytes for {shown}, but does not hold them: {len(body):,} in all")
    array = np.frombuffer(body[start:end], _DTYPES[code]).reshape(shape)
    # the upper half of a float32
    return array if code != "BF16" else (array.astype(np.uint32) << 16).view(np.float32)


def read_npz(path: Path) -> dict[str, np.ndarray]:
    """Return the floating-point arrays of an ``.npz`` file by name; whole numbers are left out.

    Raises:
        UnusableFile: it is something else, holds pickled objects, or claims what it does not hold.
    """
    check_archive(path, "an npz file")
    arrays: dict[str, np.ndarray] = {}
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            name = member.filename.removesuffix(".npy")
            with archive.open(member) as stream:
                array = _npy(name[:100], stream, member.file_size)
            if array.dtype.kind == "f":
                arrays[name] = array
    return arrays


def _npy(shown: str, stream: Any, size_bytes: int) -> np.ndarray:
    try:
        version = np.lib.format.read_magic(stream)
        read_header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
        shape, in_columns, dtype = read_header[version](stream)
        claimed = prod(shape) * dtype.itemsize
        content = b"" if dtype.hasobject or claimed > size_bytes else stream.read(claimed)
    except (ValueError, KeyError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        raise UnusableFile(f"{shown} in it is not an array that NumPy saved: {error}") from None
    if dtype.hasobject:
        raise UnusableFile(f"{shown} in it is a pickled Python object, which is never loaded; save arrays of numbers")
    if claimed > size_bytes:
        raise UnusableFile(f"it claims {claimed:,} bytes for {shown}, but holds {size_bytes:,}")
    if len(content) != claimed:
        raise UnusableFile(f"it is cut off in {shown}")
    return np.frombuffer(content, dtype).reshape(shape, order="F" if in_columns else "C")


def check_archive(path: Path, kind: str) -> None:
    """Check that ``path`` is a zip archive that unpacks to a reasonable size.

    Raises:
        UnusableFile: it is not.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
        raise UnusableFile(f"it is not {kind}, or is damaged: {error}") from None
    if len(members) > MAX_ARRAYS:
        raise UnusableFile(f"it is an archive of {len(members):,} files; at most {MAX_ARRAYS:,} are read")
    claimed = sum(member.file_size for member in members)
    if claimed > MAX_UNPACKED_BYTES:
        raise UnusableFile(f"it unpacks to {claimed:,} bytes; at most {MAX_UNPACKED_BYTES >> 20} MiB are read")


def matched(expected: Mapping[str, Shape], given: Mapping[str, Shape]) -> dict[str, str]:
    """Return, for each array that a network expects, the name of the one in a file.

    Names agree, or all of the file's have one word more in front (``module.``, ``model.``), or the file numbers its
    arrays (``arr_0``) and they are in the network's order.

    Raises:
        UnusableFile: arrays are missing, left over or of another shape; ``details`` names them.
    """
    names = _pairs(expected, given)
    missing = [name for name in expected if name not in names]
    unexpected = [name for name in given if name not in names.values()]
    if missing or unexpected:
        details = (*_listed("missing in the file", missing), *_listed("not in the network", unexpected))
        raise UnusableFile(f"its {len(given)} arrays are not the {len(expected)} of the network", details)
    other = [name for name in expected if expected[name] != given[names[name]]]
    if other:
        lines = tuple(
            f"{name}: {_dimensions(expected[name])} in the network, {_dimensions(given[names[name]])} in the file"
            for name in other[:MAX_NAMED]
        )
        raise UnusableFile(f"{len(other)} of its arrays have another shape than the network's", lines)
    return names


def _pairs(expected: Mapping[str, Shape], given: Mapping[str, Shape]) -> dict[str, str]:
    if given and all(name.removeprefix("arr_").isdecimal() for name in given):
        in_order = sorted(given, key=lambda name: int(name.removeprefix("arr_")))
        return dict(zip(expected, in_order, strict=False))
    without_first = {name.partition(".")[2]: name for name in given}
    best = max(({name: name for name in given}, without_first), key=lambda names: len(names.keys() & expected.keys()))
    return {name: best[name] for name in expected if name in best}


def _listed(what: str, names: list[str]) -> tuple[str, ...]:
    if not names:
        return ()
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return (f"{what}: {', '.join(name[:100] for name in names[:MAX_NAMED])}{more}",)


def _dimensions(shape: Shape) -> str:
    return "×".join(map(str, shape)) or "one number"
