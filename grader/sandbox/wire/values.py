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
    if type(value) is np.ndarray:
        return _pack_array(value, arrays)
    if depth > MAX_DEPTH:
        return Opaque(_type_name(value), f"it is nested more than {MAX_DEPTH} levels deep")
    if value is None:
        return Nothing()
    if isinstance(value, str):
        return Text(_travelling(value[:MAX_TEXT]))
    if isinstance(value, list) and (packed := _pack_number_list(value, arrays, depth)) is not None:
        return packed
    if isinstance(value, (list, tuple)):
        if len(value) > MAX_TEXT:
            return Opaque(_type_name(value), f"it has {len(value):,} items that are not plain numbers")
        return Sequence(tuple(pack(item, arrays, depth + 1) for item in value))
    if isinstance(value, MappingABC):
        if not all(isinstance(key, str) for key in value):
            return Opaque(_type_name(value), "its keys are not all strings")
        if len(value) > MAX_TEXT:
            return Opaque(_type_name(value), f"it has {len(value):,} keys")
        return Mapping({_travelling(str(key)[:MAX_TEXT]): pack(item, arrays, depth + 1) for key, item in value.items()})
    return _pack_array(value, arrays)


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
    return _pack_array(array, arrays, "list")


def _pack_array(value: object, arrays: list[np.ndarray], name: str = "") -> Value:
    """Return ``value`` as an array. ``name`` says what it was; empty for the name of its type."""

    def opaque(why: str) -> Opaque:
        return Opaque(name or _type_name(value), why)

    if not isinstance(value, (bool, int, float, complex, np.generic, np.ndarray)):
        return opaque("it is neither a number, an array, a list, a tuple, a dict nor a string")
    array = np.asarray(value)
    if isinstance(value, int) and array.dtype.kind == "O":
        return opaque("it is an integer too large for an array")
    if len(arrays) >= MAX_ARRAYS:
        return opaque(f"it comes after {MAX_ARRAYS:,} other arrays and numbers, which is as many as travel")
    if array.dtype.kind == "O":
        shape = _shape_text(array)
        return opaque(f"its dtype is object (shape {shape}), so its entries are Python objects and not numbers")
    if array.dtype.str[1:] not in DTYPES:
        return opaque(f"its dtype is {array.dtype} (shape {_shape_text(array)}), which is not a number type")
    if array.nbytes > SMALL_BYTES and array.nbytes + sum(a.nbytes for a in arrays) > MAX_LARGE_BYTES:
        size = array.nbytes / 2**20
        limit = MAX_LARGE_BYTES >> 20
        return opaque(f"it takes {size:,.0f} MiB (shape {_shape_text(array)}), more than the {limit} MiB allowed")
    arrays.append(array)
    return Array(len(arrays) - 1)


def _shape_text(array: np.ndarray) -> str:
    return "×".join(str(n) for n in array.shape) or "a scalar"


def _type_name(value: object) -> str:
    return _travelling(str(type(value).__name__)[:100])


def _travelling(text: str) -> str:
    """Return ``text`` with lone surrogates, which cannot be encoded, written out."""
    return text.encode("utf-8", "backslashreplace").decode()


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
