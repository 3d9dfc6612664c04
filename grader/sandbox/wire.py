"""The language between the trusted session and a student worker: frames of arrays, never code.

A frame is ``<u32 header length><u64 body length><header><body>``, little-endian. The header is msgpack and decodes
only into the types below; the body is the raw bytes of the frame's arrays, one after another, C order,
little-endian. No pickle, no object arrays, dtypes from a fixed list, sizes checked before anything is allocated.

Both sides import this module; it imports nothing of the project.
"""

import struct
from collections.abc import Mapping as MappingABC
from typing import Annotated, Literal, TypeAlias

import msgspec
import numpy as np

PROTOCOL = 1
PREFIX = struct.Struct("<IQ")
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


Seconds: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=1e9)]
"""A duration as a worker tells it: finite and not negative, since a report is made of it."""


class ProtocolError(Exception):
    """A frame that is not one of ours: forged, truncated, oversized, or of an unknown kind."""


# --- values -----------------------------------------------------------------------------------------------------------


class Array(msgspec.Struct, frozen=True, tag="array"):
    """Stands for the frame's array number ``index``. Python numbers and lists of numbers travel as arrays too."""

    index: int


class Text(msgspec.Struct, frozen=True, tag="text"):
    """A string, cut to ``MAX_TEXT`` characters."""

    value: str


class Nothing(msgspec.Struct, frozen=True, tag="nothing"):
    """``None``."""


class Sequence(msgspec.Struct, frozen=True, tag="sequence"):
    """A tuple, or a list that is not simply an array of numbers."""

    items: "tuple[Value, ...]"


class Mapping(msgspec.Struct, frozen=True, tag="mapping"):
    """A dict with string keys."""

    items: "dict[str, Value]"


class Opaque(msgspec.Struct, frozen=True, tag="opaque"):
    """Something that does not travel, described: ``why`` is a sentence without a full stop."""

    type_name: str
    why: str


Value: TypeAlias = Array | Text | Nothing | Sequence | Mapping | Opaque
Payload: TypeAlias = "np.ndarray | str | None | tuple[Payload, ...] | dict[str, Payload] | Opaque"
"""A :data:`Value` with its arrays put back in place."""


class ArraySpec(msgspec.Struct, frozen=True):
    """``dtype`` is one of :data:`DTYPES`; ``shape`` as NumPy's."""

    dtype: str
    shape: tuple[int, ...]


# --- what the session asks --------------------------------------------------------------------------------------------


class Deliver(msgspec.Struct, frozen=True, tag="deliver"):
    """Write files into the scratch folder. Array ``i`` (uint8, one axis) is the content of ``paths[i]``."""

    paths: tuple[str, ...]


class Read(msgspec.Struct, frozen=True, tag="read"):
    """Read delivered sources and notebooks without running them; answered by :class:`Reading`."""

    paths: tuple[str, ...]


class Load(msgspec.Struct, frozen=True, tag="load"):
    """Run a delivered file so that ``names`` can be called; answered by :class:`Loaded` or :class:`Raised`.

    A ``.py`` file is executed as a module. Of a notebook only the definitions of ``names`` and what they need run.
    """

    path: str
    names: tuple[str, ...]


class Call(msgspec.Struct, frozen=True, tag="call"):
    """Call a function of a loaded file once per entry of ``calls``, in order; answered by :class:`Returned`, or by
    :class:`Raised` as soon as one call raises."""

    path: str
    function: str
    calls: tuple[tuple[Value, ...], ...]


Request: TypeAlias = Deliver | Read | Load | Call


# --- what the worker answers ------------------------------------------------------------------------------------------


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """Sent once, before any request is read: the walls that are up, and the versions inside."""

    protocol: int
    walls: tuple[str, ...]
    versions: dict[str, str]


class Delivered(msgspec.Struct, frozen=True, tag="delivered"):
    """The files are in the scratch folder."""


class Problem(msgspec.Struct, frozen=True):
    """Why a source cannot be read. ``line`` counts from 1, within the cell when ``cell`` (from 1) is given."""

    message: str
    line: int | None = None
    cell: int | None = None
    quote: str = ""


class Definition(msgspec.Struct, frozen=True):
    """A name bound at the top level of a source."""

    name: str
    kind: Literal["function", "class", "variable", "import"]
    line: int
    cell: int | None = None


class Import(msgspec.Struct, frozen=True):
    """One import. ``needed_by`` are the top-level functions, classes and variables whose code uses it, directly or
    through helpers; ``standard`` says that ``module`` (top-level name) is in the standard library; ``own`` that it is
    a file of the submission. ``path`` is empty, or the other file of the submission in which the import stands when
    it was reached through an import of that file."""

    module: str
    line: int
    cell: int | None
    quote: str
    needed_by: tuple[str, ...]
    standard: bool
    own: bool
    path: str = ""


class Evasion(msgspec.Struct, frozen=True):
    """A use of something that can hide an import from a reader (``exec``, ``__import__``, ``importlib`` …). ``path``
    as for :class:`Import`."""

    what: str
    line: int
    cell: int | None
    quote: str
    needed_by: tuple[str, ...]
    path: str = ""


class SourceFacts(msgspec.Struct, frozen=True):
    """What reading one file told. With a ``problem`` the other fields hold what could be read in spite of it."""

    path: str
    definitions: tuple[Definition, ...] = ()
    imports: tuple[Import, ...] = ()
    evasions: tuple[Evasion, ...] = ()
    problem: Problem | None = None


class Reading(msgspec.Struct, frozen=True, tag="reading"):
    """The answer to :class:`Read`, one entry per path, in order."""

    sources: tuple[SourceFacts, ...]


class Loaded(msgspec.Struct, frozen=True, tag="loaded"):
    """The file ran. ``missing`` are the wanted names that it does not define or that cannot be called."""

    missing: tuple[str, ...] = ()
    cpu_s: Seconds = 0.0


class Where(msgspec.Struct, frozen=True):
    """One line of a traceback, in the student's own files only."""

    path: str
    line: int
    cell: int | None
    function: str
    quote: str


class Raised(msgspec.Struct, frozen=True, tag="raised"):
    """The student's code raised. ``where`` is outermost first."""

    type_name: str
    message: str
    where: tuple[Where, ...] = ()
    cpu_s: Seconds = 0.0


class Result(msgspec.Struct, frozen=True):
    """What one call returned. Its arrays are the next ``arrays`` ones of the frame; ``value`` counts them from 0."""

    value: Value
    arrays: int


class Returned(msgspec.Struct, frozen=True, tag="returned"):
    """What the first ``len(results)`` calls returned: all of them, or as many as fit into a frame, at least one."""

    results: tuple[Result, ...]
    cpu_s: Seconds = 0.0


Reply: TypeAlias = Hello | Delivered | Reading | Loaded | Raised | Returned


# --- frames -----------------------------------------------------------------------------------------------------------


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
    bodies: list[np.ndarray] = []
    specs: list[ArraySpec] = []
    body_bytes = 0
    for array in arrays:
        code = f"{array.dtype.kind}{array.dtype.itemsize}"
        if code not in DTYPES:
            raise ProtocolError(f"arrays of dtype {array.dtype} do not travel")
        body_bytes += array.nbytes
        if body_bytes > MAX_BODY_BYTES:
            raise ProtocolError(f"a frame holds at most {MAX_BODY_BYTES:,} bytes of arrays")
        bodies.append(np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).reshape(array.shape))
        specs.append(ArraySpec(code, array.shape))
    header = _encoder.encode(Header(seq, message, tuple(specs)))
    if len(header) > MAX_HEADER_BYTES:
        raise ProtocolError(f"a frame's header holds at most {MAX_HEADER_BYTES:,} bytes, this one has {len(header):,}")
    buffers: list[bytes | memoryview] = []
    small = bytearray(PREFIX.pack(len(header), body_bytes) + header)
    for content in (body.reshape(-1).view(np.uint8).data for body in bodies if body.nbytes):
        if content.nbytes <= COPIED_BYTES:
            small += content
        else:
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
    for spec in decoded.arrays:
        array, offset = _array_at(spec, body, offset)
        arrays.append(array)
    if offset != len(body):
        raise ProtocolError(f"the header describes {offset:,} bytes of arrays, the body has {len(body):,}")
    return Frame(decoded.seq, decoded.message, tuple(arrays))


def _array_at(spec: ArraySpec, body: bytes | bytearray, offset: int) -> tuple[np.ndarray, int]:
    if spec.dtype not in DTYPES:
        raise ProtocolError(f"dtype {spec.dtype[:20]!r} is not one that travels")
    if len(spec.shape) > MAX_DIMENSIONS:
        raise ProtocolError(f"an array of {len(spec.shape)} dimensions, at most {MAX_DIMENSIONS} travel")
    dtype = np.dtype("<" + spec.dtype)
    count = 1
    for length in spec.shape:
        if length < 0:
            raise ProtocolError(f"an array with the negative length {length}")
        count *= length
    end = offset + count * dtype.itemsize
    if end > len(body):
        raise ProtocolError("the header describes more arrays than the body holds")
    try:
        array = np.frombuffer(body, dtype=dtype, count=count, offset=offset if count else 0).reshape(spec.shape)
    except ValueError as error:
        # (0, 2**63): the product is zero, each length alone is beyond NumPy
        raise ProtocolError(f"an array of shape {spec.shape}: {error}") from None
    array.flags.writeable = False
    return array, end


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
