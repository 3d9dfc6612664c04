"""Values: any Python object to something that travels, and back."""

from collections.abc import Mapping as MappingABC

import numpy as np

from grader.sandbox.wire.limits import (
    DTYPES,
    MAX_ARRAYS,
    MAX_DEPTH,
    MAX_DIMENSIONS,
    MAX_LARGE_BYTES,
    MAX_TEXT,
    SMALL_BYTES,
    ProtocolError,
)
from grader.sandbox.wire.messages import Array, Mapping, Nothing, Opaque, Payload, Sequence, Text, Value


def pack(value: object, arrays: list[np.ndarray], depth: int = 0) -> Value:
    """Turn a Python value into a :data:`Value`, appending its arrays to ``arrays``. Never raises for a strange value:
    what cannot travel becomes an :class:`Opaque` that says why.
    """
    name = _type_name(value)
    if depth > MAX_DEPTH:
        return Opaque(name, f"it is nested more than {MAX_DEPTH} levels deep")
    if value is None:
        return Nothing()
    if isinstance(value, str):
        return Text(value[:MAX_TEXT].encode("utf-8", "backslashreplace").decode())
    if isinstance(value, list) and (packed := _pack_number_list(value, arrays, depth)) is not None:
        return packed
    if isinstance(value, (list, tuple)):
        if len(value) > MAX_TEXT:
            return Opaque(name, f"it has {len(value):,} items that are not plain numbers")
        return Sequence(tuple(pack(item, arrays, depth + 1) for item in value))
    if isinstance(value, MappingABC):
        if not all(isinstance(key, str) for key in value):
            return Opaque(name, "its keys are not all strings")
        if len(value) > MAX_TEXT:
            return Opaque(name, f"it has {len(value):,} keys")
        return Mapping({str(key)[:MAX_TEXT]: pack(item, arrays, depth + 1) for key, item in value.items()})
    return _pack_array(value, name, arrays)


def _pack_number_list(value: list[object], arrays: list[np.ndarray], depth: int) -> Value | None:
    """Return a list of numbers (nested lists included) as an array; ``None`` if it is something else."""
    leaf: object = value
    for _ in range(MAX_DIMENSIONS):  # a list can hold itself
        if not isinstance(leaf, list) or not leaf:
            break
        leaf = leaf[0]
    if not isinstance(leaf, (bool, int, float, complex, np.number, np.bool_, list)):
        return None
    try:
        array = np.array(value)
    except ValueError:
        if depth == 0:
            return None  # several values may come back in a list instead of a tuple
        return Opaque("list", "its rows have different lengths, so it is not an array")
    except OverflowError:
        return Opaque("list", "it holds an integer too large for an array")
    if array.dtype.kind not in "biufc":
        return None
    return _pack_array(array, "list", arrays)


def _pack_array(value: object, name: str, arrays: list[np.ndarray]) -> Value:
    if isinstance(value, (bool, int, float, complex, np.generic, np.ndarray)):
        array = np.asarray(value)
        if isinstance(value, int) and array.dtype.kind == "O":
            return Opaque(name, "it is an integer too large for an array")
    else:
        return Opaque(name, "it is neither a number, an array, a list, a tuple, a dict nor a string")
    if len(arrays) >= MAX_ARRAYS:
        return Opaque(name, f"it comes after {MAX_ARRAYS:,} other arrays and numbers, which is as many as travel")
    shape = "×".join(str(n) for n in array.shape) or "a scalar"
    if array.dtype.kind == "O":
        return Opaque(name, f"its dtype is object (shape {shape}), so its entries are Python objects and not numbers")
    if f"{array.dtype.kind}{array.dtype.itemsize}" not in DTYPES:
        return Opaque(name, f"its dtype is {array.dtype} (shape {shape}), which is not a number type")
    if array.nbytes > SMALL_BYTES and array.nbytes + sum(a.nbytes for a in arrays) > MAX_LARGE_BYTES:
        size = array.nbytes / 2**20
        return Opaque(
            name, f"it takes {size:,.0f} MiB (shape {shape}), more than the {MAX_LARGE_BYTES >> 20} MiB allowed"
        )
    arrays.append(array)
    return Array(len(arrays) - 1)


def _type_name(value: object) -> str:
    return str(type(value).__name__)[:100].encode("utf-8", "backslashreplace").decode()


def unpack(value: Value, arrays: tuple[np.ndarray, ...]) -> Payload:
    """Put a frame's arrays back into a :data:`Value`.

    Raises:
        ProtocolError: the value names an array that the frame does not have, or is nested too deeply.
    """
    return _unpack(value, arrays, 0)


def _unpack(value: Value, arrays: tuple[np.ndarray, ...], depth: int) -> Payload:
    if depth > MAX_DEPTH + 1:
        raise ProtocolError(f"a value nested more than {MAX_DEPTH} levels deep")
    match value:
        case Array(index=index):
            if not 0 <= index < len(arrays):
                raise ProtocolError(f"array {index} of a frame with {len(arrays)}")
            return arrays[index]
        case Text(value=text):
            return text
        case Nothing():
            return None
        case Sequence(items=items):
            return tuple(_unpack(item, arrays, depth + 1) for item in items)
        case Mapping(items=entries):
            return {key: _unpack(item, arrays, depth + 1) for key, item in entries.items()}
        case Opaque():
            return value
